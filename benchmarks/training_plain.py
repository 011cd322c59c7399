"""Speed of RVC training against a plain fp32 loop of the same networks on the same batch.

    python -m benchmarks.training_plain [--preset 40k] [--batch 8] [--steps 5]

The plain loop is that of RVC programs: fp32, default AdamW, two passes of the discriminators over
real and generated sound with gradients for all weights. Both start from the same random networks
and alternate step by step, so that other work on the machine slows both equally. Prints the median
wall and processor seconds of a step of each, and their ratio.
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
    """Return the wall seconds and the processor seconds of one step."""
    began, worked = time.perf_counter(), time.process_time()
    step(batch)
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - began, time.process_time() - worked


def random_batch(size: int, frames: int, hop_length: int, device: str) -> Batch:
    """Return random content and sound; the cost of a step does not depend on its values."""
    generator = torch.Generator().manual_seed(0)
    content = torch.randn(size, frames, 768, generator=generator)
    samples = 0.1 * torch.randn(size, frames * hop_length, generator=generator)
    batch = Batch(content, torch.full((size, frames), 150.0), samples, torch.zeros(size).long())
    return Batch(**{name: getattr(batch, name).to(device) for name in batch.__dataclass_fields__})


class PlainLoop:
    """One step of VITS training without optimisations."""

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
    """Return the spectrogram as RVC programs compute it: torch.stft and autograd."""
    pad = (n_fft - hop_length) // 2
    padded = torch.nn.functional.pad(sound[:, None], (pad, pad), "reflect")[:, 0]
    window = torch.hann_window(n_fft, device=sound.device)
    spectrum = torch.stft(padded, n_fft, hop_length, n_fft, window, False, return_complex=True)
    return (torch.view_as_real(spectrum).pow(2).sum(-1) + MAGNITUDE_FLOOR).sqrt()


if __name__ == "__main__":
    main()
