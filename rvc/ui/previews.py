"""A voice's preview: the shipped sentence in that voice, converted once and kept in its folder."""

from pathlib import Path

from rvc.files import storage_errors
from rvc.places import shipped_weights
from rvc.ui.conversion import find_voice
from rvc.ui.jobs import Job
from rvc.ui.studio import Studio
from rvc.ui.texts import message

SENTENCE = shipped_weights() / "samples" / "sentence.ogg"


def kept_preview(studio: Studio, owner: str, name: str) -> Path | None:
    """Return the voice's preview, None before it was made."""
    from rvc.voice import PREVIEW_FILE

    known, library = find_voice(studio, owner, name)
    path = library.path(known.name) / PREVIEW_FILE
    return path if path.is_file() else None


def start_preview(studio: Studio, owner: str, name: str) -> Job:
    """Make the voice's preview in the background; the job's result is its path."""
    known, library = find_voice(studio, owner, name)
    folder = library.path(known.name)

    def work(job: Job) -> Path:
        from rvc.audio import load_audio, save_audio
        from rvc.label import ai_label
        from rvc.voice import PREVIEW_FILE

        job.set_progress(0.0, message("convert_working"))
        sentence = load_audio(SENTENCE)
        converted = studio.engine.convert(sentence, folder, progress=job.set_progress)
        with storage_errors():
            return save_audio(
                folder / PREVIEW_FILE, converted.recording, metadata=ai_label(known.name)
            )

    return studio.jobs.start("preview", owner, work, lane="speak", data=known.name)
