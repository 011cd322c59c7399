"""Conversion and voices for the page: which voices an owner may use, and conversion as a job."""

import time
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rvc.errors import RVCError, VoiceError
from rvc.files import remove_quietly
from rvc.ui.jobs import Busy, Job
from rvc.ui.studio import PUBLIC_CONVERT_SECONDS, Studio
from rvc.ui.texts import message
from rvc.ui.workspace import shown_name

if TYPE_CHECKING:
    from rvc.convert import ConversionOptions, Converted
    from rvc.voice import VoiceLibrary

RESULTS_KEPT = 20  # per owner; older ones are deleted
PUBLIC_VOICES = 10
# Key of an imported voice's card -> its label, and the letters shown: of a date the day, of a hash
# as many as tell two voices apart.
IMPORTED_FACTS = {
    "model_name": ("voice_model_name", 60),
    "author": ("voice_author", 60),
    "epoch": ("voice_epochs", 12),
    "creation_date": ("voice_created", 10),
    "model_hash": ("voice_hash", 12),
}


@dataclass(frozen=True)
class KnownVoice:
    """A voice that an owner may use.

    `own`: it is in the owner's library, who may delete it. `demo`: it is in the program's. `card`:
    its facts as saved with it; rights never follow from them.
    """

    name: str
    own: bool
    demo: bool
    card: dict[str, Any]


@dataclass(frozen=True, eq=False)
class ConversionResult:
    """A finished conversion: its file and what to show beside it."""

    path: Path
    converted: "Converted"
    voice: str
    took_seconds: float


def own_library(studio: Studio, owner: str) -> "VoiceLibrary":
    """Return the owner's library: the machine's, or on a public page one of their own."""
    if not studio.public:
        return studio.engine.library
    from rvc.voice import VoiceLibrary

    return VoiceLibrary(studio.workspace.folder(owner))


def voices(studio: Studio, owner: str) -> list[KnownVoice]:
    """Return the owner's voices, then those shipped with the program."""
    own = own_library(studio, owner)
    found = [_known(own, name, own_voice=True) for name in own.names()]
    if studio.public:
        shared = studio.engine.library
        taken = {voice.name for voice in found}
        found += [_known(shared, n, own_voice=False) for n in shared.names() if n not in taken]
    return sorted(found, key=lambda voice: voice.demo)


def find_voice(studio: Studio, owner: str, name: str | None) -> tuple[KnownVoice, "VoiceLibrary"]:
    """Return a voice by name, and its library; raise VoiceError when the owner has none such."""
    wanted = unicodedata.normalize("NFC", name or "")  # as libraries list their voices
    for voice in voices(studio, owner):
        if voice.name == wanted:
            return voice, own_library(studio, owner) if voice.own else studio.engine.library
    raise VoiceError(
        "There is no voice called “{name}”. Choose one from the list.",
        name=shown_name(name or ""),
    )


def start_conversion(
    studio: Studio,
    owner: str,
    upload: Path,
    voice: str,
    options: "ConversionOptions",
    *,
    allowed_root: Path,
) -> Job:
    """Convert an upload in the background; the job's result is a ConversionResult."""
    known, library = find_voice(studio, owner, voice)
    options.check()
    source = studio.workspace.keep(owner, upload, allowed_root=allowed_root)

    def work(job: Job) -> ConversionResult:
        return _convert(studio, job, source, known.name, library.path(known.name), options)

    try:
        job = studio.jobs.start("convert", owner, work, lane="speak")
    except Busy:
        remove_quietly(source)
        raise
    job.when_ended(lambda: remove_quietly(source))
    return job


