"""Training: slices of clean speech in, a voice out, told step by step.

`train` is a plain generator: it knows no threads and no screens. Whoever reads it may stop reading
at any moment; everything needed to go on is on disk.
"""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

import torch

from rvc.audio import Recording, save_audio
from rvc.dataset import Batch, Piece, VoiceDataset
from rvc.files import storage_error, swap_folder
from rvc.memory import give_memory_back
from rvc.presets import Preset, find_preset
from rvc.slicing import Slices
from rvc.training import messages
from rvc.training.beginning import REPORT_FILE, begin
from rvc.training.build import Pace, build_objective, snapshot, trained_voice
from rvc.training.checkpoint import (
    load_checkpoint,
    remove_asides,
    remove_checkpoints,
    save_checkpoint,
)
from rvc.training.folder import only_training, staging_folder, training_folder
from rvc.training.held_out import WORSE_BY, HeldOut, merit, split
from rvc.training.options import TrainingOptions, TrainingProgress
from rvc.training.preflight import Speed
from rvc.training.preparation import load_pieces
from rvc.training.resuming import resume_run, resumed_options
from rvc.training.run import Run
from rvc.voice import VoiceLibrary, check_name

__all__ = ["TrainingOptions", "TrainingProgress", "train", "training_folder"]

ROW_STEPS = 10  # losses are averaged over so many steps for the log and the chart
CALIBRATION_STEPS = 30  # after which "minutes" becomes a number of steps
LEAST_SECONDS = 10.0  # of speech; under it training refuses
EXPLODED = 20.0  # times the mean of the steps before
RECOVERIES = 2  # from a loss that is no number, before giving up


def train(
    slices: Slices | None,
    options: TrainingOptions,
    *,
    weights: Path,
    home: Path | None = None,
    device: str = "cpu",
    report: dict[str, object] | None = None,
    stop: Callable[[], bool] = lambda: False,
    lock: Callable[[], AbstractContextManager[object]] = nullcontext,
    speed: Callable[[TrainingOptions], Speed] | None = None,
) -> Iterator[TrainingProgress]:
    """Yield TrainingProgress until the voice is in the library under `home`/voices.

    `slices` is None to resume from disk; only a new length counts then, nothing else of `options`.
    `report` goes into the card. `stop` is asked before every step; True saves all and ends with
    stage "stopped". `lock()` is held for a step at a time: conversions get in between. `speed`
    tells how fast this machine is; without it, it is tried out. Raises TrainingError for data,
    names or weights that cannot work, or while the same name is trained elsewhere; StorageError
    when the disk refuses.
    """
    home = Path(home or weights)
    options = replace(options, name=check_name(options.name))
    where = {"weights": weights, "device": device}
    try:
        with only_training(home, options.name):
            folder = training_folder(home, options.name)
            state = load_checkpoint(folder, device) if options.resume else None
            if state is None:
                messages.check_data(slices, options, LEAST_SECONDS)
                messages.check_free(options, VoiceLibrary(home), folder)
                new = staging_folder(folder)
                yield from begin(slices, options, new, report=report, speed=speed, **where)
            yield from _go_on(options, state, folder, home=home, stop=stop, lock=lock, **where)
    except OSError as error:
        raise storage_error(error, home) from error


