"""Training: slices of clean speech in, a voice out, as a generator of progress.

It knows no threads and no screens. A reader may stop reading at any moment; everything needed to
continue is on disk.
"""

import errno
import math
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

import torch

from rvc.audio import FRAMES_PER_SECOND
from rvc.dataset import Batch, VoiceDataset
from rvc.files import storage_error, swap_folder
from rvc.memory import give_memory_back
from rvc.slicing import Slices
from rvc.training import messages
from rvc.training.build import Pace, build_objective, snapshot
from rvc.training.checkpoint import State, load_checkpoint, remove_asides
from rvc.training.checks import check_continued, check_data, check_free
from rvc.training.folder import only_training, training_folder
from rvc.training.held_out import WORSE_BY, HeldOut, merit, split
from rvc.training.options import TrainingOptions, TrainingProgress
from rvc.training.preflight import Speed
from rvc.training.preparation import load_pieces
from rvc.training.resuming import resume, resumed
from rvc.training.run import TrainingRun
from rvc.training.saving import mark_done, save_preview, save_state, save_voice
from rvc.training.start import Started, start
from rvc.training.state import TrainingState

__all__ = ["TrainingOptions", "TrainingProgress", "TrainingRun", "train", "training_folder"]

ROW_STEPS = 10  # losses are averaged over so many steps for the log and the chart
CALIBRATION_STEPS = 30  # after which "minutes" becomes a number of steps at the measured pace
EXPLODED = 20.0  # times the mean of the steps before
EXPLODED_STEPS = 3  # in a row: one batch of digital silence does that to a voice that hisses
RECOVERIES = 2  # from a loss that is not a number, before giving up

Lock = Callable[[], AbstractContextManager[object]]


def train(
    slices: Slices | None,
    run: TrainingRun,
    *,
    report: dict[str, object] | None = None,
    stop: Callable[[], bool] = lambda: False,
    lock: Lock = nullcontext,
    speed: Callable[[TrainingOptions], Speed] | None = None,
) -> Iterator[TrainingProgress]:
    """Yield TrainingProgress until the voice is in the library under `run.home`/voices.

    `slices` is None to resume from disk; then only a new length in `run.options` counts, which a
    finished training needs. `report` goes into the card. `stop` is called before every step; True
    saves everything, with the best voice so far, and ends with stage "stopped". `lock()` is held
    for one step at a time, so that conversions run in between.
    `speed` returns how fast this machine is; without it, it is measured. Raises TrainingError for
    data, names or weights that cannot work, or while the same name is trained elsewhere;
    StorageError when the disk refuses.
    """
    try:
        with only_training(run.home, run.options.name):
            saved = load_checkpoint(run.folder, run.device) if run.options.resume else None
            started = None
            if saved is None:
                slices = check_data(slices, run.options)
                check_free(run.options, run.library, run.folder)
                started = yield from start(slices, run, report=report, speed=speed)
            else:
                check_continued(run.options, run.folder)
            yield from _train(run, saved, started, stop=stop, lock=lock)
    except OSError as error:
        raise storage_error(error, run.home) from error


def _train(
    run: TrainingRun,
    saved: State | None,
    started: Started | None,
    *,
    stop: Callable[[], bool],
    lock: Lock,
) -> Iterator[TrainingProgress]:
    """Train from the checkpoint `saved`, or on what was just `started`, until the voice is there.

    A new training replaces an earlier one of its name together with its first checkpoint: until
    then the earlier one can be resumed, from then on the new one.
    """
    prepared = run.staging
    if saved is not None:
        prepared = run.folder
        remove_asides(prepared)
        run = resumed(run, saved)
    pieces = load_pieces(prepared)
    kept, held_out = split(pieces, seed=run.options.seed)
    data = VoiceDataset(
        kept,
        hop_length=run.preset.sample_rate // FRAMES_PER_SECOND,
        segment_frames=min(run.preset.segment_frames, sum(piece.frames for piece in kept)),
        device=run.device,
    )
    pace = _pace(run, data.batches_per_epoch(run.batch_size), started)
    objective = build_objective(
        run.preset, run.options, pace=pace, weights=run.weights, device=run.device, saved=saved
    )
    state = TrainingState(objective, pace.total_steps, run.batch_size)
    if saved is None:
        if started is not None:
            state.follow(started.plan, started.features_seconds)
        save_state(prepared, state)
        swap_folder(prepared, run.folder.with_name(run.options.name), old=run.folder)
    else:
        state.from_state(saved)
        yield resume(state, run, data, total_steps=pace.total_steps)
    scorer = HeldOut(held_out, run.options.seed, run.weights)
    yield from _steps(run, state, data=data, scorer=scorer, stop=stop, lock=lock)
    if not state.finished and not state.step:  # nothing is learned yet
        yield state.progress(data, stage="stopped", message=messages.stopped(state))
        return
    yield state.progress(data, stage="index", message=messages.INDEX)
    path = save_voice(run, state, pieces)
    if not state.finished:
        stopped = state.progress(data, stage="stopped", message=messages.stopped(state))
        yield replace(stopped, voice=path)
        return
    mark_done(run.folder, state)
    done = state.progress(data, stage="done", message=messages.done(state))
    yield replace(done, voice=path, fraction=1.0, eta_seconds=0.0)


def _pace(run: TrainingRun, steps_per_epoch: int, started: Started | None) -> Pace:
    total = run.options.steps or run.preset.steps
    if run.options.epochs is not None:
        total = run.options.epochs * steps_per_epoch
    return Pace(max(1, started.plan.steps if started else total), steps_per_epoch)


