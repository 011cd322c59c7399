"""Where a person's recordings and results live: one folder per owner.

On a local machine there is one owner, the machine. On a public page each browser holds a token the
server made; the folder's name is the token's hash, so that neither can be guessed from the other.
"""

import contextlib
import hashlib
import itertools
import os
import re
import secrets
import shutil
import threading
import time
import unicodedata
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from rvc.errors import AudioError, RVCError
from rvc.files import read_json, remove_quietly, storage_error, write_json
from rvc.messages import Message
from rvc.trash import Trash

LOCAL_OWNER = "local"
TOKEN_BYTES = 24
SHOWN_CHARACTERS = 80
KEPT_DAYS = 7  # public folders without a visit for so long are deleted
MAX_VISITORS = 1000  # public folders; a further visitor takes the place of the longest unseen
KEPT_SECONDS_LEAST = 3600.0  # after a visit, unless the folder is empty
COPIES_FILE = "copies.txt"  # places of the owner's uploads and of what was shown, one a line
FREE_BYTES_LEAST = 500_000_000  # an upload that would leave less on the disk is refused
FORGOTTEN_AT_ONCE = 20
_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")
_OWNER = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Take:
    """One recording of the owner. `path`: our own copy, never changed.

    `duration_seconds`: of what is used. `cut`: the used part in seconds of the file, None for all
    of it. `microphone`: the browser's settings (keys echoCancellation, noiseSuppression,
    autoGainControl, sampleRate), None for an uploaded file. `sample`: it is the shipped one.
    """

    id: str
    name: str
    path: Path
    duration_seconds: float
    notes: tuple[Message, ...] = ()
    microphone: dict | None = None
    cut: tuple[float, float] | None = None
    sample: bool = False


@dataclass(frozen=True)
class Refusal:
    """A file that was not taken as a recording, and why."""

    id: str
    name: str
    reason: Message


