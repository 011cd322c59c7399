"""The harm gate: denoising that harms the voice more than the noise did is reverted."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import soxr

from rvc.cleaning.blocks import spans
from rvc.cleaning.level import decibels, frame_powers
from rvc.cleaning.prepared import Prepared
from rvc.cleaning.repair import Repair
from rvc.cleaning.sessions import SAMPLE_RATE, voice_quality, voiced_probability
from rvc.cleaning.trim import Segment
from rvc.cores import on_all_cores
from rvc.memory import give_memory_back
from rvc.messages import Message
from rvc.progress import StageProgress, no_progress

VOICED = 0.5
CLEAN_SNR_DB = 38.0  # above, there is nothing to gain
NOISY_SNR_DB = 20.0  # below, the noise itself may be voiced
MAX_VOICING_FALL, NOISY_MAX_VOICING_FALL = 0.03, 0.10  # share of the active frames
MAX_SIG_FALL = 0.15  # together with a third of the voicing limit: SIG alone errs in noise,
SURE_SIG_FALL = 0.5  # by up to 0.4 where pitch, voicing and SI-SDR against the clean voice improve
MAX_ENERGY_FALL_DB = 3.0
ACTIVE_RANGE_DB = 25.0
OVER_NOISE = 4.0  # in power: frames that hold more voice than noise
SURE_SNR_DB = 25.0  # where less is removed, SIG never fell by half its limit
MAX_MATCHING_GAIN = 2.0
FADE_SECONDS = 0.02
REVERT_SECONDS = 10  # at a time, because the pauses between segments can be long


@dataclass(frozen=True)
class Comparison:
    """One segment before and after denoising."""

    snr_db: float  # energy kept over energy removed, after gain match
    gain: float  # that match
    was_clean: bool = False  # nothing to gain
    voicing_fall: float = 0.0  # share of active frames no longer voiced
    energy_fall_db: float = 0.0  # of active frames
    sig_fall: float = 0.0  # DNSMOS SIG

    @property
    def harmed(self) -> bool:
        limit = MAX_VOICING_FALL if self.snr_db >= NOISY_SNR_DB else NOISY_MAX_VOICING_FALL
        return (
            self.voicing_fall > limit
            or self.energy_fall_db > MAX_ENERGY_FALL_DB
            or self.sig_fall > SURE_SIG_FALL
            or (self.sig_fall > MAX_SIG_FALL and self.voicing_fall > limit / 3)
        )


def compare(
    before: np.ndarray,
    after: np.ndarray,
    *,
    sample_rate: int,
    clean_snr_db: float = CLEAN_SNR_DB,
) -> Comparison:
    """Return the comparison of a segment `before` and `after` denoising, (samples,) each.

    A segment is at most a minute long.
    """
    gain = _matching_gain(before, after)
    after = after * np.float32(gain)
    kept = decibels(np.square(after, dtype=np.float64).mean())
    removed = decibels(np.square(before - after, dtype=np.float64).mean())
    snr_db = kept - removed
    if snr_db >= clean_snr_db or len(before) < sample_rate // 4:
        return Comparison(snr_db, gain, snr_db >= clean_snr_db)
    before = soxr.resample(before, sample_rate, SAMPLE_RATE)
    after = soxr.resample(after, sample_rate, SAMPLE_RATE)
    difference = before - after
    powers = [frame_powers([each], SAMPLE_RATE, 0.016) for each in (before, after, difference)]
    active = powers[0] > np.percentile(powers[0], 95) * 10 ** (-ACTIVE_RANGE_DB / 10)
    energy_fall_db = decibels(powers[0][active].mean()) - decibels(powers[1][active].mean())
    active &= powers[0] > OVER_NOISE * np.percentile(
        powers[2], 75
    )  # people in the background are voiced, too
    voiced = [voiced_probability(samples) > VOICED for samples in (before, after)]
    count = min(len(active), *map(len, voiced))
    voiced = [(each[:count] & active[:count]).sum() for each in voiced]
    voicing_fall = float((voiced[0] - voiced[1]) / max(1, active[:count].sum()))
    suspicious = snr_db < SURE_SNR_DB or voicing_fall > MAX_VOICING_FALL / 2
    sig_fall = voice_quality(before) - voice_quality(after) if suspicious else 0.0
    return Comparison(snr_db, gain, False, voicing_fall, energy_fall_db, sig_fall)


def _matching_gain(before: np.ndarray, after: np.ndarray) -> float:
    """Return the gain that brings `after` closest to `before`; denoisers lower the level."""
    before, after = before.astype(np.float64), after.astype(np.float64)
    return float(np.clip(before @ after / (after @ after + 1e-12), 1.0, MAX_MATCHING_GAIN))


def revert_harmful_denoising(
    prepared: Prepared,
    aligned: np.ndarray,
    *,
    segments: Sequence[Segment],
    enabled: bool,
    progress: StageProgress = no_progress,
) -> tuple[Repair, ...]:
    """Restore, in place, the segments of `aligned` that denoising has harmed.

    Returns the descriptions of the repairs "noise" and "gate". `enabled`: else only compared.
    """
    rate = prepared.recording.sample_rate

    def compared(segment: Segment) -> Comparison:
        times = segment.start_seconds, segment.end_seconds
        first, last = (round(t * rate) for t in times)
        # The rest of a hum is far below the voice, but audible as a pitch in every pause.
        hummed = prepared.hum is not None and prepared.hum.between(*times)
        limit = np.inf if hummed else CLEAN_SNR_DB
        before = prepared.interval(first, last)
        return compare(before, aligned[first:last], sample_rate=rate, clean_snr_db=limit)

    comparisons: list[Comparison] = []
    for comparison in on_all_cores(compared, segments):
        comparisons.append(comparison)
        progress(0.8 * len(comparisons) / len(segments))
        give_memory_back()  # arrays of varying sizes fragment the heap
    if comparisons:  # one for all, so that reverted and other segments have the same level
        aligned *= np.float32(np.median([each.gain for each in comparisons]))
    extents = _extents(segments, rate, len(aligned))
    for comparison, (start, end) in zip(comparisons, extents, strict=True):
        if enabled and (comparison.was_clean or comparison.harmed):
            _revert(prepared, aligned, start, end)
        progress(0.8 + 0.2 * end / len(aligned))
    return _repairs(comparisons, enabled)


def _extents(segments: Sequence[Segment], rate: int, length: int) -> list[tuple[int, int]]:
    """Return sample spans that divide the recording among its segments, halfway in the pauses."""
    middles = [round((a.end_seconds + b.start_seconds) / 2 * rate) for a, b in pairwise(segments)]
    edges = [0, *middles, length]
    return list(pairwise(edges))[: len(segments)]


def _revert(prepared: Prepared, aligned: np.ndarray, start: int, end: int) -> None:
    rate = prepared.recording.sample_rate
    fade = max(1, min(round(FADE_SECONDS * rate), (end - start) // 2))
    for first, last in spans(end - start, rate, REVERT_SECONDS):
        place = np.arange(first, last)
        share = np.ones(last - first, np.float32)
        if start > 0:
            share = np.minimum(share, place / np.float32(fade))
        if end < len(aligned):
            share = np.minimum(share, (end - start - 1 - place) / np.float32(fade))
        piece = aligned[start + first : start + last]
        piece += share * (prepared.interval(start + first, start + last) - piece)


def _repairs(comparisons: Sequence[Comparison], enabled: bool) -> tuple[Repair, ...]:
    clean = sum(each.was_clean for each in comparisons)
    harmed = sum(each.harmed for each in comparisons)
    total = len(comparisons)
    snr_db = float(np.median([each.snr_db for each in comparisons])) if comparisons else 0.0
    treated = total - (clean + harmed if enabled else 0)
    figures = {"segments": total, "clean": clean, "harmed": harmed, "snr_db": snr_db}
    if treated or not total:
        noise = Message(
            "Noise taken out in {treated} of {total} parts (SNR was {snr_db:.0f} dB)",
            treated=treated,
            total=total,
            snr_db=snr_db,
        )
    elif harmed:
        noise = Message("Noise left in (SNR {snr_db:.0f} dB)", snr_db=snr_db)  # fmt: skip
    else:
        noise = Message("No noise worth taking out")
    gate = Message(
        "{harmed} parts kept as they were: denoising would have harmed the voice.",
        harmed=harmed,
    )
    if not harmed:
        gate = Message("Denoising harmed no part.")
    return (
        Repair("noise", bool(treated), noise, figures),
        Repair("gate", enabled and bool(harmed), gate, {"harmed": harmed}),
    )
