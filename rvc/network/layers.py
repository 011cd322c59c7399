"""Small building blocks shared by the RVC networks: weight-normed convolutions, layer norm.

Community files store weight norm as `weight_g` and `weight_v`. torch's current
`parametrizations.weight_norm` uses other names and its older function is deprecated, so the three
convolutions below hold the two parameters themselves.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

LEAKY_SLOPE = 0.1


class WeightNormConv1d(nn.Conv1d):
    """Conv1d whose weight is direction `weight_v` times magnitude `weight_g` per output."""

    weight_g: nn.Parameter
    weight_v: nn.Parameter
    folded: Tensor | None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        split_weight(self)

    def forward(self, x: Tensor) -> Tensor:
        return self._conv_forward(x, joined_weight(self), self.bias)


class WeightNormConv2d(nn.Conv2d):
    """Conv2d with weight norm; see WeightNormConv1d."""

    weight_g: nn.Parameter
    weight_v: nn.Parameter
    folded: Tensor | None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        split_weight(self)

    def forward(self, x: Tensor) -> Tensor:
        return self._conv_forward(x, joined_weight(self), self.bias)


class WeightNormConvTranspose1d(nn.ConvTranspose1d):
    """ConvTranspose1d with weight norm over its first axis, the input channels."""

    weight_g: nn.Parameter
    weight_v: nn.Parameter
    folded: Tensor | None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        split_weight(self)

    def forward(self, x: Tensor) -> Tensor:  # type: ignore[override]  # without output_size
        return functional.conv_transpose1d(
            x,
            joined_weight(self),
            self.bias,
            self.stride,
            self.padding,  # type: ignore[arg-type]  # torch types it for convolutions, too
            self.output_padding,
        )


WeightNormed = WeightNormConv1d | WeightNormConv2d | WeightNormConvTranspose1d


def split_weight(conv: WeightNormed) -> None:
    """Replace `weight` by `weight_g` (outputs, 1, ...) and `weight_v` of the same product."""
    direction = conv.weight.detach()
    del conv.weight
    conv.weight_g = nn.Parameter(_magnitude(direction))
    conv.weight_v = nn.Parameter(direction)
    conv.register_buffer("folded", None, persistent=False)  # see fold_weight_norm


def joined_weight(conv: WeightNormed) -> Tensor:
    """Return the effective weight of a convolution: weight_g * weight_v / |weight_v|."""
    if conv.folded is not None:
        return conv.folded
    return conv.weight_v * (conv.weight_g / _magnitude(conv.weight_v))


def fold_weight_norm(network: nn.Module) -> None:
    """Replace magnitude and direction by the weight they make, for a network that only infers."""
    for conv in network.modules():
        if isinstance(conv, WeightNormConv1d | WeightNormConv2d | WeightNormConvTranspose1d):
            conv.folded = joined_weight(conv).detach()
            del conv.weight_g, conv.weight_v


def _magnitude(weight: Tensor) -> Tensor:
    norms = weight.float().flatten(1).norm(dim=1).to(weight.dtype)
    return norms.view(-1, *[1] * (weight.dim() - 1))


def draw_weight(conv: WeightNormed, std: float = 0.01) -> None:
    """Initialise a weight-normed convolution from N(0, std), as HiFi-GAN does."""
    with torch.no_grad():
        conv.weight_v.normal_(0.0, std)
        conv.weight_g.copy_(_magnitude(conv.weight_v))


class ChannelNorm(nn.Module):
    """Layer norm over the channels of (batch, channels, frames); keys `gamma` and `beta`."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(channels))
        self.beta = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        x = x.transpose(1, 2)  # (batch, frames, channels)
        x = functional.layer_norm(x, self.gamma.shape, self.gamma, self.beta, eps=1e-5)
        return x.transpose(1, 2)


def frame_mask(lengths: Tensor, frames: int) -> Tensor:
    """Return (batch, 1, frames), one up to each length and zero after."""
    positions = torch.arange(frames, device=lengths.device)
    return (positions < lengths[:, None])[:, None].float()


def gaussian(like: Tensor, generator: torch.Generator | None) -> Tensor:
    """Return standard normal numbers of `like`'s shape.

    They are drawn on the generator's device, so that a CPU generator gives the same numbers for
    every device of the network.
    """
    device = like.device if generator is None else generator.device
    drawn = torch.randn(like.shape, generator=generator, device=device, dtype=torch.float32)
    return drawn.to(like)
