"""Training state on disk: written aside and renamed, the last two kept, each with a checksum."""

import hashlib
import io
import logging
import shutil
from pathlib import Path
from typing import Any

import torch

from rvc.errors import TrainingError
from rvc.files import ASIDE_SUFFIX, write_atomically

State = dict[str, Any]  # plain values and tensors, by name

LATEST, PREVIOUS = "checkpoint.pt", "checkpoint_before.pt"

log = logging.getLogger(__name__)


def save_checkpoint(folder: Path, state: State) -> None:
    """Write `state` as the latest checkpoint; the latest so far becomes the one before.

    A kill at any moment leaves at least one whole checkpoint. Raises TrainingError or OSError,
    everything earlier intact, when the disk has no room for it.
    """
    buffer = io.BytesIO()
    torch.save(state, buffer)
    payload = buffer.getvalue()
    free = shutil.disk_usage(folder).free
    if free < 2 * len(payload):
        raise TrainingError(
            "The disk is almost full: saving needs {needed_megabytes:.0f} MB and "
            "{megabytes:.0f} MB are left. Free some space and resume; the last save is whole.",
            needed_megabytes=2 * len(payload) / 1000000.0,
            megabytes=free / 1000000.0,
        )
    digest = hashlib.sha256(payload).digest()
    if _read(folder / LATEST) is not None:
        (folder / LATEST).replace(folder / PREVIOUS)
    write_atomically(folder / LATEST, digest + payload)


def load_checkpoint(folder: Path, device: str = "cpu") -> State | None:
    """Return the newest whole checkpoint of `folder`, or None when there is none at all.

    Raises TrainingError when files are there and none is whole: training never starts over on
    top of earlier work.
    """
    payloads = [_read(folder / name) for name in (LATEST, PREVIOUS)]
    for payload in payloads:
        if payload is not None:
            return torch.load(io.BytesIO(payload), map_location=device, weights_only=True)
    if has_checkpoint(folder):
        raise TrainingError(
            "The saved state of this training is damaged, so it cannot be resumed. The voice made "
            "so far is still in the list; start a new training under another name.",
        )
    return None


def has_checkpoint(folder: Path) -> bool:
    """Return whether `folder` holds the state of a training, which can then go on."""
    return any((folder / name).exists() for name in (LATEST, PREVIOUS))


def remove_checkpoints(folder: Path) -> None:
    """Delete the training's state, before it starts again."""
    for name in (PREVIOUS, LATEST):  # in this order, a kill in between leaves the newest
        (folder / name).unlink(missing_ok=True)


def remove_asides(folder: Path) -> None:
    """Delete partly written files of a killed process; only while nothing else writes there."""
    for path in folder.rglob(f".*{ASIDE_SUFFIX}"):
        path.unlink(missing_ok=True)


def _read(path: Path) -> bytes | None:
    """Return the payload if the file is there and whole."""
    if not path.exists():
        return None
    stored = path.read_bytes()
    if hashlib.sha256(stored[32:]).digest() == stored[:32]:
        return stored[32:]
    log.warning("%s is damaged", path.name)
    return None
