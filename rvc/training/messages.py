"""What a training says about itself, in words and in the voice's card."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Protocol

from rvc.errors import TrainingError
from rvc.messages import Message, in_every_language, joined
from rvc.quality import QualityReport
from rvc.slicing import Slices
from rvc.training.checkpoint import has_checkpoint
from rvc.training.options import TrainingOptions
from rvc.voice import VoiceLibrary
from rvc.voice.files import check_own

PREPARED = 0.1  # of the whole bar; training takes the rest but the last hundredth
FINISHED = 0.99
LITTLE_SECONDS = 120.0  # of speech; under it the card says so
SHORT_REPORT = (
    *("schema", "verdict", "score", "usable_seconds", "total_seconds", "main_fault", "faults"),
    *("headline", "advice", "measures"),
)

INDEX = Message("Building the search index and saving the voice")


OVERRULED = Message("You left it out.")
UNFIT = Message("It would spoil the voice.")


class RunState(Protocol):
    """What of `rvc.train.Run` is told."""

    total_steps: int
    batch_size: int
    halved: bool
    best: dict | None
    objective: object


def check_data(slices: Slices | None, options: TrainingOptions, least_seconds: float) -> None:
    """Raise TrainingError when there is nothing to train on."""
    if slices is None:
        raise TrainingError(
            "There is no saved training called {name!r} to resume. Start a new one.",
            name=options.name,
        )
    seconds = sum(r.duration_seconds for r in slices.recordings if r.samples.any())
    if seconds < least_seconds:
        raise TrainingError(
            "Only {seconds:.1f} s of clean speech: at least {least_seconds:.0f} s are "
            "needed to train at all, and five minutes for a good voice. Record more.",
            seconds=seconds,
            least_seconds=least_seconds,
        )


def check_free(options: TrainingOptions, library: VoiceLibrary, folder: Path) -> None:
    """Raise TrainingError when a new training would overwrite earlier work of the same name."""
    library.check_clash(options.name)
    if options.replace:
        check_own(library.path(options.name))
        return
    if options.name in library:
        raise TrainingError(
            "There is a voice called {name!r} already. Choose another name, or delete "
            "that voice first.",
            name=options.name,
        )
    if has_checkpoint(folder):
        raise TrainingError(
            "A training called {name!r} was begun and not finished. Resume it, or choose "
            "another name.",
            name=options.name,
        )


def summary(report: QualityReport, slices: Slices) -> list[Message]:
    """Return minutes in and slices out, then all that is left out, by its reason, a line each."""
    count, usable = len(slices.recordings), slices.seconds
    lines = [
        Message(
            "{recorded} recorded, {count} slices of together {usable} to learn from.",
            recorded=_clock(report.total_seconds),
            count=count,
            usable=_clock(usable),
        )
    ]
    out: dict[Message, list[float]] = {}
    for segment in report.segments:
        if not segment.used:
            reason = OVERRULED if segment.overruled else next(iter(segment.reasons), UNFIT)
            out.setdefault(reason, []).append(segment.duration_seconds)
    for _, seconds, reason in slices.left_out:
        out.setdefault(reason, []).append(seconds)
    for reason, seconds in sorted(out.items(), key=lambda item: -sum(item[1])):
        lines.append(
            Message(
                "Left out: {count} ({length}). {reason}",
                count=len(seconds),
                length=_clock(sum(seconds)),
                reason=reason,
            )
        )
    judged = sum(segment.duration_seconds for segment in report.segments)
    pauses = report.total_seconds - judged
    if pauses >= 1:
        lines.append(
            Message(
                "Left out: pauses between the segments ({length}).",
                length=_clock(pauses),
            )
        )
    return lines


def _clock(seconds: float) -> str:
    return f"{round(seconds) // 60}:{round(seconds) % 60:02d}"


def facts(slices: Slices, report: dict[str, object] | None) -> dict[str, object]:
    """Return what the card says about the data: the report in short, and what was left out.

    Whole, a report of an hour would make a card that nobody can read.
    """
    seconds_out = sum(seconds for _, seconds, _ in slices.left_out)
    told: dict[str, object] = {
        "report": short_report(report or {}),
        "slices": len(slices.recordings),
        "left_out": {"pieces": len(slices.left_out), "seconds": round(seconds_out, 2)},
    }
    if slices.seconds < LITTLE_SECONDS:
        told["warning"] = in_every_language(
            Message(
                "Made from only {seconds:.0f} s of speech; five minutes make a better voice.",
                seconds=slices.seconds,
            )
        )
    return told


def short_report(report: dict[str, object]) -> dict[str, object]:
    """Return the report's JSON with files and segments counted instead of listed."""
    short = {key: report[key] for key in SHORT_REPORT if key in report}
    if "files" in report:
        short["files"] = len(report["files"])
    decisions = [segment["decision"] for segment in report.get("segments", ())]
    if decisions:
        short["segments"] = {name: decisions.count(name) for name in sorted(set(decisions))}
    return short


def as_dict(options: TrainingOptions) -> dict[str, object]:
    return asdict(options)


def read_facts(folder: Path) -> dict[str, object]:
    """Return the facts about the data that were written when the training began."""
    return json.loads((folder / "job.json").read_text(encoding="utf-8"))["facts"]


def fraction(step: int, total_steps: int) -> float:
    return PREPARED + (FINISHED - PREPARED) * min(1.0, step / total_steps)


def training(run: RunState, data: object) -> Message:
    """The sentence under the bar."""
    step, total = run.objective.step_number, run.total_steps
    epoch = step // data.batches_per_epoch(run.batch_size)
    text = Message("Step {step} of {total}, epoch {epoch}", step=step, total=total, epoch=epoch + 1)
    if not run.halved:
        return text
    smaller = Message(
        "Memory ran out, so the batch was made smaller: {batch_size}", batch_size=run.batch_size
    )
    return joined([text, smaller], ". ")


def saved(run: RunState) -> Message:
    """What the held-out score says at a save."""
    step, best = run.objective.step_number, run.best["step"]
    if best == step:
        return Message(
            "Step {step}: saved. This is the closest to your voice so far.",
            step=step,
        )
    return Message(
        "Step {step}: saved. The best so far is still step {best}.",
        step=step,
        best=best,
    )


def stopped(step: int) -> Message:
    return Message(
        "Stopped at step {step}. Everything is saved: resume whenever you like.",
        step=step,
    )


def done(run: RunState) -> Message:
    step, best = run.objective.step_number, run.best["step"]
    if step < run.total_steps:
        return Message(
            "Done: the voice stopped getting closer at step {best}, so training ended early.",
            best=best,
        )
    return Message(
        "Done: {step} steps; the voice of step {best} was closest and is the one saved.",
        step=step,
        best=best,
    )


def out_of_memory() -> TrainingError:
    return TrainingError(
        "The graphics card has too little memory even for the smallest batch. Close other programs "
        "that use it, or train with the preset lite.",
    )


def unstable() -> TrainingError:
    return TrainingError(
        "The training became unstable three times and was stopped. The best voice so far is kept: "
        "resume to finish it, and look in the report for damaged passages.",
    )
