"""python -m rvc train INPUT... --name NAME"""

import argparse
import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from rvc.cli.console import Console, UsageError
from rvc.cli.report import assess_files
from rvc.engine import Engine
from rvc.errors import Cancelled, RVCError
from rvc.messages import Message
from rvc.presets import find_preset
from rvc.quality import QualityReport
from rvc.slicing import cut
from rvc.training.build import base_paths
from rvc.training.checkpoint import has_checkpoint
from rvc.training.checks import check_data, check_free
from rvc.training.folder import check_startable, training_folder
from rvc.training.job import saved_options
from rvc.training.messages import summary
from rvc.training.options import TrainingOptions, TrainingProgress
from rvc.training.resuming import LENGTHS
from rvc.voice import check_name

PREPARING = 0.1  # share of the progress for cleaning and assessing
CONSENT = "By training on the command line the user vouches for the speaker's consent."


def run(arguments: argparse.Namespace, console: Console) -> None:
    """Train a voice on the recordings, or resume a training, and print the result."""
    if not arguments.paths and not arguments.resume:
        raise UsageError(
            "Name the recordings to train on: train INPUT... --name NAME",
        )
    engine = Engine(arguments.weights)
    name = check_name(arguments.name)
    folder = training_folder(engine.weights, name)
    check_startable(engine.weights, name)  # before the slow cleaning of the recordings
    if arguments.resume and has_checkpoint(folder):
        _resume(engine, _resumed(arguments, folder), arguments, console)
        return
    preset, why = arguments.preset, None
    if preset == "auto":
        preset, why = engine.pick_preset()
    options = TrainingOptions(
        name=name,
        preset=preset,
        minutes=arguments.minutes,
        steps=arguments.steps,
        epochs=arguments.epochs,
        seed=arguments.seed,
        base=tuple(str(Path(file).absolute()) for file in arguments.base),
        consent=CONSENT,
    )
    if not arguments.paths:
        check_data(None, options)  # there is nothing to resume
    check_free(options, engine.library, folder)
    base_paths(find_preset(options.preset), options, engine.weights)
    with console.working():
        report = assess_files(engine, arguments.paths, console, share=PREPARING)
        last, losses = _train(engine, options, report, console)
    used = summary(report, cut(report.kept_segments()))
    lines = [*([why] if why else []), *used, last.message]
    console.result(_values(last, losses, options) | {"summary": used}, lines)


def _resumed(arguments: argparse.Namespace, folder: Path) -> TrainingOptions:
    """Return the options of the resumed training; raises UsageError for a flag it cannot change."""
    begun = saved_options(folder)
    fixed = [
        ("--preset", arguments.preset, "auto", begun.preset),
        ("--seed", arguments.seed, 0, begun.seed),
        ("--base", tuple(str(Path(file).absolute()) for file in arguments.base), (), begun.base),
    ]
    for flag, asked, default, before in fixed:
        if asked not in (default, before):
            raise UsageError(
                "'{name}' was started with another {flag}, which cannot change: leave "
                "{flag} out to resume, or train under another name.",
                name=begun.name,
                flag=flag,
            )
    length = {name: getattr(arguments, name) for name in LENGTHS}
    return replace(begun, **length)


def _resume(
    engine: Engine, options: TrainingOptions, arguments: argparse.Namespace, console: Console
) -> None:
    with console.working():
        last, losses = _train(engine, options, None, console)
    unread = Message(
        "The given recordings were not read: a resumed training uses those it was started with.",
    )
    lines = [*([unread] if arguments.paths else []), last.message]
    console.result(_values(last, losses, options) | {"summary": []}, lines)


def _train(
    engine: Engine, options: TrainingOptions, report: QualityReport | None, console: Console
) -> tuple[TrainingProgress, dict[str, float]]:
    """Run the training; return its last progress and its last losses."""
    last: TrainingProgress | None = None
    losses: dict[str, float] = {}
    with _interrupted() as stop:
        for last in engine.train(report, options, stop=stop):
            losses = last.losses or losses
            once = last.stage in ("preflight", "resumed")
            report_progress = console.remark if once else console.progress
            report_progress(PREPARING + (1 - PREPARING) * last.fraction, last.message)
    if last is None:
        raise RVCError("The training produced no result.")
    if last.stage == "stopped":
        raise Cancelled(last.message)
    return last, losses


@contextlib.contextmanager
def _interrupted() -> Iterator[Callable[[], bool]]:
    """Yield a function that returns True after Ctrl-C, so that training saves and ends.

    A second Ctrl-C interrupts at once.
    """
    pressed = threading.Event()
    before = signal.getsignal(signal.SIGINT)

    def press(number: int, frame: object) -> None:
        pressed.set()
        signal.signal(signal.SIGINT, before)

    if threading.current_thread() is not threading.main_thread():
        yield pressed.is_set
        return
    signal.signal(signal.SIGINT, press)
    try:
        yield pressed.is_set
    finally:
        signal.signal(signal.SIGINT, before)


def _values(
    last: TrainingProgress, losses: dict[str, float], options: TrainingOptions
) -> dict[str, object]:
    return {
        "name": options.name,
        "preset": options.preset,
        "seed": options.seed,
        "stage": last.stage,
        "voice": str(last.voice) if last.voice else None,
        "steps": last.step,
        "epochs": last.epoch,
        "best_step": last.best_step,
        "losses": losses,
        "held_out": last.held_out,
        "message": last.message,
    }
