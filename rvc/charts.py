"""Charts as inline SVG: scales, axes, curves and marks. No scripts.

Colours are the page's CSS variables (`--mk-...`), with the values of the light theme to fall back
on, so that a chart follows light and dark. A drawing is WIDTH units wide and stretches to the page;
its text stays legible on a phone. Text and attributes are escaped.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup, escape

WIDTH = 460
FONT_SIZE = 13
INK, MUTED = "var(--mk-ink, #1d2327)", "var(--mk-muted, #525c63)"
LINE, CARD = "var(--mk-line, #d9dee2)", "var(--mk-card, #fff)"
GOOD, WARN = "var(--mk-good, #136c3a)", "var(--mk-warn, #8a4b00)"
BAD, ACCENT = "var(--mk-bad, #a4262c)", "var(--mk-accent, #0f6e63)"
SERIES = (
    ACCENT,
    "var(--mk-c1, #c2500c)",
    "var(--mk-c2, #4a55b8)",
    "var(--mk-c3, #a3276f)",
    "var(--mk-c4, #6b6300)",
    "var(--mk-c5, #3d6c94)",
)
SMOOTH = {  # of a curve that keeps its width when the drawing is stretched
    "stroke_linejoin": "round",
    "stroke_linecap": "round",
    "vector_effect": "non-scaling-stroke",
}
MAX_POINTS = 600  # of one curve in a line chart
DOTTED_POINTS = 40  # a curve of no more has a dot at each
LEFT, RIGHT, TOP, BOTTOM = 46, 10, 12, 38  # margins of a line chart, for the numbers at its axes


@dataclass(frozen=True)
class Scale:
    """A map from values in `low`..`high` to places in `start`..`stop`; values outside are clipped.

    `log`: equal ratios of values are equal distances.
    """

    low: float
    high: float
    start: float
    stop: float
    log: bool = False

    def __call__(self, values: np.ndarray | Sequence[float]) -> np.ndarray:
        """Return the places of `values`; NaN stays NaN."""
        low, high, at = self.low, self.high, np.asarray(values, float)
        if self.log:
            low, high, at = np.log(low), np.log(high), np.log(np.maximum(at, 1e-12))
        share = np.clip((at - low) / max(high - low, 1e-12), 0, 1)
        return self.start + share * (self.stop - self.start)

    def at(self, value: float) -> float:
        """Return the place of one value."""
        return float(self([value])[0])


def tag(name: str, *children: object, **attributes: object) -> Markup:
    """Return an element. `_` in an attribute's name stands for `-`; None leaves one out."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_number(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{name}{written}>{''.join(map(escape, children))}</{name}>")


def picture(height: float, label: str, *parts: object, **attributes: object) -> Markup:
    """Return the drawing; `label`: what a screen reader says of it."""
    return tag(
        "svg", *parts, viewBox=f"0 0 {WIDTH} {height:g}", width="100%", role="img",
        aria_label=label, class_="mk-chart", font_size=FONT_SIZE, font_family="inherit",
        style="display:block", **attributes,
    )  # fmt: skip


def text(x: float, y: float, words: str, anchor: str = "middle", fill: str = MUTED) -> Markup:
    """Return words that start, end or have their middle at x."""
    return tag("text", words, x=x, y=y, text_anchor=anchor, fill=fill)


def line(x1: float, y1: float, x2: float, y2: float, **look: object) -> Markup:
    """Return a straight line."""
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, **look)


def rectangle(x: float, y: float, width: float, height: float, **look: object) -> Markup:
    """Return a filled or stroked rectangle."""
    return tag("rect", x=x, y=y, width=width, height=height, **look)


def curve(xs: np.ndarray, ys: np.ndarray, colour: str, width: float, **look: object) -> Markup:
    """Return a line through the points; NaN in `ys` breaks it."""
    steps, joined = [], False
    for x, y in zip(xs, ys, strict=True):
        if np.isfinite(y):
            # The short stroke after a start makes a point between two breaks visible.
            steps.append(f"L{x:.1f} {y:.1f}" if joined else f"M{x:.1f} {y:.1f}h.1")
        joined = bool(np.isfinite(y))
    return tag("path", d="".join(steps), fill="none", stroke=colour, stroke_width=width, **look)


def dots(xs: np.ndarray, ys: np.ndarray, radius: float, **look: object) -> Markup:
    """Return a dot at every finite point."""
    points = [(x, y) for x, y in zip(xs, ys, strict=True) if np.isfinite(y)]
    return tag("g", *(tag("circle", cx=x, cy=y, r=radius) for x, y in points), **look)


def x_axis(scale: Scale, ticks: Mapping[float, str], baseline: float) -> Markup:
    """Return the numbers below a drawing."""
    return Markup("").join(text(scale.at(at), baseline, words) for at, words in ticks.items())


