"""The report as JSON. Other programs rely on these names; new ones may be added.

schema           1
verdict          "ready" | "usable" | "again"
score            0-100: mean of the used segments, less where they are under five minutes
usable_seconds   speech that training will use ("keep" and "review")
total_seconds    of the originals
main_fault       the first of `faults`, else "too_short", else "none"
faults           all found, the one that costs most first: "noise", "echo", "bandwidth",
                 "clipping", "clicks", "hum", "f0", "other_voice", "pauses", "level"
headline, advice {"en", "ko"}
notes            [{"en", "ko"}]
measures         {"before": {...}, "after": {...}}, each with snr_db, srmr, decay_seconds,
                 bandwidth_hz, clipping_percent, clicks_per_minute, hum_db,
                 f0_jumps_per_minute, f0_dropouts_per_minute, pauses_percent, lufs,
                 dnsmos_ovrl, own_voice, own_voice_least: a number, or null where it cannot be
                 told
files            [{"file", "seconds", "measures", "repaired_f0_frames", "notes"}]
segments         [{"file", "start_seconds", "end_seconds" (in the original), "score_before",
                 "score", "decision" ("keep" | "review" | "drop"), "overruled",
                 "reasons" [{"en", "ko"}], "measures"}]
"""

from dataclasses import asdict

from rvc.errors import Text
from rvc.quality.measures import Measures
from rvc.quality.report import QualityReport, SegmentReport, TakeReport

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
        "headline": _text(report.headline),
        "advice": _text(report.advice),
        "notes": [_text(note) for note in report.notes],
        "measures": _pair(report.before, report.after),
        "files": [_take(take) for take in report.takes],
        "segments": [_segment(segment) for segment in report.segments],
    }


def _text(text: Text) -> dict[str, str]:
    return {"en": text.en, "ko": text.ko}


def _pair(before: Measures, after: Measures) -> dict:
    return {
        name: {
            key: None if value is None else round(value, 4) for key, value in asdict(side).items()
        }
        for name, side in (("before", before), ("after", after))
    }


def _take(take: TakeReport) -> dict:
    return {
        "file": take.name,
        "seconds": round(take.cleaned.original.duration_seconds, 2),
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
        "measures": _pair(segment.before, segment.after),
    }
