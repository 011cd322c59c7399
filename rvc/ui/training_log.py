"""What a page shows of a training: its progress, curves and previews, and the same for programs."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rvc.messages import Message
from rvc.ui.jobs import Job

if TYPE_CHECKING:
    from rvc.training.options import TrainingOptions, TrainingProgress

CURVE_POINTS = 400  # more than a screen can show; older ones are thinned evenly


@dataclass
class Curve:
    """A curve that never holds more than CURVE_POINTS points, its last one always among them."""

    points: list[tuple[int, float]] = field(default_factory=list)
    stride: int = 1
    seen: int = 0
    last: tuple[int, float] | None = None

    def add(self, step: int, value: float) -> None:
        if self.seen % self.stride == 0:
            self.points.append((step, value))
        self.seen += 1
        self.last = (step, value)
        if len(self.points) >= CURVE_POINTS:
            self.points = self.points[::2]
            self.stride *= 2

    def xy(self) -> tuple[list[int], list[float]]:
        points = list(self.points)
        if self.last and (not points or points[-1] != self.last):
            points.append(self.last)
        return [step for step, _ in points], [value for _, value in points]


@dataclass(eq=False)
class TrainingLog:
    """Everything a page shows of a training."""

    options: "TrainingOptions"
    progress: "TrainingProgress | None" = None
    losses: dict[str, Curve] = field(default_factory=dict)
    scores: dict[str, Curve] = field(default_factory=dict)
    preview: Path | None = None
    reference: Path | None = None
    voice: Path | None = None
    best_step: int = 0
    expected: Message | None = None  # time and memory, estimated before it started

    def add(self, progress: "TrainingProgress") -> None:
        self.progress = progress
        if progress.stage == "preflight":
            self.expected = progress.message
        self.best_step = progress.best_step or self.best_step
        for curves, values in ((self.losses, progress.losses), (self.scores, progress.held_out)):
            for name, value in (values or {}).items():
                curves.setdefault(name, Curve()).add(progress.step, float(value))
        self.preview = progress.preview or self.preview
        self.reference = progress.reference or self.reference
        self.voice = progress.voice or self.voice

    def rename(self, name: str, voice: Path) -> None:
        """Show the training under another name; `voice`: the folder of its voice from now on."""
        self.options = replace(self.options, name=name)
        self.voice = voice if self.voice is not None else None
        self.preview = self.reference = None  # their folder has another name


def status(job: Job | None) -> dict[str, Any]:
    """Return a training in plain values, for programs."""
    if job is None:
        return {"state": "idle"}
    log: TrainingLog = job.data
    latest = log.progress
    return {
        "state": job.state,
        "name": log.options.name,
        "preset": log.options.preset,
        "stage": latest.stage if latest else "",
        "step": latest.step if latest else 0,
        "total_steps": latest.total_steps if latest else 0,
        "epoch": latest.epoch if latest else 0,
        "fraction": round(job.fraction, 4),
        "eta_seconds": round(latest.eta_seconds, 1) if latest else None,
        "best_step": log.best_step,
        "losses": _last(log.losses),
        "held_out": _last(log.scores),
        "message": str(job.error or job.message),
        "voice": log.voice.name if log.voice else None,
    }


def _last(curves: dict[str, Curve]) -> dict[str, float]:
    return {name: curve.last[1] for name, curve in curves.items() if curve.last}
