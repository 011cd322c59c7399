"""Levels: of the active voice, and loudness by ITU-R BS.1770."""

from collections.abc import Iterable, Iterator

import numpy as np

from rvc.cleaning.blocks import rebuffered, spans

WORKING_DB = -23.0  # active level the denoiser was trained near; it removes quiet speech
MAX_GAIN_DB = 60.0
TARGET_LUFS = -23.0
PEAK_DB = -1.0
CEILING_DB = -0.35  # no output is higher, whatever is switched off; 16-bit rounding included
SILENT_DB = -100.0  # of the active level: digital silence
TOGETHER_SECONDS = 5  # in double precision
FLOOR_PERCENTILE = 10
ACTIVE_RANGE_DB = 20.0  # frames this close to the 95th percentile are speech


def decibels(power: float) -> float:
    """Return `power` in dB."""
    return float(10 * np.log10(power + 1e-12))


def frame_powers(pieces: Iterable[np.ndarray], sample_rate: int, seconds: float) -> np.ndarray:
    """Return the mean square of every `seconds` of sound that comes in pieces, (frames,)."""
    size = max(1, round(sample_rate * seconds))
    powers = []
    for piece in rebuffered(pieces, size * max(1, round(TOGETHER_SECONDS / seconds))):
        whole = len(piece) // size * size
        frames = piece[:whole].reshape(-1, size).astype(np.float64)
        powers.append(np.square(frames).mean(1))
        if whole < len(piece):
            powers.append([np.square(piece[whole:], dtype=np.float64).mean()])
    return np.concatenate(powers) if powers else np.zeros(0)


def active_db(powers: np.ndarray) -> float:
    """Return the level in dB of the frames that hold the voice; -120 for silence."""
    if not len(powers):
        return -120.0
    threshold = np.percentile(powers, 95) * 10 ** (-ACTIVE_RANGE_DB / 10)
    return decibels(powers[powers >= threshold].mean())


def floor_rms(powers: np.ndarray) -> float:
    """Return the root mean square of the quiet frames, the noise in pauses, from all powers."""
    return float(np.sqrt(np.percentile(powers, FLOOR_PERCENTILE)))


def working_gain(powers: np.ndarray) -> float:
    """Return the gain that brings the voice to WORKING_DB, from the powers of all frames."""
    return 10 ** (min(MAX_GAIN_DB, WORKING_DB - active_db(powers)) / 20)


def loudness_lufs(samples: np.ndarray, sample_rate: int) -> float:
    """Return the integrated loudness (ITU-R BS.1770-4, two gates); -120 for silence."""
    hundredths = frame_powers(_weighted(samples, sample_rate), sample_rate, 0.1)
    if len(hundredths) < 4:
        return decibels(hundredths.mean()) - 0.691 if len(hundredths) else -120.0
    blocks = np.convolve(hundredths, np.ones(4) / 4, "valid")  # 400 ms, every 100 ms
    blocks = blocks[blocks > 10 ** ((-70 + 0.691) / 10)]
    if not len(blocks):
        return -120.0
    blocks = blocks[blocks > blocks.mean() / 10]
    return decibels(blocks.mean()) - 0.691


def _weighted(samples: np.ndarray, sample_rate: int) -> Iterator[np.ndarray]:
    """Yield K-weighted pieces: the two filters of BS.1770, from their analogue parameters."""
    from scipy.signal import sosfilt

    sections = np.array(
        [_shelf(sample_rate, 1681.974450955533, 0.7071752369554196, 3.999843853973347),
         _pass(sample_rate, 38.13547087602444, 0.5003270373238773)]
    )  # fmt: skip
    state = np.zeros((2, 2))
    for start, end in spans(len(samples), sample_rate, TOGETHER_SECONDS):
        weighted, state = sosfilt(sections, samples[start:end], zi=state)
        yield weighted


def _shelf(sample_rate: int, hz: float, q: float, gain_db: float) -> list[float]:
    k = np.tan(np.pi * min(hz / sample_rate, 0.49))
    high = 10 ** (gain_db / 20)
    mid = high**0.4996667741545416
    a0 = 1 + k / q + k * k
    b = [(high + mid * k / q + k * k) / a0, 2 * (k * k - high) / a0]
    return [
        *b,
        (high - mid * k / q + k * k) / a0,
        1,
        2 * (k * k - 1) / a0,
        (1 - k / q + k * k) / a0,
    ]


def _pass(sample_rate: int, hz: float, q: float) -> list[float]:
    k = np.tan(np.pi * hz / sample_rate)
    a0 = 1 + k / q + k * k
    return [1, -2, 1, 1, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0]
