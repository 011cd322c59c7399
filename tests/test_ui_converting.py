"""Conversion on the page, without Gradio: one file or several, their formats and their history."""

import threading
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import fake_demucs
import numpy as np
import pytest
from ui_fake import FakeEngine

from rvc.audio import Recording, load_audio, rms_db, save_audio
from rvc.convert import ConversionOptions, Converted
from rvc.errors import AudioError, RVCError, VoiceError
from rvc.messages import Message
from rvc.songs import load_song
from rvc.ui.conversion import KnownVoice, last_voice, remember_voice, voices
from rvc.ui.convert_view import history_html, result_html
from rvc.ui.converting import FORMATS, ConversionOrder, start_conversion
from rvc.ui.gallery import gallery_html
from rvc.ui.jobs import Busy, Job
from rvc.ui.results import (
    DELETED_FILE,
    UNDO_SECONDS,
    Result,
    delete_result,
    find_result,
    restore_result,
    results,
)
from rvc.ui.studio import Studio
from rvc.ui.visitor import Visitor
from rvc.ui.workspace import Workspace

PATIENCE_SECONDS = 60
OWNER = "local"
KOREAN = Visitor(OWNER, "ko")
TEXT = Message("This voice has no index.")


@pytest.fixture
def uploads(tmp_path: Path, speech_like: Callable[..., np.ndarray]) -> Path:
    folder = tmp_path / "uploads"
    folder.mkdir()
    save_audio(folder / "one.wav", Recording(speech_like(1.0), 24_000))
    return folder


class _Engine(FakeEngine):
    """Its text is one of the catalogue, as the real engine's; others are not read again."""

    def convert(self, *given, **named) -> Converted:
        return replace(super().convert(*given, **named), text=TEXT)


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return _with_voice(Studio(_Engine(tmp_path / "weights"), Workspace(tmp_path / "work")))


def _with_voice(studio: Studio, name: str = "mine") -> Studio:
    folder = studio.engine.library.folder / name
    folder.mkdir(parents=True)
    (folder / f"{name}.pth").write_bytes(b"fake")
    return studio


def _start(studio: Studio, uploads: Path, *names: str, owner: str = OWNER, **how) -> Job:
    order = ConversionOrder(
        tuple(uploads / name for name in names),
        how.pop("voice", "mine"),
        ConversionOptions(),
        **how,
    )
    return start_conversion(studio, owner, order, allowed_root=uploads)


def _convert(studio: Studio, uploads: Path, *names: str, **how) -> Result:
    job = _start(studio, uploads, *names, **how)
    assert job.wait(PATIENCE_SECONDS)
    return job.outcome()


def test_of_twenty_files_a_broken_one_is_named_and_the_others_are_converted(
    studio: Studio, uploads: Path, tmp_path: Path
) -> None:
    names = [f"take {number:02d}.wav" for number in range(20)]
    for name in names:
        (uploads / name).write_bytes((uploads / "one.wav").read_bytes())
    (uploads / names[7]).write_text("<html>not sound</html>")
    result = _convert(studio, uploads, *names)
    assert [piece.name for piece in result.pieces] == names
    assert len(result.done) == 19
    (broken,) = result.left_out
    assert broken.name == names[7] and "not a sound file" in str(broken.reason)
    with zipfile.ZipFile(result.to_download()) as archive:
        assert len(archive.namelist()) == len(set(archive.namelist())) == 19
        archive.extract("take 03 (mine).wav", tmp_path)
    assert load_audio(tmp_path / "take 03 (mine).wav").duration_seconds == pytest.approx(
        1, abs=0.02
    )
    html = result_html(KOREAN, result, result.done[0])
    assert "19" in html and "take 07.wav" in html and "오디오 파일이 아닙니다" in html
    assert not list(studio.workspace.folder(OWNER, "takes").iterdir())  # the copies are gone


def test_songs_keep_two_channels_and_their_length(
    studio: Studio, uploads: Path, speech_like: Callable[..., np.ndarray], monkeypatch
) -> None:
    voice = speech_like(1.5, 44_100) * 0.4
    band = np.sin(np.arange(len(voice)) / 20) * 0.2
    save_audio(uploads / "song.wav", Recording(np.stack([voice + band, voice]), 44_100))
    monkeypatch.setattr("rvc.songs._installed", lambda: False)
    job = _start(studio, uploads, "song.wav", songs=True)
    assert job.wait(PATIENCE_SECONDS) and "demucs" in str(job.error)
    monkeypatch.setattr("rvc.songs._installed", lambda: True)
    fake_demucs.install(monkeypatch)
    result = _convert(studio, uploads, "song.wav", songs=True)
    made = load_song(result.path(result.done[0]))
    assert made.samples.shape == (2, len(voice)) and made.sample_rate == 44_100
    assert result.done[0].seconds == pytest.approx(1.5, abs=0.01)
    assert np.abs(np.subtract(*made.samples)).max() > 0.1, "the accompaniment is on one side"


