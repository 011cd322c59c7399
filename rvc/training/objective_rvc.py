"""One step of VITS training as RVC does it: discriminators first, then the generator."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from rvc.dataset import Batch
from rvc.losses import (
    added,
    adversarial_loss,
    discriminator_loss,
    feature_matching,
    kl_divergence,
)
from rvc.mel import log_mel, spectrogram
from rvc.network.discriminators import Discriminators
from rvc.network.synthesizer import RVCSynthesizer, TrainingOutput, segments
from rvc.training.checkpoint import State
from rvc.training.objectives import Objective

LOSS_WEIGHTS = {"mel": 45.0, "kl": 1.0, "feature_matching": 1.0, "adversarial": 1.0}
SEGMENT_SAMPLES = {32_000: 12_800, 40_000: 12_800, 48_000: 17_280}
N_MELS = {32_000: 80, 40_000: 125, 48_000: 128}
DECAY_PER_EPOCH = 0.999875
CLIP = 1000.0  # only against explosions: VITS trains unclipped


class RVCObjective(Objective):
    """mel x 45, KL, feature matching x 2 and least-squares adversarial; AdamW on both sides."""

    synthesizer: RVCSynthesizer

    def __init__(
        self,
        synthesizer: RVCSynthesizer,
        discriminators: Discriminators,
        *,
        learning_rate: float = 1e-4,
        steps_per_epoch: int = 1,
        seed: int = 0,
        bfloat16: bool = False,
    ) -> None:
        self.synthesizer, self.discriminators = synthesizer, discriminators
        self.learning_rate, self.steps_per_epoch = learning_rate, steps_per_epoch
        self.bfloat16 = bfloat16
        self.device = next(synthesizer.parameters()).device
        self.generator = torch.Generator(self.device).manual_seed(seed)
        self.optimizers = {
            name: torch.optim.AdamW(
                network.parameters(), learning_rate, betas=(0.8, 0.99), eps=1e-9, fused=True
            )
            for name, network in (("g", synthesizer), ("d", discriminators))
        }
        self.step_number = 0

    def step(self, batch: Batch) -> dict[str, float]:
        self._set_learning_rate()
        net, rate = self.synthesizer, self.synthesizer.sample_rate
        n_fft = 2 * (net.config.spec_channels - 1)
        segment = SEGMENT_SAMPLES[rate]
        linear = spectrogram(batch.samples, n_fft=n_fft, hop_length=net.hop_length)
        with self._autocast():
            made = net.forward_training(
                batch.content,
                batch.f0_hz,
                linear,
                batch.speaker,
                segment_frames=segment // net.hop_length,
                generator=self.generator,
            )
        starts = made.slice_starts * net.hop_length
        real = segments(batch.samples[:, None], starts, segment)
        output = made.waveform.float()

        with self._autocast():
            truth, fake = self.discriminators.compare(real, output.detach())
        discriminator = discriminator_loss([j.score for j in truth], [j.score for j in fake])
        self._descend("d", self.discriminators, discriminator)

        with frozen(self.discriminators):
            total, losses = self._generator_losses(made, real, output, n_fft)
            self._descend("g", net, total)
        self.step_number += 1
        losses |= {"total": total, "discriminator": discriminator}
        return {name: loss.item() for name, loss in losses.items()}

    def _generator_losses(
        self, made: TrainingOutput, real: torch.Tensor, output: torch.Tensor, n_fft: int
    ) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        """Return the weighted total and its parts; real and output: (batch, 1, samples)."""
        net, rate = self.synthesizer, self.synthesizer.sample_rate
        with self._autocast():
            with torch.no_grad():  # the features of real sound are the target
                truth = self.discriminators(real)
            fake = self.discriminators(output)
        mel, output_mel = (
            log_mel(
                spectrogram(sound[:, 0], n_fft=n_fft, hop_length=net.hop_length),
                sample_rate=rate,
                n_mels=N_MELS[rate],
            )
            for sound in (real, output)
        )
        losses = {
            "mel": nn.functional.l1_loss(mel, output_mel),
            "kl": kl_divergence(
                made.flowed.float(),
                made.posterior_log_std.float(),
                prior_mean=made.prior_mean.float(),
                prior_log_std=made.prior_log_std.float(),
                mask=made.mask,
            ),
            "feature_matching": feature_matching(
                [j.features for j in truth], [j.features for j in fake]
            ),
            "adversarial": adversarial_loss([j.score for j in fake]),
        }
        return added(LOSS_WEIGHTS[name] * loss for name, loss in losses.items()), losses

    def _autocast(self) -> torch.autocast:
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.bfloat16)

    def _set_learning_rate(self) -> None:
        epoch = self.step_number // self.steps_per_epoch
        for optimizer in self.optimizers.values():
            for group in optimizer.param_groups:
                group["lr"] = self.learning_rate * DECAY_PER_EPOCH**epoch

    def _descend(self, name: str, network: nn.Module, loss: torch.Tensor) -> None:
        self.optimizers[name].zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), CLIP)
        self.optimizers[name].step()

    def state_dict(self) -> State:
        return {
            "synthesizer": self.synthesizer.state_dict(),
            "discriminators": self.discriminators.state_dict(),
            "optimizers": {name: o.state_dict() for name, o in self.optimizers.items()},
            "generator": self.generator.get_state(),
            "step": self.step_number,
            "learning_rate": self.learning_rate,
        }

    def load_state_dict(self, state: State) -> None:
        self.synthesizer.load_state_dict(state["synthesizer"])
        self.discriminators.load_state_dict(state["discriminators"])
        for name, optimizer in self.optimizers.items():
            optimizer.load_state_dict(state["optimizers"][name])
        self.generator.set_state(state["generator"].cpu())
        self.step_number = state["step"]
        self.learning_rate = state["learning_rate"]

    def halve_learning_rate(self) -> None:
        self.learning_rate /= 2


@contextmanager
def frozen(network: nn.Module) -> Iterator[None]:
    """Within the block, pass gradients through `network` without computing those of its weights."""
    network.requires_grad_(False)
    try:
        yield
    finally:
        network.requires_grad_(True)
