"""What the page does without Gradio: takes, cleaning, report, training and voices by owner."""

import base64
import io
import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from ui_fake import FakeEngine

from rvc.audio import Recording, load_audio, rms_db, save_audio
from rvc.cleaning import CleaningOptions
from rvc.errors import AudioError, RVCError
from rvc.ui import conversion
from rvc.ui.api import report_facts
from rvc.ui.jobs import Job
from rvc.ui.page import notify
from rvc.ui.served import served_copy
from rvc.ui.studio import Studio
from rvc.ui.undo_view import undo_html
from rvc.ui.undoing import deleted, empty, undo
from rvc.ui.visitor import Visitor
from rvc.ui.workspace import KEPT_DAYS, Workspace

PATIENCE_SECONDS = 60
OWNER = "local"


@pytest.fixture
def uploads(tmp_path: Path, speech_like: Callable[..., np.ndarray]) -> Path:
    folder = tmp_path / "uploads"
    folder.mkdir()
    save_audio(folder / "one.wav", Recording(speech_like(6.0), 24_000))
    save_audio(folder / "two.wav", Recording(speech_like(4.0, seed=1), 24_000))
    (folder / "page.wav").write_text("<html>not sound</html>")
    return folder


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(FakeEngine(tmp_path / "weights"), Workspace(tmp_path / "work"))


def _done(job: Job) -> Job:
    assert job.wait(PATIENCE_SECONDS)
    return job


def _two_takes(studio: Studio, uploads: Path, owner: str = OWNER) -> None:
    for name in ("one.wav", "two.wav"):
        studio.add_take(owner, uploads / name, name, allowed_root=uploads)


def test_takes_are_copied_listed_in_order_and_deleted(studio: Studio, uploads: Path) -> None:
    _two_takes(studio, uploads)
    (uploads / "one.wav").unlink()  # our copy does not need the upload
    one, two = studio.takes(OWNER)
    assert (one.name, two.name) == ("one.wav", "two.wav")
    assert one.duration_seconds == pytest.approx(6.0, abs=0.01)
    studio.delete_take(OWNER, one.id)
    assert [take.name for take in studio.takes(OWNER)] == ["two.wav"] and not one.path.exists()


def test_a_deleted_take_comes_back_as_it_was(studio: Studio, uploads: Path) -> None:
    _two_takes(studio, uploads)
    _done(studio.report(OWNER, CleaningOptions())).outcome()
    takes = studio.takes(OWNER)
    studio.delete_take(OWNER, takes[0].id)
    assert studio.report_stale(OWNER)
    (entry,) = deleted(studio, OWNER)
    assert (entry.kind, entry.name) == ("take", "one.wav")
    shown = undo_html(studio, Visitor(OWNER, "ko"))
    assert "one.wav" in shown and entry.id in shown and "되돌리기" in shown
    undo(studio, OWNER, entry.id)
    assert studio.takes(OWNER) == takes and not studio.report_stale(OWNER)
    assert not undo_html(studio, Visitor(OWNER, "en")).strip()
    studio.delete_take(OWNER, takes[1].id)
    empty(studio, OWNER)
    for gone in (entry.id, "../../x"):
        with pytest.raises(RVCError, match="for good"):
            undo(studio, OWNER, gone)


def test_what_is_no_sound_is_refused_and_leaves_nothing(studio: Studio, uploads: Path) -> None:
    with pytest.raises(AudioError):
        studio.add_take(OWNER, uploads / "page.wav", "page.wav", allowed_root=uploads)
    assert studio.takes(OWNER) == []
    assert not list(studio.workspace.folder(OWNER, "takes").iterdir())


def test_a_path_outside_the_uploads_is_refused(studio: Studio, uploads: Path) -> None:
    secret = uploads.parent / "secret.wav"
    secret.write_bytes((uploads / "one.wav").read_bytes())
    (uploads / "link.wav").symlink_to(secret)
    for path in (secret, uploads / ".." / "secret.wav", uploads / "link.wav", Path("/etc/passwd")):
        with pytest.raises(AudioError, match="upload it again"):
            studio.add_take(OWNER, path, "x.wav", allowed_root=uploads)


