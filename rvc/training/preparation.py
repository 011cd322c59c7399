"""From slices to pieces on disk: features are extracted once and found again by a hash."""

import hashlib
import json
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO

import numpy as np

from rvc.audio import FRAMES_PER_SECOND, Recording, frame_count, resample
from rvc.content import ContentEncoder, load_content_encoder
from rvc.dataset import Piece
from rvc.errors import TrainingError
from rvc.f0 import F0, estimate_f0, repair_f0
from rvc.features import altered_content
from rvc.files import write_atomically, write_json
from rvc.messages import Message
from rvc.presets import Preset
from rvc.slicing import Slices
from rvc.training.options import TrainingProgress

SILENCE_SECONDS = 2.0  # of silence in every training set, so that silence is learned
INT16 = 32767
FEATURES_FOLDER = "features"


def prepare(
    slices: Slices,
    preset: Preset,
    folder: Path,
    *,
    weights: Path,
    device: str,
    f0_method: str = "auto",
) -> Iterator[TrainingProgress]:
    """Write the features of every slice under `folder`/features and their list to pieces.json.

    Features of the same slice in this training or in another one are used again. The progress is
    that of the features alone.
    """
    encoder = load_content_encoder(preset.encoder, weights, device=device)
    (folder / FEATURES_FOLDER).mkdir(parents=True, exist_ok=True)
    rate = slices.recordings[0].sample_rate if slices.recordings else preset.sample_rate
    silence = Recording(np.zeros(round(SILENCE_SECONDS * rate), np.float32), rate, "silence")
    recordings = (*slices.recordings, silence)
    names, began = [], time.monotonic()
    for number, recording in enumerate(recordings, 1):
        name = _name(recording, preset, f0_method)
        path = folder / FEATURES_FOLDER / f"{name}.npz"
        if not path.exists() and not _copied(path, folder):
            arrays = arrays_of(recording, preset, encoder, f0_method=f0_method)
            write_atomically(path, partial(_write_arrays, arrays))
        names.append(name)
        share = number / len(recordings)
        left = (time.monotonic() - began) * (1 / share - 1)
        message = Message(
            "Listening to your recording: {number} of {count} pieces",
            number=number,
            count=len(recordings),
        )
        yield TrainingProgress("features", share, message, eta_seconds=left)
    write_json(folder / "pieces.json", {"pieces": names})


def prepared(slices: Slices, preset: Preset, folder: Path, f0_method: str = "auto") -> set[int]:
    """Return which of the slices have their features in this training or in another one."""
    names = [_name(recording, preset, f0_method) for recording in slices.recordings]
    known = {path.stem for path in folder.parent.glob(f"*/{FEATURES_FOLDER}/*.npz")}
    return {number for number, name in enumerate(names) if name in known}


def load_pieces(folder: Path) -> list[Piece]:
    """Return the prepared pieces, in order; raises TrainingError when one is gone or damaged."""
    pieces = []
    try:
        names = json.loads((folder / "pieces.json").read_text())["pieces"]
        for name in names:
            with np.load(folder / FEATURES_FOLDER / f"{name}.npz") as stored:
                samples = stored["samples"].astype(np.float32) / INT16
                pieces.append(Piece(samples, stored["content"], stored["f0"]))
    except (OSError, ValueError, KeyError) as error:
        raise TrainingError(
            "The prepared data of this training is damaged or gone. Start the training again from "
            "the recording; finished voices are not touched.",
        ) from error
    return pieces


def _name(recording: Recording, preset: Preset, f0_method: str) -> str:
    digest = hashlib.sha256(np.ascontiguousarray(recording.samples).tobytes())
    settings = (
        f"{recording.sample_rate} {preset.sample_rate} {preset.encoder} {preset.copies} {f0_method}"
    )
    digest.update(settings.encode())
    return digest.hexdigest()[:24]


def _write_arrays(arrays: dict[str, np.ndarray], file: BinaryIO) -> None:
    np.savez(file, content=arrays["content"], f0=arrays["f0"], samples=arrays["samples"])


def _copied(path: Path, folder: Path) -> bool:
    """Copy the features of the same slice from another training; return whether there are any."""
    for known in folder.parent.glob(f"*/{path.parent.name}/{path.name}"):
        write_atomically(path, known.read_bytes())  # a copy: each training is deleted alone
        return True
    return False


def arrays_of(
    recording: Recording, preset: Preset, encoder: ContentEncoder, *, f0_method: str = "auto"
) -> dict[str, np.ndarray]:
    """Return what is kept of a slice: "content" (variants, frames, channels) float16, "f0"
    (frames,) and "samples" int16 at the preset's rate."""
    frames = frame_count(len(recording.samples), recording.sample_rate)
    content = encoder.encode(recording)[None]
    if preset.copies:
        rng = np.random.default_rng(int(_name(recording, preset, f0_method)[:8], 16))
        content = np.concatenate([content, altered_content(recording, encoder, rng)[None]])
    samples = resample(recording, preset.sample_rate).samples
    length = frames * preset.sample_rate // FRAMES_PER_SECOND
    samples = np.pad(samples, (0, max(0, length - len(samples))))[:length]
    return {
        "content": content.astype(np.float16),
        "f0": _f0(recording, f0_method).hz,
        "samples": (samples.clip(-1, 1) * INT16).round().astype(np.int16),
    }


def _f0(recording: Recording, method: str) -> F0:
    return repair_f0(estimate_f0(recording, method)).f0
