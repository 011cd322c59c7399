"""HTML of the third tab: the verdict, the charts and a row for every segment."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rvc.ui.html import notes_html, render_for
from rvc.ui.visitor import Visitor

if TYPE_CHECKING:
    from rvc.quality import QualityReport, SegmentReport

DECISIONS = ("keep", "review", "drop")
VERDICTS = ("ready", "usable", "again")
PAD_SECONDS = 0.05  # played before and after a segment


@dataclass(frozen=True)
class SegmentRow:
    """A row of the list of segments.

    `begins`: the segment's start; `start`, `end`: what its first button plays. `file`: empty for a
    single one. `act`: of its other button.
    """

    take: int
    begins: float
    start: float
    end: float
    time: str
    file: str
    score_before: float
    score: float
    decision: str
    overruled: bool
    reasons: str
    act: str


def empty_html(visitor: Visitor) -> str:
    """Return what is shown before the first report."""
    return notes_html(("mk-empty", visitor.say("report_none")))


def headline_html(visitor: Visitor, report: "QualityReport", *, stale: bool) -> str:
    """Return the verdict, the usable minutes and what to do."""
    verdict = report.verdict if report.verdict in VERDICTS else "again"
    return render_for(visitor, "report_headline.html", report=report, verdict=verdict, stale=stale)


def charts_html(visitor: Visitor, report: "QualityReport") -> str:
    """Return the report's charts."""
    from rvc.quality.charts import report_charts

    return report_charts(report, visitor.language)


def segments_html(visitor: Visitor, report: "QualityReport") -> str:
    """Return a row for every segment: play it, when, scores, reasons, and the switch."""
    if not report.segments:
        return notes_html(("mk-empty", visitor.say("segments_none")))
    several = len({segment.file for segment in report.segments}) > 1
    rows = [_row(visitor, segment, several) for segment in report.segments]
    return render_for(visitor, "segments.html", rows=rows)


def _row(visitor: Visitor, segment: "SegmentReport", several: bool) -> SegmentRow:
    return SegmentRow(
        take=segment.take,
        begins=segment.start_seconds,
        start=max(0.0, segment.start_seconds - PAD_SECONDS),
        end=segment.end_seconds + PAD_SECONDS,
        time=f"{_tenths(segment.start_seconds)}–{_tenths(segment.end_seconds)}",
        file=segment.file if several else "",
        score_before=segment.score_before,
        score=segment.score,
        decision=segment.decision if segment.decision in DECISIONS else "drop",
        overruled=segment.overruled,
        reasons=" ".join(visitor.read(reason) for reason in segment.reasons),
        act="drop" if segment.used else "keep",
    )


def _tenths(seconds: float) -> str:
    """Return minutes, seconds and tenths of a second."""
    tenths = round(seconds * 10)
    return f"{tenths // 600}:{tenths // 10 % 60:02d}.{tenths % 10}"
