"""Voices on disk: the community's `.pth` and `.index`, a card, and a checked copy for speed.

A folder of the library holds NAME.pth, NAME.index, card.json and a copy of the weights as
safetensors. A `.pth` is only opened in the child process of `rvc.untrusted`; while its checksum is
unchanged, the checked copy is loaded instead.
"""

import hashlib
import io
import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from safetensors.torch import save as safetensors_bytes

from rvc.errors import VoiceError
from rvc.files import write_atomically
from rvc.index import FeatureIndex
from rvc.network.config import DECODERS
from rvc.network.lite import LiteConfig
from rvc.places import is_packaged
from rvc.untrusted.checkpoints import FACTS
from rvc.untrusted.pickles import damaged_voice
from rvc.voice.card import decent_card, read_card, with_card, write_card
from rvc.voice.names import check_name, composed, safe_name
from rvc.voice.reading import CARD_FIELD, read_index_apart, read_voice_apart
from rvc.voice.voice import Voice, voice_from_fields, with_index

OWN_SUFFIXES = {".pth", ".index", ".json", ".safetensors"}
CHECKED_FILE = "checked.safetensors"
PREVIEW_FILE = "preview.ogg"  # a sentence in the voice, for the page
READ_TRIES = 3  # for a voice that is replaced while it is read

logger = logging.getLogger(__name__)


def write_voice_files(folder: Path, voice: Voice, extra: Mapping[str, bytes] | None = None) -> None:
    """Write the voice's files to the new folder `folder`. Raises OSError or VoiceError."""
    content, name = voice_file_bytes(voice), check_name(voice.name)
    folder.mkdir()
    if voice.index is not None:
        voice.index.save(folder / f"{name}.index")
    path = write_atomically(folder / f"{name}.pth", content)
    _write_checked(path, content, voice)
    write_card(folder, voice.card)
    for file, data in (extra or {}).items():
        write_atomically(folder / file, data)


def check_own(folder: Path) -> None:
    """Raise VoiceError if `folder` contains files that replacing a voice must not delete."""
    if not folder.exists():
        return
    inside = [path for path in folder.iterdir() if not path.name.startswith(".")]
    if not all(_is_own(path) and path.is_file() for path in inside):
        raise VoiceError(
            "The folder '{name}' holds other files, which saving a voice would delete. "
            "Move them elsewhere, or choose another name.",
            name=folder.name,
        )


def _is_own(path: Path) -> bool:
    return path.suffix in OWN_SUFFIXES or path.name == PREVIEW_FILE


def voice_file_bytes(voice: Voice) -> bytes:
    """Return the voice as the content of a community `.pth`."""
    buffer = io.BytesIO()
    torch.save(_fields(voice) | {"weight": _half_weights(voice)}, buffer)
    return buffer.getvalue()


def _fields(voice: Voice) -> dict[str, object]:
    config = voice.config
    if isinstance(config, LiteConfig):
        shape: object = config.to_dict()
        encoder, decoder = config.encoder, "source-filter"
    else:
        shape = config.to_list()
        encoder, decoder = voice.embedder or "contentvec", DECODERS[config.decoder]
    return {
        "config": shape,
        "info": str(voice.card.get("info") or ""),
        "sr": f"{voice.sample_rate // 1000}k",
        "f0": int(voice.uses_f0),
        "version": voice.version,
        "embedder_model": encoder,
        "vocoder": decoder,
        **{name: voice.card[name] for name in FACTS if name in voice.card},
        CARD_FIELD: json.dumps(voice.card, ensure_ascii=False),
    }


def _half_weights(voice: Voice) -> dict[str, torch.Tensor]:
    weights = {
        name: value.detach().to("cpu", torch.float16).contiguous()
        for name, value in voice.weights.items()
        if not name.startswith("enc_q.")
    }
    if not all(value.isfinite().all() for value in weights.values()):
        raise VoiceError(
            "The voice was not saved: some of its weights are not numbers, or too large.",
        )
    return weights


