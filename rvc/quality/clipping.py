"""Clipping: runs of samples pressed flat against the recording's own ceiling."""

import numpy as np

CEILING_SHARE = 0.005  # a sample this near the maximum touches it
RUN_SAMPLES = 3
LOUD_ENOUGH = 1e-4  # of full scale: below is silence


def clipped_samples(samples: np.ndarray) -> np.ndarray:
    """Return (samples,) bool: part of a flat run of at least three, even if turned down later.

    Both signs have a ceiling of their own, because an offset shifts one of them.
    """
    clipped = np.zeros(len(samples), bool)
    for side in (samples, -samples):
        peak = float(side.max()) if len(side) else 0.0
        if peak < LOUD_ENOUGH:
            continue
        touching = side >= peak * (1 - CEILING_SHARE)
        edges = np.flatnonzero(np.diff(np.concatenate(([0], touching.astype(np.int8), [0]))))
        for start, stop in zip(edges[::2], edges[1::2], strict=True):
            if stop - start >= RUN_SAMPLES:
                clipped[start:stop] = True
    return clipped


def clipping_percent(clipped: np.ndarray) -> float:
    """Return the share of (samples,) bool that is True, in percent."""
    return 100 * float(clipped.mean()) if len(clipped) else 0.0
