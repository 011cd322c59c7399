"""HTML of the first tab: the list of recordings, with a bar towards five minutes."""

from html import escape

from rvc.messages import joined
from rvc.ui.texts import clock, message
from rvc.ui.visitor import Visitor
from rvc.ui.workspace import Take

WANTED_SECONDS = 5 * 60
PROCESSING = {
    "autoGainControl": "processing_agc",
    "noiseSuppression": "processing_ns",
    "echoCancellation": "processing_ec",
}


def takes_html(visitor: Visitor, takes: list[Take]) -> str:
    """The list of takes with a bar towards five minutes."""
    if not takes:
        return f'<p class="mk-empty">{escape(visitor.say("takes_none"))}</p>'
    seconds = sum(take.duration_seconds for take in takes)
    key = "takes_total_one" if len(takes) == 1 else "takes_total"
    total = visitor.say(key, count=len(takes), time=clock(seconds))
    left = WANTED_SECONDS - seconds
    advice = (
        visitor.say("takes_enough") if left <= 0 else visitor.say("takes_more", time=clock(left))
    )
    share = min(100.0, 100 * seconds / WANTED_SECONDS)
    rows = "".join(_row(visitor, take) for take in takes)
    return (
        f'<div class="mk-meter"><i style="width:{share:.1f}%"></i></div>'
        f'<p class="mk-sum"><b>{escape(total)}</b> {escape(advice)}</p>'
        f'<ul class="mk-list">{rows}</ul>'
    )


def _row(visitor: Visitor, take: Take) -> str:
    name, play = escape(take.name), escape(visitor.say("take_play"))
    notes = [visitor.read(note) for note in take.notes] + _microphone_notes(visitor, take)
    small = "".join(f"<small>{escape(note)}</small>" for note in notes)
    return (
        f'<li data-take="{escape(take.id)}">'
        f'<button class="mk-play" data-act="play" data-id="{escape(take.id)}" '
        f'aria-label="{play}: {name}">▶</button>'
        f'<span class="mk-name">{name}{small}</span>'
        f'<span class="mk-time">{clock(take.duration_seconds)}</span>'
        f'<button class="mk-quiet" data-act="delete" data-id="{escape(take.id)}" '
        f'aria-label="{escape(visitor.say("take_delete"))}: {name}">'
        f"{escape(visitor.say('take_delete'))}</button></li>"
    )


def _microphone_notes(visitor: Visitor, take: Take) -> list[str]:
    if take.microphone is None:
        return []
    kept = [key for field, key in PROCESSING.items() if take.microphone.get(field) is True]
    if not kept:
        return [visitor.say("take_raw")]
    what = joined([message(key) for key in kept], ", ")
    return [visitor.say("take_processed", what=what)]
