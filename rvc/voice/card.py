"""A voice's card: plain values that describe it, and its pitch for the automatic shift."""

import json
from dataclasses import replace
from math import isfinite
from pathlib import Path
from typing import TypeGuard

from rvc.files import storage_error, write_atomically
from rvc.voice.voice import Voice

CARD_FILE = "card.json"
MAX_CARD_LETTERS = 65_536
MAX_ENTRIES = 60
MAX_TEXT_LETTERS = 300
MAX_LIST_VALUES = 16
F0_RANGE_HZ = (40.0, 1200.0)  # plausible range of a voice's median f0
# Consent is confirmed by each user; only the program marks demo voices.
NOT_INHERITED = ("consent", "demo")


def with_card(voice: Voice, card: dict[str, object]) -> Voice:
    """Return the voice with another card."""
    return replace(voice, card=card)


def write_card(folder: Path, card: dict[str, object]) -> None:
    """Write card.json to `folder` atomically. Raises OSError."""
    data = json.dumps(card, ensure_ascii=False, indent=1).encode()
    write_atomically(folder / CARD_FILE, data)


def read_card(folder: Path) -> dict[str, object] | None:
    """Return the card of a folder of the library; None if there is none or it is damaged.

    The file may have been edited: values that would break a conversion are left out.
    """
    try:
        text = (folder / CARD_FILE).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    card = _parsed(text)
    if card is None:
        return None
    return _with_honest_pitch({k: v for k, v in card.items() if _writable(k) and _writable(v)})


def decent_card(text: object) -> dict[str, object]:
    """Return an untrusted card (JSON) reduced to short plain values; empty if it is invalid.

    The keys of NOT_INHERITED and an implausible pitch are removed.
    """
    card = _parsed(text) if isinstance(text, str) else None
    if card is None:
        return {}
    kept = {
        key: value
        for key, value in list(card.items())[:MAX_ENTRIES]
        if _decent(key) and _decent(value) and key not in NOT_INHERITED
    }
    return _with_honest_pitch(kept)


def _with_honest_pitch(card: dict[str, object]) -> dict[str, object]:
    """The card, without a median pitch that is none."""
    median = card.get("f0_median_hz")
    if median is None or (_number(median) and _inside(median)):
        return card
    return {key: value for key, value in card.items() if key != "f0_median_hz"}


def _parsed(text: str) -> dict[str, object] | None:
    if len(text) > MAX_CARD_LETTERS:
        return None
    try:
        card = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return card if isinstance(card, dict) else None


def _decent(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= MAX_TEXT_LETTERS and _encodable(value)
    if isinstance(value, list):
        return len(value) <= MAX_LIST_VALUES and all(map(_number, value))
    return value is None or isinstance(value, bool) or _number(value)


def _writable(value: object) -> bool:
    """Whether it can be shown and written again: numbers of a usual size, texts that are whole."""
    if isinstance(value, str):
        return _encodable(value)
    if isinstance(value, list):
        return all(map(_writable, value))
    if isinstance(value, dict):
        return all(map(_writable, value)) and all(map(_writable, value.values()))
    return value is None or isinstance(value, bool) or _number(value)


def _encodable(text: str) -> bool:
    """Return True if the text can be encoded: it has no lone surrogates."""
    return not any(0xD800 <= ord(character) <= 0xDFFF for character in text)


def _number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and abs(value) < 1e15 and isfinite(value)


def _inside(hz: float) -> bool:
    return F0_RANGE_HZ[0] <= hz <= F0_RANGE_HZ[1]


def changed_card(folder: Path, changes: dict[str, object]) -> dict[str, object]:
    """Write the card of `folder` with some values changed; return it."""
    card = (read_card(folder) or {}) | changes
    try:
        write_card(folder, card)
    except OSError as error:
        raise storage_error(error, folder) from error
    return card