def test_cleaning_gives_before_after_and_what_was_removed(studio: Studio, uploads: Path) -> None:
    """The fake engine only halves the sound: both are equally loud, and nothing was removed."""
    _two_takes(studio, uploads)
    _done(studio.clean(OWNER, CleaningOptions())).outcome()
    assert [each.take.name for each in studio.cleaned(OWNER)] == ["one.wav", "two.wav"]
    each = studio.cleaned(OWNER)[0]
    before, after, removed = (
        load_audio(path, refuse_silence=False).samples
        for path in (each.before, each.after, each.removed)
    )
    source = load_audio(uploads / "one.wav").samples
    assert len(before) == len(after) == len(removed) == len(source)
    np.testing.assert_allclose(before, source / 2, atol=1e-3)
    np.testing.assert_allclose(after, source / 2, atol=1e-3)
    np.testing.assert_allclose(removed, before - after, atol=1e-3)
    assert rms_db(after) > -60
    for picture in each.pictures[:2]:
        assert _loudest_row_hz(picture) == pytest.approx(_loudest_hz(source), abs=300)
    shown, nothing = (_brightness(picture) for picture in each.pictures[1:])
    assert nothing < shown / 4 and each.raise_db == 0  # the colours mean the same levels
    assert not studio.uncleaned(OWNER)


def _pixels(picture: str) -> np.ndarray:
    image = Image.open(io.BytesIO(base64.b64decode(picture.partition("base64,")[2])))
    return np.asarray(image.convert("L"), float)


def _brightness(picture: str) -> float:
    return float(_pixels(picture).mean())


def _loudest_row_hz(picture: str) -> float:
    """Return the frequency of the brightest row of a spectrogram from 0 Hz (bottom) to 12 kHz."""
    rows = _pixels(picture).mean(1)[::-1]
    return float(np.argmax(rows)) / len(rows) * 12_000


def _loudest_hz(samples: np.ndarray) -> float:
    power = np.abs(np.fft.rfft(samples)) ** 2
    return float(np.argmax(power)) / len(samples) * 24_000


def test_one_bad_take_does_not_stop_the_others(studio: Studio, uploads: Path) -> None:
    _two_takes(studio, uploads)
    studio.takes(OWNER)[0].path.write_bytes(b"gone bad")
    _done(studio.clean(OWNER, CleaningOptions())).outcome()
    assert [each.take.name for each in studio.cleaned(OWNER)] == ["two.wav"]
    assert "one.wav" in str(next(iter(studio.session(OWNER).problems.values())))


def test_report_cleans_what_is_missing_and_can_be_overruled(studio: Studio, uploads: Path) -> None:
    _two_takes(studio, uploads)
    _done(studio.report(OWNER, CleaningOptions())).outcome()
    report = studio.session(OWNER).report
    kept = len(report.kept_segments())
    studio.overrule(OWNER, 0, "drop")
    changed = studio.session(OWNER).report
    assert len(changed.kept_segments()) == kept - 1 and changed.segments[0].overruled
    assert not studio.report_stale(OWNER)
    studio.delete_take(OWNER, studio.takes(OWNER)[0].id)
    assert studio.report_stale(OWNER)
    with pytest.raises(RVCError):
        studio.overrule(OWNER, 10_000, "keep")


def test_a_report_that_made_room_for_another_visitor_is_explained(
    studio: Studio, uploads: Path
) -> None:
    _two_takes(studio, uploads)
    make = studio.report

    def made_and_dropped(owner: str, options: CleaningOptions) -> Job:
        job = _done(make(owner, options))
        studio.session(owner).report = None
        return job

    studio.report = made_and_dropped
    with pytest.raises(RVCError, match="No report yet"):
        report_facts(studio, OWNER)


def test_nothing_to_clean_is_an_error(studio: Studio) -> None:
    with pytest.raises(RVCError, match="no recording"):
        studio.clean(OWNER, CleaningOptions())


def _reported(studio: Studio, uploads: Path, owner: str = OWNER) -> None:
    _two_takes(studio, uploads, owner)
    _done(studio.report(owner, CleaningOptions())).outcome()


