"""Saving a voice leaves the old or the new one after any kill or full disk."""

import errno
import multiprocessing
import resource
import shutil
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from full_disk import full_disk

from benchmarks.survival import (
    ALLOWED,
    NAME,
    NEW,
    OLD,
    WORKS,
    library_state,
    marked_voice,
    measure,
)
from rvc.errors import RVCError, StorageError, VoiceError
from rvc.files import before_folder, swap_folder
from rvc.locks import locked
from rvc.untrusted import child
from rvc.voice import VoiceLibrary, export_voice, files, import_voice, load_voice
from rvc.voice.library import LOCK_FILE

FAILURES = 200  # more than any of these writes


@pytest.fixture(scope="module")
def voices() -> dict[int, object]:
    return {mark: marked_voice(mark) for mark in (OLD, NEW)}


@pytest.fixture
def library(tmp_path: Path) -> VoiceLibrary:
    return VoiceLibrary(tmp_path / "weights")


@pytest.mark.parametrize("work", ["save", "replace", "import", "delete"])
def test_a_kill_leaves_the_old_or_the_new(work: str, tmp_path: Path) -> None:
    """Use real processes and SIGKILL; benchmarks/survival.py repeats it more often."""
    (tmp_path / "weights").mkdir()
    result = measure(work, 2, 1, tmp_path / "weights")
    assert not result["mixed"] and sum(result["states"].values()) == 2, result


@pytest.mark.parametrize("work", ["save", "replace", "delete"])
def test_a_kill_before_any_change_of_the_disk(work: str, tmp_path: Path) -> None:
    """Kill before every single change of the disk."""
    context, states = multiprocessing.get_context("forkserver"), set()
    context.set_forkserver_preload(["benchmarks.survival"])
    (tmp_path / "before").mkdir()
    WORKS[work].before(tmp_path / "before")
    for kill_at in range(1, FAILURES):
        weights = Path(shutil.copytree(tmp_path / "before", tmp_path / str(kill_at)))
        child = context.Process(target=_killed_at, args=(work, weights, kill_at), daemon=True)
        child.start()
        child.join(120)
        states.add(library_state(weights))
        assert states <= ALLOWED[work], kill_at
        shutil.rmtree(weights)
        if child.exitcode == 0:
            break
    else:
        pytest.fail("it never passed")
    assert states == ALLOWED[work]


def _killed_at(work: str, weights: Path, kill_at: int) -> None:
    with full_disk(kill_at, kills=True):
        WORKS[work].do(weights)


def fail_everywhere(
    prepare: Callable[[Path], object], do: Callable[[Path], object], allowed: set[str], home: Path
) -> set[str]:
    """Make `do` fail at every change of the disk, in both ways; return the resulting states."""
    states = set()
    for fail_at in range(1, FAILURES):
        passed = []
        for stays in (False, True):
            weights = home / f"{fail_at}-{stays}"
            prepare(weights)
            with full_disk(fail_at, stays=stays) as disk:
                try:
                    do(weights)
                except RVCError as error:
                    assert str(weights) not in f"{error.text!s} {error.text.in_language('ko')}"
                    assert "full" in str(error.text) or "could not be deleted" in str(error.text)
                passed.append(not disk.failed)
            states.add(library_state(weights))
            assert states <= allowed, (fail_at, stays)
            shutil.rmtree(weights)
        if all(passed):
            return states
    pytest.fail("it never passed")


def test_a_disk_that_fails_while_a_voice_is_saved(voices, tmp_path) -> None:
    states = fail_everywhere(
        lambda weights: weights.mkdir(),
        lambda weights: VoiceLibrary(weights).save(voices[NEW], {"report.json": b"{}"}),
        ALLOWED["save"],
        tmp_path,
    )
    assert states == ALLOWED["save"]


def test_a_disk_that_fails_while_a_voice_is_replaced(voices, tmp_path) -> None:
    template = VoiceLibrary(tmp_path / "template")
    template.save(voices[OLD])
    states = fail_everywhere(
        lambda weights: shutil.copytree(tmp_path / "template", weights),
        lambda weights: VoiceLibrary(weights).save(voices[NEW]),
        ALLOWED["replace"],
        tmp_path,
    )
    assert states == ALLOWED["replace"]


def test_a_disk_that_fails_while_a_voice_is_imported(voices, tmp_path, monkeypatch) -> None:
    read = voices[NEW]
    monkeypatch.setattr("rvc.voice.importing.read_voice_apart", lambda path: read)
    states = fail_everywhere(
        lambda weights: weights.mkdir(),
        lambda weights: import_voice(Path(f"{NAME}.pth"), VoiceLibrary(weights)),
        ALLOWED["import"],
        tmp_path,
    )
    assert states == ALLOWED["import"]


def test_a_disk_that_fails_while_a_voice_is_deleted(voices, tmp_path) -> None:
    template = VoiceLibrary(tmp_path / "template")
    template.save(voices[OLD])
    fail_everywhere(
        lambda weights: shutil.copytree(tmp_path / "template", weights),
        lambda weights: VoiceLibrary(weights).delete(NAME),
        ALLOWED["delete"],
        tmp_path,
    )


