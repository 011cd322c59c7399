"""The start of a training: estimate its cost, extract its features, write what it begins with."""

from collections.abc import Callable, Iterator

from rvc.files import write_json
from rvc.slicing import Slices
from rvc.training.card import card_facts
from rvc.training.checkpoint import remove_asides, remove_checkpoints
from rvc.training.job import REPORT_FILE, save_job
from rvc.training.options import TrainingOptions, TrainingProgress
from rvc.training.preflight import Speed, preflight
from rvc.training.preparation import prepare
from rvc.training.run import TrainingRun


def start(
    slices: Slices,
    run: TrainingRun,
    *,
    report: dict[str, object] | None,
    speed: Callable[[TrainingOptions], Speed] | None,
) -> Iterator[TrainingProgress]:
    """Write everything a new training needs to its staging folder.

    What an earlier attempt has left there is used again. `speed` as in `rvc.train.train`.
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
    )
    yield TrainingProgress("preflight", 0.0, expected.text, eta_seconds=expected.seconds)
    yield from prepare(
        slices,
        run.preset,
        folder,
        weights=run.weights,
        device=run.device,
        f0_method=options.f0_method,
    )
    write_json(folder / REPORT_FILE, report or {})
    save_job(folder, options, card_facts(slices, report))
