"""Read untrusted voices and indexes in a child process and check them against the networks."""

import os
from pathlib import Path

import numpy as np
from safetensors.torch import load_file

from rvc.errors import VoiceError
from rvc.files import temporary_folder
from rvc.index import FeatureIndex
from rvc.untrusted.checkpoints import FACTS
from rvc.untrusted.child import INDEX_ARRAYS, WEIGHTS_FILE, read_apart
from rvc.untrusted.faiss_file import FaissFile, wrong_width
from rvc.voice.card import decent_card, with_card
from rvc.voice.names import safe_name
from rvc.voice.voice import Voice, voice_from_fields

CARD_FIELD = "moksori_card"  # of a .pth: the card as JSON; other programs ignore it


def read_voice_apart(path: Path) -> Voice:
    """Return the voice in any `.pth`, with its card if it contains one, without index."""
    check_there(path)
    with temporary_folder() as folder:
        fields = read_apart("voice", path, folder)["fields"]
        weights = load_file(folder / WEIGHTS_FILE)
    voice = voice_from_fields(safe_name(path.stem), fields, weights)
    card = decent_card(fields.get(CARD_FIELD))
    return with_card(voice, card or _facts(fields))


def _facts(fields: dict[str, object]) -> dict[str, object]:
    """Return the card of a file of another program: its `info`, and what Applio notes."""
    info = fields.get("info")
    facts: dict[str, object] = {"info": info[:300] if isinstance(info, str) else None}
    facts |= {name: fields[name] for name in FACTS if name in fields}
    return {
        name: value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
        for name, value in facts.items()
        if value not in (None, "")
    }


def read_index_apart(path: Path, channels: int) -> FeatureIndex:
    """Return the index in any file; raises VoiceError unless its vectors have `channels`."""
    check_there(path)
    with temporary_folder() as folder:
        answer = read_apart("index", path, folder)
        if answer["channels"] != channels:
            raise wrong_width(answer["channels"], channels)
        vectors, centres, sizes = (np.load(folder / f"{name}.npy") for name in INDEX_ARRAYS)
    probes = max(1, int(answer["probes"]))
    return FeatureIndex.from_contents(FaissFile(vectors, centres, sizes, probes=probes))


def check_there(path: Path) -> None:
    """Raise VoiceError unless `path` is a file; a path no system could have is none either."""
    if not os.path.isfile(path):  # Path.is_file raises OSError for a very long one
        raise VoiceError("There is no file {name}.", name=path.name)
