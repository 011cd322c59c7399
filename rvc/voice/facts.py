"""Facts about a voice of the library, read from its files without loading the weights."""

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from safetensors import SafetensorError, safe_open

from rvc.voice.files import CHECKED_FILE

SPEAKER_TABLE = "emb_g.weight"  # its key in a voice's file


@dataclass(frozen=True)
class VoiceFacts:
    """version: "v1", "v2" or "lite". speakers: rows of the speaker table, often more than were
    trained."""

    version: str
    sample_rate: int
    speakers: int


def voice_facts(folder: Path) -> VoiceFacts | None:
    """Return the facts in the header of the checked copy; None if there is no valid one.

    It is written when a voice is saved, imported or first used.
    """
    with suppress(OSError, SafetensorError, KeyError, TypeError, ValueError):
        with safe_open(folder / CHECKED_FILE, "np") as file:
            fields = json.loads(file.metadata()["fields"])
            speakers = file.get_slice(SPEAKER_TABLE).get_shape()[0]
        sample_rate = 1000 * int(str(fields["sr"]).rstrip("k"))
        return VoiceFacts(str(fields["version"]), sample_rate, speakers)
    return None
