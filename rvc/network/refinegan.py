"""RefineGAN (Xu et al. 2021) as in Applio: a sine at f0, refined on its way down and up again."""

from collections.abc import Callable
from functools import lru_cache, partial
from math import ceil, pi

import torch
from torch import Tensor, nn
from torch.nn import functional

from rvc.network.config import REFINEGAN_CHANNELS, RVCConfig
from rvc.network.layers import WeightNormConv1d, draw_weight, gaussian
from rvc.network.nsf_hifigan import (
    SINE_AMPLITUDE,
    UNVOICED_NOISE,
    VOICED_NOISE,
    ResidualBlock,
)

SLOPE = 0.2  # of every leaky ReLU here
KERNEL_SIZES, DILATIONS = (3, 7, 11), (1, 3, 5)
# The low-pass before each reduction of the rate: a sinc of this many zero crossings in a Kaiser
# window, its cutoff ROLLOFF times the new Nyquist frequency ("kaiser_best" of resampy).
ZERO_CROSSINGS, ROLLOFF, KAISER_BETA = 64, 0.9475937167399596, 14.769656459379492

Draw = Callable[[Tensor], Tensor] | None  # gives noise of a tensor's shape; None: without noise


class NoiseGate(nn.Module):
    """Noise of a learned level per channel, then a leaky ReLU; "AdaIN" in the original."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.full((channels,), 1e-4))

    def forward(self, x: Tensor, draw: Draw) -> Tensor:
        if draw is not None:
            x = x + draw(x) * self.weight[:, None]
        return functional.leaky_relu(x, SLOPE)


class Branch(nn.Sequential):
    """A block between two noise gates."""

    def __init__(self, channels: int, kernel_size: int) -> None:
        super().__init__(
            NoiseGate(channels),
            ResidualBlock(channels, kernel_size, DILATIONS, SLOPE),
            NoiseGate(channels),
        )

    def forward(self, x: Tensor, draw: Draw) -> Tensor:  # type: ignore[override]
        before, block, after = self
        return after(block(before(x, draw)), draw)


class ParallelBlocks(nn.Module):
    """Mean of three blocks of different kernel sizes behind one convolution."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.input_conv = nn.Conv1d(in_channels, out_channels, 7, padding=3)
        nn.init.normal_(self.input_conv.weight, std=0.01)
        self.blocks = nn.ModuleList(Branch(out_channels, size) for size in KERNEL_SIZES)

    def forward(self, x: Tensor, draw: Draw) -> Tensor:
        x = self.input_conv(x)
        return torch.stack([branch(x, draw) for branch in self.blocks]).mean(0)


class SineSource(nn.Module):
    """A sine at f0 with noise, scaled; key `m_source.merge.0`."""

    def __init__(self, sample_rate: int) -> None:
        super().__init__()
        self.sample_rate = sample_rate
        self.merge = nn.Sequential(nn.Linear(1, 1, bias=False))

    def forward(self, f0_hz: Tensor, draw: Draw, phase: float) -> Tensor:
        """Return the excitation (batch, 1, samples); f0_hz: (batch, 1, samples)."""
        cycles = (f0_hz.double() / self.sample_rate).cumsum(-1) + phase
        voiced = (f0_hz > 0).float()
        excitation = SINE_AMPLITUDE * torch.sin(2 * pi * (cycles % 1.0)).float() * voiced
        if draw is not None:
            level = VOICED_NOISE * voiced + UNVOICED_NOISE * (1 - voiced)
            excitation = excitation + level * draw(excitation)
        dtype = next(self.merge.parameters()).dtype
        scaled = self.merge(excitation.transpose(1, 2).to(dtype))
        return torch.tanh(scaled).transpose(1, 2)


