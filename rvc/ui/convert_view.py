"""HTML of the fifth tab: a finished conversion, and facts about the chosen voice."""

from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from rvc.charts import line_chart
from rvc.ui import conversion
from rvc.ui.html import notes_html, render_for
from rvc.ui.texts import clock
from rvc.ui.visitor import Visitor

if TYPE_CHECKING:
    from rvc.f0 import F0


def result_none_html(visitor: Visitor) -> str:
    """Return what is shown before the first conversion."""
    return notes_html(("mk-empty", visitor.say("result_none")))


def result_html(visitor: Visitor, result: conversion.ConversionResult) -> str:
    """Return why the pitch was moved, the warnings, and a chart of both pitch curves."""
    converted = result.converted
    seconds = converted.recording.duration_seconds
    took = visitor.say("result_took", time=clock(seconds), seconds=f"{result.took_seconds:.1f}")
    chart = _pitch_chart(visitor, converted.f0_source, converted.f0_target)
    return render_for(visitor, "convert_result.html", converted=converted, took=took, chart=chart)


def _pitch_chart(visitor: Visitor, source: "F0", result: "F0") -> Markup:
    """Return a chart of two pitch curves in Hz, broken where nothing is voiced."""
    from rvc.audio import FRAMES_PER_SECOND

    curves: dict[str, tuple[list[float], list[float]]] = {}
    for name, f0 in ((visitor.say("f0_source"), source), (visitor.say("f0_result"), result)):
        hz = np.where(f0.hz > 0, f0.hz, np.nan)
        curves[name] = ((np.arange(len(hz)) / FRAMES_PER_SECOND).tolist(), hz.tolist())
    return line_chart(curves, label=visitor.say("f0_title"), x_label=visitor.say("time_seconds"))


def card_html(visitor: Visitor, known: list[conversion.KnownVoice], name: str | None) -> str:
    """Return a line of facts about the voice called `name`."""
    if not known:
        return notes_html(("mk-empty", visitor.say("voice_none")))
    for voice in known:
        if voice.name == name:
            return render_for(visitor, "voice_card.html", facts=conversion.describe(voice))
    return ""
