"""Messages of a training: its progress, its end, and what of the recordings it uses."""

from rvc.clock import clock
from rvc.dataset import VoiceDataset
from rvc.errors import TrainingError
from rvc.messages import Message, joined
from rvc.quality import QualityReport
from rvc.slicing import Slices
from rvc.training.state import TrainingState

INDEX = Message("Building the search index and saving the voice")
OVERRULED = Message("You left it out.")
UNFIT = Message("It would spoil the voice.")


def summary(report: QualityReport, slices: Slices) -> list[Message]:
    """Return minutes in and slices out, then all that is left out, by its reason, a line each."""
    count, usable = len(slices.recordings), slices.seconds
    lines = [
        Message(
            "{recorded} recorded, {count} slices of together {usable} to learn from.",
            recorded=clock(report.total_seconds),
            count=count,
            usable=clock(usable),
        )
    ]
    out: dict[Message, list[float]] = {}
    for segment in report.segments:
        if not segment.used:
            reason = OVERRULED if segment.overruled else next(iter(segment.reasons), UNFIT)
            out.setdefault(reason, []).append(segment.duration_seconds)
    for _, duration, reason in slices.left_out:
        out.setdefault(reason, []).append(duration)
    for reason, seconds in sorted(out.items(), key=lambda item: -sum(item[1])):
        lines.append(
            Message(
                "Left out: {count} ({length}). {reason}",
                count=len(seconds),
                length=clock(sum(seconds)),
                reason=reason,
            )
        )
    scored = sum(segment.duration_seconds for segment in report.segments)
    pauses = report.total_seconds - scored
    if pauses >= 1:
        lines.append(
            Message(
                "Left out: pauses between the segments ({length}).",
                length=clock(pauses),
            )
        )
    return lines


def training(state: TrainingState, data: VoiceDataset) -> Message:
    """Return the message of a training under way."""
    step, total = state.step, state.total_steps
    epoch = step // data.batches_per_epoch(state.batch_size)
    text = Message("Step {step} of {total}, epoch {epoch}", step=step, total=total, epoch=epoch + 1)
    if not state.halved:
        return text
    smaller = Message(
        "Memory ran out, so the batch was made smaller: {batch_size}", batch_size=state.batch_size
    )
    return joined([text, smaller], ". ")


def saved(state: TrainingState) -> Message:
    """Return the message of a save: whether the held-out score is the best so far."""
    step, best = state.step, state.best_step
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


def stopped(state: TrainingState) -> Message:
    """Return the message of a stop: which voice can be used, and that it can be resumed."""
    if not state.step:
        return Message(
            "Stopped before the first step. Everything is saved: resume whenever you like."
        )
    return Message(
        "Stopped at step {step}. The voice of step {best} is saved and can be used now; resume "
        "whenever you like.",
        step=state.step,
        best=state.best_step or state.step,
    )


def done(state: TrainingState) -> Message:
    step, best = state.step, state.best_step
    if step < state.total_steps:
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
