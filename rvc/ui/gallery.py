"""The gallery of voices: a card for each, with facts and a picture of its recordings' report."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import pi
from typing import Any

from markupsafe import Markup

from rvc.charts import ACCENT, BAD, GOOD, INK, LINE, WARN, tag
from rvc.ui.conversion import KnownVoice
from rvc.ui.html import notes_html, render_for
from rvc.ui.texts import clock
from rvc.ui.visitor import Visitor

VERDICTS = {"ready": GOOD, "usable": WARN, "again": BAD}
DECISIONS = (("keep", GOOD), ("review", WARN), ("drop", BAD))
# Key of an imported voice's card -> its label, and the letters shown: of a date the day, of a hash
# as many as tell two voices apart.
IMPORTED_FACTS = {
    "model_name": ("voice_model_name", 60),
    "author": ("voice_author", 60),
    "epoch": ("voice_epochs", 12),
    "creation_date": ("voice_created", 10),
    "model_hash": ("voice_hash", 12),
}
RING_RADIUS = 20.0
BAR_WIDTH = 100.0


@dataclass(frozen=True)
class VoiceCard:
    """What the card of one voice shows; `picture` is empty for a voice without a report."""

    name: str
    demo: bool
    facts: list[str]
    picture: Markup
    verdict: str
    minutes: str


def gallery_html(
    visitor: Visitor, voices: Sequence[KnownVoice], chosen: str | None, busy: str = ""
) -> str:
    """Return a card for each voice; `chosen` is marked, the preview of `busy` is being made."""
    if not voices:
        return notes_html(("mk-empty", visitor.say("voice_none")))
    cards = [_card(visitor, voice) for voice in voices]
    return render_for(visitor, "gallery.html", cards=cards, chosen=chosen, busy=busy)


def facts_of(visitor: Visitor, voice: KnownVoice) -> list[str]:
    """Return the facts on a voice's card: its kind, usual pitch, minutes of training, origin."""
    card, facts = voice.card, []
    if voice.kind:
        facts.append(voice.kind)
    if isinstance(card.get("f0_median_hz"), int | float):
        facts.append(f"{card['f0_median_hz']:.0f} Hz")
    if isinstance(card.get("minutes"), int | float):
        facts.append(visitor.say("voice_trained", minutes=card["minutes"]))
    if voice.speakers > 1:
        facts.append(visitor.say("voice_speakers", count=voice.speakers))
    if isinstance(card.get("blended_from"), str):
        facts.append(visitor.say("voice_blended", names=card["blended_from"]))
    for key, (label, letters) in IMPORTED_FACTS.items():
        if isinstance(card.get(key), str | int | float) and card[key] != "":
            facts.append(f"{visitor.say(label)}: {str(card[key])[:letters]}")
    return facts


def _card(visitor: Visitor, voice: KnownVoice) -> VoiceCard:
    report = voice.card.get("report")
    report = report if isinstance(report, dict) else {}
    verdict, score = report.get("verdict"), report.get("score")
    picture, words, minutes = Markup(""), "", ""
    if verdict in VERDICTS and isinstance(score, int | float):
        few = verdict == "again" and report.get("main_fault") == "too_short"
        verdict = "usable" if few else verdict  # the little there is, is clean
        words = visitor.say("voice_few" if few else f"voice_{verdict}")
        label = visitor.say("voice_report", score=f"{score:.0f}", verdict=words)
        picture = report_picture(score, str(verdict), report.get("segments"), label)
        if isinstance(report.get("usable_seconds"), int | float):
            minutes = visitor.say("voice_clean", time=clock(report["usable_seconds"]))
    return VoiceCard(voice.name, voice.demo, facts_of(visitor, voice), picture, words, minutes)


def report_picture(score: float, verdict: str, segments: Any, label: str) -> Markup:
    """Return SVG of a report in short: its score as a ring, its pieces by decision as a bar."""
    share = min(1.0, max(0.0, score / 100))
    around = 2 * pi * RING_RADIUS
    ring = {"cx": 26, "cy": 26, "r": RING_RADIUS, "fill": "none", "stroke_width": 6}
    parts = [
        tag("circle", **ring, stroke=LINE),
        tag(
            "circle", **ring, stroke=VERDICTS.get(verdict, ACCENT), stroke_linecap="round",
            stroke_dasharray=f"{share * around:.1f} {around:.1f}", transform="rotate(-90 26 26)",
        ),
        tag("text", f"{score:.0f}", x=26, y=31, text_anchor="middle", fill=INK, font_size=15),
        *_bar(segments),
    ]  # fmt: skip
    return tag(
        "svg",
        *parts,
        viewBox="0 0 160 52",
        role="img",
        aria_label=label,
        class_="mk-report",
        preserveAspectRatio="xMinYMid",
    )


def _bar(segments: Any) -> list[Markup]:
    """Return the bar of a report's pieces {decision: count}; nothing without any."""
    counts = [
        (max(0, count), colour)
        for name, colour in DECISIONS
        if isinstance(segments, dict) and isinstance(count := segments.get(name, 0), int)
    ]
    total = sum(count for count, _ in counts)
    parts, at = [], 58.0
    for count, colour in counts if total else []:
        width = BAR_WIDTH * count / total
        if width:
            parts.append(tag("rect", x=at, y=20, width=width, height=12, fill=colour))
        at += width
    return parts
