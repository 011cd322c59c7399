"""standing.json: how far a training is, so small that many can be listed."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from rvc.files import write_json
from rvc.training.state import TrainingState

STANDING_FILE = "standing.json"


@dataclass(frozen=True)
class Standing:
    """Written after every checkpoint. `done`: the training ended with its voice; `best_step`: of
    the best weights, 0 before the first score; `seconds_per_step`: with its share of scoring."""

    step: int = 0
    total_steps: int = 0
    best_step: int = 0
    seconds_per_step: float = 0.0
    fraction: float = 0.0
    done: bool = False


def write_standing(folder: Path, state: TrainingState, *, done: bool = False) -> None:
    """Write how far the training in `folder` is. Raises OSError."""
    standing = Standing(
        state.step, state.total_steps, state.best_step, state.seconds_per_step,
        1.0 if done else state.fraction, done,
    )  # fmt: skip
    write_json(folder / STANDING_FILE, asdict(standing))


def read_standing(folder: Path) -> Standing:
    """Return how far the training in `folder` is; the first moment where nothing is known."""
    try:
        return Standing(**json.loads((folder / STANDING_FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return Standing()
