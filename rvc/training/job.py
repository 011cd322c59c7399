"""job.json: the options a training was begun with, and the facts about its data for the card."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rvc.errors import TrainingError
from rvc.files import write_json
from rvc.training.options import TrainingOptions

JOB_FILE = "job.json"
REPORT_FILE = "report.json"  # the whole report; the card holds a short form


def save_job(folder: Path, options: TrainingOptions, facts: dict[str, object]) -> None:
    """Write what a training is begun with."""
    write_json(folder / JOB_FILE, {"options": asdict(options), "facts": facts})


def saved_options(folder: Path) -> TrainingOptions:
    """Return the options a training was begun with; raises TrainingError when they are gone."""
    try:
        saved = _read(folder)["options"]
        return TrainingOptions(**(saved | {"resume": True}))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TrainingError(
            "The settings of this training are damaged or gone, so it cannot be resumed. Start a "
            "new training under another name.",
        ) from error


def saved_facts(folder: Path) -> dict[str, object]:
    """Return the facts about the data that were written when the training began."""
    return _read(folder)["facts"]


def _read(folder: Path) -> dict[str, dict[str, Any]]:
    return json.loads((folder / JOB_FILE).read_text(encoding="utf-8"))