def test_public_owners_do_not_see_each_other(tmp_path: Path, uploads: Path) -> None:
    workspace = Workspace(tmp_path / "work", public=True)
    studio = Studio(FakeEngine(tmp_path / "weights"), workspace)
    tokens = [workspace.new_token() for _ in range(2)]
    mine, theirs = (workspace.owner(token) for token in tokens)
    assert mine and theirs and mine != theirs and tokens[0] not in mine
    _two_takes(studio, uploads, mine)
    assert studio.takes(theirs) == []
    for forged in ("", None, "../../etc", mine, "A" * 32, 7, "local"):
        assert workspace.owner(forged) is None
    studio.forget(mine)
    assert studio.takes(mine) == [] and workspace.owner(tokens[0]) == mine


def test_public_limits(tmp_path: Path, uploads: Path, speech_like) -> None:
    workspace = Workspace(tmp_path / "work", public=True)
    studio = Studio(FakeEngine(tmp_path / "weights"), workspace)
    owner = workspace.owner(workspace.new_token())
    save_audio(uploads / "long.wav", Recording(np.tile(speech_like(11.0), 57), 24_000))
    with pytest.raises(AudioError):
        studio.add_take(owner, uploads / "long.wav", "long.wav", allowed_root=uploads)
    assert studio.takes(owner) == []


def test_old_public_folders_are_deleted(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "work", public=True)
    token = workspace.new_token()
    folder = workspace.root / workspace.owner(token)
    long_ago = time.time() - (KEPT_DAYS + 1) * 86_400
    os.utime(folder, (long_ago, long_ago))
    workspace.new_token()
    assert workspace.owner(token) is None and not folder.exists()


def _public(tmp_path: Path, **how) -> tuple[Studio, str]:
    workspace = Workspace(tmp_path / "work", public=True)
    studio = Studio(FakeEngine(tmp_path / "weights", **how), workspace)
    return studio, workspace.owner(workspace.new_token())


def test_deleting_everything_deletes_what_was_uploaded_and_shown(
    tmp_path: Path, uploads: Path, monkeypatch
) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "served"))
    studio, owner = _public(tmp_path)
    other = studio.workspace.owner(studio.workspace.new_token())
    copies = []
    for each, name in ((owner, "one.wav"), (other, "two.wav")):
        take = studio.add_take(each, uploads / name, name, allowed_root=uploads)
        copies.append(Path(served_copy(studio, each, take.path)))
    assert served_copy(studio, owner, studio.takes(owner)[0].path) == str(copies[0])
    assert all(copy.is_file() for copy in copies)
    fresh = Studio(studio.engine, Workspace(studio.workspace.root, public=True))  # a restart later
    fresh.forget(owner)
    assert not copies[0].parent.exists() and not (uploads / "one.wav").exists()
    assert copies[1].is_file() and (uploads / "two.wav").is_file()


def test_visitors_are_bounded_and_found_without_a_search(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("rvc.ui.workspace.MAX_VISITORS", 30)
    workspace = Workspace(tmp_path / "work", public=True)
    first, second = workspace.new_token(), workspace.new_token()
    for token in (first, second):
        workspace.folder(workspace.owner(token), "takes")  # they brought something
    looked = []
    monkeypatch.setattr(Path, "iterdir", _counted(Path.iterdir, workspace.root, looked))
    for _ in range(100):
        workspace.new_token()
    assert len(list(os.scandir(workspace.root))) == 30 and not looked
    assert workspace.owner(first) and workspace.owner(second)  # those who only looked went first
    for owner in workspace._visitors():
        workspace.folder(owner, "takes")
    with pytest.raises(RVCError, match="try again in an hour"):
        workspace.new_token()


def _counted(iterdir: Callable, root: Path, looked: list) -> Callable:
    def counted(folder: Path):
        if folder == root:
            looked.append(folder)
        return iterdir(folder)

    return counted


def test_a_card_makes_no_demo(studio: Studio) -> None:
    folder = studio.engine.library.folder / "stranger"
    folder.mkdir(parents=True)
    (folder / "stranger.pth").write_bytes(b"x")
    (folder / "card.json").write_text('{"demo": true}')
    (voice,) = conversion.voices(studio, OWNER)
    assert not voice.demo
    conversion.delete(studio, OWNER, "stranger")
    assert conversion.voices(studio, OWNER) == []


def test_messages_on_the_page_are_text() -> None:
    shown = []
    notify(lambda text, title: shown.append((text, title)), "“<img src=//elsewhere>” & 'x'")
    assert shown == [("“&lt;img src=//elsewhere&gt;” &amp; 'x'", "Moksori")]
