"""One optimiser step of each kind of synthesizer, its losses by name.

`LiteObjective`: reconstruction, with small discriminators. `RVCObjective` (beside this file): VITS
with discriminators. `train` uses only the contract.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import torch
from torch import nn

from rvc.dataset import Batch
from rvc.losses import added, mel_distance, multi_resolution_stft
from rvc.network.lite import LiteSynthesizer
from rvc.network.stft_discriminators import (
    STFTDiscriminators,
    adversarial_loss,
    discriminator_loss,
    feature_matching,
)
from rvc.network.synthesizer import RVCSynthesizer
from rvc.threads import workers
from rvc.training.checkpoint import State

LOSS_WEIGHTS = {"stft_log": 1.0, "stft_convergence": 1.0, "mel": 1.0}
ADVERSARIAL_WEIGHTS = {name: 0.5 * weight for name, weight in LOSS_WEIGHTS.items()} | {
    "adversarial": 0.3,
    "feature_matching": 0.3,
}
N_FFT, N_MELS = 1024, 80

Gradients = tuple[dict[str, torch.Tensor], tuple[torch.Tensor, ...], tuple[torch.Tensor, ...]]


@dataclass(frozen=True)
class Schedule:
    """Learning rate by step: linear warm-up, then a cosine down to `last`."""

    peak: float = 2e-3
    last: float = 2.5e-4
    warm_up_steps: int = 200
    total_steps: int = 2000
    first_step: int = 0  # where the warm-up begins

    def at(self, step: int) -> float:
        """Return the learning rate of step number `step`."""
        begun = self.first_step + self.warm_up_steps
        if step < begun:
            return self.peak * (step - self.first_step + 1) / self.warm_up_steps
        done = min(1.0, (step - begun) / max(1, self.total_steps - begun))
        return self.last + (self.peak - self.last) * 0.5 * (1 + math.cos(math.pi * done))


class Objective:
    """Contract: owns a synthesizer being trained, and all that resuming after a kill needs."""

    synthesizer: LiteSynthesizer | RVCSynthesizer
    device: torch.device
    step_number: int  # steps taken so far

    def step(self, batch: Batch) -> dict[str, float]:
        """Take one optimiser step and return the losses by name."""
        raise NotImplementedError

    def state_dict(self) -> State:
        """Return all that `load_state_dict` needs to continue exactly."""
        raise NotImplementedError

    def load_state_dict(self, state: State) -> None:
        """Continue from what `state_dict` returned."""
        raise NotImplementedError

    def halve_learning_rate(self) -> None:
        """Halve the learning rate, after a loss that was not a number."""
        raise NotImplementedError

    def plan(self, total_steps: int) -> None:
        """Set the number of steps, where the learning rate depends on it."""


class LiteObjective(Objective):
    """Multi-resolution STFT and log-mel distance; with discriminators, adversarial losses as well.

    AdamW; gradients clipped. The discriminators are trained alone for their first steps, so that
    untrained ones do not mislead the synthesizer. On a processor every core computes the gradients
    of a part of the batch, by itself.
    """

    synthesizer: LiteSynthesizer

    CLIP = 5.0
    BETAS = (0.8, 0.99)

    def __init__(
        self,
        synthesizer: LiteSynthesizer,
        schedule: Schedule,
        *,
        discriminators: STFTDiscriminators | None = None,
        alone_steps: int = 0,
        seed: int = 0,
        bfloat16: bool = False,
    ) -> None:
        """`alone_steps`: steps before the discriminators count for the synthesizer.

        `bfloat16`: compute the synthesizer in bf16 (faster where the processor has it).
        """
        self.synthesizer, self.schedule, self.bfloat16 = synthesizer, schedule, bfloat16
        self.discriminators, self.alone_steps = discriminators, alone_steps
        self.device = next(synthesizer.parameters()).device
        self.cores = torch.get_num_threads() if self.device.type == "cpu" else 1
        self.generator = torch.Generator(self.device).manual_seed(seed)
        self.optimizer = self._optimizer(synthesizer)
        self.critic = None if discriminators is None else self._optimizer(discriminators)
        self.step_number = 0

    def _optimizer(self, network: nn.Module) -> torch.optim.Optimizer:
        return torch.optim.AdamW(
            network.parameters(), self.schedule.peak, betas=self.BETAS, fused=True
        )

    def step(self, batch: Batch) -> dict[str, float]:
        self._set_rates()
        parts = batch.parts(self.cores)
        if len(parts) == 1:
            found = [self._gradients(batch, self.generator)]
        else:
            pool = workers("training", len(parts), self.cores // len(parts))
            found = list(pool.map(self._gradients, parts, self._generators(len(parts))))
        shares = [len(part.samples) / len(batch.samples) for part in parts]
        losses, own, critics = zip(*found, strict=True)
        _set_gradients(self.synthesizer, own, shares)
        nn.utils.clip_grad_norm_(self.synthesizer.parameters(), self.CLIP)
        self.optimizer.step()
        if self.critic is not None and self.discriminators is not None:
            _set_gradients(self.discriminators, critics, shares)
            self.critic.step()
        self.step_number += 1
        return {
            name: sum(share * each[name].item() for share, each in zip(shares, losses, strict=True))
            for name in losses[0]
        }

    def _generators(self, count: int) -> list[torch.Generator]:
        """Return a generator of noise for each part of a batch."""
        seeds = torch.randint(2**62, (count,), generator=self.generator)
        return [torch.Generator().manual_seed(int(seed)) for seed in seeds]

    def _gradients(self, batch: Batch, generator: torch.Generator) -> Gradients:
        """Return the losses and the gradients of both networks; nothing of `self` changes.

        One pass of the discriminators over each sound serves both sides.
        """
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bfloat16):
            output = self.synthesizer(batch.content, batch.f0_hz, batch.speaker, generator)
        losses = self.losses(batch.samples, output)
        weights = LOSS_WEIGHTS
        critics: tuple[torch.Tensor, ...] = ()
        if self.discriminators is not None:
            real, fake = self.discriminators(batch.samples), self.discriminators(output)
            losses["adversarial"] = adversarial_loss(fake)
            losses["feature_matching"] = feature_matching(real, fake)
            losses["discriminator"] = discriminator_loss(real, fake)
            parameters = list(self.discriminators.parameters())
            critics = torch.autograd.grad(losses["discriminator"], parameters, retain_graph=True)
            if self.step_number >= self.alone_steps:
                weights = ADVERSARIAL_WEIGHTS
        total = added(weight * losses[name] for name, weight in weights.items())
        own = torch.autograd.grad(total, list(self.synthesizer.parameters()))
        losses = {name: loss.detach() for name, loss in {"total": total, **losses}.items()}
        return losses, own, critics

    def _set_rates(self) -> None:
        for optimizer in filter(None, (self.optimizer, self.critic)):
            for group in optimizer.param_groups:
                group["lr"] = self.schedule.at(self.step_number)

    def losses(self, target: torch.Tensor, output: torch.Tensor) -> dict[str, torch.Tensor]:
        """Return the named losses of output against target, both (batch, samples)."""
        rate = self.synthesizer.sample_rate
        mel = mel_distance(target, output, sample_rate=rate, n_fft=N_FFT, n_mels=N_MELS)
        return multi_resolution_stft(target, output) | {"mel": mel}

    def state_dict(self) -> State:
        state: State = {
            "synthesizer": self.synthesizer.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "generator": self.generator.get_state(),
            "step": self.step_number,
            "schedule": asdict(self.schedule),
            "alone_steps": self.alone_steps,
        }
        if self.discriminators is not None and self.critic is not None:
            state["discriminators"] = self.discriminators.state_dict()
            state["critic"] = self.critic.state_dict()
        return state

    def load_state_dict(self, state: State) -> None:
        self.synthesizer.load_state_dict(state["synthesizer"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.generator.set_state(state["generator"].cpu())
        self.step_number = state["step"]
        self.schedule = Schedule(**state["schedule"])
        self.alone_steps = state["alone_steps"]
        if self.discriminators is not None and self.critic is not None:
            self.discriminators.load_state_dict(state["discriminators"])
            self.critic.load_state_dict(state["critic"])

    def halve_learning_rate(self) -> None:
        schedule = self.schedule
        self.schedule = replace(schedule, peak=schedule.peak / 2, last=schedule.last / 2)

    def plan(self, total_steps: int) -> None:
        self.schedule = replace(self.schedule, total_steps=total_steps)


def _set_gradients(
    network: nn.Module, gradients: Sequence[Sequence[torch.Tensor]], shares: Sequence[float]
) -> None:
    """Give the parameters the mean of the parts' gradients, weighted with the parts' shares."""
    for parameter, parts in zip(network.parameters(), zip(*gradients, strict=True), strict=True):
        weighted = (part * share for part, share in zip(parts, shares, strict=True))
        parameter.grad = added(weighted)
