"""Pictures of the page: spectrograms, learning curves, pitch. SVG that follows light and dark.

Charts of the report itself are made by rvc.quality.
"""

import base64
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from rvc.audio import Recording
    from rvc.f0 import F0

WIDTH, HEIGHT = 460, 210  # units of the drawings; they stretch to the page
LEFT, RIGHT, TOP, BOTTOM = 46, 10, 12, 38  # margins for the numbers at the axes
CHART_POINTS = 600
DOTTED_POINTS = 40  # a curve of no more shows each of them
SPECTROGRAM_COLUMNS, SPECTROGRAM_ROWS = 560, 160
SPECTROGRAM_RANGE_DB = 75.0
SPECTROGRAM_TOP_HZ = 12_000
N_FFT = 1024
# Dark violet to pale yellow, evenly brighter: legible in grey and to the colour-blind.
_COLOURS = np.array(
    [[10, 8, 30], [60, 20, 100], [130, 38, 110], [200, 70, 80], [245, 140, 50], [252, 245, 180]]
)


def spectrogram(recording: "Recording") -> str:
    """A PNG of the recording's spectrum over time, as a data address (0 to 12 kHz upwards)."""
    from PIL import Image

    samples = np.pad(recording.samples, (0, max(0, N_FFT - len(recording.samples))))
    starts = np.linspace(0, len(samples) - N_FFT, SPECTROGRAM_COLUMNS).astype(int)
    frames = samples[starts[:, None] + np.arange(N_FFT)] * np.hanning(N_FFT)
    power = np.abs(np.fft.rfft(frames, axis=1)) ** 2  # (columns, bins)
    top = min(SPECTROGRAM_TOP_HZ, recording.sample_rate / 2)
    edges = np.linspace(0, top / recording.sample_rate * N_FFT, SPECTROGRAM_ROWS + 1).astype(int)
    bands = [power[:, low : max(high, low + 1)].max(1) for low, high in pairwise(edges)]
    level = 10 * np.log10(np.stack(bands) + 1e-10)
    share = (level - level.max()) / SPECTROGRAM_RANGE_DB + 1
    place = np.clip(share, 0, 1)[::-1] * (len(_COLOURS) - 1)
    channels = [np.interp(place, range(len(_COLOURS)), _COLOURS[:, c]) for c in range(3)]
    file = io.BytesIO()
    Image.fromarray(np.stack(channels, -1).astype(np.uint8)).save(file, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def line_chart(
    curves: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    *,
    label: str,
    x_label: str = "",
    mark: tuple[float, str] | None = None,
    height: int = HEIGHT,
    from_zero: bool = False,
) -> str:
    """An SVG of curves {name: (x, y)}; NaN breaks a line. `mark`: a place on x and its words."""
    drawn = {name: (np.asarray(x, float), np.asarray(y, float)) for name, (x, y) in curves.items()}
    drawn = {name: xy for name, xy in drawn.items() if np.isfinite(xy[1]).any()}
    if not drawn:
        return ""
    xs = np.concatenate([x for x, _ in drawn.values()])
    ys = np.concatenate([y[np.isfinite(y)] for _, y in drawn.values()])
    x_range = _room(xs.min(), xs.max(), 0)
    y_range = _room(0 if from_zero else ys.min(), ys.max(), 0.06)
    if from_zero:
        y_range = (0.0, y_range[1])

    def at(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        wide, high = WIDTH - LEFT - RIGHT, height - TOP - BOTTOM
        return (
            LEFT + (x - x_range[0]) / (x_range[1] - x_range[0]) * wide,
            TOP + (y_range[1] - y) / (y_range[1] - y_range[0]) * high,
        )

    parts = [*_axes(x_range, y_range, at, height, x_label)]
    for number, (x, y) in enumerate(drawn.values()):
        points = at(*_thin(x, y))
        parts.append(f'<path class="mk-line mk-c{number % 6}" d="{_path(*points)}"/>')
        if len(x) <= DOTTED_POINTS:
            parts += _dots(*points, f"mk-dot mk-c{number % 6}")
    if mark is not None:
        place = float(at(np.array([mark[0]]), np.array([y_range[0]]))[0][0])
        anchor, beside = ("end", -5) if place > WIDTH * 0.6 else ("start", 5)
        parts.append(
            f'<path class="mk-mark" d="M{place:.1f} {TOP}V{height - BOTTOM}"/>'
            f'<text class="mk-note" x="{place + beside:.1f}" y="{TOP + 11}" '
            f'text-anchor="{anchor}">{escape(mark[1])}</text>'
        )
    svg = (
        f'<svg class="mk-chart" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="{escape(label)}">{"".join(parts)}</svg>'
    )
    return svg + (_legend(list(drawn)) if len(drawn) > 1 else "")


def sparkline(x: Sequence[float], y: Sequence[float], label: str) -> str:
    """A small curve without axes."""
    across, up = np.asarray(x, float), np.asarray(y, float)
    if len(up) < 2:
        return '<svg class="mk-spark" viewBox="0 0 120 36" aria-hidden="true"></svg>'
    low, high = _room(up.min(), up.max(), 0.05)
    start, stop = _room(across.min(), across.max(), 0)
    path = _path((across - start) / (stop - start) * 116 + 2, 34 - (up - low) / (high - low) * 32)
    return (
        f'<svg class="mk-spark" viewBox="0 0 120 36" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape(label)}"><path class="mk-line mk-c0" d="{path}"/></svg>'
    )


def pitch_chart(
    source: "F0", result: "F0", *, names: tuple[str, str], label: str, x_label: str
) -> str:
    """Pitch of source and result over time, in Hz; breaks where nothing is voiced."""
    curves = {}
    for name, f0 in zip(names, (source, result), strict=True):
        hz = np.where(f0.hz > 0, f0.hz, np.nan)
        curves[name] = (np.arange(len(hz)) / 100, hz)
    return line_chart(curves, label=label, x_label=x_label)


def _room(low: float, high: float, share: float) -> tuple[float, float]:
    """A range with some room around, never empty."""
    spare = (high - low) * share or (abs(high) * 0.05 or 1.0) * (high == low)
    return float(low - spare), float(high + spare)


def _thin(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """At most CHART_POINTS points, breaks kept as far as that goes."""
    if len(x) <= CHART_POINTS:
        return x, y
    keep = np.linspace(0, len(x) - 1, CHART_POINTS).astype(int)
    return x[keep], y[keep]


def _path(x: np.ndarray, y: np.ndarray) -> str:
    """SVG path of the finite points; a point between two breaks becomes a dot."""
    parts, pen_down = [], False
    for px, py in zip(x, y, strict=True):
        if not np.isfinite(py):
            pen_down = False
            continue
        parts.append(f"{'L' if pen_down else 'M'}{px:.1f} {py:.1f}")
        if not pen_down:
            parts.append("h.1")
        pen_down = True
    return "".join(parts)


def _dots(x: np.ndarray, y: np.ndarray, kind: str) -> Iterator[str]:
    for px, py in zip(x, y, strict=True):
        if np.isfinite(py):
            yield f'<circle class="{kind}" cx="{px:.1f}" cy="{py:.1f}" r="2.5"/>'


def _ticks(low: float, high: float, most: int) -> list[float]:
    """Round numbers inside a range."""
    rough = (high - low) / most
    power = 10.0 ** np.floor(np.log10(rough))
    step = next(power * m for m in (1, 2, 5, 10) if power * m >= rough)
    first = np.ceil(low / step)
    return [float(n * step) for n in np.arange(first, np.floor(high / step) + 1)]


def _axes(
    x_range: tuple[float, float],
    y_range: tuple[float, float],
    at: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]],
    height: int,
    x_label: str,
) -> Iterator[str]:
    """Yield grid lines and numbers; `at` gives the place of a point."""
    for value in _ticks(*y_range, 4):
        y = float(at(np.array([x_range[0]]), np.array([value]))[1][0])
        yield f'<path class="mk-grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>'
        yield f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>'
    for value in _ticks(*x_range, 6):
        x = float(at(np.array([value]), np.array([y_range[0]]))[0][0])
        yield f'<text x="{x:.1f}" y="{height - BOTTOM + 15}" text-anchor="middle">{value:g}</text>'
    if x_label:
        yield (
            f'<text class="mk-axis" x="{WIDTH - RIGHT}" y="{height - 3}" text-anchor="end">'
            f"{escape(x_label)}</text>"
        )


def _legend(names: Sequence[str]) -> str:
    items = (
        f'<span><i class="mk-key mk-c{number % 6}"></i>{escape(name)}</span>'
        for number, name in enumerate(names)
    )
    return f'<div class="mk-legend">{"".join(items)}</div>'
