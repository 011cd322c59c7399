"""The start of a training: estimate its cost, extract its features, write what it begins with."""

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace

from rvc.files import write_json
from rvc.slicing import Slices
from rvc.training.card import card_facts
from rvc.training.checkpoint import remove_asides, remove_checkpoints
from rvc.training.job import REPORT_FILE, save_job
from rvc.training.options import TrainingOptions, TrainingProgress
from rvc.training.plan import Plan, Speed
from rvc.training.preflight import preflight
from rvc.training.preparation import prepare, prepared
from rvc.training.run import TrainingRun


@dataclass(frozen=True)
class Started:
    """The plan of a training that was started, and how long its features really took."""

    plan: Plan
    features_seconds: float


def start(
    slices: Slices,
    run: TrainingRun,
    *,
    report: dict[str, object] | None,
    speed: Callable[[TrainingOptions], Speed] | None,
) -> Generator[TrainingProgress, None, Started]:
    """Write everything a new training needs to its staging folder; return its plan.

    What an earlier attempt has left there is used again. `speed` as in `rvc.train.train`. The time
    left is that of everything from the first progress on.
    """
    folder, options = run.staging, run.options
    folder.mkdir(parents=True, exist_ok=True)
    remove_asides(folder)
    remove_checkpoints(folder)
    expected = preflight(
        slices,
        options,
        weights=run.weights,
        device=run.device,
        speed=speed(options) if speed else None,
        done=prepared(slices, run.preset, folder, options.f0_method),
    )
    plan, began = expected.plan, time.monotonic()
    yield TrainingProgress("preflight", 0.0, expected.text, eta_seconds=plan.seconds)
    later = plan.steps_seconds + plan.ending_seconds
    features = prepare(
        slices,
        run.preset,
        folder,
        weights=run.weights,
        device=run.device,
        f0_method=options.f0_method,
    )
    for progress in features:
        yield replace(
            progress,
            fraction=progress.fraction * plan.prepared,
            eta_seconds=progress.eta_seconds + later,
        )
    write_json(folder / REPORT_FILE, report or {})
    save_job(folder, options, card_facts(slices, report))
    return Started(plan, time.monotonic() - began)
