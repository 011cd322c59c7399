"""Find octave slips and short drop-outs of f0, and repair those that neighbours make certain.

In a slip, the tracker is an octave off for a few frames. The repair searches each voiced run for
the octave shifts (-1, 0, +1 a frame) that smooth the curve at the least cost, by dynamic
programming, and keeps a shift only if the shifted frames join their neighbours. A gap of up to 50
ms is closed if f0 agrees on both sides.
"""

from dataclasses import dataclass

import numpy as np

from rvc.f0.curve import F0, MAX_HZ, MIN_HZ, runs
from rvc.f0.octaves import (
    GAP_FRAMES,
    JUMP_OCTAVES,
    SHIFTS,
    cheapest_shifts,
    connected_runs,
    leaps,
)

GAP_SIDE_FRAMES = 3  # voiced frames required on each side of a drop-out
GAP_AGREE_OCTAVES = 0.2  # both sides of a gap, for it to be closed
GAP_PERIODICITY = 0.42  # a gap with a lower periodicity is a consonant
SHIFT_COST = 0.06  # octaves, for each shifted frame
JOIN_OCTAVES = 0.2  # largest step between a repaired slip and its neighbours


@dataclass(frozen=True, eq=False)
class RepairedF0:
    """The repaired curve and the faults of the original one.

    `repaired`: (frames,) bool, frames changed. `jumps`: frames at which f0 leaps by more than 0.7
    octave. `dropouts`: first frame of every gap of at most 50 ms inside a voiced run.
    """

    f0: F0
    repaired: np.ndarray
    jumps: tuple[int, ...]
    dropouts: tuple[int, ...]


def find_jumps(f0: F0) -> tuple[int, ...]:
    """Return the frames whose f0 leaps by more than 0.7 octave from the last voiced one.

    Gaps of up to 50 ms are ignored; longer ones end the run.
    """
    at = np.flatnonzero(f0.voiced)
    if len(at) < 2:
        return ()
    leap = np.abs(np.diff(np.log2(f0.hz[at].astype(np.float64)))) > JUMP_OCTAVES
    near = np.diff(at) <= GAP_FRAMES + 1
    return tuple(int(frame) for frame in at[1:][leap & near])


def find_dropouts(f0: F0) -> tuple[int, ...]:
    """Return the first frame of each gap of at most 50 ms between two voiced runs."""
    return tuple(start for start, _ in _gaps(f0.voiced))


def repair_f0(f0: F0) -> RepairedF0:
    """Return `f0` with octave slips and short drop-outs repaired, and their places."""
    hz = f0.hz.astype(np.float64)
    for start, stop in connected_runs(f0.voiced):
        at = start + np.flatnonzero(hz[start:stop] > 0)
        hz[at] = _unslipped(hz[at])
    for start, stop in _gaps(f0.voiced):
        _close_gap(hz, f0.periodicity, start, stop)
    repaired = np.abs(hz - f0.hz) > 1e-3 * np.maximum(hz, 1.0)
    curve = F0(np.where(repaired, hz, f0.hz).astype(np.float32), f0.periodicity)
    return RepairedF0(curve, repaired, find_jumps(f0), find_dropouts(f0))


def _gaps(voiced: np.ndarray) -> list[tuple[int, int]]:
    """Return (start, stop) of each gap of at most GAP_FRAMES between two steady voiced runs."""
    found = []
    for (first, start), (stop, last) in zip(runs(voiced)[:-1], runs(voiced)[1:], strict=True):
        steady = min(start - first, last - stop) >= GAP_SIDE_FRAMES
        if stop - start <= GAP_FRAMES and steady:
            found.append((start, stop))
    return found


def _unslipped(hz: np.ndarray) -> np.ndarray:
    """Return one run's hz (voiced,) with octave slips moved back."""
    if len(hz) < 3 or not leaps(hz):
        return hz
    log_hz = np.log2(hz)
    shift = cheapest_shifts(log_hz, np.tile(SHIFT_COST * (SHIFTS != 0), (len(hz), 1)))
    for start, stop in runs(shift != 0):
        if not _joins(log_hz + shift, start, stop):
            shift[start:stop] = 0
    moved = 2.0 ** (log_hz + shift)
    return np.where((moved >= MIN_HZ) & (moved <= MAX_HZ), moved, hz)


def _joins(log_hz: np.ndarray, start: int, stop: int) -> bool:
    """Return True if the shifted frames start..stop join the frames before and after them."""
    steps = []
    if start > 0:
        steps.append(abs(log_hz[start] - log_hz[start - 1]))
    if stop < len(log_hz):
        steps.append(abs(log_hz[stop] - log_hz[stop - 1]))
    return bool(steps) and max(steps) < JOIN_OCTAVES


def _close_gap(hz: np.ndarray, periodicity: np.ndarray, start: int, stop: int) -> None:
    """Interpolate log f0 across a gap (in place) if both sides agree and it is not a consonant."""
    left, right = np.log2(hz[start - 1]), np.log2(hz[stop])
    if abs(left - right) > GAP_AGREE_OCTAVES or periodicity[start:stop].min() < GAP_PERIODICITY:
        return
    share = np.arange(1, stop - start + 1) / (stop - start + 1)
    hz[start:stop] = 2.0 ** (left + (right - left) * share)
