"""Applio's HiFi-GAN with multi-receptive-field blocks, driven by a sine at f0 and its overtones."""

from math import pi

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
from rvc.network.nsf_hifigan import (
    SINE_AMPLITUDE,
    UNVOICED_NOISE,
    VOICED_NOISE,
    SourceMixer,
    pitch_cycles,
    source_convs,
)

OVERTONES = 8
# Phases at which the overtones start, in cycles. The original draws them for every call, which
# would break the wave where one piece of a long recording follows another.
START_CYCLES = tuple(((5**0.5 - 1) / 2 * number) % 1.0 for number in range(OVERTONES + 1))


class MRFLayer(nn.Module):
    """A dilated and a plain convolution, added to the input."""

    def __init__(self, channels: int, kernel_size: int, dilation: int) -> None:
        super().__init__()
        padding = dilation * (kernel_size - 1) // 2
        self.conv1 = WeightNormConv1d(
            channels, channels, kernel_size, dilation=dilation, padding=padding
        )
        self.conv2 = WeightNormConv1d(channels, channels, kernel_size, padding=kernel_size // 2)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv1(functional.leaky_relu(x, LEAKY_SLOPE))
        return x + self.conv2(functional.leaky_relu(y, LEAKY_SLOPE))


class MRFBlock(nn.Module):
    """Layers of one kernel size and growing dilation, one after the other."""

    def __init__(self, channels: int, kernel_size: int, dilations: tuple[int, ...]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(MRFLayer(channels, kernel_size, d) for d in dilations)

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = layer(x)
        return x


class ParallelBlocks(nn.ModuleList):
    """Mean of blocks of different kernel sizes."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.stack([block(x) for block in self]).mean(0)


class MRFHiFiGAN(nn.Module):
    """Latent frames -> waveform; the decoder `dec` of voices with Applio's "MRF HiFi-GAN"."""

    def __init__(self, config: RVCConfig) -> None:
        super().__init__()
        channels = config.upsample_initial_channels
        self.hop_length = config.hop_length
        self.sample_rate = config.sample_rate
        self.m_source = SourceMixer(1 + OVERTONES)
        self.conv_pre = WeightNormConv1d(config.inter_channels, channels, 7, padding=3)
        self.cond = nn.Conv1d(config.speaker_channels, channels, 1)
        self.upsamples = nn.ModuleList()
        self.noise_convs = source_convs(config)
        self.mrfs = nn.ModuleList()
        for rate, kernel in zip(config.upsample_rates, config.upsample_kernel_sizes, strict=True):
            up = WeightNormConvTranspose1d(
                channels, channels // 2, kernel, rate, padding=(kernel - rate) // 2
            )
            draw_weight(up)
            self.upsamples.append(up)
            channels //= 2
            blocks = zip(config.resblock_kernel_sizes, config.resblock_dilations, strict=True)
            self.mrfs.append(ParallelBlocks(MRFBlock(channels, *shape) for shape in blocks))
        self.conv_post = WeightNormConv1d(channels, 1, 7, padding=3)

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
        """Return the waveform (batch, 1, frames * hop_length); arguments as in `HiFiGAN`."""
        x = self.conv_pre(latent) + self.cond(speaker)
        source = self.source(f0_hz, noise=noise, generator=generator, phase=phase)
        stages = zip(self.upsamples, self.noise_convs, self.mrfs, strict=True)
        for up, source_conv, blocks in stages:
            x = blocks(up(functional.leaky_relu(x, LEAKY_SLOPE)) + source_conv(source))
        # 0.01, torch's default slope, before the last layer, as in the original.
        return torch.tanh(self.conv_post(functional.leaky_relu(x)))

    def source(
        self, f0_hz: Tensor, *, noise: bool, generator: torch.Generator | None, phase: float
    ) -> Tensor:
        """Return the excitation (batch, 1, samples); without noise, all overtones start at 0."""
        cycles, voiced = pitch_cycles(f0_hz, self.hop_length, self.sample_rate, phase)
        orders = torch.arange(1, OVERTONES + 2, device=f0_hz.device)[:, None]
        starts = cycles.new_tensor(START_CYCLES)[:, None] * float(noise)
        sines = torch.sin(2 * pi * ((cycles * orders + starts) % 1.0)).float()
        excitations = SINE_AMPLITUDE * sines * voiced
        if noise:
            level = VOICED_NOISE * voiced + UNVOICED_NOISE * (1 - voiced)
            excitations = excitations + level * gaussian(excitations, generator)
        return self.m_source(excitations)
