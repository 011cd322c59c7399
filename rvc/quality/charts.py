"""Charts of the report: where the faults are, how pitch runs, how far the spectrum reaches."""

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup

from rvc.audio import FRAMES_PER_SECOND
from rvc.charts import (
    ACCENT,
    BAD,
    GOOD,
    INK,
    LINE,
    MUTED,
    SERIES,
    WARN,
    WIDTH,
    Scale,
    curve,
    dots,
    line,
    picture,
    rectangle,
    tag,
    x_axis,
    y_axis,
)
from rvc.f0 import RepairedF0
from rvc.messages import Message
from rvc.quality.bandwidth import Spectrum
from rvc.quality.faults import BY_NAME, weight
from rvc.quality.figures import Figure, Section, figures_html
from rvc.quality.report import QualityReport, SegmentReport, TakeReport
from rvc.quality.speech_charts import speech_sections

FAULT_COLOURS = {
    "noise": SERIES[1],
    "echo": SERIES[2],
    "bandwidth": SERIES[5],
    "clipping": BAD,
    "clicks": SERIES[4],
    "hum": SERIES[3],
    "f0": WARN,
    "other_voice": INK,
}
PALE = 0.4  # opacity of a fault that cleaning removed
NO_FAULT = Message("good")
TIMELINE = Message("Second by second")
TIMELINE_HINT = Message(
    "Above, every segment in the colour of its worst fault, pale where cleaning removed it. Below, "
    "what training uses: solid if kept, pale if to be reviewed."
)
PITCH = Message("Pitch")
PITCH_HINT = Message(
    "Jump: the pitch leaps by about an octave at once, mostly an error of its estimate or a creaky "
    "voice. Drop-out: the voice has no pitch for up to 50 ms. Repaired: corrected where the "
    "neighbours leave no doubt; training uses the repaired curve. A few of each are normal."
)
SPECTRUM = Message("Spectrum")
LEFT, RIGHT, TOP, BOTTOM = 40, 8, 8, 22
TIMELINE_HEIGHT, CURVE_HEIGHT = 62, 130
F0_COLUMNS, F0_DOTS = 900, 2000
PITCH_TICKS_HZ = (50, 75, 100, 150, 200, 300, 400, 600, 800)
SPECTRUM_FLOOR_DB, SPECTRUM_TOP_DB, SPECTRUM_TICKS_DB = -75.0, 15.0, (0, -25, -50)
SPECTRUM_LOWEST_HZ, SPECTRUM_TICKS_HZ = 60.0, (100, 300, 1000, 3000, 5000, 10_000, 20_000)
SPECTRUM_POINTS = 220


def report_charts(report: QualityReport, language: str) -> Markup:
    """Return HTML: every recording's own charts, then the sounds and pitches of all of them."""
    sections = [
        take_section(take, [s for s in report.segments if s.take == number], language)
        for number, take in enumerate(report.takes)
    ]
    return figures_html([*sections, *speech_sections(report, language)], language)


def take_section(take: TakeReport, segments: Sequence[SegmentReport], language: str) -> Section:
    """Return the three charts of one recording, without those that have nothing to show."""
    figures = (
        Figure(
            TIMELINE, _timeline_legend(segments), timeline(take, segments, language), TIMELINE_HINT
        ),
        Figure(PITCH, _f0_legend(take), f0_chart(take.f0, language), PITCH_HINT),
        Figure(SPECTRUM, _spectrum_legend(take), spectrum_chart(take, language)),
    )
    return Section(take.name, [figure for figure in figures if figure.svg])


def worst_fault(segment: SegmentReport) -> str | None:
    """Return the name of the fault that a segment is coloured by, None for a good one."""
    weights = {name: weight(name, segment.before) for name in FAULT_COLOURS}
    name = max(weights, key=lambda each: weights[each])
    return name if weights[name] > 0 else None


def _removed(segment: SegmentReport, fault: str | None) -> bool:
    """Return whether cleaning removed this fault from the segment."""
    return fault is not None and weight(fault, segment.after) == 0


