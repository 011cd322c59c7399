"""FCPE (Luo et al. 2025): f0 from a mel spectrogram by a small network of depthwise convolutions.

The published weights are part of the package torchfcpe. Only that file is used: the package itself
needs others that this network does without.
"""

import re
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from rvc.f0.log_mel import HOP_LENGTH, N_MELS, log_mel
from rvc.f0.salience import in_windows, pitch

BINS = 360
KERNEL_SIZE = 31
VOICED = 0.03  # salience: of white and pink noise, 99 % of the frames are below 0.015
# Its estimate is that of half a frame before the middle of the window, measured on gliding tones
# (4.7 ms); windows half a frame later put it into the middle of the frame.
LATE_SAMPLES = HOP_LENGTH // 2
# Parts of the published names -> the names here.
NAMES = {
    "net.encoder_layers.": "layers.",
    ".conformer.net.0.": ".norm.",
    ".conformer.net.2.": ".widen.",
    ".conformer.net.4.conv.": ".mix.",
    ".conformer.net.6.": ".narrow.",
}

# Norms of an attention that the published network does not have, and a constant of its training.
_UNUSED = re.compile(r"net\.encoder_layers\.\d+\.norm\..*|gaussian_blurred_cent_mask")


class MixLayer(nn.Module):
    """A gated depthwise convolution over the frames, added to its input."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(channels)
        self.widen = nn.Conv1d(channels, 4 * channels, 1)
        self.mix = nn.Conv1d(
            2 * channels, 2 * channels, KERNEL_SIZE, padding=KERNEL_SIZE // 2, groups=2 * channels
        )
        self.narrow = nn.Conv1d(2 * channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return x's shape (batch, frames, channels)."""
        y = functional.glu(self.widen(self.norm(x).transpose(1, 2)), dim=1)
        return x + self.narrow(functional.silu(self.mix(y))).transpose(1, 2)


class FCPE(nn.Module):
    """Log mel spectrogram (batch, mels, frames) -> salience (batch, frames, BINS), 0 to 1."""

    cent_table: Tensor  # of the bins, above 10 Hz

    def __init__(self, *, channels: int = 512, layers: int = 6) -> None:
        super().__init__()
        self.input_stack = nn.Sequential(
            nn.Conv1d(N_MELS, channels, 3, padding=1),
            nn.GroupNorm(4, channels),
            nn.LeakyReLU(),
            nn.Conv1d(channels, channels, 3, padding=1),
        )
        self.layers = nn.ModuleList(MixLayer(channels) for _ in range(layers))
        self.norm = nn.LayerNorm(channels)
        self.output_proj = nn.Linear(channels, BINS)
        self.register_buffer("cent_table", torch.zeros(BINS))

    def forward(self, log_mel: Tensor) -> Tensor:
        x = self.input_stack(log_mel).transpose(1, 2)
        for layer in self.layers:
            x = layer(x)
        return torch.sigmoid(self.output_proj(self.norm(x)))

    def load_published(self, state: dict[str, Tensor]) -> None:
        """Load weights under their published names; those of unused layers are left out."""
        weights = {}
        for name, value in state.items():
            if not _UNUSED.fullmatch(name):
                weights[_own_name(name)] = value
        magnitude, direction = (weights.pop(f"output_proj.weight_{part}") for part in "gv")
        weights["output_proj.weight"] = direction * (
            magnitude / direction.norm(dim=1, keepdim=True)
        )
        self.load_state_dict(weights)


def _own_name(name: str) -> str:
    for theirs, ours in NAMES.items():
        name = name.replace(theirs, ours)
    return name


@lru_cache(maxsize=1)
def load_fcpe(path: Path, device: str = "cpu") -> FCPE:
    """Return the network with the published weights of `path` on `device`, ready to use."""
    network = FCPE()
    network.load_published(torch.load(path, map_location="cpu", weights_only=True)["model"])
    return network.to(device).eval().requires_grad_(False)


def estimate(network: FCPE, samples: np.ndarray, frames: int) -> tuple[np.ndarray, np.ndarray]:
    """Return (hz, confidence), each (frames,), of 16 kHz sound on the 10 ms grid."""
    device = next(network.parameters()).device
    samples = samples[LATE_SAMPLES:]

    def salience(first: int, count: int) -> np.ndarray:
        mel = torch.from_numpy(log_mel(samples, first, count, low_hz=0.0, htk=False))
        with torch.inference_mode():
            return network(mel[None].to(device))[0].float().cpu().numpy()

    return pitch(in_windows(frames, salience), network.cent_table.cpu().double().numpy())
