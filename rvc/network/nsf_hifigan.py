"""HiFi-GAN (Kong et al. 2020) and its neural source-filter variant, driven by a sine at f0."""

from math import pi, prod

import torch
from torch import Tensor, nn
from torch.nn import functional

from rvc.network.config import RVCConfig
from rvc.network.layers import (
    LEAKY_SLOPE,
    WeightNormConv1d,
    WeightNormConvTranspose1d,
    draw_weight,
    gaussian,
)

SINE_AMPLITUDE = 0.1
VOICED_NOISE = 0.003  # standard deviation of the noise added to the sine
UNVOICED_NOISE = SINE_AMPLITUDE / 3


class ResidualBlock(nn.Module):
    """Pairs of a dilated and a plain convolution, each pair added to its input."""

    def __init__(
        self,
        channels: int,
        kernel_size: int,
        dilations: tuple[int, ...],
        slope: float = LEAKY_SLOPE,
    ) -> None:
        super().__init__()
        self.slope = slope
        self.convs1 = nn.ModuleList(
            _same_length_conv(channels, kernel_size, dilation) for dilation in dilations
        )
        self.convs2 = nn.ModuleList(_same_length_conv(channels, kernel_size, 1) for _ in dilations)

    def forward(self, x: Tensor) -> Tensor:
        for dilated, plain in zip(self.convs1, self.convs2, strict=True):
            y = dilated(functional.leaky_relu(x, self.slope))
            x = x + plain(functional.leaky_relu(y, self.slope))
        return x


def _same_length_conv(channels: int, kernel_size: int, dilation: int) -> WeightNormConv1d:
    padding = dilation * (kernel_size - 1) // 2
    conv = WeightNormConv1d(channels, channels, kernel_size, dilation=dilation, padding=padding)
    draw_weight(conv)
    return conv


class HiFiGAN(nn.Module):
    """Latent frames -> waveform; the decoder `dec` of voices without f0."""

    def __init__(self, config: RVCConfig) -> None:
        super().__init__()
        channels = config.upsample_initial_channels
        self.kernels = len(config.resblock_kernel_sizes)
        self.conv_pre = nn.Conv1d(config.inter_channels, channels, 7, padding=3)
        self.cond = nn.Conv1d(config.speaker_channels, channels, 1)
        self.ups = nn.ModuleList()
        self.resblocks = nn.ModuleList()
        for rate, kernel in zip(config.upsample_rates, config.upsample_kernel_sizes, strict=True):
            up = WeightNormConvTranspose1d(
                channels, channels // 2, kernel, rate, padding=(kernel - rate) // 2
            )
            draw_weight(up)
            self.ups.append(up)
            channels //= 2
            self.resblocks.extend(
                ResidualBlock(channels, size, dilations)
                for size, dilations in zip(
                    config.resblock_kernel_sizes, config.resblock_dilations, strict=True
                )
            )
        self.conv_post = nn.Conv1d(channels, 1, 7, padding=3, bias=False)

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
        """Return the waveform (batch, 1, frames * hop_length).

        latent: (batch, inter_channels, frames). f0_hz (batch, frames), noise and phase (see
        `sine_at`) are used by the source-filter variant only.
        """
        x = self.conv_pre(latent) + self.cond(speaker)
        source = self.source(f0_hz, noise=noise, generator=generator, phase=phase)
        for stage, up in enumerate(self.ups):
            x = up(functional.leaky_relu(x, LEAKY_SLOPE))
            x = self.add_source(x, source, stage)
            blocks = self.resblocks[stage * self.kernels : (stage + 1) * self.kernels]
            x = torch.stack([block(x) for block in blocks]).mean(0)
        # 0.01, torch's default slope, before the last layer, as in the original.
        return torch.tanh(self.conv_post(functional.leaky_relu(x)))

    def source(
        self, f0_hz: Tensor, *, noise: bool, generator: torch.Generator | None, phase: float
    ) -> Tensor | None:
        return None

    def add_source(self, x: Tensor, source: Tensor | None, stage: int) -> Tensor:
        return x


class NSFHiFiGAN(HiFiGAN):
    """HiFi-GAN with a sine at f0 added at every resolution; the decoder of voices with f0."""

    def __init__(self, config: RVCConfig) -> None:
        super().__init__(config)
        self.hop_length = config.hop_length
        self.sample_rate = config.sample_rate
        self.m_source = SourceMixer()
        self.noise_convs = source_convs(config)

    def source(
        self, f0_hz: Tensor, *, noise: bool, generator: torch.Generator | None, phase: float
    ) -> Tensor:
        sine, voiced = sine_at(f0_hz, self.hop_length, self.sample_rate, phase)
        excitation = SINE_AMPLITUDE * sine * voiced
        if noise:
            level = VOICED_NOISE * voiced + UNVOICED_NOISE * (1 - voiced)
            excitation = excitation + level * gaussian(excitation, generator)
        return self.m_source(excitation)

    def add_source(self, x: Tensor, source: Tensor | None, stage: int) -> Tensor:
        return x if source is None else x + self.noise_convs[stage](source)


def source_convs(config: RVCConfig) -> nn.ModuleList:
    """Return the convolutions that bring the excitation to the resolution of each stage."""
    convs = nn.ModuleList()
    for stage in range(len(config.upsample_rates)):
        channels = config.upsample_initial_channels // 2 ** (stage + 1)
        stride = prod(config.upsample_rates[stage + 1 :])  # samples per step of this stage
        if stride > 1:
            convs.append(nn.Conv1d(1, channels, 2 * stride, stride, padding=stride // 2))
        else:
            convs.append(nn.Conv1d(1, channels, 1))
    return convs


class SourceMixer(nn.Module):
    """Mix of the excitations (batch, sines, samples) to one; key `m_source.l_linear`."""

    def __init__(self, sines: int = 1) -> None:
        super().__init__()
        self.l_linear = nn.Linear(sines, 1)

    def forward(self, excitation: Tensor) -> Tensor:
        mixed = self.l_linear(excitation.transpose(1, 2).to(self.l_linear.weight.dtype))
        return torch.tanh(mixed).transpose(1, 2)


def sine_at(
    f0_hz: Tensor, hop_length: int, sample_rate: int, phase: float = 0.0
) -> tuple[Tensor, Tensor]:
    """Return a sine of unit amplitude at f0, and 1.0 where voiced, each (batch, 1, samples).

    f0 is constant within a frame; see `pitch_cycles`.
    """
    cycles, voiced = pitch_cycles(f0_hz, hop_length, sample_rate, phase)
    return torch.sin(2 * pi * cycles.float()), voiced


def pitch_cycles(
    f0_hz: Tensor, hop_length: int, sample_rate: int, phase: float
) -> tuple[Tensor, Tensor]:
    """Return the place in the pitch cycle, 0 to 1, as float64, and 1.0 where voiced, as float32;
    each (batch, 1, samples).

    The cycles are summed in double precision and wrapped at each frame: a float32 sum drifts
    audibly within a minute. `phase`: at the start, in cycles.
    """
    cycles_per_sample = f0_hz.double()[:, :, None] / sample_rate  # (batch, frames, 1)
    steps = torch.arange(1, hop_length + 1, device=f0_hz.device)
    ends = (cycles_per_sample * hop_length).cumsum(1)
    starts = (ends - cycles_per_sample * hop_length + phase) % 1.0
    cycles = (starts + cycles_per_sample * steps) % 1.0  # (batch, frames, hop_length)
    voiced = (f0_hz > 0).float().repeat_interleave(hop_length, dim=1)
    return cycles.flatten(1)[:, None], voiced[:, None]