def timeline(take: TakeReport, segments: Sequence[SegmentReport], language: str) -> Markup:
    """Return SVG: above, each segment in the colour of its fault; below, what is used of it."""
    across = _time_scale(max(take.cleaned.original.duration_seconds, 1e-3))
    ground = rectangle(LEFT, TOP, WIDTH - LEFT - RIGHT, 34, rx=3, fill=LINE, opacity=0.5)
    bars = [_segment_bar(segment, across, language) for segment in segments]
    ticks = x_axis(across, time_ticks(across.high), TOP + 50)
    label = TIMELINE.in_language(language)
    return picture(TIMELINE_HEIGHT, label, ground, *bars, ticks, **_times(across))


def _segment_bar(segment: SegmentReport, across: Scale, language: str) -> Markup:
    fault = worst_fault(segment)
    x = across.at(segment.start_seconds)
    width = max(1.0, across.at(segment.end_seconds) - x - 0.6)
    used = {"keep": 1.0, "review": 0.55, "drop": 0.0}[segment.decision]
    above = rectangle(
        x, TOP, width, 24, rx=2, fill=FAULT_COLOURS[fault] if fault else GOOD,
        opacity=0.75 if fault is None else PALE if _removed(segment, fault) else 1,
    )  # fmt: skip
    below = rectangle(x, TOP + 27, width, 7, rx=2, fill=GOOD if used else BAD, opacity=used or 0.9)
    title = tag("title", _segment_title(segment, fault, language))
    times = {"data_at": segment.start_seconds, "data_until": segment.end_seconds}
    return tag("g", title, above, below, **times)


def _segment_title(segment: SegmentReport, fault: str | None, language: str) -> str:
    label = _label(fault, removed=_removed(segment, fault))
    reasons = " ".join(reason.in_language(language) for reason in segment.reasons)
    return (
        f"{_clock(segment.start_seconds)}-{_clock(segment.end_seconds)}: "
        f"{label.in_language(language)}, {segment.score_before:.0f} → {segment.score:.0f}. "
        f"{reasons}"
    )


