"""The f0 curve and arithmetic on it."""

from dataclasses import dataclass, replace

import numpy as np

MIN_HZ, MAX_HZ = 50.0, 1100.0  # the range community voices are trained with


@dataclass(frozen=True, eq=False)
class F0:
    """f0 on the 10 ms grid; frame i is centred at (i + 0.5) * 10 ms.

    `hz`: (frames,) float32, 0 = unvoiced. `periodicity`: (frames,) float32 in 0..1, scaled the same
    for every method: 0.5 is where voicing begins.
    """

    hz: np.ndarray
    periodicity: np.ndarray

    @property
    def voiced(self) -> np.ndarray:
        """Return the voiced frames, (frames,) bool."""
        return self.hz > 0


def transpose(f0: F0, semitones: float) -> F0:
    """Return `f0` moved by `semitones`; unvoiced frames stay unvoiced."""
    return replace(f0, hz=(f0.hz * 2.0 ** (semitones / 12)).astype(np.float32))


def median_hz(f0: F0) -> float:
    """Return the median of the voiced frames in Hz, 0 when nothing is voiced."""
    return float(np.median(f0.hz[f0.voiced])) if f0.voiced.any() else 0.0


def runs(mask: np.ndarray) -> list[tuple[int, int]]:
    """Return (start, stop) of every run of True in `mask` (frames,)."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], mask.astype(np.int8), [0]))))
    return [(int(start), int(stop)) for start, stop in zip(edges[::2], edges[1::2], strict=True)]