def _go_on(
    options: TrainingOptions,
    state: dict[str, object] | None,
    folder: Path,
    *,
    home: Path,
    weights: Path,
    device: str,
    stop: Callable[[], bool],
    lock: Callable[[], AbstractContextManager[object]],
) -> Iterator[TrainingProgress]:
    """Train from `state`, or on what was just prepared, until the voice is there.

    A new training takes the place of an earlier one together with its first checkpoint: until then
    the earlier one can be resumed, from then on the new one.
    """
    prepared = staging_folder(folder) if state is None else folder
    if state is not None:
        remove_asides(folder)
        options = resumed_options(options, folder, state)
    preset = find_preset(options.preset)
    pieces = load_pieces(prepared)
    kept, held_out = split(pieces, seed=options.seed)
    batch_size = options.batch_size or preset.batch_size
    data = VoiceDataset(
        kept,
        hop_length=preset.sample_rate // 100,
        segment_frames=min(preset.segment_frames, sum(piece.frames for piece in kept)),
        device=device,
    )
    pace = _pace(options, preset, data.batches_per_epoch(batch_size))
    objective = build_objective(preset, options, pace, weights=weights, device=device, saved=state)
    run = Run(objective, pace.total_steps, batch_size)
    if state is None:
        save_checkpoint(prepared, run.to_state())
        swap_folder(prepared, folder.with_name(options.name), old=folder)
        folder = folder.with_name(options.name)
    else:
        run.from_state(state)
        yield resume_run(run, options, pace.total_steps, folder, data)
    held_out = HeldOut(held_out, options.seed, weights)
    yield from _loop(
        run, data, held_out, options=options, preset=preset, folder=folder, stop=stop, lock=lock
    )
    if not run.finished:
        yield run.progress(data, "stopped", messages.stopped(run.objective.step_number))
        return
    yield run.progress(data, "index", messages.INDEX)
    path = _finish(run, pieces, options, preset, VoiceLibrary(home), folder)
    remove_checkpoints(folder)
    yield replace(run.progress(data, "done", messages.done(run)), voice=path, fraction=1.0)


def _pace(options: TrainingOptions, preset: Preset, per_epoch: int) -> Pace:
    total = options.steps or preset.steps
    if options.epochs is not None:
        total = options.epochs * per_epoch
    return Pace(max(1, total), per_epoch)


def _loop(
    run: Run,
    data: VoiceDataset,
    held_out: HeldOut,
    *,
    options: TrainingOptions,
    preset: Preset,
    folder: Path,
    stop: Callable[[], bool],
    lock: Callable[[], AbstractContextManager[object]],
) -> Iterator[TrainingProgress]:
    """Step until the end, saving, scoring and telling on the way."""
    save_steps = options.save_steps or preset.save_steps
    if run.finished and run.best is None:  # ended by a new length, before the first save
        yield _save(run, data, held_out, options, preset, folder)
    sums: dict[str, list[float]] = {}  # since the last row
    while not run.finished:
        for batch in _batches(run, data, options.seed):
            if stop():
                save_checkpoint(folder, run.to_state())
                return
            began = time.monotonic()
            with lock():
                losses = _step(run, batch)
            if losses is None:  # out of memory: the batch is half as large from here on
                yield run.progress(data, "training", messages.training(run, data))
                break
            if _broken(losses, run):
                _recover(run, folder)
                sums.clear()
                break
            _measure(run, time.monotonic() - began, options)
            for name, loss in losses.items():
                sums.setdefault(name, []).append(loss)
            step = run.objective.step_number
            run.finished = step >= run.total_steps
            if step % ROW_STEPS == 0 or run.finished:
                means = {name: sum(values) / len(values) for name, values in sums.items()}
                run.rows.append({"step": step} | means)
                yield run.progress(data, "training", messages.training(run, data), losses=means)
                sums.clear()
            if step % save_steps == 0 or run.finished:
                yield _save(run, data, held_out, options, preset, folder)
            if run.finished:
                return


def _batches(run: Run, data: VoiceDataset, seed: int) -> Iterator[Batch]:
    """The rest of the current epoch."""
    epoch, skip = divmod(run.objective.step_number, data.batches_per_epoch(run.batch_size))
    return data.epoch(run.batch_size, seed=seed, epoch=epoch, skip=skip)


def _step(run: Run, batch: Batch) -> dict[str, float] | None:
    """One step's losses; None when memory ran out and the batch was halved."""
    try:
        return run.objective.step(batch)
    except torch.OutOfMemoryError as error:
        if run.batch_size == 1:
            raise messages.out_of_memory() from error
        run.batch_size //= 2
        run.halved = True
        torch.cuda.empty_cache()
        return None


