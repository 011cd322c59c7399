"""The report as pictures: where the faults lie, how pitch runs, how far the spectrum reaches.

Inline SVG without scripts. Colours are the page's CSS variables (`--mk-...`), with a light theme's
values to fall back on, so dark mode follows by itself. Drawn 460 units wide: legible on a phone.
"""

from collections.abc import Sequence
from html import escape

import numpy as np

from rvc.audio import FRAMES_PER_SECOND
from rvc.f0 import RepairedF0
from rvc.messages import Message
from rvc.quality.bandwidth import Spectrum
from rvc.quality.drawing import (
    ACCENT,
    BAD,
    GOOD,
    LEFT,
    LINE,
    MUTED,
    RIGHT,
    TOP,
    WARN,
    WIDTH,
    across,
    broken_line,
    clock,
    figure,
    legend,
    marks,
    octave_ticks,
    picture,
    section,
    tick_text,
    time_ticks,
)
from rvc.quality.faults import BY_NAME, weight
from rvc.quality.report import QualityReport, SegmentReport, TakeReport
from rvc.quality.speech_charts import speech_charts

FAULT_COLOURS = {
    "noise": "var(--mk-c1, #c2500c)",
    "echo": "var(--mk-c2, #4a55b8)",
    "bandwidth": "var(--mk-c5, #3d6c94)",
    "clipping": BAD,
    "clicks": "var(--mk-c4, #6b6300)",
    "hum": "var(--mk-c3, #a3276f)",
    "f0": WARN,
    "other_voice": "var(--mk-ink, #1d2327)",
}
NO_FAULT = Message("good")
TITLES = {
    "timeline": Message("Second by second"),
    "f0": Message("Pitch"),
    "spectrum": Message("Spectrum"),
}
F0_COLUMNS = 900
SPECTRUM_FLOOR_DB, SPECTRUM_TOP_DB = -75.0, 15.0
SPECTRUM_LOWEST_HZ = 60.0


def report_charts(report: QualityReport, language: str) -> str:
    """Return HTML: the sounds and pitches of all of it, then every recording's own pictures."""
    takes = "".join(
        take_charts(take, [s for s in report.segments if s.take == number], language)
        for number, take in enumerate(report.takes)
    )
    return takes + speech_charts(report, language)


def take_charts(take: TakeReport, segments: Sequence[SegmentReport], language: str) -> str:
    """Return HTML with the three charts of one recording, with legends in words."""
    drawn = [
        ("timeline", timeline(take, segments, language), _timeline_legend(segments, language)),
        ("f0", f0_chart(take.f0, language), _f0_legend(take, language)),
        ("spectrum", spectrum_chart(take, language), _spectrum_legend(take, language)),
    ]
    figures = "".join(
        figure(TITLES[key].in_language(language), told, svg) for key, svg, told in drawn if svg
    )
    return section(take.name, figures)


def worst_fault(segment: SegmentReport) -> str | None:
    """Return the name of the fault that a segment is coloured by, None for a good one."""
    side = segment.before
    weights = {name: weight(name, side) for name in FAULT_COLOURS}
    name = max(weights, key=lambda each: weights[each])
    return name if weights[name] > 0 else None


def timeline(take: TakeReport, segments: Sequence[SegmentReport], language: str) -> str:
    """Return SVG: above, each segment in the colour of its fault; below, what is used of it."""
    seconds = max(take.cleaned.original.duration_seconds, 1e-3)
    parts = [
        f'<rect x="{LEFT}" y="{TOP}" width="{WIDTH - LEFT - RIGHT}" height="34" rx="3" '
        f'fill="{LINE}" opacity="0.5"/>'
    ]
    for segment in segments:
        x, right = (across(at / seconds) for at in (segment.start_seconds, segment.end_seconds))
        fault = worst_fault(segment)
        colour = FAULT_COLOURS[fault] if fault else GOOD
        label = BY_NAME[fault].label if fault else NO_FAULT
        reasons = " ".join(reason.in_language(language) for reason in segment.reasons)
        title = escape(
            f"{clock(segment.start_seconds)}-{clock(segment.end_seconds)}: "
            f"{label.in_language(language)}, {segment.score_before:.0f} → {segment.score:.0f}. "
            f"{reasons}"
        )
        width = max(1.0, right - x - 0.6)
        used = {"keep": 1.0, "review": 0.55, "drop": 0.0}[segment.decision]
        parts.append(
            f'<g><title>{title}</title><rect x="{x:.1f}" y="{TOP}" width="{width:.1f}" '
            f'height="24" rx="2" fill="{colour}" opacity="{1 if fault else 0.75}"/>'
            f'<rect x="{x:.1f}" y="{TOP + 27}" width="{width:.1f}" height="7" rx="2" '
            f'fill="{GOOD if used else BAD}" opacity="{used or 0.9}"/></g>'
        )
    ticks = "".join(
        tick_text(across(at / seconds), TOP + 50, clock(at)) for at in time_ticks(seconds)
    )
    return picture(62, "".join(parts) + ticks, TITLES["timeline"].in_language(language))


