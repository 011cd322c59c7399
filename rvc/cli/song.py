"""python -m rvc song INPUT... OUTPUT [--voice NAME_OR_PTH] [--vocals OUTPUT]"""

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from rvc.assets import check_weights
from rvc.audio import Recording, save_audio
from rvc.batch import convert_each
from rvc.cli.console import Console, UsageError
from rvc.cli.conversions import chosen_voice, conversion_options, finish, make_tasks
from rvc.cli.inputs import find_inputs, naming, plan_outputs
from rvc.engine import Engine
from rvc.label import ai_label
from rvc.songs import Song, load_song, song_converter


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Convert the songs; return 1 if some were left out, else 0."""
    *paths, output = arguments.paths
    if not paths:
        raise UsageError("Name the file of the converted song: song INPUT OUTPUT.wav --voice NAME")
    options = conversion_options(arguments)
    files = find_inputs(paths)
    targets = plan_outputs(paths, files, Path(output), f".{arguments.format}")
    alone = _plan_vocals(arguments, paths, files, targets)
    engine = Engine(arguments.weights)
    check_weights(engine.weights)
    with console.working():
        voice = chosen_voice(engine, arguments.voice, arguments.index)
        name = voice if isinstance(voice, str) else voice.name
        convert = song_converter(
            lambda vocals, progress: engine.convert(vocals, voice, options, progress),
            engine.device,
            _keeper(dict(zip(files, alone, strict=True)), name) if alone else None,
        )
    outcomes = convert_each(
        make_tasks(files, targets), convert, voice=name, load=_load, progress=console.progress
    )
    return finish(console, outcomes, voice, seed=options.seed, count=len(files))


def _load(file: Path) -> Song:
    """Return the song of `file`, called by its path; an AudioError names the file."""
    with naming(file):
        return replace(load_song(file), name=str(file))


def _plan_vocals(
    arguments: argparse.Namespace, paths: list[str], files: list[Path], targets: list[Path]
) -> list[Path]:
    """Return where the vocals alone go; empty without `--vocals`."""
    if arguments.vocals is None:
        return []
    alone = plan_outputs(paths, files, arguments.vocals, f".{arguments.format}")
    if {path.resolve() for path in alone} & {path.resolve() for path in targets}:
        raise UsageError("The song and its vocals need two different outputs.")
    return alone


def _keeper(targets: dict[Path, Path], voice: str) -> Callable[[Song, Recording], None]:
    """Return a function that saves a song's vocals; `targets`: where, by the song's file."""

    def keep(song: Song, vocals: Recording) -> None:
        save_audio(targets[Path(song.name)], vocals, metadata=ai_label(voice))

    return keep
