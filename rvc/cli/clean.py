"""python -m rvc clean INPUT OUTPUT.wav"""

import argparse
from pathlib import Path

from rvc.audio import save_audio
from rvc.cleaning import NO_SPEECH, Cleaned, CleaningOptions, clean
from rvc.cli.console import Console, UsageError
from rvc.cli.inputs import find_inputs, left_out_line, load_named, plan_outputs
from rvc.errors import AudioError
from rvc.messages import Message, joined


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Clean the recordings; return 1 if some were left out, else 0."""
    *paths, output = arguments.paths
    if not paths:
        raise UsageError(
            "Name the file of the cleaned recording: clean INPUT OUTPUT.wav",
        )
    files = find_inputs(paths)
    targets = plan_outputs(paths, files, Path(output))
    options = CleaningOptions(strength=arguments.strength, trim=not arguments.no_trim)
    results: list[dict[str, object]] = []
    lines: list[Message | str] = []
    left_out: list[Message] = []
    for number, (file, target) in enumerate(zip(files, targets, strict=True)):
        try:
            with console.working():
                share = console.within(number / len(files), (number + 1) / len(files))
                cleaned = clean(load_named(file), options, progress=share)
                save_audio(target, cleaned.recording)
        except AudioError as error:  # continue with the others
            if number + 1 == len(files) and not results:
                raise
            left_out.append(left_out_line(file, error))
            continue
        results.append(_values(file, target, cleaned))
        lines += _lines(target, cleaned)
    console.result({"files": results, "left_out": left_out}, [*lines, *left_out])
    return 1 if left_out else 0


def _values(file: Path, target: Path, cleaned: Cleaned) -> dict[str, object]:
    result = cleaned.recording
    return {
        "input": str(file),
        "output": str(target),
        "sample_rate": result.sample_rate,
        "original_seconds": cleaned.original.duration_seconds,
        "seconds": result.duration_seconds,
        "speech": cleaned.speaks,
        "trimmed": cleaned.trimmed,
        "repairs": [
            {"name": r.name, "ran": r.ran, "text": r.text, "figures": dict(r.figures)}
            for r in cleaned.repairs
        ],
        "segments": [
            {"start_seconds": s.start_seconds, "end_seconds": s.end_seconds}
            for s in cleaned.segments
        ],
        "notes": list(cleaned.original.notes),
    }


def _lines(target: Path, cleaned: Cleaned) -> list[Message | str]:
    seconds, before = cleaned.recording.duration_seconds, cleaned.original.duration_seconds
    return [
        Message(
            "{target}: {seconds:.1f} s (of {before:.1f} s)",
            target=target,
            seconds=seconds,
            before=before,
        ),
        *(_indented(note) for note in cleaned.original.notes),
        *(_indented(repair.text) for repair in cleaned.repairs if repair.ran),
        *(() if cleaned.speaks else (_indented(NO_SPEECH),)),
    ]


def _indented(text: Message) -> Message:
    return joined(["  ", text], "")
