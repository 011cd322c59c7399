"""RMVPE (Wei et al. 2023): f0 of a voice, also with music behind it, from a mel spectrogram.

A U-Net of residual convolutions over the mel spectrogram and a recurrent layer give the salience of
360 pitches of 20 cents, as CREPE does. The attribute names are the keys of the published weights
(`rmvpe.pt`) and must not change.
"""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from rvc.f0.log_mel import N_MELS, log_mel
from rvc.f0.salience import in_windows, pitch

LOW_HZ = 30.0  # of the mel spectrogram
BINS = 360
FIRST_CENTS = 1997.3794084376191  # above 10 Hz
CENTS = 20  # a bin
VOICED = 0.03  # salience above which a frame is voiced; the published threshold


class RMVPEShape(NamedTuple):
    """Sizes of the network; the defaults are those of the published weights."""

    levels: int = 5  # of the U-Net; each halves frames and mel bins
    blocks: int = 4  # convolution pairs of a level
    bottom_levels: int = 4
    channels: int = 16  # of the first level; doubled at each further one
    mels: int = N_MELS
    recurrent_channels: int = 256  # of each direction


PUBLISHED = RMVPEShape()


class ConvPair(nn.Module):
    """Two convolutions with batch norm, added to the input."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(),
            nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(),
        )
        if in_channels != out_channels:
            self.shortcut = nn.Conv2d(in_channels, out_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        kept = self.shortcut(x) if hasattr(self, "shortcut") else x
        return self.conv(x) + kept


def _pairs(in_channels: int, out_channels: int, blocks: int) -> nn.ModuleList:
    return nn.ModuleList(
        ConvPair(in_channels if number == 0 else out_channels, out_channels)
        for number in range(blocks)
    )


class Level(nn.Module):
    """The convolution pairs of one level, on the way down."""

    def __init__(self, in_channels: int, out_channels: int, blocks: int) -> None:
        super().__init__()
        self.conv = _pairs(in_channels, out_channels, blocks)

    def forward(self, x: Tensor) -> Tensor:
        for pair in self.conv:
            x = pair(x)
        return x


class UpLevel(nn.Module):
    """Twice the frames and bins, joined with what came down at this level."""

    def __init__(self, in_channels: int, out_channels: int, blocks: int) -> None:
        super().__init__()
        self.conv1 = nn.Sequential(
            nn.ConvTranspose2d(
                in_channels, out_channels, 3, stride=2, padding=1, output_padding=1, bias=False
            ),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(),
        )
        self.conv2 = _pairs(2 * out_channels, out_channels, blocks)

    def forward(self, x: Tensor, came_down: Tensor) -> Tensor:
        x = torch.cat([self.conv1(x), came_down], dim=1)
        for pair in self.conv2:
            x = pair(x)
        return x


class Levels(nn.Module):
    """Levels in a row; with `normalized`, behind a batch norm of the input."""

    def __init__(self, levels: Sequence[nn.Module], *, normalized: bool = False) -> None:
        super().__init__()
        if normalized:
            self.bn = nn.BatchNorm2d(1)
        self.layers = nn.ModuleList(levels)


class UNet(nn.Module):
    """(batch, 1, frames, mels) -> (batch, channels, frames, mels)."""

    def __init__(self, shape: RMVPEShape) -> None:
        super().__init__()
        widths = [1, *(shape.channels * 2**level for level in range(shape.levels + 1))]
        down = [Level(widths[at], widths[at + 1], shape.blocks) for at in range(shape.levels)]
        bottom = [
            Level(widths[-2] if number == 0 else widths[-1], widths[-1], shape.blocks)
            for number in range(shape.bottom_levels)
        ]
        up = [
            UpLevel(widths[at + 1], widths[at], shape.blocks) for at in range(shape.levels, 0, -1)
        ]
        self.encoder = Levels(down, normalized=True)
        self.intermediate = Levels(bottom)
        self.decoder = Levels(up)

    def forward(self, x: Tensor) -> Tensor:
        x, came_down = self.encoder.bn(x), []
        for level in self.encoder.layers:
            x = level(x)
            came_down.append(x)
            x = nn.functional.avg_pool2d(x, 2)
        for level in self.intermediate.layers:
            x = level(x)
        for level in self.decoder.layers:
            x = level(x, came_down.pop())
        return x


class Recurrent(nn.Module):
    """A recurrent layer in both directions."""

    def __init__(self, in_channels: int, channels: int) -> None:
        super().__init__()
        self.gru = nn.GRU(in_channels, channels, batch_first=True, bidirectional=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.gru(x)[0]


class RMVPE(nn.Module):
    """Log mel spectrogram (batch, mels, frames) -> salience (batch, frames, BINS), 0 to 1.

    The number of frames must be a multiple of `stride`.
    """

    def __init__(self, shape: RMVPEShape = PUBLISHED) -> None:
        super().__init__()
        self.stride = 2**shape.levels
        self.unet = UNet(shape)
        self.cnn = nn.Conv2d(shape.channels, 3, 3, padding=1)
        self.fc = nn.Sequential(
            Recurrent(3 * shape.mels, shape.recurrent_channels),
            nn.Linear(2 * shape.recurrent_channels, BINS),
            nn.Dropout(0.25),
            nn.Sigmoid(),
        )

    def forward(self, log_mel: Tensor) -> Tensor:
        x = self.cnn(self.unet(log_mel.transpose(1, 2)[:, None]))  # (batch, 3, frames, mels)
        return self.fc(x.transpose(1, 2).flatten(2))


@lru_cache(maxsize=1)
def load_rmvpe(path: Path, device: str = "cpu") -> RMVPE:
    """Return the network with the published weights of `path` on `device`, ready to use."""
    with torch.device("meta"):
        network = RMVPE()
    state = torch.load(path, map_location="cpu", weights_only=True)
    network.load_state_dict({name: value.float() for name, value in state.items()}, assign=True)
    return network.to(device).eval().requires_grad_(False)


def estimate(network: RMVPE, samples: np.ndarray, frames: int) -> tuple[np.ndarray, np.ndarray]:
    """Return (hz, confidence), each (frames,), of 16 kHz sound on the 10 ms grid."""
    device = next(network.parameters()).device

    def salience(first: int, count: int) -> np.ndarray:
        whole = count + -count % network.stride  # silence after the end
        mel = torch.from_numpy(log_mel(samples, first, whole, low_hz=LOW_HZ, htk=True))
        with torch.inference_mode():
            return network(mel[None].to(device))[0, :count].float().cpu().numpy()

    return pitch(in_windows(frames, salience), FIRST_CENTS + CENTS * np.arange(BINS))
