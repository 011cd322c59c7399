"""One optimiser step of each kind of synthesizer, its losses by name.

`LiteObjective`: reconstruction alone. `RVCObjective` (beside this file): VITS with
discriminators. `train` knows only the contract.
"""

import math
from dataclasses import asdict, dataclass, replace

import torch
from torch import nn

from rvc.dataset import Batch
from rvc.losses import mel_distance, multi_resolution_stft
from rvc.network.lite import LiteSynthesizer

LOSS_WEIGHTS = {"stft_log": 1.0, "stft_convergence": 1.0, "mel": 1.0}
N_FFT, N_MELS = 1024, 80


@dataclass(frozen=True)
class Schedule:
    """Learning rate by step: linear warm-up, then a cosine down to `last`."""

    peak: float = 2e-3
    last: float = 2.5e-4
    warm_up_steps: int = 200
    total_steps: int = 2000

    def at(self, step: int) -> float:
        """Return the learning rate of step number `step` (0 is the first)."""
        if step < self.warm_up_steps:
            return self.peak * (step + 1) / self.warm_up_steps
        span = max(1, self.total_steps - self.warm_up_steps)
        done = min(1.0, (step - self.warm_up_steps) / span)
        return self.last + (self.peak - self.last) * 0.5 * (1 + math.cos(math.pi * done))


class Objective:
    """Contract: owns a synthesizer being trained, and all that going on after a kill needs."""

    synthesizer: nn.Module
    device: torch.device
    step_number: int  # steps taken so far

    def step(self, batch: Batch) -> dict[str, float]:
        """Take one optimiser step and return the losses by name."""
        raise NotImplementedError

    def state_dict(self) -> dict[str, object]:
        """Everything `load_state_dict` needs to go on as if nothing had happened."""
        raise NotImplementedError

    def load_state_dict(self, state: dict[str, object]) -> None:
        raise NotImplementedError

    def halve_learning_rate(self) -> None:
        """After a loss that was no number."""
        raise NotImplementedError

    def plan(self, total_steps: int) -> None:
        """Learn how many steps there will be, where the learning rate depends on it."""


class LiteObjective(Objective):
    """Multi-resolution STFT and log-mel distance; AdamW; gradients clipped."""

    CLIP = 5.0
    BETAS = (0.8, 0.99)

    def __init__(
        self,
        synthesizer: LiteSynthesizer,
        schedule: Schedule,
        *,
        seed: int = 0,
        bfloat16: bool = False,
    ) -> None:
        """`bfloat16`: compute the network in bf16 (faster where the processor has it)."""
        self.synthesizer, self.schedule, self.bfloat16 = synthesizer, schedule, bfloat16
        self.device = next(synthesizer.parameters()).device
        self.generator = torch.Generator(self.device).manual_seed(seed)
        self.optimizer = torch.optim.AdamW(
            synthesizer.parameters(), schedule.peak, betas=self.BETAS, fused=True
        )
        self.step_number = 0

    def step(self, batch: Batch) -> dict[str, float]:
        for group in self.optimizer.param_groups:
            group["lr"] = self.schedule.at(self.step_number)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bfloat16):
            output = self.synthesizer(batch.content, batch.f0_hz, batch.speaker, self.generator)
        losses = self.losses(batch.samples, output)
        total = sum(LOSS_WEIGHTS[name] * loss for name, loss in losses.items())
        self.optimizer.zero_grad(set_to_none=True)
        total.backward()
        nn.utils.clip_grad_norm_(self.synthesizer.parameters(), self.CLIP)
        self.optimizer.step()
        self.step_number += 1
        return {"total": total.item()} | {name: loss.item() for name, loss in losses.items()}

    def losses(self, target: torch.Tensor, output: torch.Tensor) -> dict[str, torch.Tensor]:
        """Return the named losses of output against target, both (batch, samples)."""
        rate = self.synthesizer.sample_rate
        mel = mel_distance(target, output, sample_rate=rate, n_fft=N_FFT, n_mels=N_MELS)
        return multi_resolution_stft(target, output) | {"mel": mel}

    def state_dict(self) -> dict[str, object]:
        return {
            "synthesizer": self.synthesizer.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "generator": self.generator.get_state(),
            "step": self.step_number,
            "schedule": asdict(self.schedule),
        }

    def load_state_dict(self, state: dict[str, object]) -> None:
        self.synthesizer.load_state_dict(state["synthesizer"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.generator.set_state(state["generator"].cpu())
        self.step_number = state["step"]
        self.schedule = Schedule(**state["schedule"])

    def halve_learning_rate(self) -> None:
        schedule = self.schedule
        self.schedule = replace(schedule, peak=schedule.peak / 2, last=schedule.last / 2)

    def plan(self, total_steps: int) -> None:
        self.schedule = replace(self.schedule, total_steps=total_steps)
