"""Pauses of a conversion: as quiet as in the source, and silent where it is digitally silent."""

import numpy as np

from rvc.audio import FRAMES_PER_SECOND, Recording, frame_count

PAUSE_DB = -45.0  # quieter than this against speech is a pause
GATE_DB = -60.0  # pauses quieter than this are attenuated to it, against speech
ACTIVE_QUANTILE = 0.8


def digital_silence(recording: Recording) -> np.ndarray:
    """Return (samples,) bool: True in runs of zeros of a frame or more, not at zero crossings."""
    zero = np.concatenate([[False], recording.samples == 0, [False]])
    edges = np.flatnonzero(np.diff(zero.astype(np.int8)))
    silent = np.zeros(len(recording.samples), bool)
    for start, stop in edges.reshape(-1, 2):
        if stop - start >= recording.sample_rate // FRAMES_PER_SECOND:
            silent[start:stop] = True
    return silent


def frame_power(recording: Recording, frames: int) -> np.ndarray:
    """Return the mean square (frames,) of every 10 ms, zero past the end."""
    edges = np.arange(frames + 1) * recording.sample_rate // FRAMES_PER_SECOND
    total = np.concatenate([[0.0], np.cumsum(recording.samples.astype(np.float64) ** 2)])
    total = total[np.minimum(edges, len(recording.samples))]
    return np.diff(total) / (recording.sample_rate / FRAMES_PER_SECOND)


def pause_gain(source: Recording, sound: np.ndarray, rate: int) -> np.ndarray:
    """Return the gain (samples,) that keeps pauses as far below speech as in the source.

    Only frames quieter than PAUSE_DB against the source's speech are changed; the gain is zero in
    digital silence.
    """
    frames = len(sound) * FRAMES_PER_SECOND // rate
    given = frame_power(source, frames)
    made = frame_power(Recording(sound, rate), frames)
    given_db = _relative_db(given)
    excess_db = np.maximum(0, _relative_db(made) - np.maximum(given_db, GATE_DB))
    gain = np.where(given_db < PAUSE_DB, 10 ** (-excess_db / 20), 1.0)
    gain = np.where(given == 0, 0.0, gain)
    return _smooth(gain, len(sound))


def silence_gain(source: Recording, length: int) -> np.ndarray:
    """Return a gain (length,) that is zero where the source is digitally silent."""
    power = frame_power(source, frame_count(len(source.samples), source.sample_rate))
    return _smooth((power > 0).astype(np.float64), length)


def _relative_db(power: np.ndarray) -> np.ndarray:
    active = power[power >= np.quantile(power, ACTIVE_QUANTILE)].mean()
    return 10 * np.log10((power + 1e-14) / (active + 1e-12))


def _smooth(frame_gain: np.ndarray, length: int) -> np.ndarray:
    """Interpolate gains of frames to samples; a frame of gain zero stays all zero."""
    centres = (np.arange(len(frame_gain)) + 0.5) * length / len(frame_gain)
    gain = np.interp(np.arange(length), centres, frame_gain)
    zero = np.repeat(frame_gain == 0, -(-length // len(frame_gain)))[:length]
    return np.where(zero, 0.0, gain).astype(np.float32)
