"""HTML of the first tab: the list of recordings, with a bar towards five minutes."""

from rvc.messages import Message, joined
from rvc.ui.html import notes_html, render_for
from rvc.ui.texts import clock, message
from rvc.ui.visitor import Visitor
from rvc.ui.workspace import Take

WANTED_SECONDS = 5 * 60
PROCESSING = {  # {the browser's name of a setting: key of ours}
    "autoGainControl": "processing_agc",
    "noiseSuppression": "processing_ns",
    "echoCancellation": "processing_ec",
}


def takes_html(visitor: Visitor, takes: list[Take]) -> str:
    """Return the list of recordings and how many minutes they make."""
    if not takes:
        return notes_html(("mk-empty", visitor.say("takes_none")))
    seconds = sum(take.duration_seconds for take in takes)
    key = "takes_total_one" if len(takes) == 1 else "takes_total"
    left = WANTED_SECONDS - seconds
    return render_for(
        visitor,
        "takes.html",
        percent=min(100.0, 100 * seconds / WANTED_SECONDS),
        total=visitor.say(key, count=len(takes), time=clock(seconds)),
        advice=visitor.say("takes_more", time=clock(left))
        if left > 0
        else visitor.say("takes_enough"),
        takes=[(take, [*take.notes, *_microphone_notes(take)]) for take in takes],
    )


def _microphone_notes(take: Take) -> list[Message]:
    if take.microphone is None:
        return []
    active = [key for name, key in PROCESSING.items() if take.microphone.get(name) is True]
    if not active:
        return [message("take_raw")]
    return [message("take_processed", what=joined(map(message, active), ", "))]
