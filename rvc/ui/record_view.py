"""HTML of the first tab: the list of recordings, with a bar towards five minutes."""

from collections import Counter
from dataclasses import dataclass

from rvc.messages import Message, joined
from rvc.ui.html import notes_html, render_for
from rvc.ui.studio import Session
from rvc.ui.texts import clock, message
from rvc.ui.visitor import Visitor
from rvc.ui.workspace import Take

WANTED_SECONDS = 5 * 60
REASONS_SHOWN = 2  # of the pieces that are not used
PROCESSING = {  # {the browser's name of a setting: key of ours}
    "autoGainControl": "processing_agc",
    "noiseSuppression": "processing_ns",
    "echoCancellation": "processing_ec",
}


@dataclass(frozen=True)
class TakeRow:
    """A recording with remarks on it, and with reasons why it is not used, or not all of it."""

    take: Take
    notes: list[Message]
    reasons: list[Message]


def takes_html(visitor: Visitor, takes: list[Take], session: Session) -> str:
    """Return the list of recordings, what became of each, and what was not taken and why."""
    if not takes and not session.refused:
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
        rows=[_row(take, session) for take in takes],
        refused=session.refused,
    )


def _row(take: Take, session: Session) -> TakeRow:
    notes = [*take.notes, *_microphone_notes(take)]
    if take.cut is not None:
        start, end = map(clock, take.cut)
        notes.append(message("take_cut", start=start, end=end))
    return TakeRow(take, notes, _reasons(take, session))


def _reasons(take: Take, session: Session) -> list[Message]:
    """Return why a recording cannot be used, or how much of it is not."""
    if take.id in session.problems:
        return [session.problems[take.id]]
    cleaned = session.cleaned.get(take.id)
    if cleaned is None:
        return []
    if not cleaned.cleaned.speaks:
        return [message("take_no_speech")]
    if session.report is None or cleaned not in session.report_of:
        return []
    number = session.report_of.index(cleaned)
    pieces = [piece for piece in session.report.segments if piece.take == number]
    dropped = [piece for piece in pieces if not piece.used]
    if not dropped:
        return []
    seconds = sum(piece.end_seconds - piece.start_seconds for piece in dropped)
    key = "take_unused" if len(dropped) == len(pieces) else "take_partly"
    reasons = Counter(reason for piece in dropped for reason in piece.reasons)
    most = [reason for reason, _ in reasons.most_common(REASONS_SHOWN)]
    return [joined([message(key, time=clock(seconds)), *most])]


def _microphone_notes(take: Take) -> list[Message]:
    if take.microphone is None:
        return []
    active = [key for name, key in PROCESSING.items() if take.microphone.get(name) is True]
    if not active:
        return [message("take_raw")]
    return [message("take_processed", what=joined(map(message, active), ", "))]