def test_a_full_disk_keeps_the_old_card_and_the_old_export(voices, library, tmp_path) -> None:
    library.save(voices[OLD])
    archive = export_voice(library, NAME, tmp_path / "out.zip")
    before = archive.read_bytes()
    for fail_at in range(1, FAILURES):
        with full_disk(fail_at, stays=True) as disk:
            for change in (
                lambda: library.update_card(NAME, consent="yes"),
                lambda: export_voice(library, NAME, archive),
            ):
                try:
                    change()
                except StorageError as error:
                    assert "disk is full" in str(error.text) and "가득" in error.text.in_language(
                        "ko"
                    )
        assert library.card(NAME).get("consent") in (None, "yes")
        assert library.card(NAME)["mark"] == OLD
        assert archive.read_bytes()[:2] == b"PK" and len(archive.read_bytes()) >= len(before) - 100
        if not disk.failed:
            break
    else:
        pytest.fail("it never passed")
    assert not list(tmp_path.rglob("*.aside"))


def test_a_swap_that_was_cut_off_is_ended_at_the_next_look(voices, library) -> None:
    folder = library.save(voices[OLD])
    folder.rename(before_folder(folder))  # killed between the two renames
    (library.folder / ".0123456789abcdef").mkdir()  # the new one was not finished
    assert VoiceLibrary(library.folder.parent).names() == [NAME]
    assert folder.is_dir() and library_state(library.folder.parent) == "old"


def test_what_another_process_is_writing_is_left_alone(voices, library) -> None:
    folder = library.save(voices[OLD])
    working = library.folder / ".0123456789abcdef"
    working.mkdir()
    with locked(library.folder / LOCK_FILE):
        folder.rename(before_folder(folder))
        assert library.names() == [NAME] and NAME in library  # being replaced, not gone
        assert library.free_name(NAME) == f"{NAME} 2"
        assert working.is_dir()
        before_folder(folder).rename(folder)
    assert library.names() == [NAME] and not working.exists()


def test_a_voice_that_is_replaced_while_it_is_read_is_read_again(
    voices, library, tmp_path, monkeypatch
) -> None:
    folder = library.save(voices[OLD])
    other = VoiceLibrary(tmp_path / "other").save(voices[NEW])
    honest, swapped = files._library_voice, []

    def slow(path):
        voice = honest(path)
        if not swapped:
            swapped.append(swap_folder(other, folder))
        return voice

    monkeypatch.setattr(files, "_library_voice", slow)
    voice = load_voice(folder)
    assert voice.card["mark"] == NEW and len(voice.index) == 40 * NEW


def test_a_voice_is_not_saved_over_other_files(voices, library) -> None:
    library.save(voices[OLD])
    thesis = library.path(NAME) / "thesis.doc"
    thesis.write_text("years of work")
    with pytest.raises(VoiceError, match="other files"):
        library.save(voices[NEW])
    assert thesis.read_text() == "years of work"
    assert library.load(NAME).card["mark"] == OLD


def test_an_added_voice_takes_no_name_of_a_voice_or_a_training(voices, library) -> None:
    first = library.add(voices[OLD])
    second = library.add(voices[NEW])
    assert (first.name, second.name) == (NAME, f"{NAME} 2")
    training = library.folder.parent / "training" / "lee"
    training.mkdir(parents=True)
    assert library.free_name("Lee") == "Lee 2"  # the future voice of a training


def test_a_full_temporary_folder_accuses_no_voice(voices, tmp_path, monkeypatch) -> None:
    """Limit the child's files to 2 kB, like a full disk."""
    path = next(VoiceLibrary(tmp_path / "honest").save(voices[OLD]).glob("*.pth"))
    library, run = VoiceLibrary(tmp_path / "weights"), child.subprocess.run

    def small_disk(*arguments, **keywords):
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))  # noqa: E731
        return run(*arguments, **keywords, preexec_fn=limit)

    monkeypatch.setattr(child.subprocess, "run", small_disk)
    for index_path in (None, path.with_suffix(".index")):
        with pytest.raises(StorageError, match="temporary folder is full") as caught:
            import_voice(path, library, index_path=index_path)
        assert "임시 폴더" in caught.value.text.in_language("ko")
    assert library.names() == []


def test_no_temporary_folder_at_all_is_a_sentence(voices, tmp_path, monkeypatch) -> None:
    path = next(VoiceLibrary(tmp_path / "honest").save(voices[OLD]).glob("*.pth"))

    def none(**_):
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found in [...]")

    monkeypatch.setattr("rvc.files.tempfile.TemporaryDirectory", none)
    with pytest.raises(StorageError, match="temporary folder is full"):
        import_voice(path, VoiceLibrary(tmp_path / "weights"))


# -- composed and decomposed names


@pytest.mark.parametrize("name", ["café", "한국어", "ガラス"])
def test_both_forms_of_a_name_are_one_voice(voices, library, name) -> None:
    composed, apart = (unicodedata.normalize(form, name) for form in ("NFC", "NFD"))
    assert composed != apart
    library.save(replace(voices[OLD], name=apart))
    assert library.names() == [composed] and apart in library and composed in library
    library.path(composed).rename(library.folder / apart)  # as another computer copies it
    assert library.names() == [composed] and apart in library
    assert library.load(composed).card["mark"] == library.load(apart).card["mark"] == OLD
    assert library.free_name(composed) == library.free_name(apart) == f"{composed} 2"
    library.save(replace(voices[NEW], name=composed))
    assert library.names() == [composed] and library.load(apart).card["mark"] == NEW
    assert [each.name for each in library.folder.iterdir() if each.is_dir()] == [composed]
    assert import_voice(_zipped(library, apart), library).name == f"{composed} 2"
    library.delete(apart)
    assert library.names() == [f"{composed} 2"]


def _zipped(library: VoiceLibrary, name: str) -> Path:
    return export_voice(library, name, library.folder.parent / f"{name}.zip")
