"""Choose the octave of voiced frames from their neighbours and from the signal.

A frame-wise tracker makes octave errors where a voice creaks or fades. In each run with a leap, the
octave of every frame is chosen by dynamic programming (as Boersma 1993 chooses among candidates):
leaps have a cost, and so has an octave in which the signal is less periodic.
"""

import numpy as np

from rvc.f0.curve import MAX_HZ, MIN_HZ, runs

JUMP_OCTAVES = 0.7  # between neighbouring frames; larger than any voice's change
GAP_FRAMES = 5  # 50 ms
SMOOTH_OCTAVES = 0.25  # a step between frames that costs nothing
SHIFTS = np.array([0, -1, 1])
SHIFT_COST = 0.02  # octaves, for each shifted frame, beside the signal's cost
HALF_PERIOD_SHARE = 0.5  # weight of the similarity after half a period, against a whole one
WINDOW_SECONDS = 0.025  # compared with the signal one period later


def connected_runs(voiced: np.ndarray) -> list[tuple[int, int]]:
    """Return the voiced runs (start, stop), those at most GAP_FRAMES apart taken together."""
    joined: list[tuple[int, int]] = []
    for start, stop in runs(voiced):
        if joined and start - joined[-1][1] <= GAP_FRAMES:
            joined[-1] = (joined[-1][0], stop)
        else:
            joined.append((start, stop))
    return joined


def leaps(hz: np.ndarray) -> bool:
    """Return True if voiced hz (frames,) changes by more than 0.7 octave between neighbours."""
    return len(hz) > 1 and bool(np.abs(np.diff(np.log2(hz))).max() > JUMP_OCTAVES)


def cheapest_shifts(log_hz: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Return the octaves to add to each frame (voiced,), by Viterbi.

    `own`: (voiced, 3), the cost of each of SHIFTS in each frame, in octaves; leaps cost their size.
    """
    moved = log_hz[:, None] + SHIFTS  # (voiced, 3)
    cost = own[0].copy()
    back = np.zeros((len(log_hz), 3), np.int64)
    for frame in range(1, len(log_hz)):
        step = np.abs(moved[frame][None, :] - moved[frame - 1][:, None])  # (from, to)
        total = cost[:, None] + np.maximum(step - SMOOTH_OCTAVES, 0)
        back[frame] = total.argmin(axis=0)
        cost = total.min(axis=0) + own[frame]
    state = int(cost.argmin())
    shift = np.zeros(len(log_hz))
    for frame in range(len(log_hz) - 1, -1, -1):
        shift[frame] = SHIFTS[state]
        state = back[frame, state]
    return shift


def settle_octaves(hz: np.ndarray, samples: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return hz (frames,), 0 = unvoiced, with every frame of a leaping run in its likely octave.

    `samples`: the signal, with frames centred at (i + 0.5) * 10 ms. Runs without a leap are
    unchanged.
    """
    settled = hz.astype(np.float64)
    for start, stop in connected_runs(hz > 0):
        at = start + np.flatnonzero(hz[start:stop] > 0)
        if not leaps(settled[at]):
            continue
        candidates = settled[at][:, None] * 2.0**SHIFTS  # (voiced, 3)
        likely = np.stack([_likeness(samples, sample_rate, at, hz) for hz in candidates.T], axis=1)
        own = np.maximum(likely[:, :1] - likely, 0) + SHIFT_COST * (SHIFTS != 0)
        own[(candidates < MIN_HZ) | (candidates > MAX_HZ)] = np.inf
        settled[at] *= 2.0 ** cheapest_shifts(np.log2(settled[at]), own)
    return settled


def _likeness(
    samples: np.ndarray, sample_rate: int, frames: np.ndarray, hz: np.ndarray
) -> np.ndarray:
    """Return a score (voiced,) of how well hz explains the signal in `frames`.

    A signal with a period is also similar after two, so similarity after half a period is
    subtracted.
    """
    period, half = (_similarity(samples, sample_rate, frames, each) for each in (hz, 2 * hz))
    return period - HALF_PERIOD_SHARE * np.maximum(half, 0)


def _similarity(
    samples: np.ndarray, sample_rate: int, frames: np.ndarray, hz: np.ndarray
) -> np.ndarray:
    """Return the correlation (voiced,), -1 to 1, of the signal with itself a period later."""
    size = round(WINDOW_SECONDS * sample_rate)
    lags = np.round(sample_rate / hz).astype(int)
    first = np.round((frames + 0.5) * 0.01 * sample_rate - (size + lags) / 2).astype(int)
    start, stop = int(first.min()) - 1, int((first + lags).max()) + size + 1
    around = samples[max(0, start) : max(0, stop)].astype(np.float64)
    padded = np.pad(around, (max(0, -start), max(0, stop - len(samples))))
    first = (first - start)[:, None] + np.arange(size)
    here = padded[first]
    best = np.full(len(frames), -1.0)
    for nudge in (-1, 0, 1):  # the period is not a whole number of samples
        later = padded[first + (lags + nudge)[:, None]]
        energy = np.sqrt(np.square(here).sum(1) * np.square(later).sum(1))
        best = np.maximum(best, (here * later).sum(1) / (energy + 1e-12))
    return best
