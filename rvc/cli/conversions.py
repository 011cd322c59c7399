"""What `convert` and `song` share: options, the voice, and the result of several files."""

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path

from rvc.batch import Outcome, Task
from rvc.cli.console import Console
from rvc.cli.inputs import left_out_line
from rvc.convert import ConversionOptions, Converted
from rvc.engine import Engine
from rvc.errors import RVCError, VoiceError
from rvc.messages import Message
from rvc.voice import Voice, load_voice


def conversion_options(arguments: argparse.Namespace) -> ConversionOptions:
    """Return the options of the flags; raises VoiceError for one outside its range."""
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


def chosen_voice(engine: Engine, wanted: str | None, index: Path | None) -> str | Voice:
    """Return the name of a voice in the library, or a voice loaded from a file or with `index`.

    Without `wanted` it is the only voice of the library; raises VoiceError unless there is one.
    """
    wanted = wanted or _only_voice(engine)
    path = Path(wanted)
    if path.suffix.lower() == ".pth" or path.is_file():
        return load_voice(path, index_path=index)
    if index is not None:
        return load_voice(engine.library.path(wanted), index_path=index)
    return wanted


def _only_voice(engine: Engine) -> str:
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


def make_tasks(files: Sequence[Path], targets: Sequence[Path]) -> list[Task]:
    """Return a task for each file."""
    return [Task(file.name, file, target) for file, target in zip(files, targets, strict=True)]


def finish(
    console: Console, outcomes: Iterable[Outcome], voice: str | Voice, *, seed: int, count: int
) -> int:
    """Convert by reading the outcomes, and print them; return 1 if some of `count` files failed.

    Raises the last error if no file was converted.
    """
    with console.working():
        results, lines, left_out = _collected(outcomes)
    name = voice if isinstance(voice, str) else voice.name
    notes = [] if isinstance(voice, str) else list(voice.notes)
    values = {"voice": name, "seed": seed, "files": results, "left_out": left_out, "notes": notes}
    summary = [_summary(len(results), count), *left_out] if count > 1 else []
    console.result(values, [*lines, *notes, *summary])
    return 1 if left_out else 0


def _collected(outcomes: Iterable[Outcome]) -> tuple[list, list[Message | str], list[Message]]:
    """Return the values and lines of the converted files, and a line for each that was left out."""
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