class Workspace:
    """Owners' folders under `root`; none is made before the first recording is kept."""

    def __init__(self, root: Path, *, public: bool = False) -> None:
        self.root = Path(root).expanduser().resolve()
        self.public = public
        self._seen: dict[str, float] | None = None  # {owner: last visit}, longest unseen first
        self._lock = threading.RLock()

    def owner(self, token: str | None) -> str | None:
        """Return the owner with this token; None when the server never made it."""
        if not self.public:
            return LOCAL_OWNER
        if not isinstance(token, str) or not _TOKEN.fullmatch(token):
            return None
        owner = hashlib.sha256(token.encode()).hexdigest()[:32]
        if not (self.root / owner).is_dir():
            return None
        self._visit(owner)
        return owner

    def new_token(self) -> str:
        """Return a new token with a folder (public pages only); raise RVCError at MAX_VISITORS."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        owner = hashlib.sha256(token.encode()).hexdigest()[:32]
        with self._lock:
            self._make_room()
            (self.root / owner).mkdir(parents=True, mode=0o700)
            self._visitors()[owner] = time.time()
        return token

    def note_copy(self, owner: str, path: Path) -> None:
        """Note a copy outside the owner's folder, to be deleted with everything else."""
        file = self.folder(owner) / COPIES_FILE
        with self._lock:
            known = _lines(file)
            if str(path) not in known:
                with file.open("a", encoding="utf-8", errors="surrogateescape") as notes:
                    notes.write(f"{path}\n")

    def folder(self, owner: str, *parts: str) -> Path:
        """Return the owner's folder, or one inside it; make it when it is missing."""
        path = self.root.joinpath(owner, *parts)
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        return path

    def keep(self, owner: str, upload: Path, *, allowed_root: Path) -> Path:
        """Copy an upload into the owner's folder; raise AudioError outside `allowed_root`.

        A page may send any path as a file; only those where uploads are put are read.
        """
        source, root = Path(upload).resolve(), Path(allowed_root).resolve()
        if not source.is_relative_to(root) or not source.is_file():
            raise AudioError(
                "This file did not arrive; please upload it again.",
            )
        self.note_copy(owner, source)
        return self.keep_shipped(owner, source)

    def keep_shipped(self, owner: str, source: Path) -> Path:
        """Copy one of the program's own files into the owner's folder."""
        folder = self.folder(owner, "takes")
        if shutil.disk_usage(folder).free - source.stat().st_size < FREE_BYTES_LEAST:
            raise RVCError(
                "The disk is almost full; delete something and try again.",
            )
        suffix = re.sub(r"[^.a-z0-9]", "", source.suffix.lower())[:8]
        target = folder / f"{uuid.uuid4().hex[:12]}{suffix}"
        try:
            shutil.copyfile(source, target)
        except OSError as error:
            remove_quietly(target)
            raise storage_error(error) from error
        return target

    def save_take(self, take: Take) -> None:
        """Write a recording's facts beside its file."""
        facts = {
            "name": take.name,
            "file": take.path.name,
            "duration_seconds": take.duration_seconds,
            "notes": [note.to_json() for note in take.notes],
            "microphone": take.microphone,
            "cut": take.cut,
            "sample": take.sample,
        }
        write_json(take.path.with_suffix(".json"), facts)

    def takes(self, owner: str) -> list[Take]:
        """Return the owner's recordings, oldest first, without half-written ones."""
        folder, found = self.root / owner / "takes", []
        for card in folder.glob("*.json"):
            facts = read_json(card)
            path = folder / Path(str(facts.get("file", ""))).name
            if not path.is_file():
                continue
            notes = tuple(_notes(facts.get("notes")))
            take = Take(
                card.stem,
                str(facts.get("name", card.stem)),
                path,
                float(facts.get("duration_seconds", 0.0)),
                notes,
                facts.get("microphone"),
                _cut(facts.get("cut")),
                facts.get("sample") is True,
            )
            found.append(take)
        return sorted(found, key=lambda take: (take.path.stat().st_mtime_ns, take.id))

    def delete_take(self, owner: str, take: Take) -> None:
        """Move a recording, with what was made of it, into the owner's trash."""
        cleaned = self.root / owner / "cleaned" / take.id
        self.trash(owner).put(
            "take", take.name, [take.path.with_suffix(".json"), take.path, cleaned]
        )

    def trash(self, owner: str) -> Trash:
        """Return what the owner deleted; on a public page little is kept, and not for long."""
        if self.public:
            return Trash(self.root / owner, kept_seconds=3600.0, most=5)
        return Trash(self.root / owner)

    def forget(self, owner: str) -> None:
        """Delete the owner's data but the folder itself, so that the token stays valid."""
        folder = self.root / owner
        self._delete(folder)
        if self.public:
            folder.mkdir(parents=True, mode=0o700)

    def _delete(self, folder: Path) -> None:
        """Delete an owner's folder, after the copies noted in it."""
        for place in _lines(folder / COPIES_FILE):
            copy = Path(place)
            with suppress(OSError):
                copy.unlink(missing_ok=True)
                copy.parent.rmdir()  # Gradio's folder of one file; stays when it is not empty
        shutil.rmtree(folder, ignore_errors=True)

    def _visit(self, owner: str) -> None:
        """Note a visit, so that the owner is deleted last; on disk, once an hour."""
        now = time.time()
        with self._lock:
            visitors = self._visitors()
            before = visitors.pop(owner, 0.0)
            visitors[owner] = now
        if now - before > KEPT_SECONDS_LEAST:
            with suppress(OSError):
                os.utime(self.root / owner)

    def _visitors(self) -> dict[str, float]:
        """Return {owner: last visit}, oldest visit first; the disk is read once."""
        if self._seen is None:
            folders = self.root.iterdir() if self.root.is_dir() else ()
            found = [(_last_use(f), f.name) for f in folders if _OWNER.fullmatch(f.name)]
            self._seen = {name: seen for seen, name in sorted(found)}
        return self._seen

    def _make_room(self) -> None:
        """Delete folders unused for KEPT_DAYS, and at MAX_VISITORS an empty one or the oldest.

        Only the FORGOTTEN_AT_ONCE oldest are read, so that the cost does not grow with visitors.
        """
        visitors, now = self._visitors(), time.time()
        for owner in list(itertools.islice(visitors, FORGOTTEN_AT_ONCE)):
            if _last_use(self.root / owner) >= now - KEPT_DAYS * 86_400:
                break
            self._delete(self.root / owner)
            del visitors[owner]
        if len(visitors) < MAX_VISITORS:
            return
        first = list(itertools.islice(visitors, FORGOTTEN_AT_ONCE))
        oldest = first[0]
        dropped = next((owner for owner in first if _empty(self.root / owner)), None)
        if dropped is None and now - visitors[oldest] > KEPT_SECONDS_LEAST:
            dropped = oldest
        if dropped is None:
            raise RVCError(
                "Too many people have recordings here just now; please try again in an hour.",
            )
        self._delete(self.root / dropped)
        del visitors[dropped]


def shown_name(name: str, most: int = SHOWN_CHARACTERS) -> str:
    """Return a file's name to be shown: one line, no control or bidi marks, cut to `most`."""
    name = unicodedata.normalize("NFC", str(name).replace("\\", "/").rsplit("/", 1)[-1])
    name = "".join(c for c in name if unicodedata.category(c)[0] != "C").strip()
    return name if len(name) <= most else name[: most - 1] + "…"


def _notes(data: object) -> Iterator[Message]:
    """Yield the notes written in a card; what is none is passed over."""
    for note in data if isinstance(data, list) else []:
        with contextlib.suppress(ValueError):
            yield Message.from_json(note)


def _cut(data: object) -> tuple[float, float] | None:
    """Return the used part written in a card; None where there is none."""
    if isinstance(data, list) and len(data) == 2:
        return float(data[0]), float(data[1])
    return None


def _lines(file: Path) -> list[str]:
    try:
        text = file.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return []
    return text.split("\n")[:-1]


def _empty(folder: Path) -> bool:
    try:
        return not any(folder.iterdir())
    except OSError:
        return True


def _last_use(folder: Path) -> float:
    """Return the time of the latest change of the folder or of its direct contents."""
    try:
        return max([folder.stat().st_mtime, *(p.stat().st_mtime for p in folder.iterdir())])
    except OSError:
        return time.time()
