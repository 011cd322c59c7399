"""Resuming a training from its last save, with the same or another length."""

from dataclasses import replace

from rvc.dataset import VoiceDataset
from rvc.errors import TrainingError
from rvc.messages import Message
from rvc.training.checkpoint import State
from rvc.training.job import saved_options
from rvc.training.options import TrainingProgress
from rvc.training.run import TrainingRun
from rvc.training.saving import save_state
from rvc.training.state import TrainingState

LENGTHS = ("minutes", "steps", "epochs")  # fields of TrainingOptions


def resumed(asked: TrainingRun, saved: State) -> TrainingRun:
    """Return the run as it was begun, but for its length; `saved`: its last checkpoint.

    The length is the one asked for now, else the one last asked for. All other options that are
    asked for now are ignored.
    """
    begun = saved_options(asked.folder)
    begun = replace(begun, name=asked.options.name, **saved.get("length", {}))
    new = {name: getattr(asked.options, name) for name in LENGTHS}
    return asked.with_options(replace(begun, **new) if any(new.values()) else begun)


def resume(
    state: TrainingState, run: TrainingRun, data: VoiceDataset, *, total_steps: int
) -> TrainingProgress:
    """Adopt a new length, save it, and return the progress from where the training continues.

    `total_steps`: what steps or epochs of the options come to. Raises TrainingError when the
    training is past the new end.
    """
    length = {name: getattr(run.options, name) for name in LENGTHS}
    before, begun_with = state.total_steps, saved_options(run.folder)
    known = state.length or {name: getattr(begun_with, name) for name in LENGTHS}
    if length != known:
        total = total_steps
        if run.options.minutes is not None:
            total = state.steps_in(run.options.minutes) or before
        _check_length(state.step, total, before)
        state.end_at(total)
        state.length = length
        save_state(run.folder, state)
    message = _resumed_message(state.step, state.total_steps, before)
    return state.progress(data, stage="resumed", message=message)


def _check_length(step: int, total_steps: int, before: int) -> None:
    """Raise TrainingError when a training is past the length now asked for."""
    if total_steps < step:
        raise TrainingError(
            "This training is at step {step} already and cannot stop at {total_steps}. Resume it "
            "without a number to go on to step {before}, or with {step} steps to finish now.",
            step=step,
            total_steps=total_steps,
            before=before,
        )


def _resumed_message(step: int, total_steps: int, before: int) -> Message:
    """Return the first message of a resumed training; `before`: its end until now."""
    if total_steps == before:
        return Message(
            "Going on from step {step} of {total_steps}.",
            step=step,
            total_steps=total_steps,
        )
    return Message(
        "Going on from step {step}. It now ends at step {total_steps} instead of {before}.",
        step=step,
        total_steps=total_steps,
        before=before,
    )
