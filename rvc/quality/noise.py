"""Background noise: what a denoiser keeps over what it removes.

Of all blind estimates tried this was the most accurate. Two errors are avoided: the denoiser also
removes a little speech, but only while there is some, so frames in which it removes far more than
usual count at most `SURGE_DB` above the usual; and a room's echo is removed with the noise, but
follows the speech, which `follows_speech` measures.
"""

from dataclasses import dataclass, replace

import numpy as np

from rvc.audio import Recording
from rvc.cleaning.blocks import in_blocks, spans
from rvc.cleaning.denoise import denoised, pick_engine
from rvc.cleaning.findings import NO_FINDINGS, Findings
from rvc.cleaning.hum import find_hum
from rvc.cleaning.level import active_db, decibels, frame_powers, working_gain
from rvc.cleaning.prepared import Prepared

FRAME_SECONDS = 0.02
USUAL_PERCENTILE = 20  # of the frames, by what is removed in them
SURGE_DB = 8.0
ECHO_FOLLOWS = 0.25  # measured: noise, fans and a crowd below 0.1, a room above 0.4
# How far the quietest frames lie below the speech, measured on 8 s of six voices: clean -44 to -67
# dB, a room of 0.7 s -16 to -37, noise and music -5 to -30.
QUIET_PERCENT, GATED_DB, CLEAN_DB = 5, -80.0, -42.0
LINGER_SECONDS = 0.3  # by 60 dB, for the tail a room adds to a word
LINGER_RANGE_DB = 60.0
HIGHEST_DB = 60.0
MAX_MATCHING_GAIN = 2.0
MOST_REMOVED_DB = (
    15.0  # measured against the clean voice; by its own output, a denoiser leaves none
)


@dataclass(frozen=True, eq=False)
class Split:
    """A recording at the working level as `speech` + `noise`, (samples,) each.

    `gain`: from the recording to that level. Mains hum, which has a measure of its own, is in
    neither.
    """

    speech: np.ndarray
    noise: np.ndarray
    gain: float
    sample_rate: int

    def part(self, start_seconds: float, end_seconds: float) -> "Split":
        """Return the same between two times."""
        return self.between(*(round(at * self.sample_rate) for at in (start_seconds, end_seconds)))

    def between(self, first: int, last: int) -> "Split":
        """Return the same between two samples."""
        return replace(self, speech=self.speech[first:last], noise=self.noise[first:last])


def split_noise(recording: Recording, findings: Findings = NO_FINDINGS) -> Split:
    """Return speech and noise apart, by the best denoiser that runs here.

    `findings`: what cleaning has measured of the recording already; it is used where it is there.
    """
    samples, rate = recording.samples, recording.sample_rate
    hum = findings.hum or find_hum(samples, rate)
    if findings.denoised is None:
        offset = float(np.mean(samples, dtype=np.float64)) if len(samples) else 0.0
        sound, gain = _levelled(Prepared(recording, offset=offset, hum=hum))
        pieces = denoised(in_blocks(sound, rate), rate, pick_engine())
        kept = np.concatenate([*pieces, sound[:0]])
        kept = np.pad(kept, (0, max(0, len(sound) - len(kept))))[: len(sound)]
    else:
        gain = findings.gain
        prepared = Prepared(recording, offset=findings.offset, hum=hum, gain=gain)
        sound = _whole(replace(prepared, cutoff_hz=findings.cutoff_hz))
        kept = findings.denoised.astype(np.float32)
    match = float(sound @ kept) / (float(kept @ kept) + 1e-9)  # denoisers lower the level a little
    kept *= np.float32(np.clip(match, 1.0, MAX_MATCHING_GAIN))
    return Split(kept, sound - kept, gain, rate)


def split_at_once(recording: Recording) -> Split | None:
    """Return the split of a recording that needs no denoiser: all of it is speech.

    None unless the quietest QUIET_PERCENT of it lie as far below the speech as only a clean
    recording has them: noise, music and echo fill the gaps between words. Digital silence there may
    be a noise gate's, which leaves the noise under the words. Hum as quiet as that stays in it.
    """
    samples, rate = recording.samples, recording.sample_rate
    powers = frame_powers([samples], rate, FRAME_SECONDS)
    if not len(powers):
        return None
    quiet_db = decibels(np.percentile(powers, QUIET_PERCENT)) - active_db(powers)
    if not GATED_DB < quiet_db < CLEAN_DB:
        return None
    sound = samples * np.float32(gain := working_gain(powers))
    return Split(sound, np.zeros_like(sound), gain, rate)


def _levelled(prepared: Prepared) -> tuple[np.ndarray, float]:
    """Return the prepared sound (samples,) at the working level, and the gain to there."""
    sound = _whole(prepared)
    gain = working_gain(frame_powers([sound], prepared.recording.sample_rate, FRAME_SECONDS))
    sound *= np.float32(gain)
    return sound, gain


def _whole(prepared: Prepared) -> np.ndarray:
    """Return all samples (samples,) of `prepared`, computed block by block."""
    samples = prepared.recording.samples
    sound = np.empty(len(samples), np.float32)
    for start, end in spans(len(samples), prepared.recording.sample_rate):
        sound[start:end] = prepared.interval(start, end)
    return sound


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
    """Return how far the noise follows the speech before it, as a correlation of levels.

    Noise and a crowd do not follow the speech; a room's echo does, and so does the little that a
    denoiser removes from clean speech.
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
    level_db = 10 * np.log10(lingering)
    level_db = np.maximum(level_db, level_db.max() - LINGER_RANGE_DB)
    if level_db.std() < 1e-6 or np.ptp(removed) == 0:
        return 0.0
    return float(np.corrcoef(level_db, 10 * np.log10(removed))[0, 1])


def snr_left_db(split: Split, aligned: np.ndarray, gain: float) -> float:
    """Return the SNR of `aligned` (samples,), the cleaned sound over the same stretch.

    `gain`: aligned = gain * (original - what was removed). What is left of the noise is its share
    in `aligned`, by projection; a reduction counts up to MOST_REMOVED_DB. Noise that the denoiser
    does not detect is not measured.
    """
    change = aligned * np.float32(split.gain / max(gain, 1e-9)) - split.speech
    size = max(1, round(FRAME_SECONDS * split.sample_rate))
    noise, speech, change = (
        part[: len(part) // size * size].reshape(-1, size)
        for part in (split.noise, split.speech, change)
    )
    energy = np.square(noise).sum(1)
    alone = energy > np.square(speech).sum(1)  # elsewhere the noise contains a little speech
    if not alone.any():
        alone = np.ones(len(noise), bool)
    left = float(np.sum(noise[alone] * change[alone]) / (energy[alone].sum() + 1e-12))
    left_db = min(MOST_REMOVED_DB, -20 * np.log10(np.clip(abs(left), 1e-3, 1.0)))
    return float(min(HIGHEST_DB, snr_db(split) + left_db))