def _convert(
    studio: Studio,
    job: Job,
    source: Path,
    name: str,
    voice_folder: Path,
    options: "ConversionOptions",
) -> ConversionResult:
    from rvc.audio import load_audio, save_audio
    from rvc.label import ai_label

    began = time.monotonic()
    job.set_progress(0.0, message("convert_working"))
    most = PUBLIC_CONVERT_SECONDS if studio.public else None
    recording = replace(load_audio(source, max_seconds=most), name=name)
    converted = studio.engine.convert(recording, voice_folder, options, progress=job.set_progress)
    folder = studio.workspace.folder(job.owner, "results")
    stamp = time.strftime("%Y%m%d-%H%M%S")
    target = folder / f"{name} {stamp}-{job.id[:4]}.wav"
    path = save_audio(target, converted.recording, metadata=ai_label(name))
    for old in sorted(folder.glob("*.wav"), key=lambda p: p.stat().st_mtime)[:-RESULTS_KEPT]:
        remove_quietly(old)
    return ConversionResult(path, converted, name, time.monotonic() - began)


def bring_voice(studio: Studio, owner: str, uploads: list[Path], *, allowed_root: Path) -> str:
    """Import an uploaded .pth (with its .index) or .zip; return the name it got."""
    from rvc.voice import import_voice

    suffixes = [Path(upload).suffix.lower() for upload in uploads]
    voice_files = [i for i, suffix in enumerate(suffixes) if suffix in (".pth", ".zip")]
    index_files = [i for i, suffix in enumerate(suffixes) if suffix == ".index"]
    if not voice_files:
        raise RVCError(message("import_none"))
    if len(voice_files) > 1 or len(index_files) > 1 or len(uploads) > 2:
        raise RVCError(message("import_many"))
    library = own_library(studio, owner)
    if studio.public and len(library.names()) >= PUBLIC_VOICES:
        raise RVCError(
            "There are {public_voices} voices already; delete one first.",
            public_voices=PUBLIC_VOICES,
        )
    kept = [studio.workspace.keep(owner, upload, allowed_root=allowed_root) for upload in uploads]
    try:
        voice = import_voice(
            kept[voice_files[0]],
            library,
            index_path=kept[index_files[0]] if index_files else None,
            name=_stem(uploads[voice_files[0]], library),
            card={"consent": "The person who imported it confirmed the owner's agreement."},
        )
    finally:
        for path in kept:
            remove_quietly(path)
    return voice.name


def export(studio: Studio, owner: str, name: str) -> Path:
    """Return a zip of the voice's .pth and .index, for other programs."""
    from rvc.voice import export_voice

    known, library = find_voice(studio, owner, name)
    folder = studio.workspace.folder(owner, "exports")
    for old in folder.glob("*.zip"):
        remove_quietly(old)
    return export_voice(library, known.name, folder / f"{known.name}.zip")


def delete(studio: Studio, owner: str, name: str) -> None:
    """Delete one of the owner's voices; demo voices stay."""
    known, library = find_voice(studio, owner, name)
    if known.demo or not known.own:
        raise RVCError(message("delete_demo"))
    library.delete(known.name)


def describe(voice: KnownVoice) -> list[tuple[str, str]]:
    """Return the facts on a voice's card, each as (key of its label, value)."""
    card = voice.card
    facts = []
    if card.get("preset") or card.get("version"):
        facts.append(("voice_version", str(card.get("preset") or card.get("version"))))
    if isinstance(card.get("f0_median_hz"), int | float):
        facts.append(("voice_f0", f"{card['f0_median_hz']:.0f} Hz"))
    if isinstance(card.get("minutes"), int | float):
        facts.append(("voice_minutes", f"{card['minutes']:.1f} min"))
    for key, (label, letters) in IMPORTED_FACTS.items():
        if isinstance(card.get(key), str | int | float) and card[key] != "":
            facts.append((label, str(card[key])[:letters]))
    return facts


def _known(library: "VoiceLibrary", name: str, *, own_voice: bool) -> KnownVoice:
    try:
        card = library.card(name)
    except RVCError:
        card = {}
    return KnownVoice(name, own_voice, not own_voice or _is_demo(library, name), card)


def _is_demo(library: "VoiceLibrary", name: str) -> bool:
    return name in library.shipped or library.path(name).parent == library.packaged


def _stem(upload: Path, library: "VoiceLibrary") -> str | None:
    """Return the name of an uploaded .pth, whose copy has a random name; None for an archive."""
    from rvc.voice import safe_name

    return None if Path(upload).suffix.lower() == ".zip" else safe_name(Path(upload).stem)
