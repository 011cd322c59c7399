"""Loudness mix: interpolate a converted voice's loudness between its own and the source's."""

import numpy as np

BLOCK_SAMPLES = 2**20  # computed at once, so that an hour needs little memory
FLOOR_RMS = 1e-6  # of the converted sound; avoids division by zero
GATE_DB = (-60.0, -50.0)  # gains above 1 are disabled below the first, full above the second


def mix_loudness(
    source_rms: np.ndarray, converted: np.ndarray, rate: int, loudness_mix: float
) -> None:
    """Give `converted` (samples,) float32, in place, the source's loudness at mix 0, its own at 1.

    source_rms: `rms_envelope` of the source, of the same duration; rate: of `converted`, Hz. The
    gain is (rms_source / rms_converted) ** (1 - mix) over windows of a second, as in RVC; unlike
    RVC, it does not amplify passages that are silent in either signal, which would raise their
    noise.
    """
    own_rms, length = rms_envelope(converted, rate), len(converted)
    for start in range(0, length, BLOCK_SAMPLES):
        at = (np.arange(start, min(start + BLOCK_SAMPLES, length)) + 0.5) / length
        wanted = _interpolated(source_rms, at)
        own = np.maximum(_interpolated(own_rms, at), FLOOR_RMS)
        gain = (wanted / own) ** (1.0 - loudness_mix)
        quiet_db = 20 * np.log10(np.maximum(np.minimum(wanted, own), FLOOR_RMS))
        raising = np.interp(quiet_db, GATE_DB, (0.0, 1.0))
        gain = np.where(gain > 1, gain**raising, gain)
        converted[start : start + BLOCK_SAMPLES] *= gain.astype(np.float32)


def rms_envelope(samples: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return the RMS of one-second windows centred every half second, zero-padded at the ends."""
    hop = sample_rate // 2
    starts = range(0, (1 + len(samples) // hop) * hop, hop)
    halves = [np.square(samples[at : at + hop], dtype=np.float64).sum() for at in starts]
    energy = np.array([0.0, *halves])
    return np.sqrt((energy[:-1] + energy[1:]) / (2 * hop))


def _interpolated(envelope: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Return the envelope at places from 0 to 1; each of its values is the centre of its share."""
    return np.interp(at * len(envelope) - 0.5, np.arange(len(envelope)), envelope)
