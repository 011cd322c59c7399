"""Salience of pitches by a network, in windows, and the pitch of its peaks."""

from collections.abc import Callable, Iterator

import numpy as np

WINDOW_FRAMES = 3000  # of one pass of a network
CONTEXT_FRAMES = 128  # on both sides of a window
AROUND = 4  # bins on both sides of the most salient one that refine it


def in_windows(frames: int, estimate: Callable[[int, int], np.ndarray]) -> np.ndarray:
    """Return the salience (frames, bins) of a recording, window by window.

    `estimate(first, count)` returns that of `count` frames from `first` on; the context of a window
    is discarded.
    """
    return np.concatenate(list(_parts(frames, estimate)))


def _parts(frames: int, estimate: Callable[[int, int], np.ndarray]) -> Iterator[np.ndarray]:
    for start in range(0, frames, WINDOW_FRAMES):
        first, stop = max(0, start - CONTEXT_FRAMES), min(frames, start + WINDOW_FRAMES)
        count = min(frames, stop + CONTEXT_FRAMES) - first
        yield estimate(first, count)[start - first : stop - first]


def pitch(salience: np.ndarray, cents: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (hz, confidence), each (frames,): the mean of the bins around the most salient one.

    cents: (bins,) of the bins, above 10 Hz.
    """
    path = salience.argmax(axis=1)
    around = path[:, None] + np.arange(-AROUND, AROUND + 1)  # (frames, 9)
    inside = (around >= 0) & (around < len(cents))
    around = around.clip(0, len(cents) - 1)
    weight = (np.take_along_axis(salience, around, axis=1) + 1e-12) * inside
    hz = 10 * 2.0 ** ((weight * cents[around]).sum(1) / weight.sum(1) / 1200)
    return hz, salience.max(axis=1)
