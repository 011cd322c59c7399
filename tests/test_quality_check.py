"""The input check: music behind the voice, two speakers, and a clean reading."""

from pathlib import Path

import numpy as np
import pytest
from test_speaker import HIGH, LOW, _voice

from rvc.audio import Recording, load_audio, resample
from rvc.messages import Message
from rvc.quality import InputChecks, check_input
from rvc.quality.check import INPUTS_KNOWN, MUSIC, NO_SPEECH, NOISE, TWO_VOICES
from rvc.quality.noise import split_at_once

WEIGHTS = Path(__file__).parents[1] / "weights"
RATE = 16_000
CHORDS_HZ = ((220, 277, 330), (196, 247, 294), (175, 220, 262), (147, 185, 220))


@pytest.fixture(scope="module")
def story() -> np.ndarray:
    """Twelve seconds of clean reading."""
    sound = resample(load_audio(WEIGHTS / "samples" / "sample_recording.ogg"), RATE)
    return sound.samples[5 * RATE : 17 * RATE]


def _mixed(voice: np.ndarray, other: np.ndarray, snr_db: float) -> Recording:
    scale = np.sqrt(np.mean(voice**2) / np.mean(other**2)) * 10 ** (-snr_db / 20)
    return Recording((voice + scale * other).astype(np.float32), RATE)


def _music(length: int) -> np.ndarray:
    """A plucked chord every half second."""
    t = np.arange(RATE // 2) / RATE
    beats = [
        sum(np.sin(2 * np.pi * hz * k * t) / k for hz in chord for k in (1, 2, 3)) * np.exp(-3 * t)
        for chord in CHORDS_HZ
    ]
    return np.resize(np.concatenate(beats), length)


def _warnings(recording: Recording) -> tuple[Message, ...]:
    return check_input(recording, weights=WEIGHTS)


def test_a_clean_story_brings_no_warning(story):
    assert _warnings(Recording(story, RATE)) == ()
    assert _warnings(Recording(story[: 4 * RATE], RATE)) == ()


@pytest.mark.parametrize("snr_db", [5.0, 10.0])
def test_music_is_told_from_noise(story, snr_db):
    assert _warnings(_mixed(story, _music(len(story)), snr_db))[0] == MUSIC
    noise = np.random.default_rng(0).standard_normal(len(story))
    found = _warnings(_mixed(story, noise, snr_db))
    assert found[0] == NOISE
    assert MUSIC not in found


def test_only_a_recording_with_quiet_gaps_is_checked_without_a_denoiser(story):
    noise = np.random.default_rng(0).standard_normal(len(story)).astype(np.float32)
    noisy = _mixed(story, noise, 10.0).samples
    frames = np.add.reduceat(story**2, np.arange(0, len(story), RATE // 50)) / (RATE // 50)
    gate = np.repeat(frames > 1e-5 * frames.max(), RATE // 50)[: len(story)]
    assert split_at_once(Recording(story, RATE)) is not None
    assert split_at_once(Recording(noisy, RATE)) is None
    assert split_at_once(Recording(noisy * gate, RATE)) is None  # noise under the words alone


def test_two_people_are_heard_with_or_without_a_pause_between(story):
    part = Recording(story[: 4 * RATE], RATE)
    other = resample(part, round(1.35 * RATE)).samples  # slower, lower, of a larger throat
    pause = np.zeros(RATE // 2, np.float32)
    for between in (pause, pause[:0]):
        both = np.concatenate([story[: 5 * RATE], between, other, between, story[5 * RATE :]])
        assert TWO_VOICES in _warnings(Recording(both.astype(np.float32), RATE))
    same = np.concatenate([story[7 * RATE :], pause, story[: 7 * RATE]])
    assert TWO_VOICES not in _warnings(Recording(same, RATE))


def test_two_people_in_quick_turns_are_heard_and_one_alone_is_not(story):
    turns = [story[start : start + 2 * RATE] for start in range(0, len(story) - 2 * RATE, 2 * RATE)]
    answers = [resample(Recording(turn, RATE), round(1.35 * RATE)).samples for turn in turns]
    both = np.concatenate([part for pair in zip(turns, answers, strict=True) for part in pair])
    assert TWO_VOICES in _warnings(Recording(both, RATE))
    quiet = np.zeros(RATE // 2, np.float32)
    alone = np.concatenate([part for turn in turns for part in (turn, quiet)])
    assert TWO_VOICES not in _warnings(Recording(alone, RATE))


def test_two_made_voices_without_the_encoder_are_not_guessed_at(tmp_path, monkeypatch):
    both = np.concatenate([_voice(*LOW, 1, 4).samples, _voice(*HIGH, 2, 4).samples] * 2)
    monkeypatch.setattr("rvc.assets.SHIPPED_FOLDER", tmp_path)
    assert TWO_VOICES not in check_input(Recording(both, RATE), weights=tmp_path)


def test_an_input_is_checked_once_while_it_is_the_same(speech_like, monkeypatch) -> None:
    asked = []

    def check(recording: Recording, *, weights: Path | None) -> tuple[Message, ...]:
        asked.append(recording)
        return (NO_SPEECH,)

    monkeypatch.setattr("rvc.quality.check.check_input", check)
    known = InputChecks(WEIGHTS)
    sound = speech_like(0.5, RATE)
    first, renamed = Recording(sound, RATE), Recording(sound.copy(), RATE, "again")
    assert known(first) == known(renamed) == (NO_SPEECH,) and len(asked) == 1
    for other in (Recording(sound, RATE // 2), Recording(sound * np.float32(0.5), RATE)):
        known(other)
    assert len(asked) == 3
    for number in range(1, INPUTS_KNOWN + 1):
        known(Recording(sound[number:], RATE))
    known(Recording(sound[INPUTS_KNOWN:], RATE))
    assert len(asked) == 3 + INPUTS_KNOWN
    known(first)
    assert len(asked) == 4 + INPUTS_KNOWN, "the oldest are forgotten"
