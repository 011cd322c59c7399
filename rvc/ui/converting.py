"""Conversion as a job: one file or several, whose results are kept."""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rvc.errors import AudioError, RVCError
from rvc.files import free_path, remove_quietly
from rvc.ui.conversion import find_voice
from rvc.ui.jobs import Busy, Job
from rvc.ui.results import Piece, Result, new_folder, piece_of, save_result
from rvc.ui.studio import MINIMUM_TAKE_SECONDS, PUBLIC_CONVERT_SECONDS, Studio
from rvc.ui.texts import message
from rvc.ui.workspace import shown_name

if TYPE_CHECKING:
    from rvc.audio import Recording
    from rvc.batch import Task
    from rvc.convert import ConversionOptions, Converted
    from rvc.progress import Progress
    from rvc.songs import Song

FORMATS = ("wav", "flac", "mp3", "ogg", "m4a")  # of rvc.audio.ENCODINGS
LOCAL_FILES, PUBLIC_FILES = 200, 20  # in one go


@dataclass(frozen=True)
class ConversionOrder:
    """What to convert, to which voice and how. `format`: one of FORMATS.

    `songs`: the uploads are songs, of which the vocals alone are converted.
    """

    uploads: tuple[Path, ...]
    voice: str
    options: "ConversionOptions"
    format: str = "wav"
    songs: bool = False


def start_conversion(
    studio: Studio, owner: str, order: ConversionOrder, *, allowed_root: Path
) -> Job:
    """Convert uploads in the background; the job's result is a Result.

    A file that cannot be used is left out of several, and is the job's error if it is alone. What a
    stopped job had finished is kept.
    """
    known, library = find_voice(studio, owner, order.voice)
    order.options.check()
    _check_order(studio, order)
    kept: list[tuple[str, Path]] = []

    def clear() -> None:
        for _, path in kept:
            remove_quietly(path)

    try:
        for upload in order.uploads:
            path = studio.workspace.keep(owner, upload, allowed_root=allowed_root)
            kept.append((shown_name(upload.name), path))
        work = _Work(studio, known.name, library.path(known.name), order, tuple(kept))
        job = studio.jobs.start("convert", owner, work.run, lane="speak")
    except (Busy, RVCError):
        clear()
        raise
    job.when_ended(clear)
    return job


def _check_order(studio: Studio, order: ConversionOrder) -> None:
    if order.format not in FORMATS:
        raise RVCError(message("convert_format", formats=", ".join(FORMATS)))
    most = PUBLIC_FILES if studio.public else LOCAL_FILES
    if not order.uploads:
        raise RVCError(message("convert_no_source"))
    if len(order.uploads) > most:
        raise RVCError(message("convert_too_many", most=most))


@dataclass(frozen=True)
class _Work:
    """The work of one conversion. `sources`: (name shown, our copy) of each file."""

    studio: Studio
    voice: str
    voice_folder: Path
    order: ConversionOrder
    sources: tuple[tuple[str, Path], ...]

    def run(self, job: Job) -> Result:
        from rvc.batch import convert_each

        job.set_progress(0.0, message("convert_working"))
        began, folder = time.monotonic(), new_folder(self.studio, job.owner)
        pieces: list[Piece] = []
        outcomes = convert_each(
            self._tasks(folder),
            self._converter(),
            voice=self.voice,
            load=self._loader(pieces),
            progress=job.set_progress,
        )
        failure: RVCError | None = None
        try:
            for outcome in outcomes:
                pieces.append(piece_of(outcome))
                failure = failure or outcome.error
        finally:  # a stopped job keeps what it finished
            took = time.monotonic() - began
            result = Result(folder, self.voice, time.time(), took, tuple(pieces))
            if result.done:
                save_result(self.studio, job.owner, result)
            else:
                shutil.rmtree(folder, ignore_errors=True)
        if failure is not None and not result.done:
            raise self._none(failure)
        return result

    def _converter(self) -> Callable[[Any, "Progress"], "Converted"]:
        """Return what converts a source; raise MissingAssetError if songs cannot be separated."""
        from rvc.songs import song_converter

        if not self.order.songs:
            return self._convert
        return song_converter(self._convert, self.studio.engine.device)

    def _convert(self, recording: "Recording", progress: "Progress") -> "Converted":
        options = self.order.options
        return self.studio.engine.convert(recording, self.voice_folder, options, progress)

    def _tasks(self, folder: Path) -> list["Task"]:
        from rvc.batch import Task
        from rvc.voice import safe_name

        tasks: list[Task] = []
        for name, path in self.sources:
            stem = f"{safe_name(Path(name).stem)} ({self.voice})"
            targets = [task.target for task in tasks]
            target = free_path(folder, stem, f".{self.order.format}", targets)
            tasks.append(Task(name, path, target))
        return tasks

    def _loader(self, pieces: list[Piece]) -> Callable[[Path], Any]:
        """Return a function that loads a source, a recording or a song; on a public page, within
        the time that is left."""
        from rvc.audio import load_audio
        from rvc.songs import load_song

        read: Callable[..., Recording | Song] = load_song if self.order.songs else load_audio
        names = {path: name for name, path in self.sources}

        def load(path: Path) -> "Recording | Song":
            if not self.studio.public:
                return replace(read(path), name=names[path])
            room = PUBLIC_CONVERT_SECONDS - sum(piece.seconds for piece in pieces)
            if room < MINIMUM_TAKE_SECONDS:
                raise AudioError(message("convert_no_room"))
            return replace(read(path, max_seconds=room), name=names[path])

        return load

    def _none(self, failure: RVCError) -> RVCError:
        if len(self.sources) == 1:
            return failure
        name = self.sources[0][0]
        return RVCError(message("convert_none", name=name, reason=failure.text))
