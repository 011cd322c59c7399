"""Three figures of benchmarks/clean_beats_much.py as SVG files, and the key figures of the page."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from markupsafe import Markup

from benchmarks.proof_conditions import FAULTS, READER
from benchmarks.proof_summary import (
    DIRTY,
    Result,
    against_clean,
    clean_voice,
    judged,
    rank_correlations,
    spread,
    won_back,
)
from rvc.charts import (
    ACCENT,
    BAD,
    CARD,
    INK,
    LINE,
    SERIES,
    WIDTH,
    Scale,
    dots,
    line,
    picture,
    rectangle,
    round_ticks,
    text,
    x_axis,
    y_axis,
)
from rvc.files import write_json

MIXED = "AnechoicChamber 5 + DanceStudio more 15"
ROOMS = (  # name in rvc/ui/texts/why.py, what the first figure says, material, treatment
    ("clean_5", "5 min, no echo (clean)", "AnechoicChamber 5", "selected"),
    ("flat_5", "5 min, flat, cleaned", "AirbnbStudio 5", "selected"),
    ("dance_5", "5 min, dance studio, raw", "DanceStudio 5", "raw"),
    ("dance_5_cleaned", "5 min, dance studio, cleaned", "DanceStudio 5", "selected"),
    ("dance_20", "20 min, dance studio, raw", DIRTY, "raw"),
    ("dance_20_cleaned", "20 min, dance studio, cleaned", DIRTY, "selected"),
    ("mixed_20", "5 clean + 15 dance, raw", MIXED, "raw"),
    ("mixed_20_cleaned", "5 clean + 15 dance, cleaned", MIXED, "selected"),
)
NOISY = "lmy 5 fan 10 dB"  # whose share the page states
ROW, NAMES, TOP, BOTTOM = 26, 208, 30, 16
PLANTED = "five minutes and a planted fault: raw, cleaned, cleaned and selected"
COLOURS = {"raw": BAD, "cleaned": SERIES[2], "selected": ACCENT}


def draw(results: list[Result], folder: Path) -> list[Path]:
    """Write the figures that the results suffice for; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    made = {
        "clean-rooms.svg": rooms_figure(results),
        "clean-faults.svg": faults_figure(results),
        "clean-report.svg": report_figure(results),
    }
    paths = []
    for name, drawing in made.items():
        if drawing:
            path = folder / name
            namespace = '<svg xmlns="http://www.w3.org/2000/svg" '
            alone = str(drawing).replace("<svg ", namespace, 1).replace("inherit", "sans-serif", 1)
            path.write_text(alone + "\n", encoding="utf-8")
            paths.append(path)
    return paths


def rooms_figure(results: list[Result]) -> Markup:
    """Return bars: errors and similarity of one woman's voice by room and minutes."""
    found = {(r["material"], r["treatment"]): r for r in judged(results) if r["seed"] == 0}
    rows = [
        (label, found[f"{READER} {material}", treatment]["outcome"], treatment)
        for _, label, material, treatment in ROOMS
        if (f"{READER} {material}", treatment) in found
    ]
    if not rows:
        return Markup("")
    height = TOP + ROW * len(rows) + BOTTOM
    worst = max(row["words"] for _, row, _ in rows)
    halves = (
        ("jamo errors, %", "words", Scale(0, 1.35 * worst, NAMES, 322), 100, ".1f"),
        ("similarity", "cos_output_target", Scale(0.5, 1.15, 338, WIDTH - 6), 1, ".2f"),
    )
    parts: list[Markup] = [rectangle(0, 0, WIDTH, height, fill=CARD)]
    for heading, _, scale, *_ in halves:
        parts.append(text(scale.start, 16, heading, "start", INK))
    for number, (label, outcome, treatment) in enumerate(rows):
        y = TOP + ROW * number
        parts.append(text(NAMES - 8, y + 14, label, "end", INK))
        for _, key, scale, factor, form in halves:
            value, end = outcome[key], scale.at(outcome[key])
            colour = COLOURS[treatment]
            parts.append(rectangle(scale.start, y, end - scale.start, ROW - 8, fill=colour))
            parts.append(text(end + 4, y + 14, f"{factor * value:{form}}", "start", INK))
    return picture(height, "Errors and similarity of one voice by room and minutes", *parts)


