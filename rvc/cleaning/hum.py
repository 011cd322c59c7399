"""Mains hum: lines at multiples of 50 or 60 Hz that stand still while nobody speaks."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

MAINS_HZ = (50.0, 60.0)
DRIFT_HZ = 0.25  # mains frequency strays by less
HIGHEST_HZ = 1_500.0
WINDOW_SECONDS = 1.0
QUIET_PERCENTILE = 20  # of the windows: those without speech, or with the least of it
SURROUNDINGS_HZ = 20.0
PROMINENCE_DB = 12.0
HARMONICS_JUDGED = 5  # the strongest ones say whether there is hum
NOTCH_WIDTH_HZ = 1.5


@dataclass(frozen=True)
class Hum:
    """`base_hz`: 50 or 60 and a little drift; `lines_hz`: what is to be notched;
    `prominence_db`: how far the strongest lines stand out of what surrounds them."""

    base_hz: float
    lines_hz: tuple[float, ...]
    prominence_db: float


def find_hum(samples: np.ndarray, sample_rate: int) -> Hum:
    """The hum of a recording (samples,); `lines_hz` is empty where there is none to take out."""
    size = round(WINDOW_SECONDS * sample_rate)
    places = _quiet_windows(samples, size)
    if not places:
        return Hum(0.0, (), 0.0)
    window = np.hanning(size)
    n_fft = 4 * size  # 0.25 Hz grid
    # The lower quartile over time: lines stand still, what remains of a voice moves.
    spectra = [np.abs(np.fft.rfft(window * samples[at : at + size], n_fft)) ** 2 for at in places]
    spectrum = np.percentile(spectra, 25, axis=0)
    return max(
        (_hum_at(spectrum, sample_rate / n_fft, mains) for mains in MAINS_HZ),
        key=lambda hum: hum.prominence_db,
    )


def _quiet_windows(samples: np.ndarray, size: int) -> list[int]:
    """Starts of the quietest windows that are not digital silence; at most 60."""
    starts = np.arange(0, len(samples) - size + 1, max(1, size // 2))
    if not len(starts):
        return []
    parts = 20
    levels = np.array(
        [
            max(np.abs(part).mean() for part in np.array_split(samples[at : at + size], parts))
            for at in starts
        ]
    )
    sounding = levels > 1e-7
    if not sounding.any():
        return []
    limit = np.percentile(levels[sounding], QUIET_PERCENTILE)
    return starts[sounding & (levels <= limit)][:60].tolist()


def _hum_at(spectrum: np.ndarray, bin_hz: float, mains_hz: float) -> Hum:
    highest = min(HIGHEST_HZ, (len(spectrum) - 1) * bin_hz - SURROUNDINGS_HZ)
    harmonics = np.arange(1, int(highest / mains_hz) + 1)
    if not len(harmonics):
        return Hum(mains_hz, (), 0.0)
    best = (-1.0, mains_hz, np.zeros(len(harmonics)))
    for base_hz in np.arange(mains_hz - DRIFT_HZ, mains_hz + DRIFT_HZ + 1e-6, 0.025):
        prominence = np.array([_prominence_db(spectrum, bin_hz, k * base_hz) for k in harmonics])
        strongest = float(np.sort(prominence)[-HARMONICS_JUDGED:].mean())
        if strongest > best[0]:
            best = (strongest, float(base_hz), prominence)
    strongest, base_hz, prominence = best
    lines = harmonics[prominence > PROMINENCE_DB] * base_hz
    if strongest <= PROMINENCE_DB:
        lines = lines[:0]
    return Hum(base_hz, tuple(float(line) for line in lines), strongest)


def _prominence_db(spectrum: np.ndarray, bin_hz: float, line_hz: float) -> float:
    """The line over the median of what lies 4 to 20 Hz away, in dB."""
    centre = line_hz / bin_hz
    near, far = round(4 / bin_hz), round(SURROUNDINGS_HZ / bin_hz)
    middle = round(centre)
    line = spectrum[max(0, middle - 1) : middle + 2].max()
    below = spectrum[max(0, middle - far) : max(0, middle - near)]
    above = spectrum[middle + near : middle + far]
    return float(10 * np.log10(line / (np.median(np.concatenate([below, above])) + 1e-20) + 1e-12))


def notch(samples: np.ndarray, sample_rate: int, hum: Hum) -> np.ndarray:
    """`samples` (samples,) without the hum's lines; no phase shift."""
    from scipy.signal import sosfiltfilt

    if not hum.lines_hz or len(samples) < 2:
        return samples
    padding = min(len(samples) - 1, sample_rate)
    sections = _notches(hum.lines_hz, sample_rate)
    return sosfiltfilt(sections, samples, padlen=padding).astype(np.float32)


@lru_cache(maxsize=8)
def _notches(lines_hz: tuple[float, ...], sample_rate: int) -> np.ndarray:
    from scipy.signal import iirnotch, tf2sos

    return np.concatenate(
        [tf2sos(*iirnotch(hz, hz / NOTCH_WIDTH_HZ, fs=sample_rate)) for hz in lines_hz]
    )
