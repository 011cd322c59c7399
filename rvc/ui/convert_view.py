"""HTML of the fifth tab: a finished conversion, and the list of the last ones."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from rvc.charts import line_chart
from rvc.ui.html import notes_html, render_for
from rvc.ui.results import Piece, Pitch, Result
from rvc.ui.texts import clock
from rvc.ui.visitor import Visitor


@dataclass(frozen=True)
class HistoryRow:
    """A row of the list of results; `about`: its voice and when it was made."""

    result: Result
    name: str
    about: str


@dataclass(frozen=True)
class Deleted:
    """The result that was just deleted and may be restored."""

    id: str
    name: str


def result_none_html(visitor: Visitor) -> str:
    """Return what is shown before the first conversion."""
    return notes_html(("mk-empty", visitor.say("result_none")))


def result_html(visitor: Visitor, result: Result, piece: Piece) -> str:
    """Return the facts of one converted file; of several, what became of the others, too."""
    took = visitor.say(
        "result_took", time=clock(result.seconds), seconds=f"{result.took_seconds:.1f}"
    )
    chart = _pitch_chart(visitor, piece.pitch) if piece.pitch else ""
    return render_for(
        visitor, "convert_result.html", result=result, piece=piece, took=took, chart=chart
    )


def history_html(
    visitor: Visitor,
    results: Sequence[Result],
    shown: Result | None,
    deleted: Deleted | None = None,
) -> str:
    """Return the list of results, newest first, each with its buttons."""
    entries = [HistoryRow(each, result_name(visitor, each), _about(each)) for each in results]
    return render_for(
        visitor, "history.html", entries=entries, shown=shown and shown.id, deleted=deleted
    )


def result_name(visitor: Visitor, result: Result) -> str:
    """Return what a result is called: its only source, or how many there were."""
    first = result.done[0].name
    if not result.several:
        return first
    return visitor.say("history_several", name=first, more=len(result.pieces) - 1)


def _about(result: Result) -> str:
    made = time.strftime("%Y-%m-%d %H:%M", time.localtime(result.made))
    return f"{result.voice} · {made}"


def _pitch_chart(visitor: Visitor, pitch: Pitch) -> Markup:
    """Return a chart of both pitch curves in Hz, broken where nothing is voiced."""
    curves: dict[str, tuple[list[float], list[float]]] = {}
    for name, hz in (("f0_source", pitch.source), ("f0_result", pitch.result)):
        drawn = [np.nan if each is None else each for each in hz]
        curves[visitor.say(name)] = (pitch.seconds, drawn)
    return line_chart(curves, label=visitor.say("f0_title"), x_label=visitor.say("time_seconds"))
