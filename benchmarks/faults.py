"""Known faults for clean speech: noise, babble, hum, echo, clicks, a faint level, long pauses.

Every function takes (samples,) float or a length, and a seeded generator, and returns sound of the
same length unless stated otherwise.
"""

import numpy as np
from scipy.signal import butter, fftconvolve, sosfilt

Generator = np.random.Generator


def at_snr(voice: np.ndarray, noise: np.ndarray, snr_db: float) -> np.ndarray:
    """Return `voice` plus `noise` at `snr_db` below its active parts."""
    frames = voice[: len(voice) // 320 * 320].reshape(-1, 320)
    powers = np.square(frames).mean(1)
    active = powers[powers > np.percentile(powers, 95) / 1000].mean()
    scale = np.sqrt(active / np.square(noise).mean() / 10 ** (snr_db / 10))
    return (voice + scale * noise).astype(np.float32)


def pink(length: int, rng: Generator) -> np.ndarray:
    """Return noise whose power falls by 3 dB per octave."""
    spectrum = np.fft.rfft(rng.standard_normal(length))
    return np.fft.irfft(spectrum / np.sqrt(np.maximum(np.arange(len(spectrum)), 1)), length)


def white(length: int, rng: Generator) -> np.ndarray:
    """Return white noise."""
    return rng.standard_normal(length)


def fan(length: int, sample_rate: int, rng: Generator) -> np.ndarray:
    """Return slowly modulated low-frequency noise with the tone of fan blades."""
    t = np.arange(length) / sample_rate
    air = sosfilt(
        butter(2, [60, 1200], "bandpass", fs=sample_rate, output="sos"), pink(length, rng)
    )
    air = air / air.std() * (1 + 0.15 * np.sin(2 * np.pi * 0.7 * t))
    blades_hz = rng.uniform(85, 130)
    tones = sum(np.sin(2 * np.pi * k * blades_hz * t + k) / k for k in (1, 2, 3))
    return air + 0.4 * tones + 0.1 * rng.standard_normal(length)


def babble(voices: list[np.ndarray], length: int, rng: Generator) -> np.ndarray:
    """Return a mixture of several voices."""
    mixture = np.zeros(length)
    for voice in voices:
        rolled = np.roll(np.resize(voice, length), rng.integers(length))
        mixture += rolled / (rolled.std() + 1e-9)
    return mixture


def hum(length: int, sample_rate: int, base_hz: float, rng: Generator) -> np.ndarray:
    """Return ten harmonics of a mains frequency."""
    t = np.arange(length) / sample_rate
    phases = rng.uniform(0, 2 * np.pi, 10)
    return sum(np.sin(2 * np.pi * base_hz * (k + 1) * t + phases[k]) / (k + 1) for k in range(10))


def echo(voice: np.ndarray, sample_rate: int, rt60_seconds: float, rng: Generator) -> np.ndarray:
    """Return the voice in a room whose reverberation decays by 60 dB in `rt60_seconds`."""
    t = np.arange(round(rt60_seconds * sample_rate)) / sample_rate
    tail = rng.standard_normal(len(t)) * 10 ** (-3 * t / rt60_seconds)
    tail[: round(0.003 * sample_rate)] = 0
    tail *= 1 / np.sqrt(np.square(tail).sum())  # as much energy as the direct sound
    tail[0] = 1.0
    return fftconvolve(voice, tail)[: len(voice)].astype(np.float32)


def click(sample_rate: int, rng: Generator) -> np.ndarray:
    """Return a mouth click: one to three damped oscillations of 2.5 to 6.5 kHz within 8 ms."""
    length = round(0.012 * sample_rate)
    t = np.arange(length) / sample_rate
    sound = np.zeros(length)
    for at in [0.0, *rng.uniform(0.001, 0.006, rng.integers(0, 3))]:
        local = np.maximum(t - at, 0)
        ring = np.exp(-local / rng.uniform(0.0004, 0.0012)) * (t >= at)
        sound += ring * np.sin(2 * np.pi * rng.uniform(2500, 6500) * local)
    return sound / np.abs(sound).max()


def with_clicks(
    voice: np.ndarray, sample_rate: int, places: np.ndarray, level: float, rng: Generator
) -> np.ndarray:
    """Return the voice with clicks of peak `level` (relative to the voice's peak) at `places`."""
    sound = voice.astype(np.float64).copy()
    for place in places:
        ticks = click(sample_rate, rng)
        ticks = level * np.abs(voice).max() * ticks[: max(0, len(sound) - place)]
        sound[place : place + len(ticks)] += ticks
    return sound.astype(np.float32)


def with_pauses(
    parts: list[np.ndarray], sample_rate: int, floor_db: float, rng: Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return `parts` of speech with pauses of 1.5 to 6 s between them, over a noise floor.

    Returns (samples,) and a mask (samples,) that is True inside the added pauses.
    """
    pieces, mask = [], []
    for part in parts:
        pause = round(rng.uniform(1.5, 6.0) * sample_rate)
        pieces += [part, np.zeros(pause)]
        mask += [np.zeros(len(part), bool), np.ones(pause, bool)]
    sound = np.concatenate(pieces)
    sound = sound + 10 ** (floor_db / 20) * rng.standard_normal(len(sound))
    return sound.astype(np.float32), np.concatenate(mask)
