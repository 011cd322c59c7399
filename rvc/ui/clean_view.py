"""HTML of the second tab: what there is to clean, and what each repair did."""

from rvc.ui.html import notes_html, render_for
from rvc.ui.studio import CleanTake, Studio
from rvc.ui.texts import TEXTS, clock
from rvc.ui.visitor import Visitor


def status_html(visitor: Visitor, studio: Studio, takes: list[CleanTake]) -> str:
    """Return what there is to do, or what was done."""
    waiting = studio.takes(visitor.owner)
    if not waiting:
        return notes_html(("mk-empty", visitor.say("clean_nothing")))
    if not takes:
        time = clock(sum(take.duration_seconds for take in waiting))
        text = visitor.say("clean_waiting", count=len(waiting), time=time)
        return notes_html(("mk-sum", text))
    return notes_html(*_done(visitor, takes), *_warnings(visitor, studio, takes))


def _done(visitor: Visitor, takes: list[CleanTake]) -> list[tuple[str, str]]:
    with_speech = [each for each in takes if each.cleaned.speaks]
    if not with_speech:
        return []
    before = sum(each.take.duration_seconds for each in with_speech)
    after = sum(each.cleaned.recording.duration_seconds for each in with_speech)
    text = visitor.say(
        "clean_done", count=len(with_speech), before=clock(before), after=clock(after)
    )
    return [("mk-sum mk-good", text)]


def _warnings(visitor: Visitor, studio: Studio, takes: list[CleanTake]) -> list[tuple[str, str]]:
    without_speech = [each.take.name for each in takes if not each.cleaned.speaks]
    texts = [visitor.say("clean_no_speech", name=name) for name in without_speech]
    texts += [visitor.read(problem) for problem in studio.session(visitor.owner).problems]
    if studio.uncleaned(visitor.owner):
        texts.append(visitor.say("clean_stale"))
    return [("mk-warn", text) for text in texts]


def details_html(visitor: Visitor, each: CleanTake) -> str:
    """Return what each repair did, and the spectrograms."""
    before, after = each.pictures
    return render_for(
        visitor,
        "clean_details.html",
        repairs=[(_name(visitor, repair.name), repair) for repair in each.cleaned.repairs],
        pictures=[(visitor.say("clean_before"), before), (visitor.say("clean_after"), after)],
    )


def _name(visitor: Visitor, repair: str) -> str:
    key = f"repair_{repair}"
    return visitor.say(key) if key in TEXTS else repair
