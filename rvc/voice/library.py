"""VoiceLibrary: the voices of one folder, each in a folder of its own.

Whatever changes the folder does it under one lock, which other processes respect, and by renaming
whole folders: a kill leaves the old voice or the new one, and the next look clears up.
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
from rvc.voice.card import changed_card, read_card
from rvc.voice.files import check_own, load_voice, write_voice_files
from rvc.voice.names import check_name, composed, folded, folder_called, safe_name, same_name
from rvc.voice.voice import Voice

VOICES_FOLDER, TRAINING_FOLDER = "voices", "training"
LOCK_FILE = ".lock"
LOCK_SECONDS = 30.0  # saving takes a second or two


def training_lock(home: Path, name: str) -> Path:
    """Return the lock file that whoever trains a voice called `name` under `home` holds.

    Outside the training's own folder, which may be replaced; the same for names that only differ
    in capitals.
    """
    digest = hashlib.sha256(folded(name).encode()).hexdigest()[:16]
    return home / TRAINING_FOLDER / f".{digest}.lock"


def staging_folder(training: Path) -> Path:
    """Return the folder in which a new training is prepared before it takes its place."""
    return training.with_name(f".{composed(training.name)}.next")


class VoiceLibrary:
    """`weights`/voices/NAME/ with NAME.pth, NAME.index and card.json; made when first saved to.

    `packaged`: folder of the voices that an installed package ships, read-only, or None. A voice
    of the same name in `folder` takes precedence. `shipped`: names of the demo voices in `folder`,
    which cannot be deleted.
    """

    def __init__(self, weights: Path) -> None:
        self.folder = Path(weights) / VOICES_FOLDER
        self.packaged = packaged_voices(weights)
        self.shipped = shipped_voices(weights)

    def names(self) -> list[str]:
        """All voices, sorted, in the composed form."""
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
        """The voice's folder, whether it is there or not; VoiceError if the name cannot be."""
        own = folder_called(self.folder, check_name(name))
        if self.packaged is not None and not own.exists() and not before_folder(own).exists():
            packaged = folder_called(self.packaged, own.name)
            return packaged if packaged.is_dir() else own
        return own

    def load(self, name: str) -> Voice:
        return load_voice(self._existing(name))

    def card(self, name: str) -> dict[str, object]:
        """The card alone, without opening the voice; empty if there is none."""
        return read_card(self._existing(name)) or {}

    def update_card(self, name: str, **changes: object) -> dict[str, object]:
        """Change values of the card; returns all of it."""
        with self._changing():
            return changed_card(self._own(name), changes)

    def save(self, voice: Voice, extra: Mapping[str, bytes] | None = None) -> Path:
        """Write the voice, over one of the same name, with the files of `extra` beside it; returns
        its folder. A kill, or a voice that could not be saved, leaves the old one or nothing."""
        with self._changing():
            return self._save(voice, extra)

    def add(self, voice: Voice) -> Voice:
        """Write the voice under its name, or a free one like it; returns it as it was saved."""
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

    def delete(self, name: str) -> None:
        """Remove the voice with everything in its folder, and what its training left.

        What a training of that name which runs in some other place still needs stays.
        """
        with self._changing():
            folder = self._own(name)
            self._delete_training(folder.name)
            gone = aside_folder(self.folder)
            try:
                folder.rename(gone)  # at once, so that no half of a voice is ever listed
            except OSError as error:
                raise VoiceError(
                    "The voice '{name}' could not be deleted; another program may be using it.",
                    name=folder.name,
                ) from error
            shutil.rmtree(gone, ignore_errors=True)

    def _delete_training(self, name: str) -> None:
        trainings = self.folder.parent / TRAINING_FOLDER
        left = folder_called(trainings, composed(name))
        if trainings.is_dir():
            lock = locked(training_lock(self.folder.parent, name))
            with contextlib.suppress(OSError, StorageError, Locked), lock:
                for folder in filter(Path.exists, (left, staging_folder(left))):
                    os.rename(folder, aside_folder(trainings))
        delete_asides(trainings)

    def free_name(self, wish: str) -> str:
        """A name like `wish` that is allowed and not taken: "anna", "anna 2", "anna 3"..."""
        base, number = safe_name(wish), 1
        name, known = base, [*self._folders(), *self._in_training()]
        while any(same_name(name, taken) for taken in known):
            number += 1
            name = safe_name(f"{base[:50].rstrip(' .')} {number}")
        return name

    def check_clash(self, name: str) -> None:
        """Raise VoiceError when a voice has this name but for capitals, as some disks see it."""
        name = check_name(name)
        for taken in self._folders():
            if composed(taken) != name and same_name(taken, name):
                raise VoiceError(
                    "There is a voice '{taken}' already, and some computers cannot tell it from "
                    "'{name}'. Choose another name.",
                    taken=taken,
                    name=name,
                )

    @contextlib.contextmanager
    def _changing(self) -> Iterator[None]:
        """Hold the library's lock, with nothing left half done in it."""
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
        """End what a kill cut off, unless somebody is at work, or the folder is read-only."""
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
        """Return the folder of a voice that may be changed; VoiceError for one of the program."""
        folder = self._existing(name)
        if folder.parent == self.packaged or composed(folder.name) in self.shipped:
            raise VoiceError(
                "The voice '{name}' comes with Moksori and cannot be changed or deleted.",
                name=folder.name,
            )
        return folder

    def _folders(self) -> list[str]:
        """Names of voices."""
        found = [*self._entries(), *_folders_in(self.packaged)]
        names = (replaced_name(folder.name) or folder.name for folder in found)
        return [name for name in names if not name.startswith(".")]

    def _in_training(self) -> list[str]:
        """Names of trainings, which end in voices."""
        trainings = self.folder.parent / TRAINING_FOLDER
        return [folder.name for folder in trainings.glob("*") if folder.is_dir()]

    def _entries(self) -> list[Path]:
        return _folders_in(self.folder)


def _folders_in(parent: Path | None) -> list[Path]:
    if parent is None or not parent.is_dir():
        return []
    return [folder for folder in parent.iterdir() if folder.is_dir()]
