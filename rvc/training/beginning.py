"""What a training is begun with: its cost estimated, its features made, all of it on the disk."""

from collections.abc import Callable, Iterator
from pathlib import Path

from rvc.files import write_json
from rvc.presets import find_preset
from rvc.slicing import Slices
from rvc.training import messages
from rvc.training.checkpoint import remove_asides, remove_checkpoints
from rvc.training.options import TrainingOptions, TrainingProgress
from rvc.training.preflight import Speed, preflight
from rvc.training.preparation import prepare

REPORT_FILE = "report.json"  # whole; the card has it in short


def begin(
    slices: Slices,
    options: TrainingOptions,
    folder: Path,
    *,
    weights: Path,
    device: str,
    report: dict[str, object] | None,
    speed: Callable[[TrainingOptions], Speed] | None,
) -> Iterator[TrainingProgress]:
    """Estimate the cost, make the features, and write what a training is begun with to `folder`.

    What an earlier attempt has left in `folder` is used again.
    """
    where, preset = {"weights": weights, "device": device}, find_preset(options.preset)
    folder.mkdir(parents=True, exist_ok=True)
    remove_asides(folder)
    remove_checkpoints(folder)
    expected = preflight(slices, options, speed=speed(options) if speed else None, **where)
    yield TrainingProgress("preflight", 0.0, expected.text, eta_seconds=expected.seconds)
    yield from prepare(slices, preset, folder, f0_method=options.f0_method, **where)
    write_json(folder / REPORT_FILE, report or {})
    facts = messages.facts(slices, report)
    write_json(folder / "job.json", {"options": messages.as_dict(options), "facts": facts})
