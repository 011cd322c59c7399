"""Results of conversions on disk: one folder each, with its sounds and facts, newest kept."""

import os
import shutil
import time
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from rvc.files import read_json, write_atomically, write_json
from rvc.messages import Message
from rvc.ui.studio import Studio

if TYPE_CHECKING:
    from rvc.batch import Outcome

FOLDER, FACTS_FILE, ARCHIVE_FILE = "results", "result.json", "results.zip"
DELETED_FILE = "deleted.json"  # name of the facts until a deleted result is really removed
UNDO_SECONDS = 600.0
RESULTS_KEPT = 20  # per owner; older ones are deleted
LOCAL_BYTES, PUBLIC_BYTES = 4_000_000_000, 150_000_000  # of one owner's results together
PITCH_POINTS = 600  # of a curve; more than a chart can show


@dataclass(frozen=True)
class Pitch:
    """f0 before and after a conversion, in Hz at `seconds`; None where nothing is voiced."""

    seconds: list[float]
    source: list[float | None]
    result: list[float | None]


@dataclass(frozen=True)
class Piece:
    """One file of a conversion. `file`: in the result's folder; empty if it was left out, for the
    `reason`."""

    name: str
    file: str = ""
    seconds: float = 0.0
    semitones: float = 0.0
    index_rate: float = 0.0
    text: Message | None = None
    warnings: tuple[Message, ...] = ()
    reason: Message | None = None
    pitch: Pitch | None = None


@dataclass(frozen=True)
class Result:
    """A finished conversion of one file or several. `made`: seconds since 1970."""

    folder: Path
    voice: str
    made: float
    took_seconds: float
    pieces: tuple[Piece, ...]

    @property
    def id(self) -> str:
        return self.folder.name

    @property
    def done(self) -> list[Piece]:
        """Return the files that were converted."""
        return [piece for piece in self.pieces if piece.file]

    @property
    def left_out(self) -> list[Piece]:
        return [piece for piece in self.pieces if not piece.file]

    @property
    def several(self) -> bool:
        return len(self.pieces) > 1

    @property
    def seconds(self) -> float:
        return sum(piece.seconds for piece in self.pieces)

    def path(self, piece: Piece) -> Path:
        """Return the sound of one of `done`."""
        return self.folder / piece.file

    def to_download(self) -> Path:
        """Return the only sound, or an archive of all of them, which is written once."""
        if not self.several:
            return self.path(self.done[0])
        archive = self.folder / ARCHIVE_FILE
        if not archive.is_file():
            write_atomically(archive, self._write_archive)
        return archive

    def _write_archive(self, file: BinaryIO) -> None:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for piece in self.done:
                archive.write(self.path(piece), piece.file)


def new_folder(studio: Studio, owner: str) -> Path:
    """Return an empty folder for the sounds of a result."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    return studio.workspace.folder(owner, FOLDER, f"{stamp}-{uuid.uuid4().hex[:6]}")


def save_result(studio: Studio, owner: str, result: Result) -> None:
    """Write the facts beside the sounds, so that the result is listed; delete the oldest ones."""
    facts = {
        "voice": result.voice,
        "made": result.made,
        "took_seconds": result.took_seconds,
        "pieces": [_piece_to_json(piece) for piece in result.pieces],
    }
    write_json(result.folder / FACTS_FILE, facts)
    _remove_deleted(studio, owner)
    left = PUBLIC_BYTES if studio.public else LOCAL_BYTES
    for number, each in enumerate(results(studio, owner)):
        left -= sum(file.stat().st_size for file in each.folder.iterdir())
        if number >= RESULTS_KEPT or (left < 0 and number > 0):
            shutil.rmtree(each.folder, ignore_errors=True)


def results(studio: Studio, owner: str) -> list[Result]:
    """Return the owner's results, newest first, without those that are incomplete."""
    found = map(_read, (studio.workspace.root / owner / FOLDER).glob("*/"))
    kept = [result for result in found if result is not None]
    return sorted(kept, key=lambda result: (result.made, result.id), reverse=True)


