"""Mains hum: lines at multiples of 50 or 60 Hz that stay constant in the pauses of speech.

The lines are fitted and subtracted rather than notched: a notch as narrow as this would ring at
the ends of a recording, a wider one takes the voice with it. In the fit the quiet moments count
most, so that the voice hardly disturbs it.
"""

from dataclasses import dataclass, replace

import numpy as np
import soxr

from rvc.cleaning.blocks import spans

MAINS_HZ = (50.0, 60.0)
DRIFT_HZ = 0.3  # mains frequency strays by less
HIGHEST_HZ = 1_500.0
WINDOW_SECONDS = 1.0
QUIET_PERCENTILE = 20  # of the windows: those without speech, or with the least of it
SURROUNDINGS_HZ = 20.0
PROMINENCE_DB = 12.0
PASSAGE_SECONDS = 30.0  # a machine that ran for a while is looked for in stretches like this
PASSAGE_MARGIN_SECONDS = 15.0  # it may have begun and ended in the stretches beside
HARMONICS_TESTED = 2  # the strongest show whether hum is likely; the fit decides

FIT_RATE = 4_000  # enough for the lines, and quick
FIT_SECONDS = 4.0  # hum keeps its size and phase for as long
FIT_HOP_SECONDS = FIT_SECONDS / 2
FITS = 12  # windows that decide the exact frequency
MIN_EXPLAINED = 0.05  # of the sound in quiet moments; chance explains 0.005


@dataclass(frozen=True)
class Hum:
    """`base_hz`: 50 or 60 and a little drift; `lines`: how many multiples of it are taken out, 0
    where there is no hum; `prominence_db`: how far the strongest ones stand out; `passages`:
    (start, end) in seconds of where it is, none where it is everywhere; `elsewhere_db`: the
    prominence outside of them."""

    base_hz: float
    lines: int
    prominence_db: float
    passages: tuple[tuple[float, float], ...] = ()
    elsewhere_db: float = 0.0

    def between(self, start_seconds: float, end_seconds: float) -> bool:
        """Return whether there is hum in any part of that interval."""
        return self.lines > 0 and (
            not self.passages
            or any(a < end_seconds and b > start_seconds for a, b in self.passages)
        )


def find_hum(samples: np.ndarray, sample_rate: int) -> Hum:
    """Return the hum of a recording (samples,): throughout, or else in passages of it."""
    hum = _steady_hum(samples, sample_rate)
    if hum.lines or len(samples) < 2 * PASSAGE_SECONDS * sample_rate:
        return hum
    low = soxr.resample(samples, sample_rate, FIT_RATE)
    found = []
    for first, last in spans(len(low), FIT_RATE, PASSAGE_SECONDS):
        if last - first > PASSAGE_SECONDS * FIT_RATE / 2:
            found.append(
                (first / FIT_RATE, last / FIT_RATE, _steady_hum(low[first:last], FIT_RATE))
            )
    humming = [each for each in found if each[2].lines]
    if not humming:
        return hum
    strongest = max((each for _, _, each in humming), key=lambda each: each.prominence_db)
    passages: list[tuple[float, float]] = []
    for start, end, _ in humming:
        start, end = _exact_passage(low, start, end, strongest.base_hz)
        if passages and start <= passages[-1][1]:
            start = passages.pop()[0]
        passages.append((start, end))
    lines = int(min(HIGHEST_HZ, 0.45 * sample_rate) / strongest.base_hz)
    return replace(strongest, lines=lines, passages=tuple(passages), elsewhere_db=hum.prominence_db)


