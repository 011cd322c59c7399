"""Charts of what was said: which sounds of speech, and how long at which pitch."""

import numpy as np
from markupsafe import Markup

from rvc.charts import ACCENT, LINE, MUTED, WIDTH, line, picture, rectangle, text
from rvc.messages import Message
from rvc.quality.expression import COVERED_SECONDS, Speaking
from rvc.quality.figures import Figure, Section
from rvc.quality.report import QualityReport
from rvc.quality.variety import ENOUGH_TOKENS, Variety

ALL = Message("What was said")
SOUNDS = Message("Sounds of speech")
VOICED = Message("vowels, m, n, l …")
UNVOICED = Message("s, sh, t, k …")
HEIGHTS = Message("Time at each pitch")
LEFT, RIGHT, TOP, BOTTOM = 40, 8, 8, 22
ROWS, GAP = 8, 2.0
HEIGHT = 110
FAINT = 0.35  # opacity of what there is too little of


def speech_sections(report: QualityReport, language: str) -> list[Section]:
    """Return the section of these charts; none where nothing was measured."""
    figures = []
    if report.variety is not None and report.speech_sounds is not None:
        svg = sounds_chart(report.variety, report.speech_sounds.voiced, language)
        figures.append(Figure(SOUNDS, _sounds_legend(report.variety), svg))
    if report.speaking is not None and report.speaking.semitones:
        legend = [(ACCENT, Message("Hz; pale: less than a second"))]
        figures.append(Figure(HEIGHTS, legend, pitch_heights(report.speaking, language)))
    return [Section(ALL, figures)] if figures else []


def sounds_chart(variety: Variety, voiced: np.ndarray, language: str) -> Markup:
    """Return SVG: a square for each sound of speech, solid where it occurs often enough."""
    first = int(voiced.sum())
    columns = [-(-count // ROWS) for count in (first, len(voiced) - first)]
    step = (WIDTH - 2 * RIGHT - 2 * GAP) / (sum(columns) + 1)  # a column between the two groups
    squares = []
    for number, count in enumerate(variety.counts):
        group = number >= first
        place = number - first * group
        x = RIGHT + step * (place // ROWS + (columns[0] + 1) * group)
        y = TOP + step * (place % ROWS)
        squares.append(rectangle(x, y, step - GAP, step - GAP, rx=2, **_square_look(count)))
    bottom = TOP + ROWS * step
    second = RIGHT + step * (columns[0] + 1)
    names = [
        text(RIGHT, bottom + 16, VOICED.in_language(language), "start"),
        text(second, bottom + 16, UNVOICED.in_language(language), "start"),
    ]
    return picture(round(bottom + 28), SOUNDS.in_language(language), *squares, *names)


def _square_look(count: int) -> dict[str, object]:
    if not count:
        return {"fill": "none", "stroke": LINE}
    return {"fill": ACCENT, "opacity": None if count >= ENOUGH_TOKENS else FAINT}


def pitch_heights(speaking: Speaking, language: str) -> Markup:
    """Return SVG: a bar for every semitone, pale where there is less than a second of it."""
    most = max(seconds for _, seconds in speaking.semitones)
    lowest, highest = speaking.semitones[0][0], speaking.semitones[-1][0]
    count = round(12 * np.log2(highest / lowest)) + 1
    width, bottom = (WIDTH - LEFT - RIGHT) / count, HEIGHT - BOTTOM
    bars = []
    for hz, seconds in speaking.semitones:
        x = LEFT + width * round(12 * np.log2(hz / lowest))
        tall = max(1.0, (bottom - TOP) * seconds / most)
        opacity = None if seconds >= COVERED_SECONDS else FAINT
        bars.append(
            rectangle(
                x + 1, bottom - tall, max(1.0, width - 2), tall, rx=1.5, fill=ACCENT,
                opacity=opacity,
            )
        )  # fmt: skip
    ticks = [
        text(LEFT + width * (at + 0.5), HEIGHT - 6, f"{lowest * 2 ** (at / 12):.0f}")
        for at in range(0, count, max(1, -(-count // 8)))
    ]
    axis = line(LEFT, bottom, WIDTH - RIGHT, bottom, stroke=LINE)
    top = text(LEFT - 4, TOP + 8, f"{most:.0f} s", "end")
    return picture(HEIGHT, HEIGHTS.in_language(language), axis, *bars, *ticks, top)


def _sounds_legend(variety: Variety) -> list[tuple[str, Message]]:
    share = f"{variety.share:.0%}"
    names = [
        (ACCENT, Message("often enough: {share} of everyday speech", share=share)),
        (f"{ACCENT};opacity:.5", Message("too little")),
    ]
    if not all(variety.counts):
        names.append((f"transparent;-webkit-text-stroke:1px {MUTED}", Message("empty: never")))
    return names
