"""DC offset and rumble: everything below the lowest voice."""

from functools import lru_cache

import numpy as np

from rvc.cleaning.level import decibels

INFRASOUND_HZ = 20.0  # inaudible
RUMBLE_HZ = 40.0  # the lowest male creak is above; breath and plosives reach below
RUMBLE_DB = -40.0  # below the voice: steady rumble above this is a fault of the recording
ORDER = 2  # run forwards and backwards: 24 dB per octave, no phase shift
RUMBLE_FRAME_SECONDS = 0.2


def high_pass(samples: np.ndarray, sample_rate: int, cutoff_hz: float) -> np.ndarray:
    """Return `samples` (samples,) without the sound below `cutoff_hz`, aligned in time."""
    from scipy.signal import sosfiltfilt

    if len(samples) < 2:
        return np.zeros_like(samples)
    padding = min(len(samples) - 1, sample_rate // 2)
    sections = _filter(sample_rate, cutoff_hz)
    return sosfiltfilt(sections, samples, padtype="even", padlen=padding).astype(np.float32)


def rumble_db(samples: np.ndarray, sample_rate: int) -> float:
    """Return the level of the steady sound between 20 and 40 Hz, in dB of full scale."""
    low = high_pass(samples, sample_rate, INFRASOUND_HZ)
    low -= high_pass(samples, sample_rate, RUMBLE_HZ)
    size = round(RUMBLE_FRAME_SECONDS * sample_rate)
    frames = low[: len(low) // size * size].reshape(-1, size)
    if not len(frames):
        return -120.0
    return decibels(np.percentile(np.square(frames, dtype=np.float64).mean(1), 10))


@lru_cache(maxsize=8)
def _filter(sample_rate: int, cutoff_hz: float) -> np.ndarray:
    from scipy.signal import butter

    return butter(ORDER, cutoff_hz, "highpass", fs=sample_rate, output="sos")
