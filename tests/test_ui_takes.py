"""Recordings of the page: cut ends, refused files, the sample, and the strip of steps."""

from pathlib import Path

import numpy as np
import pytest
from ui_fake import FakeEngine

from rvc.audio import Recording, load_audio, save_audio
from rvc.cleaning import CleaningOptions
from rvc.errors import AudioError
from rvc.ui.record_view import takes_html
from rvc.ui.sample import add_sample, only_sample, sample_file, sample_sentence
from rvc.ui.sounds import raise_db, speech_ends, take_sound
from rvc.ui.strip import steps
from rvc.ui.studio import Studio
from rvc.ui.takes import cut_take, dismiss, refuse
from rvc.ui.visitor import Visitor
from rvc.ui.workspace import Workspace

ME = Visitor("local", "en")
PATIENCE_SECONDS = 60


@pytest.fixture
def studio(tmp_path: Path, speech_file: Path) -> Studio:
    """Return a studio with one recording of 12 s."""
    studio = Studio(FakeEngine(tmp_path / "weights"), Workspace(tmp_path / "work"))
    studio.add_take(ME.owner, speech_file, "speech.wav", allowed_root=speech_file.parent)
    return studio


def shown(studio: Studio) -> str:
    return takes_html(ME, studio.takes(ME.owner), studio.session(ME.owner))


def test_cut_ends_leave_the_file_and_can_be_taken_back(studio: Studio) -> None:
    (take,) = studio.takes(ME.owner)
    assert studio.clean(ME.owner, CleaningOptions()).wait(PATIENCE_SECONDS)
    before = take.path.read_bytes()
    cut_take(studio, ME.owner, take.id, (2.0, 9.5))
    assert studio.uncleaned(ME.owner)  # what was cleaned had the ends
    (changed,) = Workspace(studio.workspace.root).takes(ME.owner)  # as a new process reads it
    assert changed.duration_seconds == 7.5 and changed.path.read_bytes() == before
    whole, part = load_audio(take.path), take_sound(changed)
    assert (part.samples == whole.samples[2 * 24_000 : round(9.5 * 24_000)]).all()
    assert "0:02 to 0:10" in shown(studio)
    whole_again = cut_take(studio, ME.owner, take.id, None)
    assert whole_again.cut is None and whole_again.duration_seconds == take.duration_seconds


@pytest.mark.parametrize("ends", [(3.0, 3.2), (5.0, 2.0), (13.0, 14.0)])
def test_ends_that_leave_too_little_are_refused(studio: Studio, ends: tuple[float, float]) -> None:
    (take,) = studio.takes(ME.owner)
    with pytest.raises(AudioError, match="Too short"):
        cut_take(studio, ME.owner, take.id, ends)
    assert studio.takes(ME.owner) == [take]


def test_the_ends_of_the_speech_are_found(speech_like, tmp_path: Path) -> None:
    quiet = np.zeros(6 * 24_000, np.float32)
    sound = Recording(np.concatenate([quiet, speech_like(4.0), quiet]), 24_000)
    start, end = speech_ends(load_audio(save_audio(tmp_path / "pauses.wav", sound)))
    assert start == pytest.approx(6.0, abs=0.4) and end == pytest.approx(10.0, abs=0.4)


def test_what_was_removed_is_raised_to_the_voice_but_never_clips(speech_like) -> None:
    voice = speech_like(4.0)
    after = Recording(voice, 24_000)
    assert raise_db(after, Recording(voice / 10, 24_000)) == pytest.approx(20, abs=0.1)
    click = np.zeros_like(voice)
    click[1000] = 0.5  # -6 dB: five up to the ceiling of -1
    assert raise_db(after, Recording(click, 24_000)) == pytest.approx(5, abs=0.1)
    assert raise_db(after, Recording(click * 0, 24_000)) == 0


def test_a_refused_file_says_why_until_it_is_dismissed(studio: Studio) -> None:
    refuse(studio, ME.owner, "a<b>.wav", AudioError("The file is empty."))
    html = shown(studio)
    assert "a&lt;b&gt;.wav" in html and "The file is empty." in html
    dismiss(studio, ME.owner, studio.session(ME.owner).refused[0].id)
    assert "The file is empty." not in shown(studio)


def test_a_recording_that_is_not_used_says_why(studio: Studio) -> None:
    assert studio.report(ME.owner, CleaningOptions()).wait(PATIENCE_SECONDS)
    assert "not used" not in shown(studio).lower()
    for index in range(6):
        assert studio.session(ME.owner).report.segments[index].used
        studio.overrule(ME.owner, index, "drop")
        assert ("Not used (0:12 of speech)" in shown(studio)) == (index == 5)


def test_the_sample_is_added_once_and_never_deleted(tmp_path: Path) -> None:
    studio = Studio(FakeEngine(tmp_path / "weights"), Workspace(tmp_path / "work"))
    size = sample_file("sample_recording.ogg").stat().st_size
    add_sample(studio, ME)
    add_sample(studio, ME)
    (take,) = studio.takes(ME.owner)
    assert only_sample(studio, ME.owner) and take.duration_seconds > 300
    studio.forget(ME.owner)
    assert sample_file("sample_recording.ogg").stat().st_size == size
    assert sample_sentence("fr") == sample_sentence("en") != sample_sentence("ko")
    assert 3 < load_audio(sample_sentence("ko")).duration_seconds < 10


def test_the_strip_follows_the_work(studio: Studio) -> None:
    def done() -> list[str]:
        return [step.name for step in steps(studio, ME) if step.done]

    assert done() == ["record"]
    assert studio.report(ME.owner, CleaningOptions()).wait(PATIENCE_SECONDS)
    assert done() == ["record", "clean", "report"]
    (take,) = studio.takes(ME.owner)
    cut_take(studio, ME.owner, take.id, (1.0, 9.0))
    assert done() == ["record"] and steps(studio, ME)[0].fact == "0:08"


def test_an_upload_is_decoded_once(
    tmp_path: Path, speech_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[Path] = []

    def counted(path: Path, **limits: float | None) -> Recording:
        decoded.append(path)
        return load_audio(path, **limits)

    monkeypatch.setattr("rvc.audio.load_audio", counted)
    studio = Studio(FakeEngine(tmp_path / "weights"), Workspace(tmp_path / "work"))
    root = speech_file.parent
    take = studio.add_take(ME.owner, speech_file, "speech.wav", allowed_root=root)
    assert studio.clean(ME.owner, CleaningOptions()).wait(PATIENCE_SECONDS)
    assert decoded == [take.path]
    assert studio.clean(ME.owner, CleaningOptions()).wait(PATIENCE_SECONDS)
    assert decoded == [take.path, take.path]  # the recording was handed out and not kept
