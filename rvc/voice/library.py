"""VoiceLibrary: the voices of one folder, each in its own subfolder.

All changes are made under one lock between processes and by renaming whole folders: a kill leaves
the old voice or the new one, and the next access removes left-over files.
"""

import contextlib
import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from rvc.errors import StorageError, VoiceError
from rvc.files import (
    aside_folder,
    before_folder,
    delete_asides,
    replaced_name,
    settle,
    storage_error,
    swap_folder,
    unsettled,
)
from rvc.locks import Locked, locked
from rvc.places import packaged_voices, shipped_voices
from rvc.trash import Deleted, Trash
from rvc.voice.card import changed_card, read_card
from rvc.voice.files import check_own, load_voice, write_voice_files
from rvc.voice.names import check_name, composed, folded, folder_called, safe_name, same_name
from rvc.voice.voice import Voice

VOICES_FOLDER, TRAINING_FOLDER = "voices", "training"
LOCK_FILE = ".lock"
LOCK_SECONDS = 30.0  # saving takes a second or two


def training_lock(home: Path, name: str) -> Path:
    """Return the lock file that a training of the voice `name` under `home` holds.

    It is outside the training's folder, which may be replaced, and the same for names that differ
    only in case.
    """
    digest = hashlib.sha256(folded(name).encode()).hexdigest()[:16]
    return home / TRAINING_FOLDER / f".{digest}.lock"


def staging_folder(training: Path) -> Path:
    """Return the temporary folder in which a new training is prepared."""
    return training.with_name(f".{composed(training.name)}.next")