def test_equal_names_do_not_overwrite_each_other(studio: Studio, uploads: Path) -> None:
    (uploads / "other").mkdir()
    (uploads / "other" / "one.wav").write_bytes((uploads / "one.wav").read_bytes())
    result = _convert(studio, uploads, "one.wav", "other/one.wav")
    assert [piece.file for piece in result.done] == ["one (mine).wav", "one (mine)_2.wav"]


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_can_be_read_again_and_says_that_it_is_ai(
    studio: Studio, uploads: Path, format: str
) -> None:
    import av

    result = _convert(studio, uploads, "one.wav", format=format)
    path = result.path(result.done[0])
    sound = load_audio(path)
    assert path.suffix == f".{format}"
    assert sound.duration_seconds == pytest.approx(1.0, abs=0.1)  # codecs pad
    assert rms_db(sound.samples) > -40
    with av.open(str(path)) as file:
        tags = [*file.metadata.values(), *file.streams.audio[0].metadata.values()]
    assert any("AI-generated" in tag and "mine" in tag for tag in tags)


def test_one_bad_file_alone_is_an_error_and_leaves_nothing(studio: Studio, uploads: Path) -> None:
    (uploads / "page.wav").write_text("<html>")
    with pytest.raises(RVCError, match="not a sound file"):
        _convert(studio, uploads, "page.wav")
    with pytest.raises(RVCError, match=r"None of the files.*page\.wav"):
        _convert(studio, uploads, "page.wav", "page.wav")
    assert results(studio, OWNER) == []
    assert not list(studio.workspace.folder(OWNER, "results").iterdir())


def test_what_cannot_be_ordered_is_refused(studio: Studio, uploads: Path) -> None:
    with pytest.raises(VoiceError, match="no voice called"):
        _start(studio, uploads, "one.wav", voice="../x")
    with pytest.raises(RVCError, match="formats"):
        _start(studio, uploads, "one.wav", format="exe")
    with pytest.raises(RVCError, match="Record or upload"):
        _start(studio, uploads)
    with pytest.raises(RVCError, match="at most 200"):
        _start(studio, uploads, *["one.wav"] * 201)
    with pytest.raises(AudioError, match="upload it again"):
        _start(studio, uploads, "one.wav", "../uploads.wav")
    assert not list(studio.workspace.folder(OWNER, "takes").iterdir())


def test_an_upload_to_convert_is_deleted_even_if_it_is_never_converted(
    studio: Studio, uploads: Path
) -> None:
    gate = threading.Event()
    ahead = studio.jobs.start("other", "x", lambda job: gate.wait(PATIENCE_SECONDS), lane="speak")
    queued = _start(studio, uploads, "one.wav")
    with pytest.raises(Busy):
        _start(studio, uploads, "one.wav")
    queued.stop()
    assert queued.wait(PATIENCE_SECONDS) and queued.state == "stopped"
    assert not list(studio.workspace.folder(OWNER, "takes").iterdir())
    gate.set()
    assert ahead.wait(PATIENCE_SECONDS)


def test_a_stopped_job_keeps_what_it_finished(studio: Studio, uploads: Path) -> None:
    real = studio.engine.convert

    def convert(*arguments, **named):
        if results(studio, OWNER) or second.is_set():
            job.stop()
        second.set()
        return real(*arguments, **named)

    second = threading.Event()
    studio.engine.convert = convert
    gate = threading.Event()
    ahead = studio.jobs.start("other", "x", lambda job: gate.wait(PATIENCE_SECONDS), lane="speak")
    job = _start(studio, uploads, "one.wav", "one.wav", "one.wav")
    gate.set()
    assert job.wait(PATIENCE_SECONDS) and ahead.wait(PATIENCE_SECONDS)
    assert job.state == "stopped"
    (kept,) = results(studio, OWNER)
    assert len(kept.done) == 1 and kept.path(kept.done[0]).is_file()


