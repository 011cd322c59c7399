"""The folder of a training's state, and the lock that keeps it to one process at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rvc.errors import TrainingError
from rvc.files import check_writable, delete_asides, settle_folder
from rvc.locks import Locked, locked
from rvc.voice.library import TRAINING_FOLDER, VOICES_FOLDER, staging_folder, training_lock
from rvc.voice.names import check_name, folder_called

LOOKED_AT_SECONDS = 0.3  # that the list of trainings holds a lock for is less

__all__ = ["check_startable", "only_training", "staging_folder", "training_folder"]


def training_folder(home: Path, name: str) -> Path:
    """Return where the training called `name` keeps its state; raises VoiceError for a bad name."""
    return folder_called(Path(home) / TRAINING_FOLDER, check_name(name))


@contextmanager
def only_training(home: Path, name: str) -> Iterator[None]:
    """Hold the lock of the training called `name` under `home` for the block.

    An interrupted replacement is completed first. Raises TrainingError when another window,
    program or thread is training that name, StorageError when the folder cannot be written to.
    """
    _check_writable(home)
    (home / TRAINING_FOLDER).mkdir(parents=True, exist_ok=True)
    try:
        with locked(training_lock(home, name), wait_seconds=LOOKED_AT_SECONDS):
            settle_folder(home / TRAINING_FOLDER / check_name(name))
            delete_asides(home / TRAINING_FOLDER)
            yield
    except Locked as error:
        raise TrainingError(
            "'{name}' is being trained in another window or program. Wait for it, stop it there, "
            "or choose another name.",
            name=name,
        ) from error


def check_startable(home: Path, name: str) -> None:
    """Raise what `only_training` would, before work that takes long; makes no file or folder."""
    _check_writable(home)
    if training_lock(home, name).exists():
        with only_training(home, name):
            pass


def _check_writable(home: Path) -> None:
    for needed in (TRAINING_FOLDER, VOICES_FOLDER):
        check_writable(home / needed)
