"""Background noise: what a denoiser keeps over what it takes away.

Of all blind estimates tried this came nearest the truth. Two traps are avoided: the denoiser also
takes a little speech away, but only while there is some, so frames in which it removes far more
than usual are counted no higher than `SURGE_DB` above the usual; and a room's echo goes with the
noise, but follows the words, which `follows_speech` tells.
"""

from dataclasses import dataclass, replace

import numpy as np

from rvc.audio import Recording
from rvc.cleaning.blocks import spans
from rvc.cleaning.denoise import denoised, pick_engine
from rvc.cleaning.hum import find_hum
from rvc.cleaning.level import MAX_GAIN_DB, WORKING_DB, active_db, frame_powers
from rvc.cleaning.prepared import Prepared

FRAME_SECONDS = 0.02
USUAL_PERCENTILE = 20  # of the frames, by what is removed in them
SURGE_DB = 8.0
ECHO_FOLLOWS = 0.25  # measured: noise, fans and a crowd below 0.1, a room above 0.4
LINGER_SECONDS = 0.3  # by 60 dB, for the tail a room hangs on a word
LINGER_RANGE_DB = 60.0
HIGHEST_DB = 60.0
MAX_MATCHING_GAIN = 2.0


@dataclass(frozen=True, eq=False)
class Split:
    """A recording at the working level as `speech` + `noise`, (samples,) each; `gain` brought it
    there; mains hum, which has a measure of its own, is in neither."""

    speech: np.ndarray
    noise: np.ndarray
    gain: float
    sample_rate: int

    def part(self, start_seconds: float, end_seconds: float) -> "Split":
        """The same between two times."""
        return self.between(*(round(at * self.sample_rate) for at in (start_seconds, end_seconds)))

    def between(self, first: int, last: int) -> "Split":
        """The same between two samples."""
        return replace(self, speech=self.speech[first:last], noise=self.noise[first:last])


def split_noise(recording: Recording) -> Split:
    """Return speech and noise apart, by the best denoiser that runs here."""
    samples, rate = recording.samples, recording.sample_rate
    offset = float(np.mean(samples, dtype=np.float64)) if len(samples) else 0.0
    prepared = Prepared(recording, offset=offset, hum=find_hum(samples, rate))
    pieces = [prepared.interval(*span) for span in spans(len(samples), rate)]
    level_db = active_db(frame_powers(iter(pieces), rate, FRAME_SECONDS))
    gain = np.float32(10 ** (min(MAX_GAIN_DB, WORKING_DB - level_db) / 20))
    pieces = [piece * gain for piece in pieces]
    sound = np.concatenate(pieces) if pieces else np.zeros(0, np.float32)
    kept = np.concatenate([*denoised(pieces, rate, pick_engine()), sound[:0]])
    kept = np.pad(kept, (0, max(0, len(sound) - len(kept))))[: len(sound)]
    match = float(sound @ kept) / (float(kept @ kept) + 1e-9)  # networks whisper a little
    kept = kept * np.float32(np.clip(match, 1.0, MAX_MATCHING_GAIN))
    return Split(kept, sound - kept, float(gain), rate)


def snr_db(split: Split) -> float:
    """Return speech over noise in dB, at most 60."""
    removed = frame_powers([split.noise], split.sample_rate, FRAME_SECONDS)
    if not len(removed):
        return HIGHEST_DB
    usual = np.percentile(removed, USUAL_PERCENTILE)
    noise = np.minimum(removed, usual * 10 ** (SURGE_DB / 10)).mean()
    speech = np.square(split.speech, dtype=np.float64).mean()
    return float(np.clip(10 * np.log10((speech + 1e-12) / (noise + 1e-12)), -20, HIGHEST_DB))


def follows_speech(split: Split) -> float:
    """Return how far what is removed follows the words before it, as a correlation of levels.

    Noise and a crowd go their own way; a room's echo follows, and so does the little that a
    denoiser takes from clean speech.
    """
    speech, removed = (
        frame_powers([part], split.sample_rate, FRAME_SECONDS) + 1e-12
        for part in (split.speech, split.noise)
    )
    if len(speech) < 10:
        return 0.0
    decay = 10 ** (-LINGER_RANGE_DB / 10 * FRAME_SECONDS / LINGER_SECONDS)
    lingering, level = np.empty(len(speech)), 0.0
    for index, power in enumerate(speech):
        level = max(power, level * decay)
        lingering[index] = level
    words = 10 * np.log10(lingering)
    words = np.maximum(words, words.max() - LINGER_RANGE_DB)
    if words.std() < 1e-6 or removed.std() <= 0:
        return 0.0
    return float(np.corrcoef(words, 10 * np.log10(removed))[0, 1])


def snr_left_db(split: Split, aligned: np.ndarray, gain: float) -> float:
    """Return the SNR of `aligned` (samples,), the cleaned sound over the same stretch.

    `gain`: aligned = gain * (original - what was removed). What is left of the noise is its share
    in `aligned`, by projection; what the denoiser did not know for noise is not seen.
    """
    change = aligned * np.float32(split.gain / max(gain, 1e-9)) - split.speech
    size = max(1, round(FRAME_SECONDS * split.sample_rate))
    noise, speech, change = (
        part[: len(part) // size * size].reshape(-1, size)
        for part in (split.noise, split.speech, change)
    )
    energy = np.square(noise).sum(1)
    alone = energy > np.square(speech).sum(1)  # elsewhere a little speech is among the noise
    if not alone.any():
        alone = np.ones(len(noise), bool)
    left = float(np.sum(noise[alone] * change[alone]) / (energy[alone].sum() + 1e-12))
    left_db = -20 * np.log10(np.clip(abs(left), 1e-3, 1.0))
    return float(min(HIGHEST_DB, snr_db(split) + left_db))
