"""Loudness mix: interpolate a converted voice's loudness between its own and the source's."""

import numpy as np

WINDOW_SECONDS = 1.0
HOP_SECONDS = 0.5
FLOOR_RMS = 1e-6  # of the converted sound; avoids division by zero
GATE_DB = (-60.0, -50.0)  # gains above 1 are disabled below the first, full above the second


def mix_loudness(
    source: np.ndarray,
    source_rate: int,
    converted: np.ndarray,
    rate: int,
    loudness_mix: float,
) -> np.ndarray:
    """Return `converted` (samples,) with the loudness of `source` at mix 0, its own at mix 1.

    source (samples,) at source_rate Hz has the duration of converted at rate Hz. The gain is
    (rms_source / rms_converted) ** (1 - mix) over windows of a second, as in RVC; unlike RVC, it
    does not amplify passages that are silent in either signal, which would raise their noise.
    """
    if loudness_mix >= 1 or len(converted) == 0 or len(source) == 0:
        return converted
    wanted = _stretched(rms_envelope(source, source_rate), len(converted))
    own = np.maximum(_stretched(rms_envelope(converted, rate), len(converted)), FLOOR_RMS)
    gain = (wanted / own) ** (1.0 - loudness_mix)
    quiet_db = 20 * np.log10(np.maximum(np.minimum(wanted, own), FLOOR_RMS))
    raising = np.interp(quiet_db, GATE_DB, (0.0, 1.0))
    gain = np.where(gain > 1, gain**raising, gain)
    return (converted * gain).astype(np.float32)


def rms_envelope(samples: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return the RMS of one-second windows centred every half second, zero-padded at the ends."""
    window = int(sample_rate * WINDOW_SECONDS) // 2 * 2
    hop = int(sample_rate * HOP_SECONDS)
    energy = np.concatenate([[0.0], np.cumsum(np.square(samples, dtype=np.float64))])
    centres = np.arange(1 + len(samples) // hop) * hop
    starts = np.clip(centres - window // 2, 0, len(samples))
    ends = np.clip(centres + window // 2, 0, len(samples))
    return np.sqrt((energy[ends] - energy[starts]) / window)


def _stretched(envelope: np.ndarray, samples: int) -> np.ndarray:
    """Return the envelope interpolated to `samples` values, each at the centre of its share."""
    places = (np.arange(samples) + 0.5) * len(envelope) / samples - 0.5
    return np.interp(places, np.arange(len(envelope)), envelope)
