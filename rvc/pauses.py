"""Pauses of a conversion: as quiet as in the source, and silent where it is digitally silent."""

import numpy as np

from rvc.audio import FRAMES_PER_SECOND, Recording

PAUSE_DB = -45.0  # quieter than this against speech is a pause
GATE_DB = -60.0  # pauses quieter than this are attenuated to it, against speech
ACTIVE_QUANTILE = 0.8
BLOCK_FRAMES = 6000  # computed at once, so that an hour needs little memory
BLOCK_SAMPLES = 2**20


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
    samples, rate = recording.samples, recording.sample_rate
    edges = np.minimum(np.arange(frames + 1) * rate // FRAMES_PER_SECOND, len(samples))
    energy = np.zeros(frames)
    for start in range(0, frames, BLOCK_FRAMES):
        block = edges[start : start + BLOCK_FRAMES + 1]
        squares = np.square(samples[block[0] : block[-1]], dtype=np.float64)
        total = np.concatenate([[0.0], np.cumsum(squares)])
        energy[start : start + BLOCK_FRAMES] = np.diff(total[block - block[0]])
    return energy / (rate / FRAMES_PER_SECOND)


def attenuate_pauses(power: np.ndarray, sound: np.ndarray, rate: int) -> None:
    """Make pauses of `sound` (samples,), in place, as far below speech as in the source.

    power: `frame_power` of the source's frames. Only frames quieter than PAUSE_DB against the
    source's speech are changed; digital silence becomes silent.
    """
    made = frame_power(Recording(sound, rate), len(power))
    given_db = _relative_db(power)
    excess_db = np.maximum(0, _relative_db(made) - np.maximum(given_db, GATE_DB))
    gain = np.where(given_db < PAUSE_DB, 10 ** (-excess_db / 20), 1.0)
    _apply(np.where(power == 0, 0.0, gain), sound)


def silence_where_silent(power: np.ndarray, sound: np.ndarray) -> None:
    """Make `sound` (samples,), in place, silent where the source's frames have no power."""
    _apply((power > 0).astype(np.float64), sound)


def _relative_db(power: np.ndarray) -> np.ndarray:
    active = power[power >= np.quantile(power, ACTIVE_QUANTILE)].mean()
    return 10 * np.log10((power + 1e-14) / (active + 1e-12))


def _apply(frame_gain: np.ndarray, sound: np.ndarray) -> None:
    """Multiply samples in place by gains of frames, interpolated; one of zero stays all zero."""
    length = len(sound)
    centres = (np.arange(len(frame_gain)) + 0.5) * length / len(frame_gain)
    frame_length = -(-length // len(frame_gain))
    for start in range(0, length, BLOCK_SAMPLES):
        at = np.arange(start, min(start + BLOCK_SAMPLES, length))
        gain = np.interp(at, centres, frame_gain)
        gain[frame_gain[at // frame_length] == 0] = 0.0
        sound[at[0] : at[-1] + 1] *= gain.astype(np.float32)
