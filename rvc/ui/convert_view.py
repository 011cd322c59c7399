"""HTML of the fifth tab: a finished conversion, and facts about the chosen voice."""

from html import escape

from rvc.ui import conversion
from rvc.ui.charts import pitch_chart
from rvc.ui.texts import clock
from rvc.ui.visitor import Visitor


def result_html(visitor: Visitor, result: conversion.ConversionResult) -> str:
    """Why the pitch moved, warnings, and the pitch of both."""
    converted = result.converted
    seconds = converted.recording.duration_seconds
    took = visitor.say("result_took", time=clock(seconds), seconds=f"{result.took_seconds:.1f}")
    names = (visitor.say("f0_source"), visitor.say("f0_result"))
    title = visitor.say("f0_title")
    chart = pitch_chart(
        converted.f0_source, converted.f0_target, names=names, label=title,
        x_label=visitor.say("time_seconds"),
    )  # fmt: skip
    warnings = "".join(
        f'<p class="mk-warn">{escape(visitor.read(text))}</p>' for text in converted.warnings
    )
    return (
        f'<p class="mk-sum">{escape(visitor.read(converted.text))}</p>{warnings}'
        f'<p class="hint"><b class="mk-badge">{escape(visitor.say("result_ai"))}</b> '
        f"{escape(took)}</p>"
        f'<h3 class="mk-h">{escape(title)} <small>Hz</small></h3>{chart}'
    )


def card_html(visitor: Visitor, known: list[conversion.KnownVoice], name: str | None) -> str:
    """A line of facts about the chosen voice."""
    if not known:
        return f'<p class="mk-empty">{escape(visitor.say("voice_none"))}</p>'
    for voice in known:
        if voice.name == name:
            facts = [
                f"{escape(visitor.say(key))} <b>{escape(value)}</b>"
                for key, value in conversion.describe(voice)
            ]
            return f'<p class="hint">{" · ".join(facts)}</p>'
    return ""


def result_none_html(visitor: Visitor) -> str:
    """Return what is shown before the first conversion."""
    return f'<p class="mk-empty">{escape(visitor.say("result_none"))}</p>'
