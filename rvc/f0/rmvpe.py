"""RMVPE (Wei et al. 2023): f0 of a voice, also with music behind it, from a mel spectrogram.

A U-Net of residual convolutions over the mel spectrogram and a recurrent layer give the salience of
360 pitches of 20 cents, as CREPE does. The attribute names are the keys of the published weights
(`rmvpe.pt`) and must not change.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import librosa
import numpy as np
import torch
from scipy.signal import get_window
from torch import Tensor, nn

SAMPLE_RATE = 16_000
HOP_LENGTH = 160
N_FFT = 1024
N_MELS = 128
MEL_RANGE_HZ = (30.0, 8000.0)
MEL_FLOOR = 1e-5
BINS = 360
FIRST_CENTS = 1997.3794084376191  # above 10 Hz
CENTS = 20  # a bin
AROUND = 4  # bins on both sides of the most salient one that refine it
VOICED = 0.03  # salience above which a frame is voiced; the published threshold
WINDOW_FRAMES = 3000  # of one pass of the network
CONTEXT_FRAMES = 128  # on both sides of a window


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


def load_rmvpe(path: Path, device: str = "cpu") -> RMVPE:
    """Return the network with the published weights of `path` on `device`, ready to use."""
    with torch.device("meta"):
        network = RMVPE()
    state = torch.load(path, map_location="cpu", weights_only=True)
    network.load_state_dict({name: value.float() for name, value in state.items()}, assign=True)
    return network.to(device).eval().requires_grad_(False)


def salience(network: RMVPE, samples: np.ndarray, frames: int) -> np.ndarray:
    """Return the salience (frames, BINS) of 16 kHz sound; frame i is centred at (i + 0.5) * 10 ms.

    Long sound is read in windows with context on both sides.
    """
    device = next(network.parameters()).device
    parts = []
    for start in range(0, frames, WINDOW_FRAMES):
        first, stop = max(0, start - CONTEXT_FRAMES), min(frames, start + WINDOW_FRAMES)
        count = min(frames, stop + CONTEXT_FRAMES) - first
        count += -count % network.stride  # silence after the end
        log_mel = torch.from_numpy(_log_mel(samples, first, count))[None].to(device)
        with torch.inference_mode():
            parts.append(network(log_mel)[0, start - first : stop - first].float().cpu().numpy())
    return np.concatenate(parts)


def _log_mel(samples: np.ndarray, first: int, frames: int) -> np.ndarray:
    """Return the log mel spectrogram (N_MELS, frames) float32 from frame `first` on."""
    start = first * HOP_LENGTH - (N_FFT - HOP_LENGTH) // 2  # of the first frame's window
    stop = start + (frames - 1) * HOP_LENGTH + N_FFT
    inside = samples[max(0, start) : max(0, stop)]
    padded = np.pad(inside, (max(0, -start), stop - max(0, start) - len(inside)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, N_FFT)[::HOP_LENGTH]
    window = get_window("hann", N_FFT).astype(np.float32)
    magnitudes = np.abs(np.fft.rfft(windows * window, axis=1))
    low, high = MEL_RANGE_HZ
    bank = librosa.filters.mel(
        sr=SAMPLE_RATE, n_fft=N_FFT, n_mels=N_MELS, fmin=low, fmax=high, htk=True
    )
    return np.log(np.maximum(bank @ magnitudes.T, MEL_FLOOR)).astype(np.float32)


def pitch(salience: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (hz, confidence), each (frames,): the mean of the bins around the most salient one."""
    path = salience.argmax(axis=1)
    around = path[:, None] + np.arange(-AROUND, AROUND + 1)  # (frames, 9)
    inside = (around >= 0) & (around < BINS)
    around = around.clip(0, BINS - 1)
    weight = np.take_along_axis(salience, around, axis=1) * inside + 1e-12 * inside
    cents = FIRST_CENTS + CENTS * around
    hz = 10 * 2.0 ** ((weight * cents).sum(1) / weight.sum(1) / 1200)
    return hz, salience.max(axis=1)
