"""python -m rvc train INPUT... --name NAME"""

import argparse

from rvc.cli.console import Console, UsageError, add_json_flag
from rvc.cli.report import judge
from rvc.engine import Engine
from rvc.errors import RVCError
from rvc.training.options import TrainingOptions, TrainingProgress

PREPARING = 0.1  # of the progress, for cleaning and judging
CONSENT = "By training on the command line the user vouches for the speaker's consent."


def add_arguments(parser: argparse.ArgumentParser, console: Console) -> None:
    words = console.choice("recordings or folders", "녹음 파일이나 폴더")
    parser.add_argument("paths", nargs="*", metavar="INPUT", help=words)
    name = console.choice("what to call the voice", "목소리 이름")
    parser.add_argument("--name", required=True, help=name)
    presets = ("auto", "lite", "32k", "40k", "48k")
    parser.add_argument("--preset", choices=presets, default="auto")
    amount = parser.add_mutually_exclusive_group()
    amount.add_argument("--minutes", type=_positive, metavar="M")
    amount.add_argument("--steps", type=_count, metavar="N")
    amount.add_argument("--epochs", type=_count, metavar="E")
    parser.add_argument("--seed", type=int, default=0, metavar="S")
    resume = console.choice("go on with a training that stopped", "멈춘 학습을 이어서")
    parser.add_argument("--resume", action="store_true", help=resume)
    add_json_flag(parser, console)


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < 1e6:
        raise argparse.ArgumentTypeError(f"{text} is not more than 0")
    return number


def _count(text: str) -> int:
    number = int(text)
    if not 0 < number < 10**9:
        raise argparse.ArgumentTypeError(f"{text} is not more than 0")
    return number


def run(arguments: argparse.Namespace, console: Console) -> None:
    if not arguments.paths and not arguments.resume:
        raise UsageError(
            "Say which recordings to train on: train INPUT... --name NAME",
            "학습할 녹음을 적으세요: train INPUT... --name NAME",
        )
    engine = Engine(arguments.weights)
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
        consent=CONSENT,
    )
    with console.working():
        last, losses = _train(engine, options, arguments.paths, console)
    console.result(_values(last, losses, options), [why] * (why is not None) + [last.message])


def _train(
    engine: Engine, options: TrainingOptions, paths: list[str], console: Console
) -> tuple[TrainingProgress, dict[str, float]]:
    """The last progress of the training, and its last losses."""
    report = judge(engine, paths, console, share=PREPARING) if paths else None
    last, losses = None, {}
    for last in engine.train(report, options):
        losses = last.losses or losses
        console.progress(PREPARING + (1 - PREPARING) * last.fraction, last.message)
    if last is None:
        raise RVCError("The training made nothing.", "학습 결과가 없습니다.")
    return last, losses


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
