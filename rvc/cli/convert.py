"""python -m rvc convert INPUT... OUTPUT [--voice NAME_OR_PTH]"""

import argparse
from pathlib import Path

from rvc.assets import check_weights
from rvc.audio import save_audio
from rvc.cli.console import Console, UsageError
from rvc.cli.inputs import find_inputs, left_out_line, load_named, plan_outputs
from rvc.convert import ConversionOptions, Converted
from rvc.engine import Engine
from rvc.errors import AudioError, VoiceError
from rvc.label import ai_label
from rvc.messages import Message
from rvc.voice import Voice, load_voice


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Convert the recordings; return 1 if some were left out, else 0."""
    *paths, output = arguments.paths
    if not paths:
        raise UsageError(
            "Name the file of the converted recording: convert INPUT OUTPUT.wav --voice NAME",
        )
    options = ConversionOptions(
        semitones=arguments.semitones,
        index_rate=arguments.index_rate,
        protect=arguments.protect,
        loudness_mix=arguments.loudness_mix,
        f0_method=arguments.f0_method,
        seed=arguments.seed,
        speaker=arguments.speaker,
        unvoiced=arguments.unvoiced,
    )
    options.check()
    files = find_inputs(paths)
    targets = plan_outputs(paths, files, Path(output))
    engine = Engine(arguments.weights)
    check_weights(engine.weights)
    with console.working():
        voice = _voice(engine, arguments.voice or _only_voice(engine), arguments.index)
    name = voice if isinstance(voice, str) else voice.name
    results: list[dict[str, object]] = []
    lines: list[Message | str] = []
    left_out: list[Message] = []
    for number, (file, target) in enumerate(zip(files, targets, strict=True)):
        try:
            with console.working():
                share = console.within(number / len(files), (number + 1) / len(files))
                converted = engine.convert(load_named(file), voice, options, progress=share)
                save_audio(target, converted.recording, metadata=ai_label(name))
        except (AudioError, VoiceError) as error:  # continue with the others
            if number + 1 == len(files) and not results:
                raise
            left_out.append(left_out_line(file, error))
            continue
        results.append(_values(file, target, converted))
        lines += [f"{target}", converted.text, *converted.warnings]
    notes = [] if isinstance(voice, str) else list(voice.notes)
    values = {"voice": name, "seed": options.seed, "files": results, "left_out": left_out}
    summary = [_summary(len(results), len(files)), *left_out] if len(files) > 1 else []
    console.result(values | {"notes": notes}, [*lines, *notes, *summary])
    return 1 if left_out else 0


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


def _values(file: Path, target: Path, converted: Converted) -> dict[str, object]:
    return {
        "input": str(file),
        "output": str(target),
        "seconds": converted.recording.duration_seconds,
        "sample_rate": converted.recording.sample_rate,
        "semitones": converted.semitones,
        "index_rate": converted.index_rate,
        "unvoiced": converted.unvoiced,
        "text": converted.text,
        "warnings": list(converted.warnings),
    }