def load_voice(path: Path, *, index_path: Path | None = None) -> Voice:
    """Return a voice from a folder of the library, or from any `.pth` with an optional index.

    Without index_path, an index of the same name beside the `.pth` is used. An unusable index is an
    error if it was given, else a note of the voice. A folder that is replaced while it is read is
    read again, so that files of two voices are never mixed.
    """
    path = Path(path)
    for _ in range(READ_TRIES):
        before = _identity(path)
        try:
            voice = _loaded(path, index_path)
        except (OSError, VoiceError):
            if _identity(path) == before:
                raise
            continue
        if _identity(path) == before:
            break
    return voice


def _identity(path: Path) -> tuple[int, int] | None:
    """Return a value that differs for a folder or file that replaces another of the same name."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _loaded(path: Path, index_path: Path | None) -> Voice:
    in_library = path.is_dir()
    if in_library:
        path = _voice_in(path)
    voice = _library_voice(path) if in_library else read_voice_apart(path)
    if index_path is not None:
        return with_index(voice, read_index_apart(Path(index_path), voice.content_channels))
    beside = _index_beside(path, alone=in_library)
    if beside is None:
        return voice
    read_index = FeatureIndex.load if in_library else read_index_apart
    try:
        return with_index(voice, read_index(beside, voice.content_channels))
    except VoiceError as error:
        logger.warning("%s is not used: %s", beside.name, error)
        return with_index(voice, None, error.text)


def _voice_in(folder: Path) -> Path:
    named = folder / f"{folder.name}.pth"
    found = [named] if named.is_file() else sorted(folder.glob("*.pth"))
    if len(found) != 1:
        raise VoiceError("There is no voice in {name}.", name=folder.name)
    return found[0]


def _index_beside(path: Path, *, alone: bool) -> Path | None:
    """Return the index of the same name; with `alone`, else the folder's only index."""
    named = path.with_name(f"{path.stem}.index")
    if named.is_file():
        return named
    found = list(path.parent.glob("*.index")) if alone else []
    return found[0] if len(found) == 1 else None


def _library_voice(path: Path) -> Voice:
    """Return a voice of the library from its checked copy, which is written if it is missing."""
    voice = _checked_voice(path)
    if voice is None:
        voice = read_voice_apart(path)
        try:
            if not is_packaged(path):
                _write_checked(path, path.read_bytes(), voice)
        except OSError:
            logger.info("no checked copy of %s: its folder cannot be written", path.name)
    card = read_card(path.parent)
    name = composed(path.parent.name)
    return replace(voice, name=name, card=voice.card if card is None else card)


def _checked_voice(path: Path) -> Voice | None:
    """Return the voice from its checked copy; None unless it matches the `.pth`."""
    checked = path.with_name(CHECKED_FILE)
    if not checked.is_file():
        return None
    try:
        with safe_open(checked, "pt") as file:
            notes = file.metadata() or {}
        if notes.get("sha256") != hashlib.sha256(path.read_bytes()).hexdigest():
            return None
        fields = json.loads(notes["fields"])
        voice = voice_from_fields(safe_name(path.stem), fields, load_file(checked))
        if not all(map(_numbers, voice.weights.values())):
            raise damaged_voice()
    except (
        SafetensorError, OSError, KeyError, ValueError, TypeError, AttributeError, RecursionError,
        VoiceError,
    ):  # fmt: skip
        logger.warning("the checked copy of %s is damaged and is written again", path.name)
        return None
    return with_card(voice, decent_card(fields.get(CARD_FIELD)))


def _numbers(weight: torch.Tensor) -> bool:
    return weight.is_floating_point() and bool(weight.isfinite().all())


def _write_checked(path: Path, content: bytes, voice: Voice) -> None:
    """Write the checked copy of the weights beside the `.pth` with the bytes `content`."""
    digest = hashlib.sha256(content).hexdigest()
    notes = {"sha256": digest, "fields": json.dumps(_fields(voice), ensure_ascii=False)}
    data = safetensors_bytes(_half_weights(voice), metadata=notes)
    write_atomically(path.with_name(CHECKED_FILE), data)