def f0_chart(f0: RepairedF0, language: str) -> Markup:
    """Return SVG of the repaired curve; repaired stretches, jumps and drop-outs are marked."""
    hz, frames = f0.f0.hz, len(f0.f0.hz)
    if not f0.f0.voiced.any():
        return Markup("")
    low_hz, high_hz = np.percentile(hz[f0.f0.voiced], [1, 99]) * [0.85, 1.18]
    bottom = CURVE_HEIGHT - BOTTOM
    across = Scale(0, frames, LEFT, WIDTH - RIGHT)
    up = Scale(low_hz, high_hz, bottom, TOP, log=True)
    shown = np.arange(0, frames, max(1, frames // F0_COLUMNS))
    repaired = np.flatnonzero(f0.repaired & (hz > 0))[:F0_DOTS]
    ticks = {float(t): str(t) for t in PITCH_TICKS_HZ if low_hz <= t <= high_hz}
    seconds = frames / FRAMES_PER_SECOND
    return picture(
        CURVE_HEIGHT,
        PITCH.in_language(language),
        y_axis(up, ticks, LEFT, grid_to=WIDTH - RIGHT),
        _marks(across(f0.jumps), TOP, bottom, stroke=BAD, stroke_width=1, opacity=0.75),
        _marks(across(f0.dropouts), bottom - 8, bottom, stroke=WARN, stroke_width=1.4),
        curve(across(shown), up(np.where(hz[shown] > 0, hz[shown], np.nan)), ACCENT, 1.5),
        dots(across(repaired), up(hz[repaired]), 1.8, fill=BAD),
        x_axis(_time_scale(seconds), time_ticks(seconds), CURVE_HEIGHT - 6),
        **_times(_time_scale(seconds)),
    )


def spectrum_chart(take: TakeReport, language: str) -> Markup:
    """Return SVG of the speech spectrum before and after, with the edge of the bandwidth."""
    before, after = take.spectrum_before, take.spectrum
    if before is None:
        return Markup("")
    top_hz, bottom = float(before.hz[-1]), CURVE_HEIGHT - BOTTOM
    across = Scale(SPECTRUM_LOWEST_HZ, top_hz, LEFT, WIDTH - RIGHT, log=True)
    up = Scale(SPECTRUM_FLOOR_DB, SPECTRUM_TOP_DB, bottom, TOP)

    def spectrum_curve(spectrum: Spectrum, colour: str, width: float) -> Markup:
        hz = np.geomspace(SPECTRUM_LOWEST_HZ, top_hz, SPECTRUM_POINTS)
        return curve(across(hz), up(np.interp(hz, spectrum.hz, spectrum.db)), colour, width)

    ticks_hz = [hz for hz in SPECTRUM_TICKS_HZ if hz < top_hz * 0.97]
    names = {float(hz): f"{hz / 1000:g}k" if hz >= 1000 else str(hz) for hz in ticks_hz}
    edge = across.at(before.edge_hz)
    return picture(
        CURVE_HEIGHT,
        SPECTRUM.in_language(language),
        _marks(across(ticks_hz), TOP, bottom, stroke=LINE),
        x_axis(across, names, CURVE_HEIGHT - 6),
        y_axis(up, {float(db): str(db) for db in SPECTRUM_TICKS_DB}, LEFT),
        spectrum_curve(before, MUTED, 1.0),
        spectrum_curve(after, ACCENT, 1.5) if after else "",
        line(edge, TOP, edge, bottom, stroke=WARN, stroke_width=1.4, stroke_dasharray="4 3"),
    )


def time_ticks(seconds: float) -> dict[float, str]:
    """Return at most eight places on a time axis, with their labels."""
    steps = (1, 2, 5, 10, 30, 60, 120, 300, 600)
    step = next((each for each in steps if seconds / each <= 7), 1800)
    return {float(at): _clock(at) for at in range(0, int(seconds * 0.97) + 1, step)}


def _time_scale(seconds: float) -> Scale:
    return Scale(0, seconds, LEFT, WIDTH - RIGHT)


def _times(across: Scale) -> dict[str, float]:
    """Return what a page needs to play from a place in a drawing (rvc/ui/assets/charts.js)."""
    return {"data_seconds": across.high, "data_left": across.start, "data_right": across.stop}


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _marks(xs: np.ndarray, top: float, bottom: float, **look: object) -> Markup:
    """Return vertical lines, one for each place that differs on the drawing."""
    places = dict.fromkeys(round(float(x), 1) for x in xs)
    return tag("g", *(line(x, top, x, bottom) for x in places), **look)


def _timeline_legend(segments: Sequence[SegmentReport]) -> list[tuple[str, Message]]:
    found: dict[str | None, bool] = {}  # fault: removed from all of its segments
    for segment in segments:
        fault = worst_fault(segment)
        found[fault] = found.get(fault, True) and _removed(segment, fault)
    names = [
        (f"{FAULT_COLOURS[name]};opacity:{PALE}" if removed else FAULT_COLOURS[name],
         _label(name, removed=removed))
        if name else (GOOD, NO_FAULT)
        for name, removed in found.items()
    ]  # fmt: skip
    return [*names, (BAD, Message("dropped (lower bar)"))]


def _label(fault: str | None, *, removed: bool) -> Message:
    """Return what a segment's colour stands for."""
    if fault is None:
        return NO_FAULT
    label = BY_NAME[fault].label
    return Message("{fault}, removed by cleaning", fault=label) if removed else label


def _f0_legend(take: TakeReport) -> list[tuple[str, Message]]:
    names = [
        (BAD, Message("jumps: {jumps}", jumps=len(take.f0.jumps))),
        (WARN, Message("drop-outs: {dropouts}", dropouts=len(take.f0.dropouts))),
    ]
    repaired_ms = int(take.f0.repaired.sum()) * 1000 // FRAMES_PER_SECOND
    if repaired_ms:
        names.append((BAD, Message("● repaired: {mended} ms", mended=repaired_ms)))
    return names


def _spectrum_legend(take: TakeReport) -> list[tuple[str, Message]]:
    edge = take.spectrum_before.edge_hz / 1000 if take.spectrum_before else 0.0
    return [
        (MUTED, Message("before")),
        (ACCENT, Message("after")),
        (WARN, Message("reaches {edge:.1f} kHz", edge=edge)),
    ]
