"""HTML of the second tab: what there is to clean, and what each repair did."""

from html import escape

from rvc.ui.studio import CleanTake, Studio
from rvc.ui.texts import TEXTS, clock
from rvc.ui.visitor import Visitor


def status_html(visitor: Visitor, studio: Studio, takes: list[CleanTake]) -> str:
    """What there is to do, or what was done."""
    waiting = studio.takes(visitor.owner)
    if not waiting:
        return _p(visitor.say("clean_nothing"), "mk-empty")
    if not takes:
        seconds = sum(take.duration_seconds for take in waiting)
        return _p(visitor.say("clean_waiting", count=len(waiting), time=clock(seconds)), "mk-sum")
    spoken = [each for each in takes if each.cleaned.speaks]
    before = sum(each.take.duration_seconds for each in spoken)
    after = sum(each.cleaned.recording.duration_seconds for each in spoken)
    text = visitor.say("clean_done", count=len(spoken), before=clock(before), after=clock(after))
    parts = [_p(text, "mk-sum mk-good")] if spoken else []
    parts += [
        _p(visitor.say("clean_no_speech", name=each.take.name), "mk-warn")
        for each in takes
        if not each.cleaned.speaks
    ]
    parts += [_p(visitor.read(p), "mk-warn") for p in studio.session(visitor.owner).problems]
    if studio.uncleaned(visitor.owner):
        parts.append(_p(visitor.say("clean_stale"), "mk-warn"))
    return "".join(parts)


def details_html(visitor: Visitor, each: CleanTake) -> str:
    """What each repair did, and the spectrograms."""
    rows = "".join(
        f'<li class="{"mk-did" if repair.ran else "mk-not"}">'
        f"<b>{escape(_name(visitor, repair.name))}</b> {escape(visitor.read(repair.text))}</li>"
        for repair in each.cleaned.repairs
    )
    pictures = "".join(
        f'<figure><figcaption>{escape(visitor.say(key))}</figcaption><img src="{picture}" '
        f'alt="{escape(visitor.say("spectrogram_alt", what=visitor.say(key)))}"></figure>'
        for key, picture in zip(("clean_before", "clean_after"), each.pictures, strict=True)
    )
    return (
        f'<h3 class="mk-h">{escape(visitor.say("clean_repairs"))}</h3>'
        f'<ul class="mk-repairs">{rows}</ul>'
        f'<h3 class="mk-h">{escape(visitor.say("clean_spectrograms"))}</h3>'
        f'<div class="mk-pair">{pictures}</div>'
    )


def _name(visitor: Visitor, repair: str) -> str:
    key = f"repair_{repair}"
    return visitor.say(key) if key in TEXTS else repair


def _p(text: str, kind: str) -> str:
    return f'<p class="{kind}">{escape(text)}</p>'
