"""python -m rvc convert INPUT... OUTPUT [--voice NAME_OR_PTH]"""

import argparse
from pathlib import Path

from rvc.assets import check_weights
from rvc.batch import convert_each
from rvc.cli.console import Console, UsageError
from rvc.cli.conversions import chosen_voice, conversion_options, finish, make_tasks
from rvc.cli.inputs import find_inputs, load_named, plan_outputs
from rvc.engine import Engine


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Convert the recordings; return 1 if some were left out, else 0."""
    *paths, output = arguments.paths
    if not paths:
        raise UsageError(
            "Name the file of the converted recording: convert INPUT OUTPUT.wav --voice NAME",
        )
    options = conversion_options(arguments)
    files = find_inputs(paths)
    targets = plan_outputs(paths, files, Path(output), f".{arguments.format}")
    engine = Engine(arguments.weights)
    check_weights(engine.weights)
    with console.working():
        voice = chosen_voice(engine, arguments.voice, arguments.index)
    outcomes = convert_each(
        make_tasks(files, targets),
        lambda recording, progress: engine.convert(recording, voice, options, progress),
        voice=voice if isinstance(voice, str) else voice.name,
        load=load_named,
        progress=console.progress,
    )
    return finish(console, outcomes, voice, seed=options.seed, count=len(files))
