"""Import voices into the library from a `.pth` or a zip; export them as a zip."""

import logging
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import BinaryIO

from rvc.errors import VoiceError
from rvc.files import storage_error, temporary_folder, write_atomically
from rvc.index import FeatureIndex
from rvc.untrusted.child import read_apart
from rvc.voice.files import voice_file_bytes
from rvc.voice.library import VoiceLibrary
from rvc.voice.names import safe_name
from rvc.voice.reading import check_there, read_index_apart, read_voice_apart
from rvc.voice.voice import Voice, with_embedder, with_index

MAX_VOICES_TRIED = 8  # of one archive

logger = logging.getLogger(__name__)


def import_voice(
    path: Path,
    library: VoiceLibrary,
    *,
    index_path: Path | None = None,
    name: str | None = None,
    card: dict[str, object] | None = None,
    embedder: str | None = None,
) -> Voice:
    """Add the voice of a `.pth`, or of a zip with its index, to the library; return it.

    Its name is `name`, or that of its file; a taken name gets a number. `card` is merged into the
    voice's own card (consent is never inherited). `embedder`: the content encoder it was trained
    on, where its file does not say so. Raises VoiceError or StorageError and then leaves
    the library unchanged.
    """
    path = Path(path)
    zipped = path.suffix.lower() == ".zip"
    voice = _from_zip(path) if zipped else read_voice_apart(path)
    if index_path is not None:
        voice = with_index(voice, read_index_apart(Path(index_path), voice.content_channels))
    if embedder is not None:
        voice = with_embedder(voice, embedder)
    source = "".join(c if c.isprintable() else " " for c in path.name)[:80]
    details = {"imported": date.today().isoformat(), "source_file": source}
    card = voice.card | details | (card or {})
    return library.add(replace(voice, name=name or voice.name, card=card))


def _from_zip(path: Path) -> Voice:
    check_there(path)
    with temporary_folder() as folder:
        files = read_apart("unpack", path, folder)["files"]
        voices = [(folder / file, name) for file, name in files if file.endswith(".pth")]
        voice = _only_voice(voices)
        indexes = [folder / file for file, _ in files if file.endswith(".index")]
        return with_index(voice, *_best_index(indexes, voice.content_channels))


def _only_voice(files: list[tuple[Path, str]]) -> Voice:
    """Return the only voice among `.pth` files, which may include training checkpoints."""
    voices, errors = [], []
    for path, name in files[:MAX_VOICES_TRIED]:
        try:
            voices.append(replace(read_voice_apart(path), name=safe_name(name[: -len(".pth")])))
        except VoiceError as error:
            errors.append(error)
    if not voices:
        raise errors[0]
    if len(voices) > 1 or len(files) > MAX_VOICES_TRIED:
        names = ", ".join(safe_name(name[: -len(".pth")])[:40] for _, name in files[:5])
        raise VoiceError(
            "The archive holds several voices ({names}). Unpack it and import one at a time.",
            names=names,
        )
    return voices[0]


def _best_index(paths: list[Path], channels: int) -> tuple:
    """Return the largest index that fits the voice; else None and messages that say why."""
    best: FeatureIndex | None = None
    notes = []
    for path in paths:
        try:
            index = read_index_apart(path, channels)
        except VoiceError as error:
            logger.info("an index of the archive is not used: %s", error)
            notes.append(error.text)
            continue
        if best is None or len(index) > len(best):
            best = index
    return (best,) if best is not None else (None, *notes)


def export_voice(library: VoiceLibrary, name: str, target: Path) -> Path:
    """Write the voice as a zip of its `.pth` and index under the names RVC programs look for."""
    voice = library.load(name)
    target = Path(target)
    try:
        write_atomically(target, lambda file: _write_zip(file, voice))
    except OSError as error:
        raise storage_error(error, target) from error
    return target


def _write_zip(file: BinaryIO, voice: Voice) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(f"{voice.name}.pth", voice_file_bytes(voice))
        if voice.index is not None:
            kind = f"IVF{voice.index.lists}_Flat_nprobe_{voice.index.probes}"
            title = f"added_{kind}_{voice.name}_{voice.version}.index"
            archive.writestr(title, voice.index.to_bytes())
