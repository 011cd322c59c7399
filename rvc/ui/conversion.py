"""Voices for the page: which ones an owner may use, and bringing, exporting and deleting them."""

import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rvc.errors import RVCError, VoiceError
from rvc.files import read_json, remove_quietly, write_json
from rvc.ui.jobs import Job
from rvc.ui.studio import Studio
from rvc.ui.texts import message
from rvc.ui.workspace import shown_name

if TYPE_CHECKING:
    from rvc.voice import Voice, VoiceLibrary
    from rvc.voice.facts import VoiceFacts

PUBLIC_VOICES = 10
CONSENT = "The person who imported it confirmed the owner's agreement."
LAST_VOICE_FILE = "voice.json"  # of an owner: the voice last chosen, used or trained


@dataclass(frozen=True)
class KnownVoice:
    """A voice that an owner may use.

    `own`: it is in the owner's library, who may delete it. `demo`: it is in the program's. `card`:
    its facts as saved with it; rights never follow from them. `kind`: such as "RVC v2 · 40k".
    """

    name: str
    own: bool
    demo: bool
    card: dict[str, Any]
    kind: str = ""
    speakers: int = 1


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


def last_voice(studio: Studio, owner: str) -> str | None:
    """Return the name of the voice that the owner last chose, used or trained."""
    name = read_json(studio.workspace.root / owner / LAST_VOICE_FILE).get("voice")
    return name if isinstance(name, str) else None


def remember_voice(studio: Studio, owner: str, name: str) -> None:
    """Note the voice for the next visit; on a full disk nothing is noted."""
    with suppress(OSError):
        write_json(studio.workspace.folder(owner) / LAST_VOICE_FILE, {"voice": name})


def library_with_room(studio: Studio, owner: str) -> "VoiceLibrary":
    """Return the owner's library; raise RVCError if a public page's is full."""
    library = own_library(studio, owner)
    if studio.public and len(library.names()) >= PUBLIC_VOICES:
        raise RVCError(
            "There are {public_voices} voices already; delete one first.",
            public_voices=PUBLIC_VOICES,
        )
    return library


def bring_voice(
    studio: Studio,
    owner: str,
    uploads: list[Path],
    *,
    allowed_root: Path,
    embedder: str | None = None,
) -> "Voice":
    """Import an uploaded .pth (with its .index) or .zip; return it under the name it got.

    `embedder`: the content encoder that its maker names.
    """
    from rvc.voice import import_voice

    suffixes = [Path(upload).suffix.lower() for upload in uploads]
    voice_files = [i for i, suffix in enumerate(suffixes) if suffix in (".pth", ".zip")]
    index_files = [i for i, suffix in enumerate(suffixes) if suffix == ".index"]
    if not voice_files:
        raise RVCError(message("import_none"))
    if len(voice_files) > 1 or len(index_files) > 1 or len(uploads) > 2:
        raise RVCError(message("import_many"))
    library = library_with_room(studio, owner)
    kept = [studio.workspace.keep(owner, upload, allowed_root=allowed_root) for upload in uploads]
    try:
        voice = import_voice(
            kept[voice_files[0]],
            library,
            index_path=kept[index_files[0]] if index_files else None,
            name=_stem(uploads[voice_files[0]], library),
            card={"consent": CONSENT},
            embedder=embedder,
        )
    finally:
        for path in kept:
            remove_quietly(path)
    return voice


def export(studio: Studio, owner: str, name: str) -> Path:
    """Return a zip of the voice's .pth and .index, for other programs."""
    from rvc.voice import export_voice

    known, library = find_voice(studio, owner, name)
    return export_voice(library, known.name, _exports(studio, owner) / f"{known.name}.zip")


def start_onnx_export(studio: Studio, owner: str, name: str) -> Job:
    """Write the voice's network as ONNX in the background; the job's result is its path."""
    known, library = find_voice(studio, owner, name)
    target = _exports(studio, owner) / f"{known.name}.onnx"

    def work(job: Job) -> Path:
        from rvc.voice import export_onnx

        job.set_progress(0.1, message("export_onnx_working"))
        return export_onnx(library.load(known.name), target)

    return studio.jobs.start("onnx", owner, work, lane="speak")


def _exports(studio: Studio, owner: str) -> Path:
    """Return the owner's folder of exported voices, emptied."""
    folder = studio.workspace.folder(owner, "exports")
    for old in folder.iterdir():
        remove_quietly(old)
    return folder


def delete(studio: Studio, owner: str, name: str) -> None:
    """Delete one of the owner's voices; demo voices stay."""
    known, library = find_voice(studio, owner, name)
    if known.demo or not known.own:
        raise RVCError(message("delete_demo"))
    library.delete(known.name)


def _known(library: "VoiceLibrary", name: str, *, own_voice: bool) -> KnownVoice:
    from rvc.voice.facts import voice_facts

    try:
        card = library.card(name)
    except RVCError:
        card = {}
    facts = voice_facts(library.path(name))
    demo = not own_voice or _is_demo(library, name)
    kind = voice_kind(card, facts)
    return KnownVoice(name, own_voice, demo, card, kind, facts.speakers if facts else 1)


def voice_kind(card: dict[str, Any], facts: "VoiceFacts | None") -> str:
    """Return the kind of a voice: by its file, or else by the preset on its card."""
    version = facts.version if facts else str(card.get("preset") or card.get("version") or "")
    if version == "lite" or facts is None:
        return version
    return f"RVC {version} · {facts.sample_rate // 1000}k"


def _is_demo(library: "VoiceLibrary", name: str) -> bool:
    return name in library.shipped or library.path(name).parent == library.packaged


def _stem(upload: Path, library: "VoiceLibrary") -> str | None:
    """Return the name of an uploaded .pth, whose copy has a random name; None for an archive."""
    from rvc.voice import safe_name

    return None if Path(upload).suffix.lower() == ".zip" else safe_name(Path(upload).stem)
