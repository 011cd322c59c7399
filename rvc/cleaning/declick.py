"""Mouth clicks: find the short bright ticks of lips and saliva, and press them into their
surroundings.

A click is a burst above 2.5 kHz of a few milliseconds that stands far out of *both* neighbours;
an s or a t stands out of one of them at most, or lasts longer. The sound itself is repaired in the
STFT: bins above the click's lowest frequency are held at the size they have just before and after.
"""

from dataclasses import dataclass

import numpy as np

BRIGHT_HZ = 2_500.0
STEP_SECONDS = 0.0005
NEIGHBOUR_SECONDS = 0.030
GUARD_SECONDS = 0.004  # between click and neighbourhood: its own flanks
PERCENTILE = 85
RATIO, VOICED_RATIO, BURST_RATIO = 3.0, 3.5, 3.6  # amplitude over both neighbourhoods
MAX_SECONDS, MAX_BURST_SECONDS = 0.015, 0.009
FLOOR = 1e-5  # amplitude: what lies below cannot be heard after levelling
WINDOW_SECONDS = 0.004
REPAIR_HZ = 300.0  # below this a click this short has no energy to speak of
"""Windows of a few milliseconds follow a click closely; a voice's first harmonics stay out."""


@dataclass(frozen=True)
class Click:
    """Where a click lies, in samples."""

    start: int
    end: int


def find_clicks(samples: np.ndarray, sample_rate: int) -> tuple[Click, ...]:
    """Mouth clicks in `samples` (samples,), earliest first."""
    from scipy.ndimage import percentile_filter
    from scipy.signal import butter, sosfiltfilt

    step = max(1, round(STEP_SECONDS * sample_rate))
    if sample_rate < 2.5 * BRIGHT_HZ or len(samples) < sample_rate // 10:
        return ()
    bright = sosfiltfilt(butter(4, BRIGHT_HZ, "highpass", fs=sample_rate, output="sos"), samples)
    amplitude = _steps(bright, step)
    voice = _steps(samples, step)
    reach = round(NEIGHBOUR_SECONDS / STEP_SECONDS)
    guard = round(GUARD_SECONDS / STEP_SECONDS)
    # One sided: the percentile of the 30 ms before (after) each step, flanks left out.
    shift = (reach + 1) // 2 + guard
    level = percentile_filter(amplitude, PERCENTILE, size=reach, mode="nearest")
    before = np.concatenate([np.full(shift, level[0]), level[:-shift]])
    after = np.concatenate([level[shift:], np.full(shift, level[-1])])
    highest, lowest = np.maximum(before, after), np.minimum(before, after)
    voiced = _steps_mean(voice, reach) > 4 * amplitude  # the voice below hides the tick
    ratio = np.where(voiced, VOICED_RATIO, RATIO)
    standing = amplitude > np.maximum(ratio * highest, FLOOR)
    burst = highest > 4 * lowest + FLOOR  # silence on one side, sound on the other: t, k, p?
    return tuple(
        Click(first * step, last * step)
        for first, last in _runs(standing)
        if _is_click(amplitude[first:last], highest[first:last], burst[first:last].any())
    )


def _steps(samples: np.ndarray, step: int) -> np.ndarray:
    whole = samples[: len(samples) // step * step].reshape(-1, step)
    return np.sqrt(np.square(whole, dtype=np.float64).mean(1))


def _steps_mean(values: np.ndarray, reach: int) -> np.ndarray:
    from scipy.ndimage import uniform_filter1d

    return uniform_filter1d(values, reach, mode="nearest")


def _runs(mask: np.ndarray) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]])))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _is_click(amplitude: np.ndarray, neighbours: np.ndarray, burst: bool) -> bool:
    seconds = len(amplitude) * STEP_SECONDS
    if burst:
        return seconds < MAX_BURST_SECONDS and (amplitude > BURST_RATIO * neighbours).any()
    return seconds < MAX_SECONDS


def repair_clicks(samples: np.ndarray, sample_rate: int, clicks: tuple[Click, ...]) -> np.ndarray:
    """`samples` with every click's bins held at the size of their neighbours in time."""
    if not clicks:
        return samples
    repaired = samples.copy()
    for click in clicks:
        _repair(repaired, sample_rate, click)
    return repaired


def _repair(samples: np.ndarray, sample_rate: int, click: Click) -> None:
    """Edit `samples` around one click; the edges of the edited piece are left as they are."""
    size = 2 * round(WINDOW_SECONDS * sample_rate / 2)
    hop = size // 4
    around = round((NEIGHBOUR_SECONDS / 2 + GUARD_SECONDS) * sample_rate)
    start = max(0, click.start - around - size)
    end = min(len(samples), click.end + around + size)
    if end - start < 4 * size:
        return
    window = np.hanning(size + 1)[:-1]
    piece = np.pad(samples[start:end], size)
    places = range(0, len(piece) - size + 1, hop)
    spectra = np.array([np.fft.rfft(window * piece[place : place + size]) for place in places])
    centres = start - size + np.array(places) + size / 2
    flank = size / 2 + STEP_SECONDS * sample_rate
    inside = (centres > click.start - flank) & (centres < click.end + flank)
    beside = ~inside & (centres > click.start - around) & (centres < click.end + around)
    if not beside.any() or not inside.any():
        return
    magnitudes = np.abs(spectra)
    ceiling = np.median(magnitudes[beside], axis=0)
    low = round(REPAIR_HZ * size / sample_rate) + 1
    scale = np.minimum(1, ceiling / np.maximum(magnitudes, 1e-12))
    scale[~inside], scale[:, :low] = 1, 1
    change = np.zeros(len(piece))
    for place, spectrum in zip(places, spectra * (scale - 1), strict=True):
        change[place : place + size] += window * np.fft.irfft(spectrum, size)
    change /= 1.5  # the squared Hann window at a quarter hop sums to 1.5
    samples[start:end] += change[size : size + end - start].astype(samples.dtype)
