"""The verb of this package: listen to cleaned recordings and say what a model would learn."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from rvc import assets
from rvc.audio import Recording
from rvc.cleaning import Cleaned
from rvc.cleaning.hum import find_hum
from rvc.cleaning.level import loudness_lufs
from rvc.f0 import F0, RepairedF0, estimate_f0, repair_f0
from rvc.messages import Message
from rvc.quality.bandwidth import bandwidth_hz, speech_spectrum
from rvc.quality.clicks import click_times
from rvc.quality.clipping import clipped_samples, clipping_percent
from rvc.quality.echo import ECHO_SECONDS, room_sound, rooms_of
from rvc.quality.expression import pauses_percent, speaking_notes, speaking_of
from rvc.quality.hum import hum_db
from rvc.quality.listening import dnsmos_ovrl
from rvc.quality.measures import Measures, mean_measures
from rvc.quality.noise import (
    ECHO_FOLLOWS,
    Split,
    follows_speech,
    snr_db,
    snr_left_db,
    split_noise,
)
from rvc.quality.report import QualityReport, SegmentReport, TakeReport
from rvc.quality.score import score_segment
from rvc.quality.stability import f0_faults_per_minute
from rvc.quality.together import with_copies, with_own_voice, with_sounds

Progress = Callable[[float, Message], None]

CLICKS_OVER_SECONDS = 12.0  # a rate over less would be made of one or two
CLICKS_SNR_DB = 20.0  # noise ticks, too
BLIND_SNR_DB = 5.0  # noise that hides a room's echo


def assess(
    cleaned: Cleaned | Sequence[Cleaned],
    *,
    weights: Path | None = None,
    progress: Progress | None = None,
) -> QualityReport:
    """Return the report on one or several cleaned recordings, measured before and after cleaning.

    `weights`: the weights folder; without its speaker encoder other voices are not looked for, and
    without its table of sounds these are not counted: notes say so. `progress` is told a share and
    a sentence, and may raise.
    """
    cleaned = [cleaned] if isinstance(cleaned, Cleaned) else list(cleaned)
    tell = progress or (lambda fraction, text: None)
    takes, segments = [], []
    for number, take in enumerate(cleaned):
        share = 0.9 * number / len(cleaned)
        name = take.original.name
        tell(share, Message("Listening to {name}", name=name))
        report, parts = _assess_take(number, take)
        takes.append(report)
        segments += parts
    tell(0.9, Message("Comparing voices"))
    sounds = [_sound(cleaned[segment.take], segment) for segment in segments]
    weights = weights or assets.weights_dir()
    segments, notes = with_own_voice(sounds, segments, weights)
    segments, more = with_copies(sounds, segments)
    notes += more
    tell(0.95, Message("Counting the sounds of speech"))
    segments, more, table = with_sounds(sounds, segments, weights)
    notes += more
    segments = [_judged(segment) for segment in segments]
    notes += _speechless_notes(takes)
    weighed = [(take.spoken_seconds, take) for take in takes if take.spoken_seconds]
    weighed = weighed or [(take.cleaned.original.duration_seconds, take) for take in takes]
    speaking = speaking_of(takes)
    tell(1.0, Message("Judged"))
    return QualityReport(
        tuple(takes),
        tuple(segments),
        mean_measures((seconds, take.before) for seconds, take in weighed),
        mean_measures((seconds, take.after) for seconds, take in weighed),
        tuple([*notes, *speaking_notes(speaking)]),
        speaking,
        table,
    )


def _assess_take(number: int, cleaned: Cleaned) -> tuple[TakeReport, list[SegmentReport]]:
    """Return the report on one recording, and its segments without decisions yet."""
    rate = cleaned.original.sample_rate
    split = split_noise(cleaned.original)
    before = _Side(cleaned, cleaned.original, lambda *span: room_sound(split.between(*span)))
    after = _Side(cleaned, cleaned.aligned, lambda a, b: cleaned.aligned.samples[a:b])
    whole_before = before.whole(pauses_percent(cleaned, trimmed=False))
    whole_after = replace(
        after.whole(pauses_percent(cleaned, trimmed=cleaned.trimmed)),
        clipping_percent=whole_before.clipping_percent,  # nothing mends it
    )
    segments = []
    for part in cleaned.segments:
        times = part.start_seconds, part.end_seconds
        here = split.part(*times)
        first, last = (round(at * rate) for at in times)
        left = snr_left_db(here, cleaned.aligned.samples[first:last], cleaned.gain)
        row_before = before.part(
            whole_before, *times, snr=_trusted_snr(here, before.rooms.decay_seconds(*times))
        )
        row_after = after.part(whole_after, *times, snr=left)
        row_after = replace(row_after, clipping_percent=row_before.clipping_percent)
        segments.append(
            SegmentReport(
                number, cleaned.original.name, *times, row_before, row_after, 0.0, 0.0, "keep"
            )
        )
    durations = [segment.duration_seconds for segment in segments]
    whole_before = _summed_up(
        whole_before, zip(durations, (s.before for s in segments), strict=True)
    )
    whole_after = _summed_up(whole_after, zip(durations, (s.after for s in segments), strict=True))
    notes = _trust_notes(whole_before, split)
    report = TakeReport(
        cleaned,
        whole_before,
        whole_after,
        before.f0,
        after.found,
        before.spectrum,
        after.spectrum,
        tuple(notes),
    )
    return report, segments


class _Side:
    """One side of a cleaning, before or after: what is measured once for the whole recording."""

    def __init__(
        self, cleaned: Cleaned, recording: Recording, heard: Callable[[int, int], np.ndarray]
    ) -> None:
        """`heard(start, end)`: those samples of it in which to listen to the room."""
        self.samples, self.rate = recording.samples, recording.sample_rate
        self.duration_seconds = recording.duration_seconds
        self.f0: F0 = estimate_f0(recording)
        self.found: RepairedF0 = repair_f0(self.f0)
        self.spectrum = speech_spectrum(self.samples, self.rate)
        self.original = cleaned.original.samples
        self.clipped = clipped_samples(self.original)
        self.clicks = click_times(recording)
        self.rooms = rooms_of(heard, len(self.samples), self.rate)
        self.hum = find_hum(self.samples, self.rate)

    def whole(self, pauses: float) -> Measures:
        """Return what belongs to the recording as a whole."""
        jumps, dropouts = f0_faults_per_minute(self.f0, self.found, 0, self.duration_seconds)
        return Measures(
            srmr=self.rooms.srmr,
            decay_seconds=self.rooms.decay_seconds(0, self.duration_seconds),
            clipping_percent=clipping_percent(self.clipped),
            hum_db=hum_db(self.hum, 0, self.duration_seconds),
            f0_jumps_per_minute=jumps,
            f0_dropouts_per_minute=dropouts,
            pauses_percent=pauses,
            lufs=loudness_lufs(self.samples, self.rate),
        )

    def part(self, whole: Measures, start: float, end: float, *, snr: float | None) -> Measures:
        """Return the measures of one segment, the room's and the hum's from what is around it."""
        first, last = (round(at * self.rate) for at in (start, end))
        sound = self.samples[first:last]
        jumps, dropouts = f0_faults_per_minute(self.f0, self.found, start, end)
        clicks = (
            None if snr is not None and snr < CLICKS_SNR_DB else self._clicks_around(start, end)
        )
        return replace(
            whole,
            snr_db=snr,
            decay_seconds=self.rooms.decay_seconds(start, end),
            hum_db=hum_db(self.hum, start, end),
            bandwidth_hz=bandwidth_hz(speech_spectrum(sound, self.rate), snr),
            clipping_percent=clipping_percent(self._clipped_between(first, last)),
            clicks_per_minute=clicks,
            f0_jumps_per_minute=jumps,
            f0_dropouts_per_minute=dropouts,
            pauses_percent=None,
            lufs=loudness_lufs(sound, self.rate),
            dnsmos_ovrl=dnsmos_ovrl(sound, self.rate),
        )

    def _clicks_around(self, start: float, end: float) -> float:
        """Mouth clicks a minute."""
        more = max(0.0, CLICKS_OVER_SECONDS - (end - start)) / 2
        start, end = max(0.0, start - more), min(self.duration_seconds, end + more)
        return 60 * float(np.sum((self.clicks >= start) & (self.clicks < end))) / (end - start)

    def _clipped_between(self, first: int, last: int) -> np.ndarray:
        """Flat against the recording's ceiling, or the segment's own: gain may have changed."""
        return self.clipped[first:last] | clipped_samples(self.original[first:last])


def _trusted_snr(split: Split, decay_seconds: float | None) -> float | None:
    """The SNR, unless what the denoiser takes away is a room's echo rather than noise."""
    echoing = decay_seconds is not None and decay_seconds >= ECHO_SECONDS
    return None if echoing and follows_speech(split) >= ECHO_FOLLOWS else snr_db(split)


