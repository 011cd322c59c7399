"""What goes into `rvc.train.train` and what it yields: the options and the progress."""

from dataclasses import dataclass, field
from pathlib import Path

from rvc.messages import Message

PREPARED = 0.1  # of the progress, where the time of the features is not known
STEPPED = 0.99  # the index takes the rest


@dataclass(frozen=True)
class TrainingOptions:
    """How to train. At most one of minutes, steps and epochs; none of them means auto."""

    name: str
    preset: str = "lite"  # a name of presets.PRESETS; Engine resolves "auto"
    minutes: float | None = None
    steps: int | None = None
    epochs: int | None = None
    seed: int = 0
    resume: bool = False  # of all else, only a new length counts then
    replace: bool = False  # a voice or an unfinished training of the same name
    from_scratch: bool = False  # without the base; hours instead of minutes
    base: tuple[str, ...] = ()  # own base files instead of the preset's; RVC: G, then D
    batch_size: int | None = None  # None: the preset's
    save_steps: int | None = None  # None: the preset's
    f0_method: str = "auto"
    consent: str = ""  # what the person confirmed about whose voice it is

    @property
    def automatic(self) -> bool:
        """True when the held-out score decides when to stop."""
        return self.minutes is None and self.steps is None and self.epochs is None


@dataclass(frozen=True, eq=False)
class TrainingProgress:
    """Where a training stands. `losses` and `held_out` are means since the last report of them."""

    stage: str  # "preflight", "features", "resumed", "training", "index", "stopped", "done"
    fraction: float  # of everything, 0..1
    message: Message
    step: int = 0
    total_steps: int = 0
    epoch: int = 0
    eta_seconds: float = 0.0
    losses: dict[str, float] = field(default_factory=dict)
    held_out: dict[str, float] | None = None
    best_step: int = 0
    preview: Path | None = None  # the held-out sentence as resynthesised at this save
    reference: Path | None = None  # the same sentence as recorded
    voice: Path | None = None  # folder of the finished voice


def fraction_done(step: int, total_steps: int, prepared: float = PREPARED) -> float:
    """Return the share of everything that is done after `step` of `total_steps` steps.

    `prepared`: the share that the features take.
    """
    return prepared + (STEPPED - prepared) * min(1.0, step / total_steps)
