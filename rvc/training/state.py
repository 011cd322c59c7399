"""The state of a training between two saves: all that resuming it exactly needs."""

import math
from dataclasses import asdict, dataclass, field, is_dataclass
from typing import TypedDict

import torch

from rvc.dataset import VoiceDataset
from rvc.messages import Message
from rvc.training.checkpoint import State
from rvc.training.objectives import Objective
from rvc.training.options import PREPARED, TrainingProgress, fraction_done
from rvc.training.plan import Plan, steps_in_minutes


class Best(TypedDict):
    """The best weights so far, plain enough for a checkpoint."""

    step: int
    held_out: dict[str, float] | None  # its scores; None where nothing is held out
    weights: dict[str, torch.Tensor]


@dataclass
class TrainingState:
    """What changes while a training runs. `to_state` is what a checkpoint holds."""

    objective: Objective
    total_steps: int
    batch_size: int
    best: Best | None = None  # None before the first save
    peak: float = -math.inf  # highest held-out merit so far
    peak_step: int = 0  # when it last rose by more than noise
    history: list[dict[str, float]] = field(default_factory=list)  # held-out scores by step
    rows: list[dict[str, float]] = field(default_factory=list)  # losses by step
    recoveries: int = 0  # from a loss that was not a number
    exploded: int = 0  # steps in a row whose loss was far above the steps' before
    step_seconds: float = 0.0  # of one step: as planned, then as measured
    score_step_seconds: float = 0.0  # of scoring, spread over the steps
    other_seconds: float = 0.0  # of all but the steps: the features, and the index at the end
    ending_seconds: float = 0.0  # of the index and the voice
    prepared: float = PREPARED  # share of the progress that the features took
    finished: bool = False
    halved: bool = False  # the batch, for lack of memory
    length: dict[str, float | None] = field(default_factory=dict)  # asked for when last resumed

    @property
    def step(self) -> int:
        """Steps taken so far."""
        return self.objective.step_number

    @property
    def best_step(self) -> int:
        """The step of the best weights; 0 before the first save."""
        return self.best["step"] if self.best else 0

    def to_state(self) -> State:
        """Return plain values and tensors for a checkpoint."""
        kept = {name: getattr(self, name) for name in self.__dataclass_fields__}
        config = self.objective.synthesizer.config
        plain: dict[str, object] = asdict(config) if is_dataclass(config) else {}
        return kept | {"objective": self.objective.state_dict(), "config": plain}

    def from_state(self, state: State) -> None:
        """Continue from what `to_state` returned; a field that it lacks keeps its value."""
        self.objective.load_state_dict(state["objective"])
        for name in set(self.__dataclass_fields__) & set(state) - {"objective"}:
            setattr(self, name, state[name])

    def follow(self, plan: Plan, features_seconds: float) -> None:
        """Adopt a plan once its features are there, which took `features_seconds`."""
        self.step_seconds = plan.step_seconds
        self.score_step_seconds = plan.score_step_seconds
        self.ending_seconds = plan.ending_seconds
        self.other_seconds = features_seconds + plan.ending_seconds
        self.prepared = plan.prepared

    def fit_minutes(self, minutes: float | None) -> None:
        """Make `minutes` the length of everything, in steps at the pace so far."""
        steps = None if minutes is None else self.steps_in(minutes)
        if steps is not None:
            self.total_steps = max(self.step, steps)
            self.objective.plan(self.total_steps)

    def steps_in(self, minutes: float) -> int | None:
        """Return the number of steps in so many minutes; None while the pace is not known."""
        if not self.step_seconds:
            return None
        return steps_in_minutes(minutes, self.seconds_per_step, self.other_seconds)

    @property
    def seconds_per_step(self) -> float:
        """Return the seconds of a step with its share of scoring and saving."""
        return self.step_seconds + self.score_step_seconds

    def end_at(self, total_steps: int) -> None:
        """Make `total_steps` the end of the training, which may be the present step."""
        self.total_steps = total_steps
        self.objective.plan(total_steps)
        self.finished = self.step >= total_steps

    @property
    def fraction(self) -> float:
        """Return the share of everything that is done."""
        return fraction_done(self.step, self.total_steps, self.prepared)

    def progress(
        self,
        data: VoiceDataset,
        *,
        stage: str,
        message: Message,
        losses: dict[str, float] | None = None,
    ) -> TrainingProgress:
        """Return how far the training is, as `train` yields it."""
        left = max(0, self.total_steps - self.step)
        return TrainingProgress(
            stage,
            self.fraction,
            message,
            step=self.step,
            total_steps=self.total_steps,
            epoch=self.step // data.batches_per_epoch(self.batch_size),
            eta_seconds=left * self.seconds_per_step + self.ending_seconds,
            losses=losses or {},
            best_step=self.best_step,
        )
