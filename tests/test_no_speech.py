"""Recordings without speech: reported, unchanged, not counted, and warned about."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from lite_voice import lite_voice

from rvc.audio import Recording, load_audio, resample, save_audio
from rvc.cleaning import NO_SPEECH, clean
from rvc.cleaning.trim import Segment, has_no_speech
from rvc.convert import ConversionOptions
from rvc.quality import assess, check_input, report_json
from rvc.quality import check as checking

RATE = 16_000
WEIGHTS = Path(__file__).parents[1] / "weights"
CHORDS_HZ = ((220, 277, 330), (196, 247, 294), (175, 220, 262), (147, 185, 220))


def noise(seconds: float, level: float = 0.1) -> np.ndarray:
    rng = np.random.default_rng(0)
    return (level * rng.standard_normal(round(seconds * RATE))).astype(np.float32)


def music(seconds: float) -> np.ndarray:
    t = np.arange(RATE // 2) / RATE
    beats = [
        sum(np.sin(2 * np.pi * hz * k * t) / k for hz in chord for k in (1, 2, 3)) * np.exp(-3 * t)
        for chord in CHORDS_HZ
    ]
    return 0.1 * np.resize(np.concatenate(beats), round(seconds * RATE)).astype(np.float32)


@pytest.fixture(scope="module")
def story() -> np.ndarray:
    sound = resample(load_audio(WEIGHTS / "samples" / "sample_recording.ogg"), RATE)
    return sound.samples[5 * RATE : 9 * RATE]


SPEECHLESS = {
    "white noise": noise(2.5),
    "quiet noise": noise(2.5, 3e-4),
    "music": music(2.5),
    "silence": np.zeros(2 * RATE, np.float32),
    "hum": 0.1 * np.sin(2 * np.pi * 60 * np.arange(2 * RATE) / RATE).astype(np.float32),
}


@pytest.mark.parametrize("name", SPEECHLESS)
def test_nothing_is_done_to_what_is_no_speech(name):
    recording = Recording(SPEECHLESS[name], RATE, f"{name}.wav")
    cleaned = clean(recording)
    assert not cleaned.speaks and cleaned.segments == ()
    assert [repair.text for repair in cleaned.repairs] == [NO_SPEECH]
    assert np.array_equal(cleaned.recording.samples, recording.samples)
    assert not cleaned.removed.samples.any()


def test_speech_is_cleaned_as_ever(story):
    cleaned = clean(Recording(story, RATE))
    assert cleaned.speaks and len(cleaned.repairs) > 3
    loud = noise(len(story) / RATE, 0.05)
    assert clean(Recording(story + loud, RATE)).speaks
    one_word = np.concatenate([noise(4, 1e-3), story[: 2 * RATE], noise(4, 1e-3)])
    assert clean(Recording(one_word, RATE)).speaks


def test_what_only_a_denoiser_takes_for_speech_is_none(story):
    some = (Segment(1.0, 2.0),)
    assert has_no_speech(music(20.0), RATE, some)
    assert not has_no_speech(np.concatenate([story, noise(20)]), RATE, some)
    assert has_no_speech(story, RATE, ())


def test_the_report_names_it_and_does_not_count_it(story):
    takes = [clean(Recording(story, RATE, "me.wav")), clean(Recording(noise(6), RATE, "fan.wav"))]
    report = assess(takes, weights=WEIGHTS)
    assert report.total_seconds == pytest.approx(len(story) / RATE)
    assert any(
        "fan.wav: no speech" in str(note) and "fan.wav" in note.in_language("ko")
        for note in report.notes
    )
    values = report_json(report)
    assert [each["speech"] for each in values["files"]] == [True, False]
    assert values["total_seconds"] == pytest.approx(len(story) / RATE, abs=0.01)
    alone = assess(takes[:1], weights=WEIGHTS)
    assert report.usable_seconds == alone.usable_seconds and report.faults == alone.faults
    assert report.before == alone.before


def test_a_report_on_nothing_else_says_so():
    report = assess(clean(Recording(noise(2), RATE, "fan.wav")), weights=WEIGHTS)
    assert report.total_seconds == report.usable_seconds == 0
    assert str(report.headline).startswith("No speech was found") and report.verdict == "again"


@pytest.mark.parametrize("name", SPEECHLESS)
def test_conversion_is_warned(name):
    warned = check_input(Recording(SPEECHLESS[name], RATE), weights=WEIGHTS)
    assert warned == (checking.NO_SPEECH,)


def test_speech_anywhere_in_a_long_input_is_speech(story, monkeypatch):
    monkeypatch.setattr(checking, "CHECKED_SECONDS", 3.0)
    for hiss in (noise(6, 1e-3), noise(6, 0.5)):
        recording = Recording(np.concatenate([hiss, story, hiss]), RATE)
        assert checking.NO_SPEECH not in check_input(recording, weights=WEIGHTS)


def test_the_command_line_tells_the_warning_and_leaves_noise_alone(run, weights, tmp_path):
    source = save_audio(tmp_path / "fan.wav", Recording(noise(1.0), RATE))
    line = ["convert", source, tmp_path / "out.wav", "--voice", "tiny", "--weights", weights]
    code, out, _ = run(*line, "--f0-method", "swift")
    assert code == 0 and str(checking.NO_SPEECH) in out
    code, out, _ = run(*line, "--f0-method", "swift", "--json")
    assert json.loads(out)["files"][0]["warnings"] == [str(checking.NO_SPEECH)]
    code, out, _ = run("clean", source, tmp_path / "cleaned.wav")
    assert code == 0 and str(NO_SPEECH) in out and "raised" not in out
    _, out, _ = run("clean", source, tmp_path / "cleaned.wav", "--json")
    assert json.loads(out)["files"][0]["speech"] is False


def test_programs_and_the_page_get_the_warning(tmp_path):
    pytest.importorskip("gradio")
    from ui_fake import FakeEngine

    from rvc.ui.api_convert import conversion_facts
    from rvc.ui.convert_view import result_html
    from rvc.ui.converting import ConversionOrder, start_conversion
    from rvc.ui.studio import Studio
    from rvc.ui.visitor import Visitor
    from rvc.ui.workspace import Workspace

    class WarningEngine(FakeEngine):
        def convert(self, *arguments, **options):
            return replace(super().convert(*arguments, **options), warnings=(checking.NO_SPEECH,))

    source = save_audio(tmp_path / "a.wav", Recording(noise(1.0), RATE))
    engine = WarningEngine(tmp_path / "weights")
    engine.library.save(lite_voice("me"))
    studio = Studio(engine, Workspace(tmp_path / "work"))
    order = ConversionOrder((source,), "me", ConversionOptions())
    job = start_conversion(studio, "local", order, allowed_root=tmp_path)
    assert job.wait(30)
    result = job.outcome()
    assert conversion_facts(result)["warnings"] == [str(checking.NO_SPEECH)]
    html = result_html(Visitor("local", "ko"), result, result.done[0])
    assert checking.NO_SPEECH.in_language("ko") in html
