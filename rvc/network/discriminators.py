"""HiFi-GAN's discriminators: one over the waveform, one for each of several periods."""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from rvc.network.layers import LEAKY_SLOPE, WeightNormConv1d, WeightNormConv2d

PERIODS = {"v1": (2, 3, 5, 7, 11, 17), "v2": (2, 3, 5, 7, 11, 17, 23, 37)}


class Judgement(NamedTuple):
    """Output of one discriminator: score (batch, any) and feature maps for feature matching."""

    score: Tensor
    features: list[Tensor]


class ScaleDiscriminator(nn.Module):
    """Grouped convolutions over the waveform itself."""

    def __init__(self) -> None:
        super().__init__()
        shapes = [  # in, out, kernel, stride, groups
            (1, 16, 15, 1, 1),
            (16, 64, 41, 4, 4),
            (64, 256, 41, 4, 16),
            (256, 1024, 41, 4, 64),
            (1024, 1024, 41, 4, 256),
            (1024, 1024, 5, 1, 1),
        ]
        self.convs = nn.ModuleList(
            WeightNormConv1d(into, out, kernel, stride, kernel // 2, groups=groups)
            for into, out, kernel, stride, groups in shapes
        )
        self.conv_post = WeightNormConv1d(1024, 1, 3, 1, 1)

    def forward(self, waveform: Tensor) -> Judgement:
        return _judge(waveform, self.convs, self.conv_post)


class PeriodDiscriminator(nn.Module):
    """Convolutions over the waveform reshaped to an image (batch, 1, rows, period)."""

    def __init__(self, period: int) -> None:
        super().__init__()
        self.period = period
        channels = [1, 32, 128, 512, 1024, 1024]
        strides = [3, 3, 3, 3, 1]
        self.convs = nn.ModuleList(
            WeightNormConv2d(into, out, (5, 1), (stride, 1), (2, 0))
            for into, out, stride in zip(channels[:-1], channels[1:], strides, strict=True)
        )
        self.conv_post = WeightNormConv2d(1024, 1, (3, 1), 1, (1, 0))

    def forward(self, waveform: Tensor) -> Judgement:
        missing = -waveform.shape[-1] % self.period
        waveform = functional.pad(waveform, (0, missing), mode="reflect")
        picture = waveform.unflatten(-1, (-1, self.period))
        return _judge(picture, self.convs, self.conv_post)


def _judge(x: Tensor, convs: nn.ModuleList, last: nn.Module) -> Judgement:
    features = []
    for conv in convs:
        x = functional.leaky_relu(conv(x), LEAKY_SLOPE)
        features.append(x)
    x = last(x)
    features.append(x)
    return Judgement(x.flatten(1), features)


class Discriminators(nn.Module):
    """The scale discriminator first, then the periods; keys as in the community's `D_*.pth`."""

    def __init__(self, version: str = "v2") -> None:
        super().__init__()
        self.discriminators = nn.ModuleList(
            [ScaleDiscriminator(), *(PeriodDiscriminator(period) for period in PERIODS[version])]
        )

    def forward(self, waveform: Tensor) -> list[Judgement]:
        """Return one output per discriminator for waveform (batch, 1, samples)."""
        return [discriminator(waveform) for discriminator in self.discriminators]

    def compare(self, real: Tensor, made: Tensor) -> tuple[list[Judgement], list[Judgement]]:
        """Return the outputs for two batches of equal size, in one pass for speed."""
        both = self(torch.cat([real, made]))
        batch = len(real)
        return [_part(each, slice(0, batch)) for each in both], [
            _part(each, slice(batch, None)) for each in both
        ]


def _part(judgement: Judgement, rows: slice) -> Judgement:
    return Judgement(judgement.score[rows], [feature[rows] for feature in judgement.features])