def y_axis(
    scale: Scale, ticks: Mapping[float, str], left: float, *, grid_to: float | None = None
) -> Markup:
    """Return the numbers left of a drawing; with `grid_to`, a line from each to there."""
    parts = []
    for at, words in ticks.items():
        y = scale.at(at)
        if grid_to is not None:
            parts.append(line(left, y, grid_to, y, stroke=LINE))
        parts.append(text(left - 5, y + 4, words, "end"))
    return Markup("").join(parts)


def round_ticks(low: float, high: float, most: int) -> dict[float, str]:
    """Return about `most` round numbers inside a range."""
    rough = (high - low) / most
    power = 10.0 ** np.floor(np.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    whole = np.arange(np.ceil(low / step), np.floor(high / step) + 1)
    return {float(n * step): f"{n * step:g}" for n in whole}


def line_chart(
    curves: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    *,
    label: str,
    x_label: str = "",
    mark: tuple[float, str] | None = None,
    height: int = 210,
) -> Markup:
    """Return a chart of curves {name: (x, y)} with a legend if there are several.

    NaN breaks a curve, and one without any finite value is left out. `mark`: a place on x and the
    words beside it.
    """
    points = {name: (np.asarray(x, float), np.asarray(y, float)) for name, (x, y) in curves.items()}
    points = {name: xy for name, xy in points.items() if np.isfinite(xy[1]).any()}
    if not points:
        return Markup("")
    xs = np.concatenate([x for x, _ in points.values()])
    ys = np.concatenate([y[np.isfinite(y)] for _, y in points.values()])
    across = Scale(*_padded(xs.min(), xs.max(), 0), LEFT, WIDTH - RIGHT)
    up = Scale(*_padded(ys.min(), ys.max(), 0.06), height - BOTTOM, TOP)
    parts = [
        y_axis(up, round_ticks(up.low, up.high, 4), LEFT, grid_to=WIDTH - RIGHT),
        x_axis(across, round_ticks(across.low, across.high, 6), height - BOTTOM + 15),
        text(WIDTH - RIGHT, height - 3, x_label, "end"),
    ]
    for colour, (x, y) in zip(_cycle(SERIES, len(points)), points.values(), strict=True):
        kept = _thinned(len(x))
        right, down = across(x[kept]), up(y[kept])
        parts.append(curve(right, down, colour, 2, **SMOOTH))
        if len(x) <= DOTTED_POINTS:
            parts.append(dots(right, down, 2.5, fill=CARD, stroke=colour, stroke_width=2))
    if mark is not None:
        parts.append(_mark(across.at(mark[0]), mark[1], height))
    return picture(height, label, *parts) + (_legend(list(points)) if len(points) > 1 else "")


def sparkline(x: Sequence[float], y: Sequence[float], label: str) -> Markup:
    """Return a small curve without axes; an empty drawing for fewer than two points."""
    look = {"viewBox": "0 0 120 36", "class_": "mk-spark", "preserveAspectRatio": "none"}
    if len(y) < 2:
        return tag("svg", aria_hidden="true", **look)
    across = Scale(*_padded(min(x), max(x), 0), 2, 118)
    up = Scale(*_padded(min(y), max(y), 0.05), 34, 2)
    drawn = curve(across(x), up(y), ACCENT, 2, **SMOOTH)
    return tag("svg", drawn, role="img", aria_label=label, **look)


def _mark(x: float, words: str, height: float) -> Markup:
    """Return a dashed vertical line with words on the side that has room."""
    anchor, beside = ("end", -5) if x > WIDTH * 0.6 else ("start", 5)
    return line(x, TOP, x, height - BOTTOM, stroke=INK, stroke_dasharray="4 4") + text(
        x + beside, TOP + 11, words, anchor, INK
    )


def _legend(names: Sequence[str]) -> Markup:
    items = [
        tag("span", tag("i", class_="mk-key", style=f"background:{colour}"), name)
        for colour, name in zip(_cycle(SERIES, len(names)), names, strict=True)
    ]
    return tag("div", *items, class_="mk-legend")


def _cycle(values: Sequence[str], count: int) -> Iterable[str]:
    return (values[number % len(values)] for number in range(count))


def _padded(low: float, high: float, share: float) -> tuple[float, float]:
    """Return a range with a `share` of it added at both ends, never empty."""
    spare = (high - low) * share if high > low else abs(high) * 0.05 or 1.0
    return float(low - spare), float(high + spare)


def _thinned(count: int) -> np.ndarray:
    """Return the places of at most MAX_POINTS points, spread evenly."""
    return np.unique(np.linspace(0, count - 1, min(count, MAX_POINTS)).astype(int))


def _number(value: object) -> object:
    """Return a number short enough for a file, exact enough for a drawing WIDTH units wide."""
    return f"{value:.4g}" if isinstance(value, float) else value
