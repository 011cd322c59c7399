"""The report as JSON. Other programs rely on these names; new ones may be added.

schema           1
verdict          "ready" | "usable" | "again"
score            0-100: mean of the used segments, less where they are under five minutes
usable_seconds   speech that training will use ("keep" and "review")
total_seconds    of the originals that contain speech
main_fault       the first of `faults`, else "too_short", else "none"
faults           all found, the one that costs most first: "noise", "echo", "bandwidth",
                 "clipping", "clicks", "hum", "f0", "other_voice", "pauses", "level"
headline, advice {"en", "ko"}
notes            [{"en", "ko"}]
variety          null where not counted, else {"share" (0-1, of everyday speech: sounds in it for a
                 quarter of a second or more), "sounds_heard" (of "sounds"), "sounds_enough",
                 "spoken_minutes", "more_minutes" (until the share is good, null where it is),
                 "repeats" (the same text repeated)}
speaking         {"f0_low_hz", "f0_high_hz" (5th, 95th percentile), "f0_deviation_semitones",
                 "covered_semitones" (with a second of voice), "loudness_range_db"}: null where
                 there is too little voice
copied_seconds   in segments that repeat another
measures         {"before": {...}, "after": {...}}, each with snr_db, srmr, decay_seconds,
                 bandwidth_hz, clipping_percent, clicks_per_minute, hum_db,
                 f0_jumps_per_minute, f0_dropouts_per_minute, pauses_percent, lufs,
                 dnsmos_ovrl, own_voice, own_voice_least: a number, or null where it cannot be
                 measured
files            [{"file", "seconds", "speech" (whether it contains speech), "measures",
                 "repaired_f0_frames", "notes"}]
segments         [{"file", "start_seconds", "end_seconds" (in the original), "score_before",
                 "score", "decision" ("keep" | "review" | "drop"), "overruled",
                 "reasons" [{"en", "ko"}], "copy_of" (a segment's number, or null), "measures"}]
"""

from dataclasses import asdict

from rvc.messages import Message, languages
from rvc.quality.expression import Speaking
from rvc.quality.measures import Measures
from rvc.quality.report import QualityReport, SegmentReport, TakeReport
from rvc.quality.variety import ENOUGH_TOKENS

SCHEMA = 1


def report_json(report: QualityReport) -> dict:
    """Return `report` as plain values that json.dumps takes."""
    return {
        "schema": SCHEMA,
        "verdict": report.verdict,
        "score": report.score,
        "usable_seconds": round(report.usable_seconds, 2),
        "total_seconds": round(report.total_seconds, 2),
        "main_fault": report.main_fault,
        "faults": list(report.faults),
        "removed": list(report.removed),
        "headline": _text(report.headline),
        "advice": _text(report.advice),
        "notes": [_text(note) for note in report.notes],
        "variety": _variety(report),
        "speaking": _speaking(report.speaking or Speaking()),
        "copied_seconds": round(
            sum(s.duration_seconds for s in report.segments if s.copy_of is not None), 2
        ),
        "measures": _pair(report.before, report.after),
        "files": [_take(take) for take in report.takes],
        "segments": [_segment(segment) for segment in report.segments],
    }


def _text(text: Message) -> dict[str, str]:
    return {code: text.in_language(code) for code in languages()}


def _pair(before: Measures, after: Measures) -> dict:
    return {
        name: {
            key: None if value is None else round(value, 4) for key, value in asdict(side).items()
        }
        for name, side in (("before", before), ("after", after))
    }


def _variety(report: QualityReport) -> dict | None:
    variety = report.variety
    if variety is None:
        return None
    more = variety.more_minutes
    return {
        "share": round(variety.share, 4),
        "sounds": len(variety.counts),
        "sounds_heard": sum(count > 0 for count in variety.counts),
        "sounds_enough": sum(count >= ENOUGH_TOKENS for count in variety.counts),
        "spoken_minutes": round(variety.minutes, 2),
        "more_minutes": None if more is None else round(more, 2),
        "repeats": variety.repeats,
    }


def _speaking(speaking: Speaking) -> dict:
    values = asdict(speaking)
    del values["semitones"]
    values = {key: None if value is None else round(value, 2) for key, value in values.items()}
    return values | {"covered_semitones": speaking.covered_semitones}


def _take(take: TakeReport) -> dict:
    return {
        "file": take.name,
        "seconds": round(take.cleaned.original.duration_seconds, 2),
        "speech": take.cleaned.speaks,
        "measures": _pair(take.before, take.after),
        "repaired_f0_frames": int(take.f0.repaired.sum()),
        "notes": [_text(note) for note in take.notes],
    }


def _segment(segment: SegmentReport) -> dict:
    return {
        "file": segment.file,
        "start_seconds": round(segment.start_seconds, 3),
        "end_seconds": round(segment.end_seconds, 3),
        "score_before": segment.score_before,
        "score": segment.score,
        "decision": segment.decision,
        "overruled": segment.overruled,
        "reasons": [_text(reason) for reason in segment.reasons],
        "copy_of": segment.copy_of,
        "measures": _pair(segment.before, segment.after),
    }
