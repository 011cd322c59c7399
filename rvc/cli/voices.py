"""python -m rvc voices list | show NAME | import FILE_OR_LINK | export NAME OUTPUT.zip |
delete NAME | blend NAME NAME --name NEW | onnx NAME OUTPUT.onnx
"""

import argparse
from pathlib import Path

from rvc import assets
from rvc.cli.console import Console, UsageError
from rvc.cli.inputs import check_folder
from rvc.embedders import missing_encoder
from rvc.messages import Message
from rvc.voice import (
    Voice,
    VoiceLibrary,
    blend_voices,
    export_onnx,
    export_voice,
    import_link,
    import_voice,
)

ACTIONS = {  # (least, most) names or files
    "list": (0, 0),
    "show": (1, 1),
    "import": (1, 1),
    "export": (1, 2),
    "delete": (1, 1),
    "blend": (2, 2),
    "onnx": (1, 2),
}


def run(arguments: argparse.Namespace, console: Console) -> None:
    """Run one action on the voice library and print its result."""
    least, most = ACTIONS[arguments.action]
    if not least <= len(arguments.operands) <= most:
        usage = " ".join(__doc__.split())
        raise UsageError(
            "voices {action} takes {most} names or files. Usage: {usage}",
            action=arguments.action,
            most=most,
            usage=usage,
        )
    weights = assets.weights_dir(arguments.weights)
    if arguments.action != "import":  # it creates the folder
        assets.check_weights(weights)
    library = VoiceLibrary(weights)
    with console.working():
        values, lines = _HANDLERS[arguments.action](library, arguments, console)
    console.result(values, lines)


def _list(
    library: VoiceLibrary, arguments: argparse.Namespace, console: Console
) -> tuple[dict, list]:
    names = library.names()
    voices = [{"name": name, "card": library.card(name)} for name in names]
    return {"voices": voices}, list(names) or [Message("There is no voice yet.")]


def _show(
    library: VoiceLibrary, arguments: argparse.Namespace, console: Console
) -> tuple[dict, list]:
    voice = library.load(arguments.operands[0])
    values = _values(voice, library)
    lines = [f"{key}: {value}" for key, value in values.items() if key not in ("card", "notes")]
    lines += [f"  {key}: {value}" for key, value in voice.card.items()]
    return values, [*lines, *voice.notes]


def _import(
    library: VoiceLibrary, arguments: argparse.Namespace, console: Console
) -> tuple[dict, list]:
    source, index, name = arguments.operands[0], arguments.index, arguments.name
    if "://" in source:
        voice = import_link(
            source,
            library,
            index_link=index,
            name=name,
            embedder=arguments.encoder,
            progress=console.progress,
        )
    else:
        voice = import_voice(
            Path(source),
            library,
            index_path=Path(index) if index else None,
            name=name,
            embedder=arguments.encoder,
        )
    imported = Message(
        "Imported as '{name}'. Use a voice only with its owner's consent.",
        name=voice.name,
    )
    missing = missing_encoder(voice.embedder, library.folder.parent)
    return _values(voice, library), [imported, *voice.notes, *missing]


def _export(
    library: VoiceLibrary, arguments: argparse.Namespace, console: Console
) -> tuple[dict, list]:
    name, *output = arguments.operands
    path = export_voice(library, name, _target(output, f"{Path(name).name}.zip"))
    return {"name": name, "output": str(path)}, [str(path)]


def _onnx(
    library: VoiceLibrary, arguments: argparse.Namespace, console: Console
) -> tuple[dict, list]:
    name, *output = arguments.operands
    voice = library.load(name)
    path = export_onnx(voice, _target(output, f"{voice.name}.onnx"))
    return {"name": voice.name, "output": str(path)}, [str(path)]


def _target(output: list[str], usual: str) -> Path:
    """Return the output file: the one given, or the usual name in that folder or in this one."""
    target = Path(*output) if output else Path(usual)
    if target.is_dir():
        target /= usual
    check_folder(target)
    return target


def _blend(
    library: VoiceLibrary, arguments: argparse.Namespace, console: Console
) -> tuple[dict, list]:
    first, second = map(library.load, arguments.operands)
    name = arguments.name or f"{first.name} + {second.name}"
    voice = library.add(blend_voices(first, second, arguments.share, name))
    blended = Message("Blended as '{name}'.", name=voice.name)
    return _values(voice, library), [blended, *voice.notes]


def _delete(
    library: VoiceLibrary, arguments: argparse.Namespace, console: Console
) -> tuple[dict, list]:
    name = arguments.operands[0]
    library.delete(name)
    return {"deleted": name}, [
        Message("Deleted: {name}. For a day, `trainings restore` brings it back.", name=name)
    ]


def _values(voice: Voice, library: VoiceLibrary) -> dict[str, object]:
    return {
        "name": voice.name,
        "folder": str(library.path(voice.name)),
        "version": voice.version,
        "sample_rate": voice.sample_rate,
        "uses_f0": voice.uses_f0,
        "speakers": voice.speakers,
        "content_encoder": voice.content_encoder,
        "index_rows": len(voice.index) if voice.index is not None else 0,
        "card": voice.card,
        "notes": list(voice.notes),
    }


_HANDLERS = {
    "list": _list,
    "show": _show,
    "import": _import,
    "export": _export,
    "delete": _delete,
    "blend": _blend,
    "onnx": _onnx,
}
