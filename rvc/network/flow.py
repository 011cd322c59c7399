"""Residual coupling flow between prior and posterior (Glow with WaveNet blocks, as in VITS)."""

import torch
from torch import Tensor, nn

from rvc.network.config import RVCConfig
from rvc.network.layers import WeightNormConv1d

FLOW_STEPS = 4
FLOW_LAYERS = 3
WAVENET_KERNEL = 5


class WaveNet(nn.Module):
    """Gated convolutions with residual and skip paths, conditioned on the speaker."""

    def __init__(self, channels: int, speaker_channels: int, layers: int) -> None:
        super().__init__()
        self.cond_layer = WeightNormConv1d(speaker_channels, 2 * channels * layers, 1)
        self.in_layers = nn.ModuleList(
            WeightNormConv1d(channels, 2 * channels, WAVENET_KERNEL, padding=WAVENET_KERNEL // 2)
            for _ in range(layers)
        )
        # The last layer has no successor, so it has no residual.
        self.res_skip_layers = nn.ModuleList(
            WeightNormConv1d(channels, channels if last else 2 * channels, 1)
            for last in [False] * (layers - 1) + [True]
        )

    def forward(self, x: Tensor, mask: Tensor, speaker: Tensor) -> Tensor:
        """Return x's shape (batch, channels, frames); speaker: (batch, speaker_channels, 1)."""
        skips = torch.zeros_like(x)
        conditions = self.cond_layer(speaker).chunk(len(self.in_layers), dim=1)
        layers = zip(self.in_layers, self.res_skip_layers, conditions, strict=True)
        for layer, res_skip, condition in layers:
            content, gate = (layer(x) + condition).chunk(2, dim=1)
            out = res_skip(torch.tanh(content) * torch.sigmoid(gate))
            if out.shape[1] == x.shape[1]:
                skips = skips + out
            else:
                residual, skip = out.chunk(2, dim=1)
                x = (x + residual) * mask
                skips = skips + skip
        return skips * mask


class Coupling(nn.Module):
    """Shifts one half of the channels by a function of the other half; exactly invertible."""

    def __init__(self, config: RVCConfig) -> None:
        super().__init__()
        half = config.inter_channels // 2
        self.pre = nn.Conv1d(half, config.hidden_channels, 1)
        self.enc = WaveNet(config.hidden_channels, config.speaker_channels, FLOW_LAYERS)
        self.post = nn.Conv1d(config.hidden_channels, half, 1)
        for parameter in self.post.parameters():  # the flow starts as the identity
            nn.init.zeros_(parameter)

    def forward(self, x: Tensor, mask: Tensor, speaker: Tensor, *, reverse: bool) -> Tensor:
        kept, shifted = x.chunk(2, dim=1)
        shift = self.post(self.enc(self.pre(kept) * mask, mask, speaker)) * mask
        shifted = (shifted - shift if reverse else shifted + shift) * mask
        return torch.cat([kept, shifted], dim=1)


class Flow(nn.Module):
    """Four couplings, each followed by a flip of the channels; `flow` in voice files."""

    def __init__(self, config: RVCConfig) -> None:
        super().__init__()
        # Community keys count the flips, too: couplings are flows.0, 2, 4 and 6.
        self.flows = nn.ModuleList()
        for _ in range(FLOW_STEPS):
            self.flows.extend([Coupling(config), nn.Identity()])

    def forward(self, x: Tensor, mask: Tensor, speaker: Tensor, *, reverse: bool = False) -> Tensor:
        """Map (batch, inter_channels, frames) from posterior to prior, or back with `reverse`."""
        couplings = self.flows[::2]
        if reverse:
            for coupling in reversed(couplings):
                x = coupling(x.flip(1), mask, speaker, reverse=True)
            return x
        for coupling in couplings:
            x = coupling(x, mask, speaker, reverse=False).flip(1)
        return x
