"""The two encoders of VITS: the prior from content and f0, the posterior from the spectrogram."""

from math import log, sqrt

import torch
from torch import Tensor, nn

from rvc.network.attention import AttentionEncoder
from rvc.network.config import RVCConfig
from rvc.network.flow import WaveNet
from rvc.network.layers import LEAKY_SLOPE, gaussian

F0_MIN_HZ = 50.0
F0_MAX_HZ = 1100.0
F0_BINS = 256  # 0 is unused: 1 is unvoiced or lowest, 255 highest
POSTERIOR_LAYERS = 16


def coarse_f0(f0_hz: Tensor) -> Tensor:
    """Return int64 bins 1..255 of f0 (batch, frames): 50 Hz is 1, 1100 Hz is 255, mel scale."""
    low, high = (1127 * log(1 + hz / 700) for hz in (F0_MIN_HZ, F0_MAX_HZ))
    mel = 1127 * torch.log1p(f0_hz.float() / 700)
    return ((mel - low) * 254 / (high - low) + 1).round().clamp(1, F0_BINS - 1).long()


class PriorEncoder(nn.Module):
    """content and f0 -> mean and log standard deviation of the prior; `enc_p` in voice files."""

    def __init__(self, config: RVCConfig) -> None:
        super().__init__()
        hidden = config.hidden_channels
        self.emb_phone = nn.Linear(config.content_channels, hidden)
        self.emb_pitch = nn.Embedding(F0_BINS, hidden) if config.uses_f0 else None
        self.encoder = AttentionEncoder(
            hidden,
            config.filter_channels,
            heads=config.heads,
            layers=config.layers,
            kernel_size=config.kernel_size,
            dropout=config.dropout,
        )
        self.proj = nn.Conv1d(hidden, 2 * config.inter_channels, 1)

    def forward(self, content: Tensor, f0_hz: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and log_std, each (batch, inter_channels, frames).

        content: (batch, frames, channels); f0_hz: (batch, frames); mask: (batch, 1, frames).
        """
        x = self.emb_phone(content)
        if self.emb_pitch is not None:
            x = x + self.emb_pitch(coarse_f0(f0_hz))
        x = nn.functional.leaky_relu(x * sqrt(x.shape[-1]), LEAKY_SLOPE)
        x = self.encoder(x.transpose(1, 2), mask)
        mean, log_std = (self.proj(x) * mask).chunk(2, dim=1)
        return mean, log_std


class PosteriorEncoder(nn.Module):
    """Spectrogram -> a sample of the latent; `enc_q`, used in training only."""

    def __init__(self, config: RVCConfig) -> None:
        super().__init__()
        hidden = config.hidden_channels
        self.pre = nn.Conv1d(config.spec_channels, hidden, 1)
        self.enc = WaveNet(hidden, config.speaker_channels, POSTERIOR_LAYERS)
        self.proj = nn.Conv1d(hidden, 2 * config.inter_channels, 1)

    def forward(
        self,
        spectrogram: Tensor,
        mask: Tensor,
        speaker: Tensor,
        generator: torch.Generator | None = None,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return latent, mean and log_std, each (batch, inter_channels, frames).

        spectrogram: (batch, bins, frames); speaker: (batch, speaker_channels, 1).
        """
        x = self.enc(self.pre(spectrogram) * mask, mask, speaker)
        mean, log_std = (self.proj(x) * mask).chunk(2, dim=1)
        latent = (mean + gaussian(mean, generator) * log_std.exp()) * mask
        return latent, mean, log_std
