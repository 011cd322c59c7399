"""Room echo: how long sound persists after a word.

SRMR, the field's measure, depends on the voice: a dry low voice reads as a high one in a room
(measured: dry man 6.3, woman in a room of 0.6 s 6.4). So the decision rests on the decay itself:
in five bands, the steady falls after loud moments are fitted with lines. A dry recording falls by
60 dB in 0.14 to 0.26 s, one from a room of 0.3 s in 0.35 s, of 0.6 s in 0.55 s. In noise it is
measured on the denoised sound, because a noise floor hides the end of every fall; where the
denoiser removes the room itself, on the sound as it was.
"""

from collections.abc import Callable
from dataclasses import dataclass
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
FAST_PERCENTILE = 30  # the room bounds how fast sound can fall; speech may fall slower
FALLS_NEEDED = 5
ECHO_SECONDS = 0.30  # decay from which a denoiser removes a room, not noise
STRETCH_SECONDS = 15.0  # a decay of such a one strays by 0.03 s in a dry room, 0.01 in a wet
MAX_EXCERPTS = 4


@dataclass(frozen=True)
class Rooms:
    """The rooms of a recording: people move about, and join what they recorded elsewhere.

    `srmr`: the median of the loudest stretches; `decays`: (start, end, decay) of every stretch, all
    in seconds, the last None where there are too few falls.
    """

    srmr: float | None
    decays: tuple[tuple[float, float, float | None], ...]

    def decay_seconds(self, start_seconds: float, end_seconds: float) -> float | None:
        """Return the mean decay between two times, or of the whole where nothing falls there."""
        known = [row for row in self.decays if row[2] is not None]
        here = [row for row in known if row[0] < end_seconds and row[1] > start_seconds]
        if not known:
            return None
        shares = [min(b, end_seconds) - max(a, start_seconds) for a, b, _ in here]
        return float(np.average([row[2] for row in here or known], weights=shares or None))


def rooms_of(room_sound: Callable[[int, int], np.ndarray], length: int, sample_rate: int) -> Rooms:
    """Return the rooms of `length` samples. `room_sound(start, end)`: the sound to measure."""
    decays, parts = [], []
    for start, end in _stretches(length, sample_rate):
        part = soxr.resample(room_sound(start, end), sample_rate, BAND_RATE)
        decays.append((start / sample_rate, end / sample_rate, decay_seconds(part)))
        parts.append(part)
        parts = sorted(parts, key=lambda each: -np.square(each).mean())[:MAX_EXCERPTS]
    ratios = [ratio for ratio in map(srmr, parts) if ratio > 0]
    return Rooms(float(np.median(ratios)) if ratios else None, tuple(decays))


def room_sound(split: Split) -> np.ndarray:
    """Return the sound (samples,) to measure the room in, denoised unless that removes the room."""
    return split.speech + split.noise if follows_speech(split) >= ECHO_FOLLOWS else split.speech


def _stretches(length: int, rate: int) -> list[tuple[int, int]]:
    """Return spans of a quarter of a minute; a rest of less than 5 s belongs to the last one."""
    stretches = spans(length, rate, STRETCH_SECONDS)
    if len(stretches) > 1 and stretches[-1][1] - stretches[-1][0] < 5 * rate:
        (_, end), (start, _) = stretches.pop(), stretches.pop()
        stretches.append((start, end))
    return stretches


def decay_seconds(samples: np.ndarray) -> float | None:
    """Return the time of a fall by 60 dB in 16 kHz sound, None where there are too few falls."""
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
    """Return the slopes in dB per second of every stretch of FALL_FRAMES that falls steadily."""
    if len(level_db) < FALL_FRAMES:
        return np.zeros(0)
    pieces = np.lib.stride_tricks.sliding_window_view(level_db, FALL_FRAMES)
    steady = (np.diff(pieces, axis=1) < RISE_DB).all(1)
    loud = pieces[:, 0] > np.percentile(level_db, 95) - LOUD_DB
    falling = pieces[steady & loud & (pieces[:, -1] < pieces[:, 0] - FALL_DB)]
    at = (np.arange(FALL_FRAMES) - (FALL_FRAMES - 1) / 2) * HOP_LENGTH / BAND_RATE
    return falling @ at / np.sum(at**2)