def faults_figure(results: list[Result]) -> Markup:
    """Return, by planted fault, what a voice loses against the clean one with each treatment."""
    rows = []
    for fault in FAULTS:
        for each in judged(results):
            clean = clean_voice(results, each["target"])
            alone = each["material"] == f"{each['target']} 5 {fault}"
            if clean and each["seed"] == 0 and alone:
                rows.append((fault, each["target"], each["treatment"], against_clean(each, clean)))
    names = list(dict.fromkeys((fault, target) for fault, target, *_ in rows))
    if not names:
        return Markup("")
    height = TOP + ROW * len(names) + BOTTOM + 26
    halves = (("jamo errors, points", "words", 100), ("OVRL", "dnsmos", 1))
    parts: list[Markup] = [rectangle(0, 0, WIDTH, height, fill=CARD)]
    for side, (heading, key, factor) in enumerate(halves):
        losses = [factor * better[key] for *_, better in rows]
        start, stop = (NAMES - 58, 290) if side == 0 else (316, WIDTH - 14)
        scale = Scale(min(0.0, *losses), max(0.0, *losses), start, stop)
        parts.append(text(start, 16, heading, "start", INK))
        zero = scale.at(0.0)
        parts.append(line(zero, TOP - 4, zero, height - BOTTOM - 26, stroke=INK))
        parts.append(x_axis(scale, round_ticks(scale.low, scale.high, 3), height - 26))
        heights = {name: TOP + ROW * number + 9.0 for number, name in enumerate(names)}
        parts += [line(scale.start, y, scale.stop, y, stroke=LINE) for y in heights.values()]
        for fault, target, treatment, better in rows:
            at = np.array([scale.at(factor * better[key])])
            y = np.array([heights[fault, target]])
            parts.append(dots(at, y, 5, fill=COLOURS[treatment]))
    for number, (fault, target) in enumerate(names):
        name = f"{fault}, {target.partition('_')[0]}"
        parts.append(text(NAMES - 68, TOP + ROW * number + 14, name, "end", INK))
    parts.append(_key(height))
    return picture(height, f"Loss against the clean voice, {PLANTED}", *parts)


def _key(height: float) -> Markup:
    parts = []
    for number, (treatment, colour) in enumerate(COLOURS.items()):
        x = 130 + 100 * number
        parts.append(dots(np.array([x]), np.array([height - 8.0]), 5, fill=colour))
        parts.append(text(x + 9, height - 4, treatment, "start", INK))
    return Markup("").join(parts)


def report_figure(results: list[Result]) -> Markup:
    """Return the report's score beforehand against the errors and the similarity afterwards."""
    points = [
        (each["report"]["score"], against_clean(each, clean), each["treatment"])
        for each in judged(results)
        if each["report"] and (clean := clean_voice(results, each["target"]))
    ]
    if len(points) < 3:
        return Markup("")
    height, parts = 420, [rectangle(0, 0, WIDTH, 420, fill=CARD)]
    sides = (("errors, points better than the clean voice", "words", 100, 24, 190),
             ("similarity, against the clean voice", "cos_output_target", 1, 222, 368))  # fmt: skip
    across = Scale(0, 100, 46, WIDTH - 12)
    for heading, key, factor, top, bottom in sides:
        values = [factor * better[key] for _, better, _ in points]
        spare = 0.08 * (max(values) - min(values))
        up = Scale(min(values) - spare, max(values) + spare, bottom, top)
        ticks = round_ticks(up.low, up.high, 4)
        parts += [
            y_axis(up, ticks, 46, grid_to=WIDTH - 12),
            text(46, top - 8, heading, "start", INK),
        ]
        for treatment, colour in COLOURS.items():
            own = [(s, factor * b[key]) for s, b, each in points if each == treatment]
            if own:
                scores, heights = zip(*own, strict=True)
                parts.append(dots(across(scores), up(heights), 4.5, fill=colour))
    parts.append(x_axis(across, {float(x): str(x) for x in range(0, 101, 20)}, 386))
    parts.append(text(WIDTH - 12, 400, "score of the report", "end"))
    parts.append(_key(height))
    return picture(height, "Score of the report against the outcome", *parts)


def key_figures(results: list[Result]) -> dict[str, object]:
    """Return the figures that the page states; see rvc/ui/templates/why.html."""
    own_way = [each for each in results if each["treatment"] == "selected"]
    found = {(r["material"], r["treatment"]): r for r in judged(results) if r["seed"] == 0}
    rooms = [
        {"id": name} | _row(found[f"{READER} {material}", treatment])
        for name, _, material, treatment in ROOMS
        if (f"{READER} {material}", treatment) in found
    ]
    shares = [
        {"material": row[0], "treatment": row[1], "errors": row[2], "ovrl": row[5]}
        for row in won_back(results)
    ]
    clean = clean_voice(results, READER)
    outcome = clean["outcome"] if clean else {"cos_target_target": float("nan"), "by_sentence": {}}
    figures = {
        "steps": results[0]["steps"],
        "voices": sum(each["report"] is not None for each in judged(results)),
        "sentences": len(outcome["by_sentence"].get("words", ())),
        "own_similarity": outcome["cos_target_target"],
        "rooms": rooms,
        "noise": [s for s in shares if s["material"] == NOISY and s["treatment"] == "selected"],
        "won_back": shares,
        "spearman": rank_correlations(results).get("outcome"),
        "spearman_as_trained": rank_correlations(own_way).get("outcome"),
        "seeds": spread(results, f"{READER} AnechoicChamber 5 selected", f"{READER} {DIRTY} raw"),
    }
    return json.loads(json.dumps(figures), parse_float=lambda number: round(float(number), 3))


def _row(result: Result) -> dict[str, object]:
    """Return the figures of one voice; a verdict is of what is kept after cleaning."""
    report = result["report"] or {}
    return {
        "verdict": report.get("verdict", "") if result["treatment"] == "selected" else "",
        "score": report.get("score"),
        "error_percent": 100 * result["outcome"]["words"],
        "similarity": result["outcome"]["cos_output_target"],
        "ovrl": result["outcome"]["dnsmos"],
        "distillmos": result["outcome"]["distillmos"],
    }


def write_key_figures(results: Sequence[Result], path: Path) -> Path:
    """Write the key figures as JSON."""
    return write_json(path, key_figures(list(results)))
