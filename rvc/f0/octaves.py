"""Which octave a voiced frame belongs to: what its neighbours say, and what the sound says.

A tracker that hears frame by frame answers an octave off where a voice creaks or fades. Over each
run that leaps, the octave of every frame is chosen by dynamic programming (as Boersma 1993 chooses
among candidates): leaps cost, and so does an octave in which the sound is less periodic.
"""

import numpy as np

from rvc.f0.curve import MAX_HZ, MIN_HZ, runs

JUMP_OCTAVES = 0.7  # from one frame to the next: no voice does that
GAP_FRAMES = 5  # 50 ms
SMOOTH_OCTAVES = 0.25  # a step between frames that costs nothing
SHIFTS = np.array([0, -1, 1])
SHIFT_COST = 0.02  # octaves, for each frame shifted where the sound has its say, too
HALF_PERIOD_SHARE = 0.5  # of a similarity after half a period, against one after a whole
WINDOW_SECONDS = 0.025  # compared with what stands one period later


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
    """Whether voiced hz (frames,) changes by more than 0.7 octave between neighbours."""
    return len(hz) > 1 and bool(np.abs(np.diff(np.log2(hz))).max() > JUMP_OCTAVES)


def cheapest_shifts(log_hz: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Octaves to add to each frame (voiced,), by Viterbi.

    `own`: (voiced, 3) what each of SHIFTS costs in each frame, in octaves; leaps cost their size.
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

    `samples`: the sound, its frames centred at (i + 0.5) * 10 ms. Runs without a leap stay as they
    are.
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
    """How well hz (voiced,) explains the sound in `frames`: what has one period has two as well."""
    period, half = (_similarity(samples, sample_rate, frames, each) for each in (hz, 2 * hz))
    return period - HALF_PERIOD_SHARE * np.maximum(half, 0)


def _similarity(
    samples: np.ndarray, sample_rate: int, frames: np.ndarray, hz: np.ndarray
) -> np.ndarray:
    """Normalised correlation (-1 to 1) of the sound with itself one period later, (voiced,)."""
    size = round(WINDOW_SECONDS * sample_rate)
    lags = np.round(sample_rate / hz).astype(int)
    first = np.round((frames + 0.5) * 0.01 * sample_rate - (size + lags) / 2).astype(int)
    start, stop = int(first.min()) - 1, int((first + lags).max()) + size + 1
    around = samples[max(0, start) : max(0, stop)].astype(np.float64)
    padded = np.pad(around, (max(0, -start), max(0, stop - len(samples))))
    first = (first - start)[:, None] + np.arange(size)
    here = padded[first]
    best = np.full(len(frames), -1.0)
    for nudge in (-1, 0, 1):  # the period is no whole number of samples
        later = padded[first + (lags + nudge)[:, None]]
        energy = np.sqrt(np.square(here).sum(1) * np.square(later).sum(1))
        best = np.maximum(best, (here * later).sum(1) / (energy + 1e-12))
    return best
