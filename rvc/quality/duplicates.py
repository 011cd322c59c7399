"""Copies: a take that occurs twice counts as minutes but teaches nothing new."""

from collections.abc import Sequence

import numpy as np

from rvc.audio import FRAMES_PER_SECOND, Recording, resample

RATE = 8_000
BANDS = 8
SHIFT_FRAMES = 20  # the copies' cuts may lie 200 ms apart
ALIKE = 0.90  # correlation of band levels: copies under 20 dB of noise 0.97, other speech 0.61
FLOOR = 1e-4  # of the loudest band: what lies below may be noise
LENGTH_SECONDS = 0.5  # copies differ in length by no more


def find_duplicates(segments: Sequence[Recording]) -> tuple[tuple[int, int], ...]:
    """Return (first, copy) of segments that hold the same sound, whatever their level."""
    shapes = [_shape(segment) for segment in segments]
    found: list[tuple[int, int]] = []
    copies: set[int] = set()
    for copy, shape in enumerate(shapes):
        for first in range(copy):
            apart_seconds = abs(len(shape) - len(shapes[first])) / FRAMES_PER_SECOND
            if first in copies or apart_seconds > LENGTH_SECONDS:
                continue
            if _likeness(shapes[first], shape) > ALIKE:
                found.append((first, copy))
                copies.add(copy)
                break
    return tuple(found)


def _shape(segment: Recording) -> np.ndarray:
    """Return the level of eight bands in dB every 10 ms, (frames, 8), each less its mean."""
    samples = resample(segment, RATE).samples
    hop = RATE // FRAMES_PER_SECOND
    if len(samples) < 4 * hop:
        return np.zeros((0, BANDS))
    frames = np.lib.stride_tricks.sliding_window_view(samples, 2 * hop)[::hop]
    power = np.abs(np.fft.rfft(frames * np.hanning(2 * hop))) ** 2
    bands = np.stack([part.sum(1) for part in np.array_split(power, BANDS, axis=1)], axis=1)
    level = 10 * np.log10(bands + FLOOR * bands.max() + 1e-20)
    return level - level.mean(0)


def _likeness(first: np.ndarray, second: np.ndarray) -> float:
    """Return the highest correlation of two shapes over the shifts allowed."""
    best = -1.0
    for shift in range(-SHIFT_FRAMES, SHIFT_FRAMES + 1):
        a, b = first[max(0, shift) :], second[max(0, -shift) :]
        length = min(len(a), len(b))
        if length < 2 * SHIFT_FRAMES:
            continue
        a, b = a[:length], b[:length]
        best = max(best, float(np.sum(a * b) / (np.sqrt(np.sum(a**2) * np.sum(b**2)) + 1e-9)))
    return best
