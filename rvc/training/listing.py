"""The trainings of a folder: list, rename and delete them."""

import contextlib
import os
import time
from dataclasses import dataclass
from pathlib import Path

from rvc.errors import RVCError, TrainingError
from rvc.locks import Locked, locked
from rvc.training.checkpoint import has_checkpoint
from rvc.training.folder import only_training, staging_folder, training_folder
from rvc.training.job import saved_options
from rvc.training.plan import steps_in_minutes
from rvc.training.standing import STANDING_FILE, Standing, read_standing
from rvc.trash import Deleted, Trash
from rvc.voice import VoiceLibrary, check_name
from rvc.voice.library import TRAINING_FOLDER, training_lock
from rvc.voice.names import composed, same_name


@dataclass(frozen=True)
class Training:
    """A training on disk. `state`: "running", "stopped" or "done"; `changed_at`: of its last save,
    in seconds since 1970; `resumable`: its state is there, so that it can go on or be continued."""

    name: str
    preset: str
    state: str
    standing: Standing
    changed_at: float
    folder: Path
    resumable: bool

    @property
    def size_bytes(self) -> int:
        """Return the room that its files take."""
        return sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())

    def steps_after(self, minutes: float) -> int:
        """Return the step it would be at after so many more minutes."""
        pace = self.standing.seconds_per_step or 1.0
        return self.standing.step + steps_in_minutes(minutes, pace, 0.0)


def trainings(home: Path) -> list[Training]:
    """Return the trainings under `home`, the one saved last first."""
    folders = (home / TRAINING_FOLDER).glob("[!.]*")
    found = (_training(home, folder) for folder in folders if folder.is_dir())
    known = [training for training in found if training is not None]
    return sorted(known, key=lambda training: -training.changed_at)


def find_training(home: Path, name: str) -> Training | None:
    """Return the training called `name`, or None."""
    folder = training_folder(home, name)
    return _training(home, folder) if folder.is_dir() else None


def _training(home: Path, folder: Path) -> Training | None:
    """Return the training in `folder`; None where its settings are gone."""
    try:
        preset = saved_options(folder).preset
        changed = (folder / STANDING_FILE if (folder / STANDING_FILE).exists() else folder).stat()
    except (RVCError, OSError):
        return None
    name, standing = composed(folder.name), read_standing(folder)
    resumable = has_checkpoint(folder)
    state = "done" if standing.done or not resumable else "stopped"
    if _is_running(home, name):
        state = "running"
    return Training(name, preset, state, standing, changed.st_mtime, folder, resumable)


def _is_running(home: Path, name: str) -> bool:
    path = training_lock(home, name)
    if not path.exists():
        return False
    try:
        with locked(path):
            return False
    except Locked:
        return True
    except RVCError:  # a folder that is read-only trains nothing
        return False


def delete_training(home: Path, name: str) -> Deleted | None:
    """Move a training into the trash; its voice stays. Return the entry, as `Trash.put` does.

    Raises TrainingError when there is none, or when it is running.
    """
    folder = _existing(home, name).folder
    with only_training(home, name):
        staging = staging_folder(folder)
        return Trash(home).put("training", composed(folder.name), [folder, staging])


def rename_training(home: Path, name: str, new: str) -> str:
    """Rename a training together with the voice it makes; return the new name.

    Raises TrainingError when there is none, when it is running, or when the name is taken.
    """
    folder, new = _existing(home, name).folder, check_name(new)
    name, library = composed(folder.name), VoiceLibrary(home)
    if new == name:
        return new
    with contextlib.ExitStack() as locks:
        locks.enter_context(only_training(home, name))
        if not same_name(name, new):
            locks.enter_context(only_training(home, new))
            if training_folder(home, new).exists() or new in library:
                raise _taken(new)
        own = name in library
        if own:
            library.rename(name, new)
        try:
            os.rename(folder, folder.with_name(new))
        except OSError:
            if own:
                library.rename(new, name)
            raise
    return new


def restore_deleted(home: Path, number: str) -> Deleted:
    """Bring a deleted voice or training back from the trash; see `Trash.restore`."""
    entry = Trash(home).find(number)
    if entry.kind == "voice":
        VoiceLibrary(home).check_clash(entry.name)
    with only_training(home, entry.name):
        return Trash(home).restore(number)


def _existing(home: Path, name: str) -> Training:
    training = find_training(home, name)
    if training is None:
        known = ", ".join(each.name for each in trainings(home)[:10]) or "-"
        raise TrainingError(
            "There is no training '{name}'. There are: {known}.", name=name, known=known
        )
    return training


def _taken(name: str) -> TrainingError:
    return TrainingError(
        "There is a voice or a training called '{name}' already. Choose another name.", name=name
    )


def when(seconds: float) -> str:
    """Return a moment as local date and time, the same in every language."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
