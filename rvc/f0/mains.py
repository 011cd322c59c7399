"""f0 that follows mains hum instead of a voice."""

from dataclasses import replace

import numpy as np

from rvc.f0.curve import F0

MAINS_HZ = (50.0, 60.0)
STEADY_FRAMES = 10  # 100 ms: a voice is never as steady for so long
STEADY_SHARE = 0.006  # of its frequency
LINE_SHARE = 0.015  # around a line


def follows_lines(hz: np.ndarray, base_hz: float, lines: int) -> np.ndarray:
    """Return (frames,) bool: f0 `hz` stays on one of the first `lines` multiples of `base_hz`."""
    follows = np.zeros(len(hz), bool)
    if len(hz) < STEADY_FRAMES:
        return follows
    multiple = np.rint(hz / base_hz)
    near = np.abs(hz - multiple * base_hz) <= LINE_SHARE * hz
    on_line = (hz > 0) & (multiple >= 1) & (multiple <= lines) & near
    view = np.lib.stride_tricks.sliding_window_view
    windows = view(hz, STEADY_FRAMES)
    steady = np.ptp(windows, axis=1) <= STEADY_SHARE * windows[:, 0]
    for start in np.flatnonzero(steady & view(on_line, STEADY_FRAMES).all(1)):
        follows[start : start + STEADY_FRAMES] = True
    return follows


def without_mains(f0: F0) -> F0:
    """Return `f0` with frames that follow the mains frequency itself unvoiced.

    Its multiples are left alone: a held note may be one of them.
    """
    follows = np.any([follows_lines(f0.hz, base_hz, 1) for base_hz in MAINS_HZ], axis=0)
    return replace(f0, hz=np.where(follows, 0, f0.hz).astype(np.float32))