def _steps(
    run: TrainingRun,
    state: TrainingState,
    *,
    data: VoiceDataset,
    scorer: HeldOut,
    stop: Callable[[], bool],
    lock: Lock,
) -> Iterator[TrainingProgress]:
    """Take steps until the end or until `stop`; report, score and save on the way."""
    if state.finished and state.best is None:  # ended by a new length, before the first save
        yield _save(run, state, data, scorer)
    sums: dict[str, list[float]] = {}  # losses since the last row
    while not state.finished:
        for batch in _batches(state, data, run.options.seed):
            if stop():
                save_state(run.folder, state)
                return
            began = time.monotonic()
            with lock():
                losses = _step(state, batch)
            if losses is None:  # out of memory: the batch is half as large from here on
                message = messages.training(state, data)
                yield state.progress(data, stage="training", message=message)
                break
            if _broken(losses, state):
                _recover(state, run.folder)
                sums.clear()
                break
            _measure_step(state, time.monotonic() - began, run.options.minutes)
            for name, loss in losses.items():
                sums.setdefault(name, []).append(loss)
            state.finished = state.step >= state.total_steps
            if state.step % ROW_STEPS == 0 or state.finished:
                yield _row(state, data, sums)
                sums.clear()
            if state.step % run.save_steps == 0 or state.finished:
                yield _save(run, state, data, scorer)
            if state.finished:
                return


def _batches(state: TrainingState, data: VoiceDataset, seed: int) -> Iterator[Batch]:
    """Yield the rest of the current epoch."""
    epoch, skip = divmod(state.step, data.batches_per_epoch(state.batch_size))
    return data.epoch(state.batch_size, seed=seed, epoch=epoch, skip=skip)


def _step(state: TrainingState, batch: Batch) -> dict[str, float] | None:
    """Return the losses of one step; None when memory ran out and the batch was halved."""
    try:
        return state.objective.step(batch)
    except torch.OutOfMemoryError as error:
        if state.batch_size == 1:
            raise messages.out_of_memory() from error
        state.batch_size //= 2
        state.halved = True
        torch.cuda.empty_cache()
        return None


def _broken(losses: dict[str, float], state: TrainingState) -> bool:
    """Return whether a loss is not a number, or the total stays exploded against the last row's."""
    before = state.rows[-1]["total"] if state.rows else math.inf
    finite = all(math.isfinite(loss) for loss in losses.values())
    state.exploded = state.exploded + 1 if losses["total"] > EXPLODED * before else 0
    return not finite or state.exploded >= EXPLODED_STEPS


def _recover(state: TrainingState, folder: Path) -> None:
    """Go back to the last save at half the learning rate; raise TrainingError the third time."""
    recoveries = state.recoveries + 1
    if recoveries > RECOVERIES:
        raise messages.unstable()
    saved = load_checkpoint(folder, str(state.objective.device))
    if saved is None:  # someone deleted it meanwhile
        raise FileNotFoundError(errno.ENOENT, "no checkpoint", str(folder))
    state.from_state(saved)
    for _ in range(recoveries - state.recoveries):  # those made after the save
        state.objective.halve_learning_rate()
    state.recoveries, state.exploded = recoveries, 0


def _measure_step(state: TrainingState, seconds: float, minutes: float | None) -> None:
    """Update the mean step time; once it is known, turn minutes into a number of steps."""
    weight = 0.05 if state.step > CALIBRATION_STEPS else 0.3
    if state.step == 1:  # the plan's was an estimate
        state.step_seconds = seconds
    state.step_seconds += weight * (seconds - state.step_seconds)
    if state.step == CALIBRATION_STEPS:
        state.fit_minutes(minutes)


def _row(
    state: TrainingState, data: VoiceDataset, sums: dict[str, list[float]]
) -> TrainingProgress:
    """Add the mean losses since the last row to the log, and return them as progress."""
    means = {name: sum(values) / len(values) for name, values in sums.items()}
    state.rows.append({"step": state.step, **means})
    message = messages.training(state, data)
    return state.progress(data, stage="training", message=message, losses=means)


def _save(
    run: TrainingRun, state: TrainingState, data: VoiceDataset, scorer: HeldOut
) -> TrainingProgress:
    """Score, keep the best, decide whether to stop, write the checkpoint and the preview."""
    began = time.monotonic()
    scores = scorer.score(state.objective.synthesizer)
    if state.best is None:  # from here on what a score adds to every step is known
        state.score_step_seconds = (time.monotonic() - began) / state.step
        state.fit_minutes(run.options.minutes)
    _keep_best(run, state, scores)
    save_state(run.folder, state)
    give_memory_back()
    preview, reference = save_preview(run, state, scorer) if scores is not None else (None, None)
    progress = state.progress(data, stage="training", message=messages.saved(state))
    return replace(progress, held_out=scores, preview=preview, reference=reference)


def _keep_best(run: TrainingRun, state: TrainingState, scores: dict[str, float] | None) -> None:
    """Keep the weights with the best scores; end an automatic training that no longer improves."""
    step, synthesizer = state.step, state.objective.synthesizer
    if scores is None:
        state.best = {"step": step, "held_out": None, "weights": snapshot(synthesizer)}
        return
    state.history.append({"step": step, **scores})
    risen = merit(scores) - state.peak
    if risen > WORSE_BY:
        state.peak_step = step
    state.peak = max(state.peak, merit(scores))
    if risen > -WORSE_BY:  # a tie goes to the later step: its learning rate is lower
        state.best = {"step": step, "held_out": scores, "weights": snapshot(synthesizer)}
    since = sum(row["step"] > state.peak_step for row in state.history)
    state.finished |= run.options.automatic and since >= run.preset.patience
