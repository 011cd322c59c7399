"""Formant shift: the resonances of the converted voice move, its pitch and speed stay.

Content features hold next to nothing of the source's formants, so that changing the input, as other
RVC programs do, changes little. Here the voice speaks `ratio` times slower and lower, and the sound
is played back `ratio` times faster: pitch and speed are as asked, the formants are `ratio` times
higher. No vocoder touches the sound; above the voice's own range, `ratio` < 1 leaves nothing.
"""

import numpy as np

from rvc.audio import Recording, resample
from rvc.f0 import F0
from rvc.features import Features

BLOCK_FRAMES = 6000  # stretched at once, so that an hour needs little memory
LIMIT_SEMITONES = 6.0  # further away a voice no longer sounds human


def formant_ratio(semitones: float) -> float:
    """Return by how much the formants are multiplied."""
    return 2.0 ** (semitones / 12)


def slowed(features: Features, ratio: float) -> Features:
    """Return the features `ratio` times longer, with f0 `ratio` times lower."""
    frames = len(features.f0.hz)
    at = (np.arange(round(frames * ratio)) + 0.5) / ratio - 0.5
    at = at.clip(0, max(0, frames - 1))
    left = np.minimum(at.astype(int), max(0, frames - 2))
    right = np.minimum(left + 1, frames - 1)
    share = (at - left).astype(np.float32)
    content = np.empty((len(at), features.content.shape[1]), features.content.dtype)
    for start in range(0, len(at), BLOCK_FRAMES):
        block = slice(start, start + BLOCK_FRAMES)
        weight = share[block, None]
        before, after = features.content[left[block]], features.content[right[block]]
        content[block] = before * (1 - weight) + after * weight
    f0, nearest = features.f0, np.where(share < 0.5, left, right)
    between = f0.hz[left] * (1 - share) + f0.hz[right] * share
    both = f0.voiced[left] & f0.voiced[right]
    hz = np.where(both, between, f0.hz[nearest]) / np.float32(ratio)
    return Features(content, F0(hz.astype(np.float32), f0.periodicity[nearest]))


def stretched_power(power: np.ndarray, frames: int) -> np.ndarray:
    """Return the mean squares (n,) of frames for a sound of `frames` frames, the nearest ones."""
    at = ((np.arange(frames) + 0.5) * len(power) / frames).astype(int)
    return power[np.minimum(at, len(power) - 1)]


def quickened(sound: np.ndarray, sample_rate: int, ratio: float) -> np.ndarray:
    """Return sound (samples,) played `ratio` times faster, at the same sample rate."""
    faster = Recording(sound, round(sample_rate * ratio))
    return resample(faster, sample_rate).samples
