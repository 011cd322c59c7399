"""Differences between a source and its conversion: pitch, voicing, consonants, pauses."""

import numpy as np

from rvc.audio import Recording, frame_count
from rvc.f0 import estimate_f0

JUDGE_RATE = 16_000  # Hz, of every judge
ACTIVE_BELOW_PEAK_DB = 35.0
SOFTEST_CONSONANT_DB = -32.0  # unvoiced frames above this, against speech, are consonants
PAUSE_DB = -35.0  # unvoiced frames of the source below this are pauses
HIGHEST_HZ = 7000  # of the compared spectra; the bandwidth of telephone prompts
BANDS = 32


def sound_errors(
    source: np.ndarray, output: np.ndarray, semitones: float | None = None
) -> dict[str, float | None]:
    """Return errors of pitch, voicing, consonants and pauses of `output` against `source`.

    Both are (samples,) at JUDGE_RATE, aligned. None if a clip has nothing to measure, as no pauses.
    """
    length = min(len(source), len(output))
    source, output = source[:length], output[:length]
    before, after = (estimate_f0(Recording(x, JUDGE_RATE), "swift").hz for x in (source, output))
    levels, output_levels = (
        _frame_db(source),
        _frame_db(output),
    )  # (frames,) against the clip's speech
    near_voice = np.convolve(before > 0, np.ones(3), "same") > 0
    return (
        _pitch_errors(before, after, semitones)
        | _consonant_errors(
            source, output, ~near_voice & (levels > SOFTEST_CONSONANT_DB), before > 0
        )
        | _pause_levels(levels, output_levels, near_voice)
    )


def _pitch_errors(
    before: np.ndarray, after: np.ndarray, semitones: float | None
) -> dict[str, float | None]:
    both = (before > 0) & (after > 0)
    figures = {"voicing_error": float(np.mean((before > 0) != (after > 0)))}
    if both.sum() < 10:
        return figures | {"f0_error_cents": None, "f0_correlation": None}
    cents = 1200 * np.log2(after[both] / before[both])
    shift = np.median(cents) if semitones is None else 100 * semitones
    melody = np.corrcoef(np.log(before[both]), np.log(after[both]))[0, 1]
    return figures | {
        "f0_error_cents": float(np.median(np.abs(cents - shift))),
        "f0_correlation": float(melody),
    }


def _consonant_errors(
    source: np.ndarray, output: np.ndarray, consonants: np.ndarray, voiced: np.ndarray
) -> dict[str, float | None]:
    """Return differences of unvoiced sounds in dB: level against voiced frames, and shape.

    consonants, voiced: (frames,) bool, of the source.
    """
    if consonants.sum() < 5 or voiced.sum() < 5:
        return {
            "unvoiced_level_bias_db": None,
            "unvoiced_level_db": None,
            "unvoiced_shape_db": None,
        }
    levels, shapes = [], []
    for samples in (source, output):
        power = _band_powers(samples)  # (frames, BANDS)
        bands = 10 * np.log10(power / power[voiced].sum(1).mean() + 1e-7)[consonants]
        levels.append(10 * np.log10(np.sum(10 ** (bands / 10), axis=1)))
        shapes.append(bands - bands.mean(1, keepdims=True))
    level, shape = levels[1] - levels[0], shapes[1] - shapes[0]
    return {
        "unvoiced_level_bias_db": float(level.mean()),
        "unvoiced_level_db": float(np.abs(level).mean()),
        "unvoiced_shape_db": float(np.abs(shape).mean()),
    }


def _pause_levels(
    levels: np.ndarray, output_levels: np.ndarray, near_voice: np.ndarray
) -> dict[str, float | None]:
    pauses = np.convolve((levels < PAUSE_DB) & ~near_voice, np.ones(5), "same") == 5
    if pauses.sum() < 5:
        return {"pause_db": None, "source_pause_db": None}
    return {
        "pause_db": float(10 * np.log10(np.mean(10 ** (output_levels[pauses] / 10)))),
        "source_pause_db": float(10 * np.log10(np.mean(10 ** (levels[pauses] / 10)))),
    }


def _frame_db(samples: np.ndarray) -> np.ndarray:
    """Return the level (frames,) of each 10 ms against the active speech of the clip, in dB."""
    frames = _frames(samples, JUDGE_RATE // 100)
    power = np.mean(np.square(frames, dtype=np.float64), axis=1) + 1e-12
    return 10 * np.log10(power / _active_power(power))


def _active_power(power: np.ndarray) -> float:
    """Return the mean power of the frames with speech."""
    return float(power[power > power.max() * 10 ** (-ACTIVE_BELOW_PEAK_DB / 10)].mean())


def _band_powers(samples: np.ndarray) -> np.ndarray:
    """Return the power (frames, BANDS) in mel-spaced bands up to HIGHEST_HZ."""
    power = np.square(np.abs(np.fft.rfft(_frames(samples, 400) * np.hanning(400), axis=1)))
    edges = 700 * np.expm1(np.linspace(0, np.log1p(HIGHEST_HZ / 700), BANDS + 1))
    bins = np.unique(np.round(edges / (JUDGE_RATE / 400)).astype(int))
    return np.add.reduceat(power[:, : bins[-1]], bins[:-1], axis=1)


def _frames(samples: np.ndarray, size: int) -> np.ndarray:
    """Return windows (frames, size) around the frame centres at (i + 0.5) * 10 ms."""
    count, hop = frame_count(len(samples), JUDGE_RATE), JUDGE_RATE // 100
    padded = np.pad(samples, ((size - hop) // 2, size))
    return np.lib.stride_tricks.sliding_window_view(padded, size)[: count * hop : hop]
