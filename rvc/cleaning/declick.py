"""Mouth clicks: find the short bright ticks of lips and saliva, and reduce them to their
surroundings.

A click is a burst above 2.5 kHz of a few milliseconds that stands far out of *both* neighbours.
The release of a p, t or k is such a burst too, but lies where silence turns into voice, and a
breath comes with it; so a click is looked for where it is quiet on both sides, or voiced on both
sides, and elsewhere must stand alone with no voice right after it. The sound itself is repaired in
the STFT: bins are held at the size they have just before and after.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

BRIGHT_HZ = 2_500.0
STEP_SECONDS = 0.0005
NEIGHBOUR_SECONDS = 0.030
GUARD_SECONDS = 0.004  # between click and neighbourhood: its own flanks
PERCENTILE = 85
PAUSE_RATIO, VOICED_RATIO = 3.0, 3.5  # amplitude over both neighbourhoods' percentile
LONE_RATIO = 10.0  # elsewhere: in clean speech 1.5 a minute rise above 8, 0.8 above 12
VOICED_PEAK_RATIO = 1.6  # over their highest step: glottal pulses of a creaky voice are alike
MAX_SECONDS = 0.015
RINGING_RATIO, RINGING_SECONDS = 1.5, 0.006  # a second tick, or the decay of the first
PAUSE_SECONDS, VOWEL_SECONDS = 0.050, 0.015  # compared on both sides
PAUSE_SHARE, VOWEL_SHARE = 0.05, 0.16  # of the voice's active level
FLOOR_SHARE = 2.0  # a noisy pause: this much above the noise floor is still a pause
AUDIBLE_SHARE = 0.003  # of the active level
WINDOW_SECONDS = 0.004  # follows a click closely, and is too coarse for a voice's harmonics
REPAIR_HZ = 1_200.0  # lips and saliva ring higher; below is the voice


@dataclass(frozen=True)
class Click:
    """The interval of a click, in samples."""

    start: int
    end: int


def find_clicks(
    samples: np.ndarray, sample_rate: int, *, active: float, floor: float
) -> tuple[Click, ...]:
    """Return the mouth clicks in `samples` (samples,), earliest first.

    `active`: root mean square of the voice while it is active; `floor`: of the quietest moments.
    """
    if sample_rate < 2.5 * BRIGHT_HZ or len(samples) < sample_rate // 10:
        return ()
    bright, voice = _bright_and_voice(samples, sample_rate)
    highest = np.maximum(*_both_sides(bright, NEIGHBOUR_SECONDS, _percentile))
    peak = np.maximum(*_both_sides(bright, NEIGHBOUR_SECONDS, _maximum))
    quiet = max(PAUSE_SHARE * active, FLOOR_SHARE * floor)
    in_pause = np.maximum(*_both_sides(voice, PAUSE_SECONDS, _maximum)) < quiet
    before, after = _both_sides(voice, VOWEL_SECONDS, _mean)
    voice_follows = after > VOWEL_SHARE * active
    in_vowel = voice_follows & (before > VOWEL_SHARE * active)
    over = bright / np.maximum(highest, 1e-12)
    in_vowel &= ~in_pause
    standing = over > np.where(in_vowel, VOICED_RATIO, PAUSE_RATIO)
    standing &= ~in_vowel | (bright > VOICED_PEAK_RATIO * peak)
    sure = standing & (in_pause | in_vowel | (~voice_follows & (over > LONE_RATIO)))
    step = _step(sample_rate)
    return tuple(
        Click(first * step, _ringing_end(last, over > RINGING_RATIO) * step)
        for first, last in _runs(standing & (bright > AUDIBLE_SHARE * active))
        if (last - first) * STEP_SECONDS < MAX_SECONDS and sure[first:last].any()
    )


def _ringing_end(last: int, ringing: np.ndarray) -> int:
    """Return the step where the click that ends at `last` has decayed, 6 ms later at most."""
    later = ringing[last : last + round(RINGING_SECONDS / STEP_SECONDS)]
    return last + (int(np.flatnonzero(later)[-1]) + 1 if later.any() else 0)


def _step(sample_rate: int) -> int:
    return max(1, round(STEP_SECONDS * sample_rate))


def _bright_and_voice(samples: np.ndarray, sample_rate: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the amplitudes above and below 2.5 kHz, (steps,) each, every half millisecond."""
    from scipy.ndimage import uniform_filter1d
    from scipy.signal import butter, sosfiltfilt

    step = _step(sample_rate)
    sections = butter(4, BRIGHT_HZ, "highpass", fs=sample_rate, output="sos")
    bright = sosfiltfilt(sections, samples)

    def powers(sound: np.ndarray) -> np.ndarray:
        return np.square(sound[: len(sound) // step * step].reshape(-1, step)).mean(1)

    smooth = uniform_filter1d(powers(samples - bright), 10, mode="nearest")
    return np.sqrt(powers(bright)), np.sqrt(np.maximum(smooth, 0))


def _both_sides(
    values: np.ndarray, seconds: float, measure: Callable[[np.ndarray, int], np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Return `measure` over the `seconds` before and after every step, flanks left out."""
    reach = round(seconds / STEP_SECONDS)
    level = measure(values, reach)
    shift = min(reach // 2 + 1 + round(GUARD_SECONDS / STEP_SECONDS), len(values) - 1)
    before = np.concatenate([np.full(shift, level[0]), level[:-shift]])
    after = np.concatenate([level[shift:], np.full(shift, level[-1])])
    return before, after


def _percentile(values: np.ndarray, reach: int) -> np.ndarray:
    from scipy.ndimage import percentile_filter

    return percentile_filter(values, PERCENTILE, size=reach, mode="nearest")


def _maximum(values: np.ndarray, reach: int) -> np.ndarray:
    from scipy.ndimage import maximum_filter1d

    return maximum_filter1d(values, reach, mode="nearest")


def _mean(values: np.ndarray, reach: int) -> np.ndarray:
    from scipy.ndimage import uniform_filter1d

    return uniform_filter1d(values, reach, mode="nearest")


def _runs(mask: np.ndarray) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]])))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def repair_clicks(samples: np.ndarray, sample_rate: int, clicks: tuple[Click, ...]) -> np.ndarray:
    """Return `samples` with the bins of every click limited to the size of their neighbours."""
    if not clicks:
        return samples
    repaired = samples.copy()
    for click in clicks:
        _repair(repaired, sample_rate, click)
    return repaired


def _repair(samples: np.ndarray, sample_rate: int, click: Click) -> None:
    """Edit `samples` around one click; the edges of the edited piece stay as they are."""
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