def test_results_survive_a_restart_and_the_oldest_go(
    studio: Studio, uploads: Path, monkeypatch
) -> None:
    first = _convert(studio, uploads, "one.wav")
    fresh = Studio(studio.engine, Workspace(studio.workspace.root))
    (kept,) = results(fresh, OWNER)
    assert kept == first and kept.done[0].text == TEXT
    assert kept.done[0].pitch is not None and max(filter(None, kept.done[0].pitch.result)) > 200
    assert "one.wav" in history_html(KOREAN, [kept], kept)
    monkeypatch.setattr("rvc.ui.results.RESULTS_KEPT", 2)
    later = [_convert(studio, uploads, "one.wav") for _ in range(2)]
    assert {each.id for each in results(studio, OWNER)} == {each.id for each in later}
    assert not first.folder.exists()
    monkeypatch.setattr("rvc.ui.results.LOCAL_BYTES", 1)
    newest = _convert(studio, uploads, "one.wav")
    assert [each.id for each in results(studio, OWNER)] == [newest.id]


def test_a_deleted_result_can_be_restored_for_a_while(
    studio: Studio, uploads: Path, monkeypatch
) -> None:
    result = _convert(studio, uploads, "one.wav")
    delete_result(studio, OWNER, result)
    assert find_result(studio, OWNER, result.id) is None
    assert restore_result(studio, OWNER, result.id) == result
    delete_result(studio, OWNER, result)
    now = time.time()
    monkeypatch.setattr("rvc.ui.results.time.time", lambda: now + UNDO_SECONDS + 1)
    _convert(studio, uploads, "one.wav")
    assert restore_result(studio, OWNER, result.id) is None
    assert not (result.folder / DELETED_FILE).exists()


def test_results_belong_to_their_owner(tmp_path: Path, uploads: Path, speech_like) -> None:
    workspace = Workspace(tmp_path / "public", public=True)
    studio = _with_voice(Studio(FakeEngine(tmp_path / "weights"), workspace))
    mine, theirs = (workspace.owner(workspace.new_token()) for _ in range(2))
    result = _convert(studio, uploads, "one.wav", owner=mine)
    assert [each.id for each in results(studio, mine)] == [result.id]
    assert results(studio, theirs) == [] and find_result(studio, theirs, result.id) is None
    save_audio(uploads / "long.wav", Recording(np.tile(speech_like(1.0), 119), 24_000))
    several = _convert(studio, uploads, "long.wav", "one.wav", "one.wav", owner=mine)
    assert [bool(piece.file) for piece in several.pieces] == [True, True, False]
    assert "Two minutes" in str(several.left_out[0].reason)
    studio.forget(mine)
    assert results(studio, mine) == []


def test_the_voice_last_used_is_remembered(studio: Studio) -> None:
    assert last_voice(studio, OWNER) is None
    remember_voice(studio, OWNER, "mine")
    assert last_voice(Studio(studio.engine, Workspace(studio.workspace.root)), OWNER) == "mine"


def test_the_gallery_shows_a_voice_by_its_card() -> None:
    report = {"score": 52.3, "verdict": "usable", "usable_seconds": 190, "segments": {"keep": 3}}
    card = {"preset": "lite", "f0_median_hz": 200.4, "minutes": 5.31, "report": report}
    known = KnownVoice("<b>mine", True, False, card, "RVC v2 · 40k", 109)
    html = gallery_html(Visitor(OWNER, "en"), [known], "<b>mine")
    assert "&lt;b&gt;mine" in html and "<b>mine" not in html
    for fact in ("RVC v2 · 40k", "200 Hz", "trained on 5.3 min", "109 speakers", "3:10 used"):
        assert fact in html
    assert "52 of 100, usable recordings" in html and 'aria-pressed="true"' in html
    few = replace(
        known, card=card | {"report": report | {"main_fault": "too_short", "verdict": "again"}}
    )
    assert "few minutes, clean" in gallery_html(Visitor(OWNER, "en"), [few], None)


def test_a_stranger_in_the_voices_folder_is_no_demo(studio: Studio) -> None:
    (voice,) = voices(studio, OWNER)
    assert (voice.name, voice.kind, voice.speakers) == ("mine", "", 1)


def test_the_page_and_its_api_start_with_the_options_of_the_program() -> None:
    import gradio as gr

    from rvc.ui.api_convert import ConvertManyRequest, ConvertRequest
    from rvc.ui.convert_options import add_options, conversion_options
    from rvc.ui.texts import by_language

    with gr.Blocks():
        widgets = add_options(gr.I18n(**by_language())).inputs
    values = {name: widget.value for name, widget in widgets.items()}
    assert conversion_options(**values) == ConversionOptions()
    for request in (ConvertRequest("", ""), ConvertManyRequest([], "")):
        for name, value in vars(ConversionOptions()).items():
            assert getattr(request, name, value) == value