class RefineGAN(nn.Module):
    """Latent frames -> waveform; the decoder `dec` of voices with Applio's "RefineGAN"."""

    def __init__(self, config: RVCConfig) -> None:
        super().__init__()
        self.rates = config.upsample_rates
        self.hop_length = config.hop_length
        self.m_source = SineSource(config.sample_rate)
        channels = REFINEGAN_CHANNELS
        self.pre_conv = WeightNormConv1d(1, channels, 7, padding=3)
        self.downsample_blocks = nn.ModuleList()
        for _ in self.rates:
            self.downsample_blocks.append(WeightNormConv1d(channels, 2 * channels, 7, padding=3))
            channels *= 2
        channels = config.upsample_initial_channels
        self.mel_conv = WeightNormConv1d(config.inter_channels, channels // 2, 7, padding=3)
        self.cond = nn.Conv1d(config.speaker_channels, channels // 2, 1)
        self.upsample_conv_blocks = nn.ModuleList()
        for _ in self.rates:
            self.upsample_conv_blocks.append(
                ParallelBlocks(channels + channels // 4, channels // 2)
            )
            channels //= 2
        self.conv_post = WeightNormConv1d(channels, 1, 7, padding=3, bias=False)
        draw_weight(self.mel_conv)
        draw_weight(self.conv_post)

    def forward(
        self,
        latent: Tensor,
        f0_hz: Tensor,
        speaker: Tensor,
        *,
        noise: bool = True,
        generator: torch.Generator | None = None,
        phase: float = 0.0,
    ) -> Tensor:
        """Return the waveform (batch, 1, frames * hop_length); arguments as in `HiFiGAN`.

        f0 is interpolated between frames, also between a voiced and an unvoiced one.
        """
        draw = partial(gaussian, generator=generator) if noise else None
        samples = latent.shape[-1] * self.hop_length
        f0_hz = functional.interpolate(f0_hz[:, None], size=samples, mode="linear")
        x = self.pre_conv(self.m_source(f0_hz, draw, phase))
        levels = []
        for rate, block in zip(reversed(self.rates), self.downsample_blocks, strict=True):
            x = functional.leaky_relu(x, SLOPE)
            levels.append(x)
            x = block(decimate(x, rate))
        x = torch.cat([self.mel_conv(latent) + self.cond(speaker), x], dim=1)
        stages = zip(self.rates, self.upsample_conv_blocks, reversed(levels), strict=True)
        for rate, block, level in stages:
            x = functional.leaky_relu(x, SLOPE)
            x = functional.interpolate(x, scale_factor=float(rate), mode="linear")
            x = block(torch.cat([x, level], dim=1), draw)
        return torch.tanh(self.conv_post(functional.leaky_relu(x, SLOPE)))


def decimate(x: Tensor, rate: int) -> Tensor:
    """Return every `rate`-th sample of x (batch, channels, samples) behind a low-pass."""
    if rate == 1:
        return x
    kernel = low_pass(rate).to(x)
    batch, channels, samples = x.shape
    width = (len(kernel) - rate) // 2
    padded = functional.pad(x.reshape(batch * channels, 1, samples), (width, width + rate))
    kept = functional.conv1d(padded, kernel[None, None], stride=rate)
    return kept[..., : ceil(samples / rate)].reshape(batch, channels, -1)


@lru_cache(maxsize=16)
def low_pass(rate: int) -> Tensor:
    """Return the taps (2 * width + rate,) float64 of the low-pass; tap `width` is at time 0."""
    width = ceil(ZERO_CROSSINGS * rate / ROLLOFF)
    times = torch.arange(-width, width + rate, dtype=torch.float64) / rate * ROLLOFF
    times = times.clamp(-ZERO_CROSSINGS, ZERO_CROSSINGS)
    inside = (1 - (times / ZERO_CROSSINGS) ** 2).sqrt()
    window = torch.special.i0(KAISER_BETA * inside) / torch.special.i0(
        torch.tensor(KAISER_BETA, dtype=torch.float64)
    )
    return torch.special.sinc(times) * window * ROLLOFF / rate
