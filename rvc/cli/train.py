"""python -m rvc train INPUT... --name NAME"""

import argparse
import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from rvc.cli.console import Console, UsageError
from rvc.cli.report import judge
from rvc.engine import Engine
from rvc.errors import Cancelled, RVCError
from rvc.presets import find_preset
from rvc.quality import QualityReport
from rvc.slicing import cut
from rvc.train import training_folder
from rvc.training.networks import base_paths
from rvc.training.options import TrainingOptions, TrainingProgress
from rvc.training.telling import check_free, summary

PREPARING = 0.1  # of the progress, for cleaning and judging
CONSENT = "By training on the command line the user vouches for the speaker's consent."


def run(arguments: argparse.Namespace, console: Console) -> None:
    if not arguments.paths and not arguments.resume:
        raise UsageError(
            "Say which recordings to train on: train INPUT... --name NAME",
            "학습할 녹음을 적으세요: train INPUT... --name NAME",
        )
    engine = Engine(arguments.weights)
    engine.library.path(arguments.name)  # refuses a name that cannot be before any work is done
    preset, why = arguments.preset, None
    if preset == "auto":
        preset, why = engine.pick_preset()
    options = TrainingOptions(
        name=arguments.name,
        preset=preset,
        minutes=arguments.minutes,
        steps=arguments.steps,
        epochs=arguments.epochs,
        seed=arguments.seed,
        resume=arguments.resume,
        base=tuple(str(Path(file).absolute()) for file in arguments.base),
        consent=CONSENT,
    )
    if not options.resume:  # told before the recordings are cleaned, which takes a while
        folder = training_folder(engine.weights, options.name)
        check_free(options, engine.library, folder)
        base_paths(find_preset(options.preset), options, engine.weights)
    with console.working():
        paths = arguments.paths
        report = judge(engine, paths, console, share=PREPARING) if paths else None
        last, losses = _train(engine, options, report, console)
    used = [] if report is None else summary(report, cut(report.kept_segments()))
    lines = [*([why] if why else []), *used, last.message]
    console.result(_values(last, losses, options) | {"summary": used}, lines)


def _train(
    engine: Engine, options: TrainingOptions, report: QualityReport | None, console: Console
) -> tuple[TrainingProgress, dict[str, float]]:
    """The last progress of the training, and its last losses."""
    last, losses = None, {}
    with _interrupted() as stop:
        for last in engine.train(report, options, stop=stop):
            losses = last.losses or losses
            tell = console.remark if last.stage == "preflight" else console.progress
            tell(PREPARING + (1 - PREPARING) * last.fraction, last.message)
    if last is None:
        raise RVCError("The training made nothing.", "학습 결과가 없습니다.")
    if last.stage == "stopped":
        raise Cancelled(last.message.en, last.message.ko)
    return last, losses


@contextlib.contextmanager
def _interrupted() -> Iterator[Callable[[], bool]]:
    """Tells whether Ctrl-C was pressed: the training then saves and ends. A second one kills."""
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
