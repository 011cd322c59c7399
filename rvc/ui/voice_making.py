"""New voices on the page: from a link, or blended from two that the owner has."""

from typing import TYPE_CHECKING

from rvc.embedders import missing_encoder
from rvc.errors import RVCError
from rvc.messages import Message
from rvc.ui.conversion import CONSENT, find_voice, library_with_room
from rvc.ui.jobs import Job
from rvc.ui.studio import Studio
from rvc.ui.texts import message

if TYPE_CHECKING:
    from rvc.voice import Voice


def import_notes(studio: Studio, voice: "Voice") -> list[Message]:
    """Return what a person should know of an imported voice, such as an encoder it lacks."""
    return [*voice.notes, *missing_encoder(voice.embedder, studio.engine.weights)]


def start_link_import(studio: Studio, owner: str, links: str, embedder: str | None = None) -> Job:
    """Import the voice at a link in the background; the job's result is the Voice.

    `links`: one to a .pth or .zip, and after it perhaps one to the .index. Refused on a public
    page, whose machine would download what any visitor asks for.
    """
    if studio.public:
        raise RVCError(message("link_owner"))
    parts = links.split()
    if not 1 <= len(parts) <= 2:
        raise RVCError(message("link_many"))
    parts.sort(key=lambda link: ".index" in link.lower())
    library = library_with_room(studio, owner)

    def work(job: Job) -> "Voice":
        from rvc.voice import import_link

        return import_link(
            parts[0],
            library,
            index_link=parts[1] if len(parts) == 2 else None,
            card={"consent": CONSENT},
            embedder=embedder,
            progress=job.set_progress,
        )

    return studio.jobs.start("import", owner, work, lane="fetch")


def blend(studio: Studio, owner: str, names: tuple[str, str], share: float, name: str) -> str:
    """Save a blend of two voices among the owner's own; return the name it got."""
    from rvc.voice import blend_voices

    library = library_with_room(studio, owner)
    first, second = (find_voice(studio, owner, each) for each in names)
    voices = [library.load(known.name) for known, library in (first, second)]
    wish = name.strip() or f"{voices[0].name} + {voices[1].name}"
    return library.add(blend_voices(voices[0], voices[1], share, wish)).name
