"""python -m rvc convert INPUT... OUTPUT [--voice NAME_OR_PTH]"""

import argparse
from collections.abc import Iterable
from pathlib import Path

from rvc.assets import check_weights
from rvc.batch import Outcome, Task, convert_each
from rvc.cli.console import Console, UsageError
from rvc.cli.inputs import find_inputs, left_out_line, load_named, plan_outputs
from rvc.convert import ConversionOptions, Converted
from rvc.engine import Engine
from rvc.errors import RVCError, VoiceError
from rvc.messages import Message
from rvc.voice import Voice, load_voice


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Convert the recordings; return 1 if some were left out, else 0."""
    *paths, output = arguments.paths
    if not paths:
        raise UsageError(
            "Name the file of the converted recording: convert INPUT OUTPUT.wav --voice NAME",
        )
    options = _options(arguments)
    files = find_inputs(paths)
    targets = plan_outputs(paths, files, Path(output), f".{arguments.format}")
    engine = Engine(arguments.weights)
    check_weights(engine.weights)
    with console.working():
        voice = _voice(engine, arguments.voice or _only_voice(engine), arguments.index)
    name = voice if isinstance(voice, str) else voice.name
    tasks = [Task(file.name, file, target) for file, target in zip(files, targets, strict=True)]
    outcomes = convert_each(
        tasks,
        lambda recording, progress: engine.convert(recording, voice, options, progress),
        voice=name,
        load=load_named,
        progress=console.progress,
    )
    with console.working():
        results, lines, left_out = _collected(outcomes)
    notes = [] if isinstance(voice, str) else list(voice.notes)
    values = {"voice": name, "seed": options.seed, "files": results, "left_out": left_out}
    summary = [_summary(len(results), len(files)), *left_out] if len(files) > 1 else []
    console.result(values | {"notes": notes}, [*lines, *notes, *summary])
    return 1 if left_out else 0


def _options(arguments: argparse.Namespace) -> ConversionOptions:
    options = ConversionOptions(
        semitones=arguments.semitones,
        index_rate=arguments.index_rate,
        protect=arguments.protect,
        loudness_mix=arguments.loudness_mix,
        f0_method=arguments.f0_method,
        seed=arguments.seed,
        speaker=arguments.speaker,
        unvoiced=arguments.unvoiced,
        formant_semitones=arguments.formant,
        autotune=arguments.autotune,
    )
    options.check()
    return options


def _collected(outcomes: Iterable[Outcome]) -> tuple[list, list[Message | str], list[Message]]:
    """Return the values and lines of the converted files, and a line for each that was left out.

    Raises the last error if no file was converted.
    """
    results: list[dict[str, object]] = []
    lines: list[Message | str] = []
    left_out: list[Message] = []
    failure: RVCError | None = None
    for each in outcomes:
        if each.converted is not None:
            results.append(_values(each.task, each.converted))
            lines += [f"{each.task.target}", each.converted.text, *each.converted.warnings]
        elif each.error is not None:
            failure = each.error
            left_out.append(left_out_line(each.task.source, failure))
    if failure is not None and not results:
        raise failure
    return results, lines, left_out


def _summary(done: int, count: int) -> Message:
    return Message("Converted: {done} of {count}.", done=done, count=count)


def _voice(engine: Engine, wanted: str, index: Path | None) -> str | Voice:
    """Return the name of a voice in the library, or a voice loaded from a file or with `index`."""
    path = Path(wanted)
    if path.suffix.lower() == ".pth" or path.is_file():
        return load_voice(path, index_path=index)
    if index is not None:
        return load_voice(engine.library.path(wanted), index_path=index)
    return wanted


def _only_voice(engine: Engine) -> str:
    """Return the only voice of the library; raises VoiceError unless there is exactly one."""
    names = engine.library.names()
    if len(names) == 1:
        return names[0]
    if not names:
        raise VoiceError(
            "There is no voice yet. Train one, or give a voice file: --voice FILE.pth",
        )
    raise VoiceError(
        "Choose a voice: --voice with one of {names}.",
        names=", ".join(names),
    )


def _values(task: Task, converted: Converted) -> dict[str, object]:
    return {
        "input": str(task.source),
        "output": str(task.target),
        "seconds": converted.recording.duration_seconds,
        "sample_rate": converted.recording.sample_rate,
        "semitones": converted.semitones,
        "index_rate": converted.index_rate,
        "unvoiced": converted.unvoiced,
        "text": converted.text,
        "warnings": list(converted.warnings),
    }