def _exact_passage(
    low: np.ndarray, start: float, end: float, base_hz: float
) -> tuple[float, float]:
    """Return where the hum found between `start` and `end` of `low` begins and ends, in seconds."""
    seconds = len(low) / FIT_RATE
    places = np.arange(
        max(0.0, start - PASSAGE_MARGIN_SECONDS),
        max(0.0, min(end + PASSAGE_MARGIN_SECONDS, seconds) - FIT_SECONDS) + 1e-9,
        FIT_HOP_SECONDS,
    )
    size = round(FIT_SECONDS * FIT_RATE)
    firsts = [round(place * FIT_RATE) for place in places]
    parts = [_weighted(low[first : first + size], FIT_RATE) for first in firsts]
    humming = places[[_explained(*part, base_hz) > MIN_EXPLAINED for part in parts]]
    return (float(humming[0]), float(humming[-1] + FIT_SECONDS)) if len(humming) else (start, end)


def _steady_hum(samples: np.ndarray, sample_rate: int) -> Hum:
    """Return the hum that is present in all pauses of speech."""
    size = round(WINDOW_SECONDS * sample_rate)
    places = _quiet_windows(samples, size)
    if not places:
        return Hum(0.0, 0, 0.0)
    window, n_fft = np.hanning(size), 4 * size
    # The lower quartile over time: lines are constant, the rest of a voice is not.
    spectra = [np.abs(np.fft.rfft(window * samples[at : at + size], n_fft)) ** 2 for at in places]
    spectrum = np.percentile(spectra, 25, axis=0)
    prominences = [_prominence_db(spectrum, sample_rate / n_fft, mains) for mains in MAINS_HZ]
    mains_hz, prominence_db = MAINS_HZ[int(np.argmax(prominences))], max(prominences)
    if prominence_db <= PROMINENCE_DB:
        return Hum(mains_hz, 0, prominence_db)
    base_hz, explained = _exact_base(samples, sample_rate, mains_hz)
    lines = int(min(HIGHEST_HZ, 0.45 * sample_rate) / base_hz) if explained > MIN_EXPLAINED else 0
    return Hum(base_hz, lines, prominence_db)


