"""DC offset and rumble: everything below the lowest voice."""

from functools import lru_cache

import numpy as np

CUTOFF_HZ = 40.0  # the lowest male creak lies above
ORDER = 2  # run forwards and backwards: 24 dB per octave, no phase shift


def high_pass(samples: np.ndarray, sample_rate: int) -> np.ndarray:
    """`samples` (samples,) without DC and what lies below 40 Hz, aligned in time."""
    from scipy.signal import sosfiltfilt

    if len(samples) < 2:
        return np.zeros_like(samples)
    padding = min(len(samples) - 1, sample_rate // 4)
    return sosfiltfilt(_filter(sample_rate), samples, padlen=padding).astype(np.float32)


@lru_cache
def _filter(sample_rate: int) -> np.ndarray:
    from scipy.signal import butter

    return butter(ORDER, CUTOFF_HZ, "highpass", fs=sample_rate, output="sos")
