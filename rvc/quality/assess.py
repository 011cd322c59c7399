"""The verb of this package: measure cleaned recordings and report what a model would learn."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rvc import assets
from rvc.audio import Recording
from rvc.cleaning import Cleaned
from rvc.cleaning.sessions import unload
from rvc.cleaning.trim import Segment
from rvc.cores import on_all_cores
from rvc.messages import Message
from rvc.progress import Progress, no_progress
from rvc.quality.echo import ECHO_SECONDS, room_sound
from rvc.quality.expression import pauses_percent, speaking_notes, speaking_of
from rvc.quality.listening import dnsmos_before_and_after
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
from rvc.quality.side import Side
from rvc.quality.together import with_copies, with_own_voice, with_sounds, without_weaker
from rvc.quality.variety import SpeechSounds
from rvc.quality.voiced import voice_only

MEASURED = 0.9  # of the progress; comparing the segments takes the rest
BLIND_SNR_DB = 5.0  # noise that hides a room's echo


def assess(
    cleaned: Cleaned | Sequence[Cleaned],
    *,
    weights: Path | None = None,
    progress: Progress = no_progress,
) -> QualityReport:
    """Return the report on one or several cleaned recordings, measured before and after cleaning.

    `weights`: the weights folder; without its speaker encoder other voices are not looked for, and
    without its table of sounds these are not counted, as notes state. `progress` may raise.
    """
    cleaned = [cleaned] if isinstance(cleaned, Cleaned) else list(cleaned)
    takes, segments = [], []
    for number, take in enumerate(cleaned):
        share = MEASURED * number / len(cleaned)
        progress(share, Message("Listening to {name}", name=take.original.name))
        report, parts = _assess_take(number, take)
        takes.append(report)
        segments += parts
    unload()
    weights = weights or assets.weights_dir()
    segments, notes, table = _compared(cleaned, segments, weights=weights, progress=progress)
    segments, weaker = without_weaker([_scored(segment) for segment in segments])
    notes += weaker + _speechless_notes(takes)
    weighed = [(take.counted_seconds, take) for take in takes if take.counted_seconds]
    weighed = weighed or [(take.cleaned.original.duration_seconds, take) for take in takes]
    speaking = speaking_of([(take.cleaned, take.f0) for take in takes])
    progress(1.0, Message("Assessed"))
    return QualityReport(
        tuple(takes),
        tuple(segments),
        mean_measures((seconds, take.before) for seconds, take in weighed),
        mean_measures((seconds, take.after) for seconds, take in weighed),
        tuple([*notes, *speaking_notes(speaking)]),
        speaking,
        table,
    )


def _compared(
    cleaned: Sequence[Cleaned],
    segments: Sequence[SegmentReport],
    *,
    weights: Path,
    progress: Progress,
) -> tuple[list[SegmentReport], list[Message], SpeechSounds | None]:
    """Return the segments with what only all of them together show, notes, and the sound table."""
    progress(MEASURED, Message("Comparing voices"))
    sounds = [_sound(cleaned[segment.take], segment) for segment in segments]
    segments, notes = with_own_voice(sounds, segments, weights)
    segments, copies = with_copies(sounds, segments)
    progress(0.95, Message("Counting the sounds of speech"))
    segments, counting, table = with_sounds(sounds, segments, weights)
    return segments, notes + copies + counting, table


def _assess_take(number: int, cleaned: Cleaned) -> tuple[TakeReport, list[SegmentReport]]:
    """Return the report on one recording, and its segments without decisions yet."""
    aligned, known = cleaned.aligned, cleaned.findings
    split = split_noise(cleaned.original, known)
    before = Side(
        cleaned.original, cleaned, room_sound=lambda *span: room_sound(split.between(*span)),
        findings=known,
    )  # fmt: skip
    after = Side(aligned, cleaned, room_sound=lambda start, end: aligned.samples[start:end])
    row_before = before.whole(pauses_percent(cleaned, trimmed=False))
    row_after = replace(
        after.whole(pauses_percent(cleaned, trimmed=cleaned.trimmed)),
        clipping_percent=row_before.clipping_percent,  # cleaning does not repair it
    )
    name = cleaned.original.name

    def measured(part: Segment) -> SegmentReport:
        times = part.start_seconds, part.end_seconds
        here = split.part(*times)
        rows = _segment_rows(
            cleaned, here, before=(before, row_before), after=(after, row_after), times=times
        )
        return SegmentReport(number, name, *times, *rows, 0.0, 0.0, "keep")

    segments = list(on_all_cores(measured, cleaned.segments))
    row_before = _summed_up(row_before, [(s.duration_seconds, s.before) for s in segments])
    row_after = _summed_up(row_after, [(s.duration_seconds, s.after) for s in segments])
    report = TakeReport(
        cleaned,
        row_before,
        row_after,
        before.f0,
        voice_only(after.found, cleaned),
        before.spectrum,
        after.spectrum,
        tuple(_trust_notes(row_before, split)),
    )
    return report, segments


def _segment_rows(
    cleaned: Cleaned,
    split: Split,
    *,
    before: tuple[Side, Measures],
    after: tuple[Side, Measures],
    times: tuple[float, float],
) -> tuple[Measures, Measures]:
    """Return the measures of one segment, before and after; `split`: its speech and noise."""
    first, last = (round(at * cleaned.original.sample_rate) for at in times)
    left = snr_left_db(split, cleaned.aligned.samples[first:last], cleaned.gain)
    (side_before, whole_before), (side_after, whole_after) = before, after
    snr = _trusted_snr(split, side_before.rooms.decay_seconds(*times))
    row_before = side_before.part(whole_before, *times, snr=snr)
    row_after = side_after.part(whole_after, *times, snr=left)
    scores = dnsmos_before_and_after(
        side_before.samples[first:last], side_after.samples[first:last], side_before.rate
    )
    return replace(row_before, dnsmos_ovrl=scores[0]), replace(
        row_after, dnsmos_ovrl=scores[1], clipping_percent=row_before.clipping_percent
    )


def _trusted_snr(split: Split, decay_seconds: float | None) -> float | None:
    """Return the SNR, or None where the denoiser removes a room's echo rather than noise."""
    echoing = decay_seconds is not None and decay_seconds >= ECHO_SECONDS
    return None if echoing and follows_speech(split) >= ECHO_FOLLOWS else snr_db(split)


def _summed_up(whole: Measures, parts: Sequence[tuple[float, Measures]]) -> Measures:
    """Return the recording's row with the means of (seconds, measures) of its segments."""
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
    """Return notes on the recordings without speech, which are not counted."""
    return [
        Message(
            "{name}: no speech was found; it is not counted.",
            name=take.name,
        )
        for take in takes
        if not take.counted_seconds
    ]


def _trust_notes(before: Measures, split: Split) -> list[Message]:
    """Return notes on the measures that cannot be trusted on this sound."""
    notes = []
    if before.snr_db is None and len(split.speech):
        notes.append(
            Message(
                "Noise cannot be distinguished from the room's echo here.",
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
    """Return the segment after cleaning."""
    sound = cleaned.aligned
    first, last = (
        round(at * sound.sample_rate) for at in (segment.start_seconds, segment.end_seconds)
    )
    return Recording(sound.samples[first:last], sound.sample_rate)


def _scored(segment: SegmentReport) -> SegmentReport:
    """Return the segment with its scores, decision and reasons."""
    score_before, score, decision, reasons = score_segment(
        segment.before, segment.after, segment.duration_seconds
    )
    return replace(
        segment, score_before=score_before, score=score, decision=decision, reasons=reasons
    )
