"""python -m rvc song INPUT OUTPUT --voice NAME_OR_PTH"""

import argparse
from pathlib import Path

from rvc.assets import check_weights
from rvc.audio import Recording, save_audio
from rvc.cli.console import Console
from rvc.cli.inputs import find_inputs, plan_outputs
from rvc.convert import ConversionOptions
from rvc.engine import Engine
from rvc.label import ai_label
from rvc.messages import Message
from rvc.songs import convert_song, demucs_separator, load_song
from rvc.voice import Voice, load_voice


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Convert the song."""
    source, output = arguments.paths
    options = ConversionOptions(semitones=arguments.semitones, index_rate=arguments.index_rate)
    options.check()
    files = find_inputs([source])
    (target,) = plan_outputs([source], files[:1], Path(output))
    vocals = arguments.vocals
    if vocals is not None:
        (vocals,) = plan_outputs([source], files[:1], vocals)
    engine = Engine(arguments.weights)
    check_weights(engine.weights)
    with console.working():
        separate = demucs_separator(engine.device)
        voice: str | Voice = arguments.voice
        if Path(arguments.voice).suffix.lower() == ".pth":
            voice = load_voice(Path(arguments.voice))
        name = voice if isinstance(voice, str) else voice.name
        made = convert_song(
            load_song(files[0]),
            lambda recording, progress: engine.convert(recording, voice, options, progress),
            separate,
            console.progress,
        )
        label, rate = ai_label(name), made.song.sample_rate
        save_audio(target, Recording(made.song.samples, rate), metadata=label)
        if vocals is not None:
            save_audio(vocals, Recording(made.vocals, rate), metadata=label)
    values = {
        "input": str(files[0]),
        "output": str(target),
        "voice": name,
        "seconds": made.song.samples.shape[1] / rate,
        "semitones": made.converted.semitones,
    }
    lines: list[Message | str] = [str(target), made.converted.text, *made.converted.warnings]
    console.result(values, lines)
    return 0
