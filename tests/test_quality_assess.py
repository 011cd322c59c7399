"""The report end to end, on a synthetic voice: cleaned, damaged, with other speakers."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from voice_like import voice_like

from rvc.audio import Recording
from rvc.cleaning import CleaningOptions, clean
from rvc.cleaning.findings import NO_FINDINGS
from rvc.errors import Cancelled
from rvc.quality import assess, check_input, report_json
from rvc.quality.check import CLIPPED, NO_SPEECH, NOISE

WEIGHTS = Path(__file__).parents[1] / "weights"
RATE = 16_000


def _noisy(voice: np.ndarray, snr_db: float) -> np.ndarray:
    noise = np.random.default_rng(3).standard_normal(len(voice))
    scale = np.sqrt(np.mean(voice**2)) * 10 ** (-snr_db / 20)
    return (voice + scale * noise).astype(np.float32)


@pytest.fixture(scope="module")
def report():
    """Two takes of one talker: a clean one, and one with noise and silence at its end."""
    silence = np.zeros(5 * RATE, np.float32)
    first = Recording(voice_like(6, seed=6), RATE, "clean.wav")  # well above the line to keep
    second = np.concatenate([voice_like(6, seed=2), silence])
    takes = [first, Recording(_noisy(second, 5), RATE, "noisy.wav")]
    return assess([clean(take) for take in takes], weights=WEIGHTS)


def test_noise_is_named_and_the_clean_take_is_not_blamed(report):
    clean_take, noisy_take = report.takes
    assert clean_take.before.snr_db > 25
    assert noisy_take.before.snr_db < 12
    assert noisy_take.after.snr_db >= noisy_take.before.snr_db - 0.5  # the harm gate may undo it
    assert report.faults[0] == "noise"
    for segment in report.segments:
        assert (segment.decision == "keep") == (segment.file == "clean.wav")


def test_silence_shows_as_pauses(report):
    clean_take, noisy_take = report.takes
    assert noisy_take.before.pauses_percent > clean_take.before.pauses_percent + 20
    assert noisy_take.after.pauses_percent < noisy_take.before.pauses_percent - 20


def test_the_minutes_add_up(report):
    assert report.total_seconds == pytest.approx(17)
    assert 3 < report.usable_seconds < 7
    assert report.verdict == "again"
    for segment in report.segments:
        assert 0 <= segment.score_before <= 100
        assert 0 <= segment.score <= segment.score_before + 45.2


def test_same_sound_same_report_and_progress_can_stop_it():
    cleaned = clean(Recording(voice_like(3), RATE), CleaningOptions(strength="off"))
    told = []
    first = assess(cleaned, progress=lambda share, text: told.append(share))
    assert report_json(first) == report_json(assess([cleaned]))
    assert told == sorted(told)
    assert told[-1] == 1

    def stop(share, text):
        raise Cancelled

    with pytest.raises(Cancelled):
        assess(cleaned, progress=stop)


def test_what_cleaning_has_measured_is_not_measured_again(monkeypatch):
    cleaned = clean(Recording(_noisy(voice_like(5), 25), RATE))
    alone = assess(replace(cleaned, findings=NO_FINDINGS), weights=WEIGHTS)

    def again(*_: object) -> None:
        raise AssertionError("measured again")

    monkeypatch.setattr("rvc.quality.noise.denoised", again)
    monkeypatch.setattr("rvc.quality.noise.find_hum", again)
    shared = assess(cleaned, weights=WEIGHTS)
    assert [s.decision for s in shared.segments] == [s.decision for s in alone.segments]
    assert shared.faults == alone.faults
    for ours, theirs in zip(shared.segments, alone.segments, strict=True):
        assert ours.before.snr_db == pytest.approx(theirs.before.snr_db, abs=0.5)
        assert ours.score == pytest.approx(theirs.score, abs=1.0)


def test_without_the_speaker_encoder_a_note_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr("rvc.assets.SHIPPED_FOLDER", tmp_path)
    cleaned = clean(Recording(voice_like(3), RATE), CleaningOptions(strength="off"))
    report = assess(cleaned, weights=tmp_path)
    assert any("speaker encoder" in str(note) for note in report.notes)
    assert all(segment.after.own_voice is None for segment in report.segments)


@pytest.mark.parametrize("seconds", [0.0, 0.3, 2.0])
def test_silence_and_next_to_nothing_are_reported_not_crashed_on(seconds):
    silence = Recording(np.zeros(round(seconds * RATE), np.float32), RATE, "silent.wav")
    report = assess(clean(silence), weights=WEIGHTS)
    assert report.verdict == "again"
    assert report.usable_seconds == 0
    assert report_json(report)["segments"] == []
    assert assess([], weights=WEIGHTS).main_fault == "too_short"


def test_input_check():
    voice = voice_like(5)
    assert NOISE not in check_input(Recording(voice, RATE), weights=WEIGHTS)
    assert check_input(Recording(_noisy(voice, 5), RATE), weights=WEIGHTS)[0] == NOISE
    limit = np.quantile(np.abs(voice), 0.98)
    clipped = Recording(np.clip(voice, -limit, limit), RATE)
    assert CLIPPED in check_input(clipped, weights=WEIGHTS)
    assert check_input(Recording(np.zeros(RATE, np.float32), RATE)) == (NO_SPEECH,)
