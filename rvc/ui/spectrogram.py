"""Spectrograms of the page's players."""

import base64
import io
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from rvc.audio import Recording

COLUMNS, ROWS = 900, 160
RANGE_DB = 75.0
TOP_HZ = 12_000
N_FFT = 1024
# Dark violet to pale yellow, evenly brighter: legible in grey and to the colour-blind.
_COLOURS = np.array(
    [[10, 8, 30], [60, 20, 100], [130, 38, 110], [200, 70, 80], [245, 140, 50], [252, 245, 180]]
)


def spectrograms(*recordings: "Recording") -> tuple[str, ...]:
    """Return a PNG of each spectrum over time as a data URL, from 0 Hz up to TOP_HZ.

    The colours stand for the same levels in all of them.
    """
    levels = [_levels(recording) for recording in recordings]
    loudest = max(level.max() for level in levels)
    return tuple(_picture(level, loudest) for level in levels)


def _levels(recording: "Recording") -> np.ndarray:
    """Return (ROWS, COLUMNS): the level in dB, low frequencies first."""
    samples = np.pad(recording.samples, (0, max(0, N_FFT - len(recording.samples))))
    starts = np.linspace(0, len(samples) - N_FFT, COLUMNS).astype(int)
    frames = samples[starts[:, None] + np.arange(N_FFT)] * np.hanning(N_FFT)
    power = np.abs(np.fft.rfft(frames, axis=1)) ** 2  # (columns, bins)
    top = min(TOP_HZ, recording.sample_rate / 2)
    edges = np.linspace(0, top / recording.sample_rate * N_FFT, ROWS + 1).astype(int)
    bands = [power[:, low : max(high, low + 1)].max(1) for low, high in pairwise(edges)]
    return 10 * np.log10(np.stack(bands) + 1e-10)


def _picture(level: np.ndarray, loudest: float) -> str:
    """Return a PNG of 256 colours: a third of the size of one of all."""
    from PIL import Image

    shade = np.clip((level - loudest) / RANGE_DB + 1, 0, 1)[::-1] * 255
    stops = np.linspace(0, 255, len(_COLOURS))
    palette = np.stack([np.interp(range(256), stops, _COLOURS[:, c]) for c in range(3)], 1)
    image = Image.fromarray(shade.astype(np.uint8))
    image.putpalette(palette.astype(np.uint8).tobytes())
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
