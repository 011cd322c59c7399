"""The state of one training, and what it tells of itself."""

import math
from dataclasses import asdict, dataclass, field, is_dataclass

from rvc.dataset import VoiceDataset
from rvc.messages import Message
from rvc.training import messages
from rvc.training.objectives import Objective
from rvc.training.options import TrainingProgress


@dataclass
class Run:
    """The state of one training between its saves; `to_state` is what survives a kill."""

    objective: Objective
    total_steps: int
    batch_size: int
    best: dict[str, object] | None = None  # {"step", "held_out", "weights"}
    peak: float = -math.inf  # highest held-out merit so far
    peak_step: int = 0  # when it last rose by more than noise
    history: list[dict[str, object]] = field(default_factory=list)  # held-out scores by step
    rows: list[dict[str, float]] = field(default_factory=list)  # losses by step
    recoveries: int = 0
    step_seconds: float = 0.0
    finished: bool = False
    halved: bool = False  # the batch, for lack of memory
    length: dict[str, float | None] = field(default_factory=dict)  # asked for when last resumed

    def to_state(self) -> dict[str, object]:
        kept = {name: getattr(self, name) for name in self.__dataclass_fields__}
        config = self.objective.synthesizer.config
        plain = asdict(config) if is_dataclass(config) else {}
        return kept | {"objective": self.objective.state_dict(), "config": plain}

    def from_state(self, state: dict[str, object]) -> None:
        self.objective.load_state_dict(state["objective"])
        for name in set(self.__dataclass_fields__) & set(state) - {"objective"}:
            setattr(self, name, state[name])

    def fit(self, minutes: float | None, *, score_seconds: float = 0.0) -> None:
        """Turn the minutes asked for into steps; `score_seconds`: what scores add to each."""
        if minutes is not None:
            steps = round(minutes * 60 / (self.step_seconds + score_seconds))
            self.total_steps = max(self.objective.step_number, steps)
            self.objective.plan(self.total_steps)

    def steps_in(self, minutes: float) -> int | None:
        """Return the number of steps in so many minutes; None while the pace is not known."""
        return max(1, round(minutes * 60 / self.step_seconds)) if self.step_seconds else None

    def end_at(self, total_steps: int) -> None:
        """Make `total_steps` the end of the training, which may be where it stands."""
        self.total_steps = total_steps
        self.objective.plan(total_steps)
        self.finished = self.objective.step_number >= total_steps

    def progress(
        self,
        data: VoiceDataset,
        stage: str,
        message: Message,
        *,
        losses: dict[str, float] | None = None,
    ) -> TrainingProgress:
        """Where the training stands, as `train` yields it."""
        step = self.objective.step_number
        return TrainingProgress(
            stage,
            messages.fraction(step, self.total_steps),
            message,
            step=step,
            total_steps=self.total_steps,
            epoch=step // data.batches_per_epoch(self.batch_size),
            eta_seconds=(self.total_steps - step) * self.step_seconds,
            losses=losses or {},
            best_step=self.best["step"] if self.best else 0,
        )
