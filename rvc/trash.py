"""Deleted things, kept for a while: each is moved aside as a whole and can be moved back.

Everything is renamed within one folder, so a deletion takes no room and a kill at any moment leaves
a thing deleted or as it was.
"""

import contextlib
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rvc.errors import RVCError
from rvc.files import aside_folder, delete_asides, write_json
from rvc.locks import Locked, locked

TRASH_FOLDER = "trash"
FACTS_FILE = "deleted.json"
KEPT_SECONDS = 86_400.0
MOST_ENTRIES = 20  # older ones are deleted for good
LOCK_FILE = ".lock"
LOCK_SECONDS = 10.0
KINDS = ("take", "voice", "training")
_ID = re.compile(r"\d{13}-[0-9a-f]{6}")


@dataclass(frozen=True)
class Deleted:
    """One deleted thing. `kind`: of KINDS; `name`: as the person knows it; `at`: seconds since
    1970; `places`: where its files and folders were, relative to the trash's root."""

    id: str
    kind: str
    name: str
    at: float
    places: tuple[str, ...]


class Trash:
    """`root`/trash: what was deleted in `root`. The folder is made by the first deletion."""

    def __init__(
        self, root: Path, *, kept_seconds: float = KEPT_SECONDS, most: int = MOST_ENTRIES
    ) -> None:
        self.root, self.folder = Path(root), Path(root) / TRASH_FOLDER
        self.kept_seconds, self.most = kept_seconds, most

    def put(self, kind: str, name: str, places: Sequence[Path]) -> Deleted | None:
        """Move files and folders of `root` into the trash as one thing; those not there are left
        out.

        On a full disk they are deleted for good, and None is returned. Raises OSError, with all of
        them back in place, when one cannot be moved.
        """
        places = [Path(place) for place in places if Path(place).exists()]
        number = f"{time.time_ns() // 1_000_000:013d}-{secrets.token_hex(3)}"
        known = tuple(place.relative_to(self.root).as_posix() for place in places)
        entry = Deleted(number, kind, name, time.time(), known)
        part = self._part(number)
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError:
            self._delete(places)
            return None
        with self._changing():
            try:
                part.mkdir()
                write_json(part / FACTS_FILE, vars(entry))
            except OSError:
                shutil.rmtree(part, ignore_errors=True)
                self._delete(places)
                return None
            try:
                for position, place in enumerate(places):
                    os.rename(place, part / str(position))
                os.rename(part, self.folder / number)
            except OSError:
                self._move_back(part)
                raise
            self._purge(self._found()[: self.most])
        return entry

    def entries(self) -> list[Deleted]:
        """Return what can be brought back, the latest first; delete for good what is too old."""
        found = self._found()
        kept = [entry for entry in found if entry.at > time.time() - self.kept_seconds]
        if len(kept) < len(found):
            with contextlib.suppress(OSError, RVCError), self._changing(wait_seconds=0.0):
                self._purge(kept)
        return kept

    def _found(self) -> list[Deleted]:
        folders = self.folder.glob("*-*") if self.folder.is_dir() else ()
        facts = (_facts(folder) for folder in folders)
        return sorted((e for e in facts if e is not None), key=lambda e: e.id, reverse=True)

    def find(self, number: str) -> Deleted:
        """Return the entry with this id; raises RVCError when it is not there any more."""
        entry = _facts(self.folder / number) if _ID.fullmatch(number) else None
        if entry is None:
            raise RVCError("This was deleted for good and cannot be brought back any more.")
        return entry

    def restore(self, number: str) -> Deleted:
        """Move a deleted thing back to where it was; raises RVCError when its place is taken."""
        with self._changing():
            entry = self.find(number)
            if any((self.root / place).exists() for place in entry.places):
                raise RVCError(
                    "There is something called '{name}' again. Rename or delete that first, then "
                    "undo.",
                    name=entry.name,
                )
            part = self._part(number)
            os.rename(self.folder / number, part)
            self._move_back(part)
        return entry

    def empty(self) -> None:
        """Delete everything in the trash for good."""
        if self.folder.is_dir():
            with self._changing():
                self._purge([])

    def settle(self) -> None:
        """Undo deletions that a kill interrupted, unless another process is deleting."""
        if self.folder.is_dir() and any(self.folder.glob(".*.part")):
            with contextlib.suppress(OSError, RVCError), self._changing(wait_seconds=0.0):
                pass

    @contextlib.contextmanager
    def _changing(self, wait_seconds: float = LOCK_SECONDS) -> Iterator[None]:
        """Hold the trash's lock, after interrupted moves are undone."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            with locked(self.folder / LOCK_FILE, wait_seconds=wait_seconds):
                for part in self.folder.glob(".*.part"):
                    self._move_back(part)
                delete_asides(self.folder)
                yield
        except Locked as error:
            raise RVCError(
                "Another window or program is deleting something. Try again in a minute."
            ) from error

    def _part(self, number: str) -> Path:
        """Return the folder of an entry while its parts are moved in or out."""
        return self.folder / f".{number}.part"

    def _move_back(self, part: Path) -> None:
        """Move the parts of an entry to their places; what has lost its place stays deleted."""
        entry = _facts(part)
        if entry is None:  # a kill before anything was moved
            shutil.rmtree(part, ignore_errors=True)
            return
        root = self.root.resolve()
        for position, place in enumerate(entry.places):
            moved, target = part / str(position), (root / place).resolve()
            if moved.exists() and not target.exists() and target.is_relative_to(root):
                target.parent.mkdir(parents=True, exist_ok=True)
                os.rename(moved, target)
        if any((part / str(position)).exists() for position in range(len(entry.places))):
            os.rename(part, self.folder / entry.id)
        else:
            shutil.rmtree(part, ignore_errors=True)

    def _purge(self, kept: Sequence[Deleted]) -> None:
        """Delete all but `kept` for good; the caller holds the lock."""
        names = {entry.id for entry in kept}
        self._delete([f for f in self.folder.iterdir() if f.name[0] != "." and f.name not in names])

    def _delete(self, places: Sequence[Path]) -> None:
        """Delete files and folders; each is renamed first, so that none is seen half deleted."""
        for place in places:
            aside = aside_folder(place.parent)
            os.rename(place, aside)
            if aside.is_dir():
                shutil.rmtree(aside, ignore_errors=True)
            else:
                aside.unlink(missing_ok=True)


def _facts(folder: Path) -> Deleted | None:
    """Return the entry in a folder of the trash; None when its facts are not whole."""
    try:
        facts = json.loads((folder / FACTS_FILE).read_text(encoding="utf-8"))
        number, kind, name = (str(facts[key]) for key in ("id", "kind", "name"))
        at, places = float(facts["at"]), tuple(map(str, facts["places"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    safe = _ID.fullmatch(number) and number in folder.name
    return Deleted(number, kind, name, at, places) if safe else None