def f0_chart(f0: RepairedF0, language: str) -> str:
    """Return SVG of the repaired curve; repaired stretches, jumps and drop-outs are marked."""
    frames = len(f0.f0.hz)
    if not f0.f0.voiced.any():
        return ""
    height, seconds = 130, frames / FRAMES_PER_SECOND
    voiced = f0.f0.hz[f0.f0.voiced]
    low, high = np.log2(np.percentile(voiced, [1, 99]) * [0.85, 1.18])

    def y(hz: np.ndarray) -> np.ndarray:
        share = np.clip((np.log2(np.maximum(hz, 1)) - low) / max(high - low, 1e-3), 0, 1)
        return TOP + (1 - share) * (height - TOP - 22)

    every = max(1, frames // F0_COLUMNS)
    shown = f0.f0.hz[::every]
    path = broken_line([across(i * every / frames) for i in range(len(shown))], y(shown), shown > 0)
    mended = np.where(f0.repaired, f0.f0.hz, 0)
    at = np.flatnonzero(mended)[:2000]
    dots = "".join(
        f'<circle cx="{across(i / frames):.1f}" cy="{float(y(mended[i : i + 1])[0]):.1f}" r="1.8"/>'
        for i in at
    )
    jumps = marks(f0.jumps, frames, TOP, height - 22)
    gaps = marks(f0.dropouts, frames, height - 30, height - 22)
    grid = "".join(
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{float(y(np.array([hz]))[0]):.1f}" '
        f'y2="{float(y(np.array([hz]))[0]):.1f}" stroke="{LINE}"/>'
        + tick_text(LEFT - 4, float(y(np.array([hz]))[0]) + 4, f"{hz:.0f}", "end")
        for hz in octave_ticks(2.0**low, 2.0**high)
    )
    ticks = "".join(
        tick_text(across(t / seconds), height - 6, clock(t)) for t in time_ticks(seconds)
    )
    body = (
        f'{grid}<g stroke="{BAD}" stroke-width="1" opacity="0.75">{jumps}</g>'
        f'<g stroke="{WARN}" stroke-width="1.4">{gaps}</g>'
        f'<path d="{path}" fill="none" stroke="{ACCENT}" stroke-width="1.5"/>'
        f'<g fill="{BAD}">{dots}</g>{ticks}'
    )
    return picture(height, body, TITLES["f0"].in_language(language))


def spectrum_chart(take: TakeReport, language: str) -> str:
    """Return SVG of the speech spectrum before and after, with the bandwidth's edge."""
    before, after = take.spectrum_before, take.spectrum
    if before is None:
        return ""
    height = 130
    top_hz = float(before.hz[-1])
    span = np.log(top_hz / SPECTRUM_LOWEST_HZ)

    def x(hz: float) -> float:
        return across(float(np.clip(np.log(max(hz, 1) / SPECTRUM_LOWEST_HZ) / span, 0, 1)))

    def y(db: np.ndarray) -> np.ndarray:
        share = (db - SPECTRUM_FLOOR_DB) / (SPECTRUM_TOP_DB - SPECTRUM_FLOOR_DB)
        return TOP + (1 - np.clip(share, 0, 1)) * (height - TOP - 22)

    def curve(spectrum: Spectrum, colour: str, width: float) -> str:
        hz = np.geomspace(SPECTRUM_LOWEST_HZ, top_hz, 220)
        db = np.interp(hz, spectrum.hz, spectrum.db)
        path = broken_line([x(each) for each in hz], y(db), np.ones(len(hz), bool))
        return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width}"/>'

    edge = x(before.edge_hz)
    grid = "".join(
        f'<line x1="{x(hz):.1f}" x2="{x(hz):.1f}" y1="{TOP}" y2="{height - 22}" stroke="{LINE}"/>'
        + tick_text(x(hz), height - 6, f"{hz / 1000:g}k" if hz >= 1000 else f"{hz:g}")
        for hz in (100, 300, 1000, 3000, 5000, 10000, 20000)
        if hz < top_hz * 0.97
    )
    grid += "".join(
        tick_text(LEFT - 4, float(y(np.array([db]))[0]) + 4, f"{db:.0f}", "end")
        for db in (0, -25, -50)
    )
    body = (
        f"{grid}{curve(before, MUTED, 1.0)}{curve(after, ACCENT, 1.5) if after else ''}"
        f'<line x1="{edge:.1f}" x2="{edge:.1f}" y1="{TOP}" y2="{height - 22}" stroke="{WARN}" '
        'stroke-dasharray="4 3" stroke-width="1.4"/>'
    )
    return picture(height, body, TITLES["spectrum"].in_language(language))


def _timeline_legend(segments: Sequence[SegmentReport], language: str) -> str:
    found = dict.fromkeys(worst_fault(segment) for segment in segments)
    names = [
        (GOOD, NO_FAULT) if name is None else (FAULT_COLOURS[name], BY_NAME[name].label)
        for name in found
    ]
    names.append((BAD, Message("dropped (lower bar)")))
    return legend(names, language)


def _f0_legend(take: TakeReport, language: str) -> str:
    mended = int(take.f0.repaired.sum()) * 1000 // FRAMES_PER_SECOND
    names = [
        (BAD, Message("jumps: {jumps}", jumps=len(take.f0.jumps))),
        (WARN, Message("drop-outs: {dropouts}", dropouts=len(take.f0.dropouts))),
    ]
    if mended:
        names.append((BAD, Message("● repaired: {mended} ms", mended=mended)))
    return legend(names, language)


def _spectrum_legend(take: TakeReport, language: str) -> str:
    edge = take.spectrum_before.edge_hz / 1000 if take.spectrum_before else 0.0
    names = [
        (MUTED, Message("before")),
        (ACCENT, Message("after")),
        (WARN, Message("reaches {edge:.1f} kHz", edge=edge)),
    ]
    return legend(names, language)