def find_result(studio: Studio, owner: str, result_id: object) -> Result | None:
    """Return the owner's result with this id, which a page may have made up."""
    return next((each for each in results(studio, owner) if each.id == result_id), None)


def delete_result(studio: Studio, owner: str, result: Result) -> None:
    """Take a result off the list; its files are removed after UNDO_SECONDS."""
    _remove_deleted(studio, owner)
    facts = result.folder / FACTS_FILE
    facts.replace(result.folder / DELETED_FILE)
    os.utime(result.folder / DELETED_FILE)


def restore_result(studio: Studio, owner: str, result_id: object) -> Result | None:
    """Put a deleted result back on the list; return it, or None if its files are gone."""
    for facts in _deleted(studio, owner):
        if facts.parent.name == result_id:
            facts.replace(facts.parent / FACTS_FILE)
    return find_result(studio, owner, result_id)


def _deleted(studio: Studio, owner: str) -> list[Path]:
    return list((studio.workspace.root / owner / FOLDER).glob(f"*/{DELETED_FILE}"))


def _remove_deleted(studio: Studio, owner: str) -> None:
    for facts in _deleted(studio, owner):
        with suppress(OSError):
            if facts.stat().st_mtime < time.time() - UNDO_SECONDS:
                shutil.rmtree(facts.parent, ignore_errors=True)


def piece_of(outcome: "Outcome") -> Piece:
    """Return what is kept of one file's outcome."""
    converted = outcome.converted
    if converted is None:
        reason = outcome.error.text if outcome.error is not None else None
        return Piece(outcome.task.name, reason=reason)
    return Piece(
        name=outcome.task.name,
        file=outcome.task.target.name,
        seconds=round(converted.recording.duration_seconds, 3),
        semitones=converted.semitones,
        index_rate=converted.index_rate,
        text=converted.text,
        warnings=converted.warnings,
        pitch=_pitch(converted.f0_source.hz, converted.f0_target.hz),
    )


def _pitch(source: Any, target: Any) -> Pitch:
    """Return curves of (frames,) Hz with at most PITCH_POINTS points."""
    from rvc.audio import FRAMES_PER_SECOND

    step = max(1, -(-len(source) // PITCH_POINTS))

    def thinned(hz: Any) -> list[float | None]:
        return [round(float(each), 1) if each > 0 else None for each in hz[::step]]

    seconds = [round(frame / FRAMES_PER_SECOND, 2) for frame in range(0, len(source), step)]
    return Pitch(seconds, thinned(source), thinned(target))


def _piece_to_json(piece: Piece) -> dict[str, Any]:
    return {
        **vars(piece),
        "text": piece.text and piece.text.to_json(),
        "warnings": [warning.to_json() for warning in piece.warnings],
        "reason": piece.reason and piece.reason.to_json(),
        "pitch": piece.pitch and vars(piece.pitch),
    }


def _read(folder: Path) -> Result | None:
    """Return the result in a folder; None if its facts are missing or damaged."""
    facts = read_json(folder / FACTS_FILE)
    with suppress(KeyError, TypeError, ValueError, AttributeError):
        pieces = tuple(_pieces(folder, facts["pieces"]))
        made, took = float(facts["made"]), float(facts["took_seconds"])
        if any(piece.file for piece in pieces):
            return Result(folder, str(facts["voice"]), made, took, pieces)
    return None


def _pieces(folder: Path, data: list[dict[str, Any]]) -> Iterator[Piece]:
    """Yield the files of a result; one whose sound is gone is passed over."""
    for each in data:
        file = Path(str(each["file"])).name
        if file and not (folder / file).is_file():
            continue
        yield Piece(
            name=str(each["name"]),
            file=file,
            seconds=float(each["seconds"]),
            semitones=float(each["semitones"]),
            index_rate=float(each["index_rate"]),
            text=_message(each["text"]),
            warnings=tuple(filter(None, map(_message, each["warnings"]))),
            reason=_message(each["reason"]),
            pitch=Pitch(**each["pitch"]) if each["pitch"] else None,
        )


def _message(data: object) -> Message | None:
    """Return a kept message; None for one that this version does not know."""
    with suppress(ValueError):
        return Message.from_json(data)
    return None
