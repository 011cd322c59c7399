"""Where a person's recordings and results live: one folder per owner, nobody else's to read.

On a local machine there is one owner, the machine. On a public page each browser holds a token the
server made; the folder's name is the token's hash, so that neither can be guessed from the other.
"""

import hashlib
import json
import re
import secrets
import shutil
import time
import unicodedata
import uuid
from dataclasses import dataclass
from pathlib import Path

from rvc.errors import AudioError, RVCError, Text
from rvc.files import remove_quietly, storage_error, write_json

LOCAL_OWNER = "local"
TOKEN_BYTES = 24
SHOWN_CHARACTERS = 80
KEPT_DAYS = 7  # public folders nobody opened for so long are deleted
FREE_BYTES_LEAST = 500_000_000  # an upload that would leave less on the disk is refused
_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")


@dataclass(frozen=True)
class Take:
    """One recording of the owner. `path`: our own copy, never changed.

    `microphone`: what the browser said of its processing (keys echoCancellation,
    noiseSuppression, autoGainControl, sampleRate), None for an uploaded file.
    """

    id: str
    name: str
    path: Path
    duration_seconds: float
    notes: tuple[Text, ...] = ()
    microphone: dict | None = None


class Workspace:
    """Owners' folders under `root`; nothing is made before the first take is kept."""

    def __init__(self, root: Path, *, public: bool = False) -> None:
        self.root = Path(root).expanduser().resolve()
        self.public = public

    def owner(self, token: str | None) -> str | None:
        """The owner a page's token stands for; None when the server never made that token."""
        if not self.public:
            return LOCAL_OWNER
        if not isinstance(token, str) or not _TOKEN.fullmatch(token):
            return None
        owner = hashlib.sha256(token.encode()).hexdigest()[:32]
        return owner if (self.root / owner).is_dir() else None

    def new_token(self) -> str:
        """Make a token and its folder (public pages only)."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        owner = hashlib.sha256(token.encode()).hexdigest()[:32]
        self._forget_old()
        (self.root / owner).mkdir(parents=True, mode=0o700)
        return token

    def folder(self, owner: str, *parts: str) -> Path:
        """The owner's folder (or one inside it), made when it is not there."""
        path = self.root.joinpath(owner, *parts)
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        return path

    def keep(self, owner: str, upload: Path, *, allowed_root: Path) -> Path:
        """Copy an upload into the owner's takes; refuse anything outside `allowed_root`.

        What a page sends as a file is only text until it is known to lie where uploads are put.
        """
        source, root = Path(upload).resolve(), Path(allowed_root).resolve()
        if not source.is_relative_to(root) or not source.is_file():
            raise AudioError(
                "This file did not arrive; please upload it again.",
                "파일이 도착하지 않았습니다. 다시 올려 주세요.",
            )
        folder = self.folder(owner, "takes")
        if shutil.disk_usage(folder).free - source.stat().st_size < FREE_BYTES_LEAST:
            raise RVCError(
                "The disk is almost full; delete something and try again.",
                "디스크가 거의 가득 찼습니다. 파일을 지우고 다시 시도해 주세요.",
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
        """Write what is known of a take beside its sound."""
        facts = {
            "name": take.name,
            "file": take.path.name,
            "duration_seconds": take.duration_seconds,
            "notes": [[note.en, note.ko] for note in take.notes],
            "microphone": take.microphone,
        }
        write_json(take.path.with_suffix(".json"), facts)

    def takes(self, owner: str) -> list[Take]:
        """The owner's takes, oldest first; a half-written one is passed over."""
        folder, found = self.root / owner / "takes", []
        for card in folder.glob("*.json"):
            facts = read_json(card)
            path = folder / Path(str(facts.get("file", ""))).name
            if not path.is_file():
                continue
            notes = tuple(Text(en, ko) for en, ko in facts.get("notes", []))
            take = Take(
                card.stem,
                str(facts.get("name", card.stem)),
                path,
                float(facts.get("duration_seconds", 0.0)),
                notes,
                facts.get("microphone"),
            )
            found.append(take)
        return sorted(found, key=lambda take: (take.path.stat().st_mtime_ns, take.id))

    def delete_take(self, take: Take) -> None:
        take.path.unlink(missing_ok=True)
        take.path.with_suffix(".json").unlink(missing_ok=True)
        shutil.rmtree(take.path.parent.parent / "cleaned" / take.id, ignore_errors=True)

    def forget(self, owner: str) -> None:
        """Delete everything of the owner's but the folder itself (the token stays good)."""
        folder = self.root / owner
        shutil.rmtree(folder, ignore_errors=True)
        if self.public:
            folder.mkdir(parents=True, mode=0o700)

    def _forget_old(self) -> None:
        """Delete public folders unused for KEPT_DAYS."""
        if not self.root.is_dir():
            return
        oldest = time.time() - KEPT_DAYS * 86_400
        for folder in self.root.iterdir():
            if re.fullmatch(r"[0-9a-f]{32}", folder.name) and _last_use(folder) < oldest:
                shutil.rmtree(folder, ignore_errors=True)


def shown_name(name: str, most: int = SHOWN_CHARACTERS) -> str:
    """A file's name as a person may be shown it: one line, no control or bidi marks, cut short."""
    name = unicodedata.normalize("NFC", str(name).replace("\\", "/").rsplit("/", 1)[-1])
    name = "".join(c for c in name if unicodedata.category(c)[0] != "C").strip()
    return name if len(name) <= most else name[: most - 1] + "…"


def read_json(path: Path) -> dict:
    """The object in a file; empty when the file is missing or cut."""
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}


def _last_use(folder: Path) -> float:
    """Latest change of the folder or of what lies directly in it."""
    try:
        return max([folder.stat().st_mtime, *(p.stat().st_mtime for p in folder.iterdir())])
    except OSError:
        return time.time()
