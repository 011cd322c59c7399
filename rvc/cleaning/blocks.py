"""Sound processed in blocks, so that an hour needs no more memory than half a minute."""

from collections.abc import Iterable, Iterator

import numpy as np

from rvc.progress import StageProgress

BLOCK_SECONDS = 30


def spans(length: int, sample_rate: int, seconds: float = BLOCK_SECONDS) -> list[tuple[int, int]]:
    """Return consecutive (start, end) sample spans of `seconds` that cover `length` samples."""
    step = max(1, round(seconds * sample_rate))
    return [(start, min(start + step, length)) for start in range(0, length, step)]


def in_blocks(samples: np.ndarray, sample_rate: int) -> Iterator[np.ndarray]:
    """Yield views of `samples`, half a minute each."""
    for start, end in spans(len(samples), sample_rate):
        yield samples[start:end]


def reporting(
    pieces: Iterable[np.ndarray], length: int, progress: StageProgress
) -> Iterator[np.ndarray]:
    """Yield the same pieces, calling `progress` after each with the share of `length` samples."""
    place = 0
    for piece in pieces:
        yield piece
        place += len(piece)
        progress(min(1.0, place / max(1, length)))


def rebuffered(pieces: Iterable[np.ndarray], size: int) -> Iterator[np.ndarray]:
    """Yield the same samples in pieces of exactly `size`; only the last one may be shorter."""
    kept: list[np.ndarray] = []
    held = 0
    for piece in pieces:
        kept.append(piece)
        held += len(piece)
        if held >= size:
            joined = np.concatenate(kept)
            whole = held // size * size
            for start in range(0, whole, size):
                yield joined[start : start + size]
            kept, held = [joined[whole:]], held - whole
    if held:
        yield np.concatenate(kept)


def resampled(pieces: Iterable[np.ndarray], old_rate: int, new_rate: int) -> Iterator[np.ndarray]:
    """Yield the same sound at `new_rate`, aligned in time, without a joint between the pieces."""
    if old_rate == new_rate:
        yield from pieces
        return
    import soxr

    stream = soxr.ResampleStream(old_rate, new_rate, 1, dtype="float32", quality="HQ")
    for piece in pieces:
        yield stream.resample_chunk(np.ascontiguousarray(piece, np.float32))
    yield stream.resample_chunk(np.zeros(0, np.float32), last=True)


def written(pieces: Iterable[np.ndarray], target: np.ndarray) -> Iterator[int]:
    """Write `pieces` one after another into `target`; yield how many samples are there."""
    place = 0
    for piece in pieces:
        fitting = piece[: len(target) - place]
        target[place : place + len(fitting)] = fitting
        place += len(fitting)
        yield place
    target[place:] = 0
