"""Pictures of what was said: which sounds of speech, and how long at which pitch."""

import numpy as np

from rvc.messages import Message
from rvc.quality.drawing import (
    ACCENT,
    LEFT,
    LINE,
    MUTED,
    RIGHT,
    TOP,
    WIDTH,
    across,
    figure,
    legend,
    picture,
    section,
    tick_text,
)
from rvc.quality.expression import COVERED_SECONDS, Speaking
from rvc.quality.report import QualityReport
from rvc.quality.variety import ENOUGH_TOKENS, Variety

ALL = Message("What was said")
SOUNDS = Message("Sounds of speech")
VOICED = Message("vowels, m, n, l …")
UNVOICED = Message("s, sh, t, k …")
HEIGHTS = Message("Time at each pitch")
ROWS, GAP = 8, 2.0
FAINT = 0.35  # opacity of what was heard too little


def speech_charts(report: QualityReport, language: str) -> str:
    """Return HTML with the figures of the whole report; empty where nothing was measured."""
    figures = []
    if report.variety is not None and report.speech_sounds is not None:
        svg = sounds_chart(report.variety, report.speech_sounds.voiced, language)
        told = _sounds_legend(report.variety, language)
        figures.append(figure(SOUNDS.in_language(language), told, svg))
    if report.speaking is not None and report.speaking.semitones:
        svg = pitch_heights(report.speaking, language)
        figures.append(figure(HEIGHTS.in_language(language), _heights_legend(language), svg))
    return section(ALL.in_language(language), "".join(figures)) if figures else ""


def sounds_chart(variety: Variety, voiced: np.ndarray, language: str) -> str:
    """Return SVG: a square for each sound of speech, full where heard often enough."""
    first = int(voiced.sum())
    columns = [-(-count // ROWS) for count in (first, len(voiced) - first)]
    step = (WIDTH - 2 * RIGHT - 2 * GAP) / (sum(columns) + 1)  # a column between the two groups
    squares = []
    for number, count in enumerate(variety.counts):
        group = number >= first
        place = number - first * group
        x = RIGHT + step * (place // ROWS + (columns[0] + 1) * group)
        y = TOP + step * (place % ROWS)
        full = f'fill="{ACCENT}"' + ("" if count >= ENOUGH_TOKENS else f' opacity="{FAINT}"')
        look = full if count else f'fill="none" stroke="{LINE}"'
        squares.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{step - GAP:.1f}" height="{step - GAP:.1f}" '
            f'rx="2" {look}/>'
        )
    bottom = TOP + ROWS * step
    names = tick_text(RIGHT, bottom + 16, VOICED.in_language(language), "start")
    names += tick_text(
        RIGHT + step * (columns[0] + 1), bottom + 16, UNVOICED.in_language(language), "start"
    )
    return picture(round(bottom + 24), "".join(squares) + names, SOUNDS.in_language(language))


def pitch_heights(speaking: Speaking, language: str) -> str:
    """Return SVG: a bar for every semitone, pale where there is less than a second of it."""
    height, bars = 110, speaking.semitones
    most = max(seconds for _, seconds in bars)
    lowest, highest = bars[0][0], bars[-1][0]
    count = round(12 * np.log2(highest / lowest)) + 1
    width = (WIDTH - LEFT - RIGHT) / count
    drawn = []
    for hz, seconds in bars:
        x = LEFT + width * round(12 * np.log2(hz / lowest))
        tall = max(1.0, (height - TOP - 22) * seconds / most)
        look = "" if seconds >= COVERED_SECONDS else f' opacity="{FAINT}"'
        drawn.append(
            f'<rect x="{x + 1:.1f}" y="{height - 22 - tall:.1f}" width="{max(1.0, width - 2):.1f}" '
            f'height="{tall:.1f}" rx="1.5" fill="{ACCENT}"{look}/>'
        )
    ticks = "".join(
        tick_text(LEFT + width * (at + 0.5), height - 6, f"{lowest * 2 ** (at / 12):.0f}")
        for at in range(0, count, max(1, -(-count // 8)))
    )
    axis = f'<line x1="{LEFT}" x2="{across(1)}" y1="{height - 22}" y2="{height - 22}" '
    top = tick_text(LEFT - 4, TOP + 8, f"{most:.0f} s", "end")
    body = f'{axis}stroke="{LINE}"/>{"".join(drawn)}{ticks}{top}'
    return picture(height, body, HEIGHTS.in_language(language))


def _sounds_legend(variety: Variety, language: str) -> str:
    share = f"{variety.share:.0%}"
    names = [
        (ACCENT, Message("often enough: {share} of everyday speech", share=share)),
        (f"{ACCENT};opacity:.5", Message("too little")),
    ]
    if not all(variety.counts):
        names.append((MUTED, Message("empty: never")))
    return legend(names, language)


def _heights_legend(language: str) -> str:
    words = Message("Hz; pale: less than a second")
    return legend([(ACCENT, words)], language)
