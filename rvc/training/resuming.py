"""Going on with a training from its last save, and giving it another length on the way."""

import json
from dataclasses import replace
from pathlib import Path

from rvc.dataset import VoiceDataset
from rvc.errors import TrainingError
from rvc.messages import Message
from rvc.training.checkpoint import save_checkpoint
from rvc.training.options import TrainingOptions, TrainingProgress
from rvc.training.run import Run

LENGTHS = ("minutes", "steps", "epochs")  # fields of TrainingOptions


def saved_options(folder: Path) -> TrainingOptions:
    """Return the options a training was begun with; raises TrainingError when they are gone."""
    try:
        saved = json.loads((folder / "job.json").read_text(encoding="utf-8"))["options"]
        return TrainingOptions(**(saved | {"resume": True}))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TrainingError(
            "The settings of this training are damaged or gone, so it cannot be resumed. Start a "
            "new training under another name.",
        ) from error


def resumed_options(
    asked: TrainingOptions, folder: Path, state: dict[str, object]
) -> TrainingOptions:
    """Return the options a training goes on with: those it was begun with, but for its length.

    The length is what is asked for now, else what was last asked for. All else that is asked now
    does not count.
    """
    begun = replace(saved_options(folder), name=asked.name, **state.get("length", {}))
    new = {name: getattr(asked, name) for name in LENGTHS}
    return replace(begun, **new) if any(new.values()) else begun


def resume_run(
    run: Run, options: TrainingOptions, total_steps: int, folder: Path, data: VoiceDataset
) -> TrainingProgress:
    """Say from where the training goes on; take over a new length, and put it on the disk.

    `total_steps`: what steps or epochs of `options` come to. Raises TrainingError when the
    training is past the new end.
    """
    length = {name: getattr(options, name) for name in LENGTHS}
    step, before = run.objective.step_number, run.total_steps
    begun_with = saved_options(folder)
    known = run.length or {name: getattr(begun_with, name) for name in LENGTHS}
    if length != known:
        total = total_steps
        if options.minutes is not None:
            total = run.steps_in(options.minutes) or before
        _check_length(step, total, before)
        run.end_at(total)
        run.length = length
        save_checkpoint(folder, run.to_state())
    return run.progress(data, "resumed", _going_on(step, run.total_steps, before))


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


def _going_on(step: int, total_steps: int, before: int) -> Message:
    """What a resumed training says first; `before`: where it was to end until now."""
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
