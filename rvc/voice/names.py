"""Names of voices, which become folder names: validation, comparison and conversion."""

import unicodedata
from pathlib import Path

from rvc.errors import VoiceError

MAX_LETTERS = 60
MAX_BYTES = 180  # three per Korean letter; a file name with its suffix may have 255
PUNCTUATION = " -_.()+"
# Names that Windows reserves for devices, with any suffix.
RESERVED = {"con", "prn", "aux", "nul"} | {
    f"{port}{n}" for port in ("com", "lpt") for n in range(10)
}


def check_name(name: str) -> str:
    """Return `name` in Unicode's composed form; raises VoiceError unless it is valid everywhere."""
    name = composed(name)
    if not name.strip():
        raise VoiceError("Give the voice a name.")
    if len(name) > MAX_LETTERS or len(name.encode("utf-8", "replace")) > MAX_BYTES:
        raise VoiceError(
            "The name is too long ({length} letters; at most {max_letters}).",
            length=len(name),
            max_letters=MAX_LETTERS,
        )
    if not all(map(_allowed, name)):
        raise VoiceError(
            "A voice's name may have letters, numbers, spaces and - _ . ( ) + only.",
        )
    if name != name.strip(" .") or name.split(".")[0].strip().casefold() in RESERVED:
        raise VoiceError(
            "'{name}' cannot be a file name everywhere; choose another.",
            name=name,
        )
    return name


def _allowed(character: str) -> bool:
    """Return True for letters, marks and digits of any script, and for PUNCTUATION."""
    category = unicodedata.category(character)
    return character in PUNCTUATION or category[0] in "LM" or category == "Nd"


def composed(name: str) -> str:
    """Return `name` in the composed form: "e" and an accent, or "é", are one name."""
    return unicodedata.normalize("NFC", name)


def folder_called(parent: Path, name: str) -> Path:
    """Return the folder of the checked `name` in `parent`; it need not exist.

    A folder whose name is in Unicode's decomposed form, as on other systems, is found, too.
    """
    folder = parent / name
    if folder.exists() or not parent.is_dir():
        return folder
    alike = (other for other in parent.iterdir() if composed(other.name) == name)
    return next(alike, folder)


def same_name(first: str, second: str) -> bool:
    """Return True if a case-insensitive file system treats both names as equal."""
    return folded(first) == folded(second)


def folded(name: str) -> str:
    """Return a key that is equal for names that a case-insensitive file system treats as equal."""
    return composed(composed(name).casefold())


def safe_name(text: str) -> str:
    """Return a name similar to `text` that check_name accepts; "voice" if nothing is left."""
    kept = "".join(c if _allowed(c) else " " for c in composed(text))
    kept = " ".join(kept.split())[:MAX_LETTERS]
    kept = kept.encode("utf-8", "ignore")[:MAX_BYTES].decode("utf-8", "ignore").strip(" .")
    try:
        return check_name(kept)
    except VoiceError:
        return "voice"
