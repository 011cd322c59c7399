"""RVC training here against a plain fp32 loop of the same networks on the same batch.

    python -m benchmarks.training_plain [--preset 40k] [--batch 8] [--steps 5]

The plain loop is what RVC programs do: fp32, AdamW as it comes, the discriminators judging real and
made sound twice with gradients for everything. Both start from the same random networks and take
turns, step by step, so that other work on the machine slows both alike. Prints the median seconds
of a step of each, on the wall clock and of processor time, and how many times faster ours is.
"""

import argparse
import copy
import json
import statistics
import time
from collections.abc import Callable

import torch

from rvc.dataset import Batch
from rvc.losses import adversarial_loss, discriminator_loss, feature_matching, kl_divergence
from rvc.mel import MAGNITUDE_FLOOR, log_mel
from rvc.network.config import RVCConfig
from rvc.network.discriminators import Discriminators
from rvc.network.synthesizer import RVCSynthesizer, segments
from rvc.presets import PRESETS
from rvc.training.build import fast_bfloat16
from rvc.training.objective_rvc import LOSS_WEIGHTS, N_MELS, SEGMENT_SAMPLES, RVCObjective

WARM_UP_STEPS = 1
RATES = {"betas": (0.8, 0.99), "eps": 1e-9}


def main() -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--preset", choices=[n for n in PRESETS if n != "lite"], default="40k")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--steps", type=int, default=5)
    arguments = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    preset = PRESETS[arguments.preset]
    torch.manual_seed(0)
    config = RVCConfig.preset(preset.version, preset.sample_rate)
    networks = (RVCSynthesizer(config).to(device), Discriminators(preset.version).to(device))
    plain = PlainLoop(*copy.deepcopy(networks))
    bfloat16 = fast_bfloat16(device)
    ours = RVCObjective(*networks, bfloat16=bfloat16)
    batch = random_batch(arguments.batch, preset.segment_frames, preset.sample_rate // 100, device)
    loops = {"plain": plain.step, "ours": ours.step}
    taken = {name: [] for name in loops}
    for number in range(WARM_UP_STEPS + arguments.steps):
        for name, step in loops.items():
            seconds = timed(step, batch)
            if number >= WARM_UP_STEPS:
                taken[name].append(seconds)
    median = {
        name: [statistics.median(column) for column in zip(*rows, strict=True)]
        for name, rows in taken.items()
    }
    row = {
        "preset": preset.name,
        "batch": arguments.batch,
        "device": torch.cuda.get_device_name() if device == "cuda" else "cpu",
        "threads": torch.get_num_threads(),
        "bfloat16": bfloat16,
        "plain_seconds": [round(value, 3) for value in median["plain"]],
        "ours_seconds": [round(value, 3) for value in median["ours"]],
        "times_faster": round(median["plain"][0] / median["ours"][0], 2),
        "times_faster_processor": round(median["plain"][1] / median["ours"][1], 2),
    }
    print(json.dumps(row, indent=1))


def timed(step: Callable[[Batch], object], batch: Batch) -> tuple[float, float]:
    """Seconds one step takes: (on the wall clock, of processor time)."""
    began, worked = time.perf_counter(), time.process_time()
    step(batch)
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - began, time.process_time() - worked


def random_batch(size: int, frames: int, hop_length: int, device: str) -> Batch:
    """Made-up content and sound: what a step costs does not depend on what they say."""
    generator = torch.Generator().manual_seed(0)
    content = torch.randn(size, frames, 768, generator=generator)
    samples = 0.1 * torch.randn(size, frames * hop_length, generator=generator)
    batch = Batch(content, torch.full((size, frames), 150.0), samples, torch.zeros(size).long())
    return Batch(**{name: getattr(batch, name).to(device) for name in batch.__dataclass_fields__})


class PlainLoop:
    """One step of VITS training written down without any thought of speed."""

    def __init__(
        self,
        synthesizer: RVCSynthesizer,
        discriminators: Discriminators,
        *,
        learning_rate: float = 1e-4,
        generator: torch.Generator | None = None,
    ) -> None:
        self.synthesizer, self.discriminators = synthesizer, discriminators
        self.generator = generator
        self.optimizers = [
            torch.optim.AdamW(network.parameters(), learning_rate, **RATES)
            for network in (synthesizer, discriminators)
        ]

    def step(self, batch: Batch) -> dict[str, float]:
        net, rate = self.synthesizer, self.synthesizer.sample_rate
        segment, hop_length = SEGMENT_SAMPLES[rate], net.hop_length
        n_fft = 2 * (net.config.spec_channels - 1)
        linear = magnitudes(batch.samples, n_fft, hop_length)
        made = net.forward_training(
            batch.content,
            batch.f0_hz,
            linear,
            batch.speaker,
            segment_frames=segment // hop_length,
            generator=self.generator,
        )
        real = segments(batch.samples[:, None], made.slice_starts * hop_length, segment)

        truth, fake = self.discriminators.compare(real, made.waveform.detach())
        loss = discriminator_loss([j.score for j in truth], [j.score for j in fake])
        self.descend(1, loss)

        truth, fake = self.discriminators.compare(real, made.waveform)
        mels = (
            log_mel(
                magnitudes(sound[:, 0], n_fft, hop_length), sample_rate=rate, n_mels=N_MELS[rate]
            )
            for sound in (real, made.waveform)
        )
        losses = {
            "mel": torch.nn.functional.l1_loss(*mels),
            "kl": kl_divergence(
                made.flowed,
                made.posterior_log_std,
                prior_mean=made.prior_mean,
                prior_log_std=made.prior_log_std,
                mask=made.mask,
            ),
            "feature_matching": feature_matching(
                [j.features for j in truth], [j.features for j in fake]
            ),
            "adversarial": adversarial_loss([j.score for j in fake]),
        }
        self.descend(0, sum(LOSS_WEIGHTS[name] * value for name, value in losses.items()))
        return {name: value.item() for name, value in losses.items()}

    def descend(self, number: int, loss: torch.Tensor) -> None:
        self.optimizers[number].zero_grad()
        loss.backward()
        self.optimizers[number].step()


def magnitudes(sound: torch.Tensor, n_fft: int, hop_length: int) -> torch.Tensor:
    """The spectrogram as RVC programs compute it: torch.stft, autograd does the rest."""
    pad = (n_fft - hop_length) // 2
    padded = torch.nn.functional.pad(sound[:, None], (pad, pad), "reflect")[:, 0]
    window = torch.hann_window(n_fft, device=sound.device)
    spectrum = torch.stft(padded, n_fft, hop_length, n_fft, window, False, return_complex=True)
    return (torch.view_as_real(spectrum).pow(2).sum(-1) + MAGNITUDE_FLOOR).sqrt()


if __name__ == "__main__":
    main()