def _summed_up(whole: Measures, parts) -> Measures:
    """The recording's row, what is measured by segments only taken from them."""
    mean = mean_measures(parts)
    return replace(
        whole,
        snr_db=mean.snr_db,
        bandwidth_hz=mean.bandwidth_hz,
        clipping_percent=max(mean.clipping_percent or 0.0, whole.clipping_percent or 0.0),
        clicks_per_minute=mean.clicks_per_minute,
        dnsmos_ovrl=mean.dnsmos_ovrl,
    )


def _speechless_notes(takes: Sequence[TakeReport]) -> list[Message]:
    """Which recordings are not counted."""
    return [
        Message(
            "{name}: no speech was found; it is not counted.",
            name=take.name,
        )
        for take in takes
        if not take.spoken_seconds
    ]


def _trust_notes(before: Measures, split: Split) -> list[Message]:
    """Which measures cannot be trusted on this sound."""
    notes = []
    if before.snr_db is None and len(split.speech):
        notes.append(
            Message(
                "Noise cannot be told from the room's echo here.",
            )
        )
    elif before.bandwidth_hz is None and before.snr_db is not None:
        notes.append(
            Message(
                "Bandwidth cannot be measured in this noise (SNR {snr_db:.0f} dB).",
                snr_db=before.snr_db,
            )
        )
    if before.snr_db is not None and before.snr_db < BLIND_SNR_DB:
        notes.append(Message("Noise may hide a room's echo here."))
    return notes


def _sound(cleaned: Cleaned, segment: SegmentReport) -> Recording:
    """The segment after cleaning."""
    sound = cleaned.aligned
    first, last = (
        round(at * sound.sample_rate) for at in (segment.start_seconds, segment.end_seconds)
    )
    return Recording(sound.samples[first:last], sound.sample_rate)


def _judged(segment: SegmentReport) -> SegmentReport:
    score_before, score, decision, reasons = score_segment(
        segment.before, segment.after, segment.duration_seconds
    )
    return replace(
        segment, score_before=score_before, score=score, decision=decision, reasons=reasons
    )
