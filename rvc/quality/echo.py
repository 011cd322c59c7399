"""Room echo: how long sound hangs on after a word.

SRMR, the field's measure, depends on the voice: a dry low voice reads as a high one in a room
(measured: dry man 6.3, woman in a room of 0.6 s 6.4). So the decision rests on the decay itself:
in five bands, the steady falls after loud moments are fitted with lines. A dry recording falls by
60 dB in 0.14 to 0.26 s, one from a room of 0.3 s in 0.35 s, of 0.6 s in 0.55 s. In noise it is
measured on the denoised sound, because a noise floor hides the end of every fall; where what the
denoiser took is the room itself, on the sound as it was.
"""

from itertools import pairwise

import numpy as np
import soxr

from rvc.cleaning.blocks import spans
from rvc.cleaning.echo import BAND_RATE, srmr
from rvc.quality.noise import ECHO_FOLLOWS, Split, follows_speech

N_FFT, HOP_LENGTH = 512, 160  # at 16 kHz
BAND_EDGES_HZ = (250, 500, 1000, 2000, 4000, 7000)
FALL_FRAMES = 12  # 120 ms
FALL_DB = 8.0  # at least, over the frames of a fall
RISE_DB = 1.5  # at most, from one frame to the next
LOUD_DB = 25.0  # falls start within this of the loudest moments
FAST_PERCENTILE = 30  # the room bounds how fast sound can fall; words may fall slower
FALLS_NEEDED = 5
EXCERPT_SECONDS = 15.0
MAX_EXCERPTS = 4


def echo_measures(speech: np.ndarray, sample_rate: int) -> tuple[float | None, float | None]:
    """Return (srmr, decay_seconds) of denoised sound (samples,): the median of four excerpts."""
    heard = []
    for start, end in _excerpts(speech, sample_rate):
        part = soxr.resample(speech[start:end], sample_rate, BAND_RATE)
        heard.append((srmr(part), decay_seconds(part)))
    ratios = [ratio for ratio, _ in heard if ratio > 0]
    decays = [decay for _, decay in heard if decay is not None]
    return (
        float(np.median(ratios)) if ratios else None,
        float(np.median(decays)) if decays else None,
    )


def room_sound(split: Split) -> np.ndarray:
    """Return the sound (samples,) to measure the room in: denoised, unless the room went too."""
    return split.speech + split.noise if follows_speech(split) >= ECHO_FOLLOWS else split.speech


def _excerpts(samples: np.ndarray, rate: int) -> list[tuple[int, int]]:
    """The loudest stretches, in the order of time."""
    candidates = spans(len(samples), rate, EXCERPT_SECONDS)
    if len(candidates) > 1 and candidates[-1][1] - candidates[-1][0] < 5 * rate:
        candidates.pop()
    power = [float(np.mean(np.square(samples[a:b]))) for a, b in candidates]
    return sorted(candidates[index] for index in np.argsort(power)[::-1][:MAX_EXCERPTS])


def decay_seconds(samples: np.ndarray) -> float | None:
    """Return the time of a fall by 60 dB in 16 kHz sound, None where too few falls are heard."""
    if len(samples) < BAND_RATE:
        return None
    frames = np.lib.stride_tricks.sliding_window_view(samples, N_FFT)[::HOP_LENGTH]
    power = np.abs(np.fft.rfft(frames * np.hanning(N_FFT))) ** 2  # (frames, bins)
    bins = [round(hz * N_FFT / BAND_RATE) for hz in BAND_EDGES_HZ]
    times = []
    for low, high in pairwise(bins):
        level_db = 10 * np.log10(power[:, low:high].mean(1) + 1e-12)
        slopes = _fall_slopes(np.convolve(level_db, np.ones(3) / 3, "valid"))
        if len(slopes) >= FALLS_NEEDED:
            times.append(np.percentile(-60 / slopes, FAST_PERCENTILE))
    return float(np.median(times)) if times else None


def _fall_slopes(level_db: np.ndarray) -> np.ndarray:
    """Slopes in dB per second of every stretch of FALL_FRAMES that falls steadily."""
    if len(level_db) < FALL_FRAMES:
        return np.zeros(0)
    pieces = np.lib.stride_tricks.sliding_window_view(level_db, FALL_FRAMES)
    steady = (np.diff(pieces, axis=1) < RISE_DB).all(1)
    loud = pieces[:, 0] > np.percentile(level_db, 95) - LOUD_DB
    falling = pieces[steady & loud & (pieces[:, -1] < pieces[:, 0] - FALL_DB)]
    at = (np.arange(FALL_FRAMES) - (FALL_FRAMES - 1) / 2) * HOP_LENGTH / BAND_RATE
    return falling @ at / np.sum(at**2)
