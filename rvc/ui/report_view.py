"""HTML of the third tab: the verdict, the charts and a row for every segment."""

from html import escape
from typing import TYPE_CHECKING

from rvc.ui.texts import clock
from rvc.ui.visitor import Visitor

if TYPE_CHECKING:
    from rvc.quality import QualityReport, SegmentReport

DECISIONS = ("keep", "review", "drop")
VERDICTS = ("ready", "usable", "again")


def headline_html(visitor: Visitor, report: "QualityReport", *, stale: bool) -> str:
    """Verdict, usable minutes and what to do."""
    verdict = report.verdict if report.verdict in VERDICTS else "again"
    notes = "".join(f'<p class="hint">{escape(visitor.read(note))}</p>' for note in report.notes)
    lines = f"<p>{escape(visitor.read(report.advice))}</p>{notes}"
    warning = f'<p class="mk-warn">{escape(visitor.say("report_stale"))}</p>' if stale else ""
    total = visitor.say("report_of", time=clock(report.total_seconds))
    return (
        f'{warning}<section class="mk-verdict mk-{verdict}">'
        f'<div class="mk-big"><b>{clock(report.usable_seconds)}</b>'
        f"<span>{escape(visitor.say('report_usable'))}<br>{escape(total)}</span></div>"
        f'<div class="mk-said"><h2>{escape(visitor.say(f"verdict_{verdict}"))}</h2>{lines}</div>'
        f'<div class="mk-score" title="{escape(visitor.say("report_score"))}">'
        f"<b>{report.score:.0f}</b><span>{escape(visitor.say('report_score'))}</span></div>"
        "</section>"
    )


def charts_html(visitor: Visitor, report: "QualityReport") -> str:
    from rvc.quality.charts import report_charts

    return report_charts(report, visitor.language)


def segments_html(visitor: Visitor, report: "QualityReport") -> str:
    """Every segment as a row: listen, when, scores, why, and the switch."""
    if not report.segments:
        return f'<p class="mk-empty">{escape(visitor.say("segments_none"))}</p>'
    several = len({segment.file for segment in report.segments}) > 1
    rows = "".join(
        _segment(visitor, number, segment, several)
        for number, segment in enumerate(report.segments)
    )
    return f'<ol class="mk-segments">{rows}</ol>'


def _segment(visitor: Visitor, number: int, segment: "SegmentReport", several: bool) -> str:
    decision = segment.decision if segment.decision in DECISIONS else "drop"
    reasons = " ".join(visitor.read(reason) for reason in segment.reasons)
    mine = f" · {visitor.say('segment_overruled')}" if segment.overruled else ""
    act, label = ("drop", "segment_drop") if segment.used else ("keep", "segment_keep")
    where = f"{_clock(segment.start_seconds)}–{_clock(segment.end_seconds)}"
    name = f"<small>{escape(segment.file)}</small>" if several else ""
    play = escape(visitor.say("segment_play", number=number + 1))
    return (
        f'<li class="mk-{decision}"><button class="mk-play" data-act="play" data-id="{number}" '
        f'aria-label="{play}">▶</button><span class="mk-time">{where}{name}</span>'
        f'<span class="mk-scores"><span>{segment.score_before:.0f}</span> → '
        f"<b>{segment.score:.0f}</b></span>"
        f'<span class="mk-why"><b class="mk-badge">{escape(visitor.say(f"decision_{decision}"))}'
        f"{escape(mine)}</b> {escape(reasons or visitor.say('segment_fine'))}</span>"
        f'<button class="mk-quiet" data-act="{act}" data-id="{number}">'
        f"{escape(visitor.say(label))}</button></li>"
    )


def _clock(seconds: float) -> str:
    """Minutes, seconds and tenths."""
    tenths = round(seconds * 10)
    return f"{tenths // 600}:{tenths // 10 % 60:02d}.{tenths % 10}"


def empty_html(visitor: Visitor) -> str:
    """Return what is shown before the first report."""
    return f'<p class="mk-empty">{escape(visitor.say("report_none"))}</p>'
