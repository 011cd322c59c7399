"""A synthetic voice (glottal pulses and noise through moving formants, after Klatt), and noise."""

import numpy as np
from scipy.signal import butter, lfilter, sosfilt

VOWELS_HZ = (
    (730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480),
    (570, 840, 2410), (660, 1720, 2410),
)  # fmt: skip
BANDWIDTHS_HZ = (70, 90, 140, 220, 300)


def voice_like(seconds: float, *, rate: int = 16_000, seed: int = 0) -> np.ndarray:
    """Return five syllables a second, noise before each, a pause of 0.5 s every 2 s.

    (samples,) float32 with an active level near -20 dBFS, digital silence in the pauses
    """
    rng = np.random.default_rng(seed)
    length, syllable = round(seconds * rate), round(0.2 * rate)
    sound, state = np.zeros(length), [np.zeros(2) for _ in BANDWIDTHS_HZ]
    phase = 0.0
    for index, start in enumerate(range(0, length - syllable + 1, syllable)):
        if index % 10 in (8, 9):
            continue
        hz = np.linspace(*rng.uniform(105, 150, 2), syllable) * rng.normal(1, 0.004, syllable)
        cycles = phase + np.cumsum(hz) / rate
        phase = cycles[-1]
        pulses = np.diff(
            np.floor(cycles), prepend=np.floor(cycles[0])
        ) + 0.02 * rng.standard_normal(syllable)
        t = np.arange(syllable) / syllable
        loud = np.clip(np.minimum((t - 0.3) / 0.15, (1 - t) / 0.2), 0, 1)
        formants = (*VOWELS_HZ[rng.integers(len(VOWELS_HZ))], 3500, 4500)
        voiced = lfilter([1, -1], [1, -0.98], pulses * loud)
        for number, (formant_hz, width_hz) in enumerate(zip(formants, BANDWIDTHS_HZ, strict=True)):
            if formant_hz < 0.45 * rate:
                radius = np.exp(-np.pi * width_hz / rate)
                poles = [1, -2 * radius * np.cos(2 * np.pi * formant_hz / rate), radius**2]
                voiced, state[number] = lfilter([sum(poles)], poles, voiced, zi=state[number])
        cutoff = min(4_000, 0.3 * rate)
        hiss = sosfilt(
            butter(2, cutoff, "highpass", fs=rate, output="sos"), rng.normal(0, 1, syllable)
        )
        hiss *= np.clip(np.minimum(t / 0.1, (0.35 - t) / 0.1), 0, 1)
        part = voiced / (voiced.std() + 1e-9) + 0.15 * hiss
        sound[start : start + syllable] = 0.1 * part
    return sound.astype(np.float32)


def noise(length: int, level_db: float, seed: int = 0) -> np.ndarray:
    """Return white noise (samples,) at `level_db`."""
    return 10 ** (level_db / 20) * np.random.default_rng(seed).standard_normal(length)
