"""What a voice's card says about the data it was trained on."""

from typing import Any

from rvc.messages import Message, in_every_language
from rvc.slicing import Slices

LITTLE_SECONDS = 120.0  # of speech; a card warns about less
SHORT_REPORT = (
    *("schema", "verdict", "score", "usable_seconds", "total_seconds", "main_fault", "faults"),
    *("headline", "advice", "measures"),
)


def card_facts(slices: Slices, report: dict[str, Any] | None) -> dict[str, object]:
    """Return the facts about the data: the report in short, and how much was left out.

    The whole report of an hour would make a card too long to read.
    """
    seconds_out = sum(seconds for _, seconds, _ in slices.left_out)
    facts: dict[str, object] = {
        "report": short_report(report or {}),
        "slices": len(slices.recordings),
        "left_out": {"pieces": len(slices.left_out), "seconds": round(seconds_out, 2)},
    }
    if slices.seconds < LITTLE_SECONDS:
        facts["warning"] = in_every_language(
            Message(
                "Made from only {seconds:.0f} s of speech; five minutes make a better voice.",
                seconds=slices.seconds,
            )
        )
    return facts


def short_report(report: dict[str, Any]) -> dict[str, object]:
    """Return the report's JSON with files and segments counted instead of listed."""
    short: dict[str, object] = {key: report[key] for key in SHORT_REPORT if key in report}
    if "files" in report:
        short["files"] = len(report["files"])
    decisions = [segment["decision"] for segment in report.get("segments", ())]
    if decisions:
        short["segments"] = {name: decisions.count(name) for name in sorted(set(decisions))}
    return short
