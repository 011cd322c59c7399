"""python -m rvc voices list | show NAME | import FILE | export NAME OUTPUT.zip | delete NAME"""

import argparse
from pathlib import Path

from rvc import assets
from rvc.cli.console import Console, UsageError
from rvc.embedders import find_encoder
from rvc.errors import RVCError
from rvc.messages import Message
from rvc.voice import Voice, VoiceLibrary, export_voice, import_voice

ACTIONS = {"list": (0, 0), "show": (1, 1), "import": (1, 1), "export": (1, 2), "delete": (1, 1)}


def run(arguments: argparse.Namespace, console: Console) -> None:
    """Run one action on the voice library and print its result."""
    least, most = ACTIONS[arguments.action]
    if not least <= len(arguments.operands) <= most:
        usage = __doc__.strip()
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
        values, lines = _HANDLERS[arguments.action](library, arguments)
    console.result(values, lines)


def _list(library: VoiceLibrary, arguments: argparse.Namespace) -> tuple[dict, list]:
    names = library.names()
    voices = [{"name": name, "card": library.card(name)} for name in names]
    return {"voices": voices}, list(names) or [Message("There is no voice yet.")]


def _show(library: VoiceLibrary, arguments: argparse.Namespace) -> tuple[dict, list]:
    voice = library.load(arguments.operands[0])
    values = _values(voice, library)
    lines = [f"{key}: {value}" for key, value in values.items() if key not in ("card", "notes")]
    lines += [f"  {key}: {value}" for key, value in voice.card.items()]
    return values, [*lines, *voice.notes]


def _import(library: VoiceLibrary, arguments: argparse.Namespace) -> tuple[dict, list]:
    path = Path(arguments.operands[0])
    voice = import_voice(
        path,
        library,
        index_path=arguments.index,
        name=arguments.name,
        embedder=arguments.encoder,
    )
    imported = Message(
        "Imported as '{name}'. Use a voice only with its owner's consent.",
        name=voice.name,
    )
    return _values(voice, library), [imported, *voice.notes, *_missing_encoder(voice, library)]


def _missing_encoder(voice: Voice, library: VoiceLibrary) -> list[Message]:
    """Return how to get the content encoder of an imported voice, unless it is here."""
    if not voice.embedder:
        return []
    try:
        find_encoder(voice.embedder, library.folder.parent)
    except RVCError as error:
        return [error.text]
    return []


def _export(library: VoiceLibrary, arguments: argparse.Namespace) -> tuple[dict, list]:
    name, *output = arguments.operands
    target = Path(output[0]) if output else Path(f"{Path(name).name}.zip")
    path = export_voice(library, name, target)
    return {"name": name, "output": str(path)}, [str(path)]


def _delete(library: VoiceLibrary, arguments: argparse.Namespace) -> tuple[dict, list]:
    name = arguments.operands[0]
    library.delete(name)
    return {"deleted": name}, [Message("Deleted: {name}", name=name)]


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


_HANDLERS = {"list": _list, "show": _show, "import": _import, "export": _export, "delete": _delete}
