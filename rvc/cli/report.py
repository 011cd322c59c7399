"""python -m rvc report INPUT... [--json OUT.json] [--html OUT.html] [--no-clean]"""

import argparse
import json
from pathlib import Path

from rvc.cleaning import Cleaned, CleaningOptions
from rvc.cli.console import Console, plain
from rvc.cli.inputs import check_folder, find_inputs, load_named
from rvc.engine import Engine
from rvc.errors import AudioError
from rvc.files import write_atomically
from rvc.messages import Message, joined
from rvc.quality import QualityReport, report_json


def run(arguments: argparse.Namespace, console: Console) -> None:
    """Assess the recordings; print the report or write it as JSON and HTML."""
    json_path = Path(arguments.json_path or "-")
    for output in (json_path, arguments.html):
        if output:
            check_folder(output)
    strength = "off" if arguments.no_clean else "standard"
    with console.working():
        report = assess_files(
            Engine(arguments.weights), arguments.paths, console, strength=strength
        )
        values = report_json(report)
        if arguments.html:
            from rvc.quality.html import render_html

            page = render_html(report)
            write_atomically(arguments.html, page.encode())
    translated = plain(values, console.language)
    text = json.dumps(translated, ensure_ascii=False, indent=1, allow_nan=False)
    if arguments.json_path == "-":
        print(text)
        return
    if arguments.json_path:
        write_atomically(json_path, (text + "\n").encode())
    console.result(values, _lines(report))


def assess_files(
    engine: Engine,
    paths: list[str],
    console: Console,
    *,
    strength: str = "standard",
    share: float = 1.0,
) -> QualityReport:
    """Clean and assess the recordings of `paths`; `share`: of the console's progress.

    An unreadable file of a folder is reported and left out. An unreadable file that was named
    itself, or the last file if none was readable, raises AudioError.
    """
    files = find_inputs(paths)
    options, named = CleaningOptions(strength=strength), set(map(Path, paths))
    cleaned: list[Cleaned] = []
    half = share / 2
    for number, file in enumerate(files):
        part = console.within(half * number / len(files), half * (number + 1) / len(files))
        try:
            recording = load_named(file)
        except AudioError as error:
            if file in named or (number + 1 == len(files) and not cleaned):
                raise
            message = joined([error.text, Message("It is left out.")])
            console.remark(half * number / len(files), message)
            continue
        cleaned.append(engine.clean(recording, options, progress=part))
    return engine.report(cleaned, progress=console.within(half, share))


def _lines(report: QualityReport) -> list[Message | str]:
    """Return a summary of the report in a few lines."""
    decisions = [segment.decision for segment in report.segments]
    kept, review, dropped = (decisions.count(name) for name in ("keep", "review", "drop"))
    faults = ", ".join(report.faults) or "-"
    return [
        report.headline,
        Message("Score: {score:.0f} of 100", score=report.score),
        Message(
            "Segments: {kept} to keep, {review} to review, {dropped} left out",
            kept=kept,
            review=review,
            dropped=dropped,
        ),
        Message("Faults, worst first: {faults}", faults=faults),
        report.advice,
        *report.notes,
    ]