def _broken(losses: dict[str, float], run: Run) -> bool:
    """Whether a loss is no number, or the whole has exploded against the last row's."""
    before = run.rows[-1]["total"] if run.rows else math.inf
    finite = all(math.isfinite(loss) for loss in losses.values())
    return not finite or losses["total"] > EXPLODED * before


def _recover(run: Run, folder: Path) -> None:
    """Go back to the last save at half the learning rate; raise TrainingError the third time."""
    recoveries = run.recoveries + 1
    if recoveries > RECOVERIES:
        raise messages.unstable()
    run.from_state(load_checkpoint(folder, str(run.objective.device)))
    for _ in range(recoveries - run.recoveries):  # those the save has not seen yet
        run.objective.halve_learning_rate()
    run.recoveries = recoveries


def _measure(run: Run, seconds: float, options: TrainingOptions) -> None:
    """Keep the pace; once it is known, turn minutes into a number of steps."""
    step = run.objective.step_number
    weight = 0.05 if step > CALIBRATION_STEPS else 0.3
    run.step_seconds += weight * (seconds - run.step_seconds) if run.step_seconds else seconds
    if step == CALIBRATION_STEPS:
        run.fit(options.minutes)


def _save(
    run: Run,
    data: VoiceDataset,
    held_out: HeldOut,
    options: TrainingOptions,
    preset: Preset,
    folder: Path,
) -> TrainingProgress:
    """Score, keep the best, decide whether to stop, write the checkpoint and the preview."""
    synthesizer, step = run.objective.synthesizer, run.objective.step_number
    began = time.monotonic()
    scores = held_out.score(synthesizer)
    if run.best is None:  # from here on it is known what a score adds to every step
        run.fit(options.minutes, score_seconds=(time.monotonic() - began) / step)
    if scores is None:
        run.best = {"step": step, "held_out": None, "weights": snapshot(synthesizer)}
    else:
        run.history.append({"step": step} | scores)
        risen = merit(scores) - run.peak
        if risen > WORSE_BY:
            run.peak_step = step
        run.peak = max(run.peak, merit(scores))
        if risen > -WORSE_BY:  # a tie goes to the later step: its learning rate is lower
            run.best = {"step": step, "held_out": scores, "weights": snapshot(synthesizer)}
        since = sum(row["step"] > run.peak_step for row in run.history)
        run.finished |= options.automatic and since >= preset.patience
    save_checkpoint(folder, run.to_state())
    give_memory_back()
    preview = reference = None
    if scores is not None:
        rate, recorded = preset.sample_rate, held_out.sentence
        spoken = held_out.respeak(synthesizer, recorded)
        preview = save_audio(folder / f"preview_{step:06d}.wav", Recording(spoken, rate))
        reference = folder / "preview_original.wav"
        if not reference.exists():
            save_audio(reference, Recording(recorded.samples, rate))
    told = run.progress(data, "training", messages.saved(run))
    return replace(told, held_out=scores, preview=preview, reference=reference)


def _finish(
    run: Run,
    pieces: list[Piece],
    options: TrainingOptions,
    preset: Preset,
    library: VoiceLibrary,
    folder: Path,
) -> Path:
    """Save the best weights as a voice with its index and card."""
    facts = messages.read_facts(folder) | {
        "steps": run.best["step"],
        "steps_trained": run.objective.step_number,
        "held_out": run.best["held_out"],
        "history": run.history,
    }
    synthesizer = run.objective.synthesizer
    voice = trained_voice(run.best["weights"], synthesizer, pieces, options, preset, facts)
    report = folder / REPORT_FILE
    extra = {REPORT_FILE: report.read_bytes()} if report.exists() else {}
    return library.save(voice, extra)
