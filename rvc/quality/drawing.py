"""Pieces of the report's pictures: colours, scales, ticks and legends in SVG and HTML."""

from collections.abc import Sequence
from html import escape

import numpy as np

from rvc.clock import clock as clock
from rvc.messages import Message

WIDTH, LEFT, RIGHT, TOP = 460, 40, 8, 8
INK, MUTED, LINE = (
    "var(--mk-ink, #1d2327)",
    "var(--mk-muted, #525c63)",
    "var(--mk-line, #d9dee2)",
)
GOOD, WARN, BAD, ACCENT = (
    "var(--mk-good, #136c3a)",
    "var(--mk-warn, #8a4b00)",
    "var(--mk-bad, #a4262c)",
    "var(--mk-accent, #0f6e63)",
)
GRID = (  # drawn 460 wide, a picture is shown 340 to 560 wide: its letters stay letters
    "display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,380px),1fr));"
    "gap:14px 28px;margin:0 0 22px"
)


def section(title: str, figures: str) -> str:
    """Return HTML: `figures` under a heading, two beside each other where there is room."""
    head = f'<h3 style="grid-column:1/-1;margin:0">{escape(title)}</h3>' if title else ""
    return f'<section class="mk-take" style="{GRID}">{head}{figures}</section>'


def figure(title: str, told: str, svg: str) -> str:
    """Return HTML: `svg` under its title and what is `told` of it (HTML too)."""
    return (
        f'<figure class="mk-figure" style="margin:0;min-width:0"><figcaption><b>{escape(title)}</b>'
        f" {told}</figcaption>{svg}</figure>"
    )


def legend(names: Sequence[tuple[str, Message]], language: str) -> str:
    """Return HTML: a square in each colour with its name."""
    return " ".join(
        f'<span style="white-space:nowrap;color:{MUTED}"><span aria-hidden="true" '
        f'style="color:{colour}">■</span> {escape(text.in_language(language))}</span>'
        for colour, text in names
    )


def picture(height: int, body: str, told: str) -> str:
    """Return SVG around `body`, WIDTH by `height`; `told`: what a screen reader says of it."""
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(told)}" '
        f'width="100%" font-size="13" style="display:block" font-family="inherit">{body}</svg>'
    )


def across(share: float) -> float:
    """Return x at `share` of the drawing's width, between the margins."""
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def tick_text(x: float, y: float, text: str, anchor: str = "middle") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{MUTED}">{text}</text>'


def marks(frames: Sequence[int], total: int, top: float, bottom: float) -> str:
    places = dict.fromkeys(round(across(frame / total), 1) for frame in frames)
    return "".join(f'<line x1="{x}" x2="{x}" y1="{top}" y2="{bottom}"/>' for x in places)


def broken_line(xs: Sequence[float], ys: np.ndarray, there: np.ndarray) -> str:
    parts, pen_down = [], False
    for x, y, visible in zip(xs, ys, there, strict=True):
        if visible:
            parts.append(f"{'L' if pen_down else 'M'}{x:.1f} {y:.1f}")
        pen_down = bool(visible)
    return "".join(parts)


def time_ticks(seconds: float) -> list[float]:
    step = next((s for s in (1, 2, 5, 10, 30, 60, 120, 300, 600) if seconds / s <= 7), 1800)
    return [float(at) for at in range(0, int(seconds * 0.97) + 1, step)]


def octave_ticks(low_hz: float, high_hz: float) -> list[float]:
    return [hz for hz in (50.0, 75.0, 100.0, 150.0, 200.0, 300.0, 400.0, 600.0, 800.0)
            if low_hz <= hz <= high_hz]  # fmt: skip