def _quiet_windows(samples: np.ndarray, size: int) -> list[int]:
    """Return the starts of the quietest windows that are not digital silence; at most 60."""
    starts = np.arange(0, len(samples) - size + 1, max(1, size // 2))
    levels = np.array(
        [
            max(np.abs(part).mean() for part in np.array_split(samples[at : at + size], 20))
            for at in starts
        ]
    )
    sounding = levels > 1e-7
    if not sounding.any():
        return []
    limit = np.percentile(levels[sounding], QUIET_PERCENTILE)
    return starts[sounding & (levels <= limit)][:60].tolist()


def _prominence_db(spectrum: np.ndarray, bin_hz: float, mains_hz: float) -> float:
    """Return the strongest multiples of `mains_hz` over the median 4 to 20 Hz away, in dB."""
    near, far = round(4 / bin_hz), round(SURROUNDINGS_HZ / bin_hz)
    highest = min(HIGHEST_HZ, (len(spectrum) - 1) * bin_hz - SURROUNDINGS_HZ)
    values = []
    for harmonic in range(1, int(highest / mains_hz) + 1):
        middle = round(harmonic * mains_hz / bin_hz)
        reach = 1 + round(harmonic * DRIFT_HZ / bin_hz)
        below = spectrum[max(0, middle - far) : middle - near]
        above = spectrum[middle + near : middle + far]
        around = np.median(np.concatenate([below, above])) + 1e-20
        line = spectrum[max(0, middle - reach) : middle + reach + 1].max()
        values.append(10 * np.log10(line / around + 1e-12))
    return float(np.sort(values)[-HARMONICS_TESTED:].mean()) if values else 0.0


def _exact_base(samples: np.ndarray, sample_rate: int, mains_hz: float) -> tuple[float, float]:
    """Return the base frequency that explains most of the quiet moments, and its share."""
    size = round(FIT_SECONDS * sample_rate)
    starts = np.arange(0, max(1, len(samples) - size // 2), size)
    chosen = starts[np.linspace(0, len(starts) - 1, min(FITS, len(starts))).astype(int)]
    parts = [_weighted(samples[at : at + size], sample_rate) for at in chosen]
    best = (mains_hz, 0.0)
    for step_hz in (0.05, 0.01, 0.002):
        centre = best[0]
        for base_hz in np.linspace(centre - 6 * step_hz, centre + 6 * step_hz, 13):
            explained = float(np.mean([_explained(*part, base_hz) for part in parts]))
            if explained > best[1]:
                best = (float(base_hz), explained)
    return best


def _weighted(samples: np.ndarray, sample_rate: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the sound at the rate of the fit, and its weights: quiet samples count most."""
    low = soxr.resample(samples.astype(np.float64), sample_rate, FIT_RATE)
    reach = FIT_RATE // 20
    power = np.convolve(np.square(low), np.ones(reach) / reach, "same")
    quiet = np.percentile(power, 10) + 1e-12
    return low, 1 / np.maximum(power, quiet)


def _waves(count: int, sample_rate: int, base_hz: float, lines: int) -> np.ndarray:
    """Return the cosines and sines of all lines, (samples, 2 * lines)."""
    radians = 2 * np.pi * base_hz * np.arange(count) / sample_rate
    angles = radians[:, None] * np.arange(1, lines + 1)
    return np.concatenate([np.cos(angles), np.sin(angles)], axis=1)


def _sum_of_waves(count: int, sample_rate: int, base_hz: float, sizes: np.ndarray) -> np.ndarray:
    """Return `_waves` @ `sizes`, (samples,), by Horner's rule: many times faster than cosines."""
    turn = np.exp(2j * np.pi * base_hz * np.arange(count) / sample_rate)
    cosines, sines = np.split(sizes, 2)
    total = np.zeros(count, np.complex128)
    for size in (cosines - 1j * sines)[::-1]:
        total += size
        total *= turn
    return total.real


def _fit(low: np.ndarray, weights: np.ndarray, base_hz: float, lines: int) -> np.ndarray:
    """Return the sizes (2 * lines,) of the waves in `low`, by weighted least squares."""
    waves = _waves(len(low), FIT_RATE, base_hz, lines)
    weighted = waves * weights[:, None]
    square = waves.T @ weighted
    square += np.eye(len(square)) * (1e-6 * np.trace(square) / len(square) + 1e-12)
    return np.linalg.solve(square, weighted.T @ low)


def _explained(low: np.ndarray, weights: np.ndarray, base_hz: float) -> float:
    lines = 10  # the strong ones determine the base
    sizes = _fit(low, weights, base_hz, lines)
    rest = low - _waves(len(low), FIT_RATE, base_hz, lines) @ sizes
    return float(1 - (weights @ np.square(rest)) / (weights @ np.square(low) + 1e-12))


def without_hum(
    samples: np.ndarray, sample_rate: int, hum: Hum, start_seconds: float = 0.0
) -> np.ndarray:
    """Return `samples` (samples,) minus the hum, fitted in windows of 4 s that begin every 2 s.

    `start_seconds`: where they begin in the recording.
    """
    if not hum.lines or len(samples) < sample_rate // 10:
        return samples
    hop = hop_length(sample_rate)
    shape = np.sin(np.pi * (np.arange(2 * hop) + 0.5) / (2 * hop)) ** 2  # two of them sum to 1
    result = samples.astype(np.float64)
    lines = min(hum.lines, int(0.45 * FIT_RATE / hum.base_hz))
    for start in range(-hop, len(samples), hop):
        first, last = max(0, start), min(len(samples), start + 2 * hop)
        part = samples[first:last]
        middle = start_seconds + (first + last) / 2 / sample_rate
        if len(part) < sample_rate // 20 or not hum.between(middle, middle + 1e-3):
            continue
        sizes = _fit(*_weighted(part, sample_rate), hum.base_hz, lines)
        fitted = _sum_of_waves(len(part), sample_rate, hum.base_hz, sizes)
        result[first:last] -= fitted * shape[first - start : last - start]
    return result.astype(np.float32)


def hop_length(sample_rate: int) -> int:
    """Return the samples between two windows of the fit; an interval should begin at a multiple."""
    return round(FIT_HOP_SECONDS * sample_rate)