class VoiceLibrary:
    """`weights`/voices/NAME/ with NAME.pth, NAME.index and card.json; created by the first save.

    `packaged`: folder of the voices that an installed package ships, read-only, or None. A voice
    of the same name in `folder` takes precedence. `shipped`: names of the demo voices in `folder`,
    which cannot be deleted.
    """

    def __init__(self, weights: Path) -> None:
        self.folder = Path(weights) / VOICES_FOLDER
        self.packaged = packaged_voices(weights)
        self.shipped = shipped_voices(weights)

    def names(self) -> list[str]:
        """Return the names of all voices, sorted, in Unicode's composed form."""
        self._clear_up()
        found = (
            composed(replaced_name(folder.name) or folder.name)
            for folder in [*self._entries(), *_folders_in(self.packaged)]
            if replaced_name(folder.name) or not folder.name.startswith(".")
            if any(folder.glob("*.pth"))
        )
        return sorted(set(found))

    def __contains__(self, name: str) -> bool:
        return check_name(name) in self.names()

    def path(self, name: str) -> Path:
        """Return the voice's folder, which need not exist; raises VoiceError for a bad name."""
        own = folder_called(self.folder, check_name(name))
        if self.packaged is not None and not own.exists() and not before_folder(own).exists():
            packaged = folder_called(self.packaged, own.name)
            return packaged if packaged.is_dir() else own
        return own

    def load(self, name: str) -> Voice:
        """Return the voice called `name`; raises VoiceError if there is none."""
        return load_voice(self._existing(name))

    def card(self, name: str) -> dict[str, object]:
        """Return the card without loading the voice; empty if there is none."""
        return read_card(self._existing(name)) or {}

    def update_card(self, name: str, **changes: object) -> dict[str, object]:
        """Change values of the card; return the whole card."""
        self._own(name)  # a shipped voice is refused before anything is written
        with self._changing():
            return changed_card(self._own(name), changes)

    def save(self, voice: Voice, extra: Mapping[str, bytes] | None = None) -> Path:
        """Write the voice with the files of `extra` over one of the same name; return its folder.

        After a kill or an error, the old voice or nothing is left.
        """
        with self._changing():
            return self._save(voice, extra)

    def add(self, voice: Voice) -> Voice:
        """Write the voice under its name or a similar free one; return it as saved."""
        with self._changing():
            voice = replace(voice, name=self.free_name(voice.name))
            self._save(voice, None)
        return voice

    def _save(self, voice: Voice, extra: Mapping[str, bytes] | None) -> Path:
        self.check_clash(voice.name)
        name = check_name(voice.name)
        aside, folder = aside_folder(self.folder), self.folder / name
        check_own(folder)
        try:
            write_voice_files(aside, voice, extra)
            swap_folder(aside, folder, old=folder_called(self.folder, name))
        except OSError as error:
            raise storage_error(error, self.folder) from error
        finally:
            shutil.rmtree(aside, ignore_errors=True)
        return folder

    def rename(self, name: str, new: str) -> Path:
        """Give a voice another name; return its folder. Its training is not touched.

        Raises VoiceError when the name is taken. After a kill, it has the old name or the new one.
        """
        self._own(name)  # a shipped voice is refused before anything is written
        with self._changing():
            folder, new = self._own(name), check_name(new)
            if not same_name(folder.name, new):
                self.check_clash(new)
                if new in self.names():
                    raise VoiceError(
                        "There is a voice called {name!r} already. Choose another name.", name=new
                    )
            target = folder.with_name(new)
            os.rename(folder, target)
            for suffix in (".pth", ".index"):  # a folder is read whatever its files are called
                for file in target.glob(f"*{suffix}"):
                    os.replace(file, target / f"{new}{suffix}")
            changed_card(target, {"name": new})
        return target

    def delete(self, name: str) -> Deleted | None:
        """Move the voice's folder and the files of its training into the trash; return the entry.

        The files of a training of that name that is running are kept.
        """
        self._own(name)  # a shipped voice is refused before anything is written
        with self._changing():
            folder = self._own(name)
            with self._idle_training(folder.name) as training:
                try:
                    places = [folder, *training]
                    return Trash(self.folder.parent).put("voice", composed(folder.name), places)
                except OSError as error:
                    raise VoiceError(
                        "The voice '{name}' could not be deleted; another program may be using it.",
                        name=folder.name,
                    ) from error

    @contextlib.contextmanager
    def _idle_training(self, name: str) -> Iterator[list[Path]]:
        """Hold the lock of the training `name`, and yield its folders; none while it is running."""
        trainings = self.folder.parent / TRAINING_FOLDER
        left = folder_called(trainings, composed(name))
        with contextlib.ExitStack() as stack:
            free = trainings.is_dir()
            if free:
                try:
                    stack.enter_context(locked(training_lock(self.folder.parent, name)))
                except (OSError, StorageError, Locked):
                    free = False
            yield [left, staging_folder(left)] if free else []
        delete_asides(trainings)

    def free_name(self, wish: str) -> str:
        """Return a valid free name similar to `wish`: "anna", "anna 2", "anna 3"..."""
        base, number = safe_name(wish), 1
        name, known = base, [*self._folders(), *self._in_training()]
        while any(same_name(name, taken) for taken in known):
            number += 1
            name = safe_name(f"{base[:50].rstrip(' .')} {number}")
        return name

    def check_clash(self, name: str) -> None:
        """Raise VoiceError if another voice's name differs from this one only in case."""
        name = check_name(name)
        for taken in self._folders():
            if composed(taken) != name and same_name(taken, name):
                raise VoiceError(
                    "There is already a voice '{taken}', which some computers cannot tell from "
                    "'{name}'. Choose another name.",
                    taken=taken,
                    name=name,
                )

    @contextlib.contextmanager
    def _changing(self) -> Iterator[None]:
        """Hold the library's lock, after interrupted operations are settled."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with locked(self.folder / LOCK_FILE, wait_seconds=LOCK_SECONDS):
                settle(self.folder)
                yield
        except Locked as error:
            raise VoiceError(
                "Another window or program is saving a voice. Try again in a minute.",
            ) from error
        except OSError as error:
            raise storage_error(error, self.folder) from error

    def _clear_up(self) -> None:
        """Settle interrupted operations, unless the lock is held or the folder is read-only."""
        Trash(self.folder.parent).settle()
        if any(unsettled(folder.name) for folder in self._entries()):
            lock = locked(self.folder / LOCK_FILE)
            with contextlib.suppress(OSError, StorageError, Locked), lock:
                settle(self.folder)

    def _existing(self, name: str) -> Path:
        folder = self.path(name)
        if not folder.is_dir() and before_folder(folder).is_dir():  # it is being replaced
            with contextlib.suppress(StorageError, VoiceError), self._changing():
                folder = self.path(name)
        if not folder.is_dir():
            known = ", ".join(self.names()[:10]) or "-"
            raise VoiceError(
                "There is no voice '{name}'. There are: {known}.",
                name=folder.name,
                known=known,
            )
        return folder

    def _own(self, name: str) -> Path:
        """Return the folder of a voice that may be changed; raises VoiceError if shipped."""
        folder = self._existing(name)
        if folder.parent == self.packaged or composed(folder.name) in self.shipped:
            raise VoiceError(
                "The voice '{name}' comes with Moksori and cannot be changed or deleted.",
                name=folder.name,
            )
        return folder

    def _folders(self) -> list[str]:
        """Return the names of all voices as they are on the disk."""
        found = [*self._entries(), *_folders_in(self.packaged)]
        names = (replaced_name(folder.name) or folder.name for folder in found)
        return [name for name in names if not name.startswith(".")]

    def _in_training(self) -> list[str]:
        """Return the names of trainings, which will become voices."""
        trainings = self.folder.parent / TRAINING_FOLDER
        return [folder.name for folder in trainings.glob("*") if folder.is_dir()]

    def _entries(self) -> list[Path]:
        return _folders_in(self.folder)


def _folders_in(parent: Path | None) -> list[Path]:
    if parent is None or not parent.is_dir():
        return []
    return [folder for folder in parent.iterdir() if folder.is_dir()]
