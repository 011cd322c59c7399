"""Atomic writes of files and folders, and the messages for storage errors.

Data is written to a temporary name in the same folder and renamed when complete. When a folder is
replaced, the old one keeps a temporary name between two renames; `settle` completes or reverts a
replacement that a kill interrupted.
"""

import contextlib
import errno
import json
import logging
import os
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import BinaryIO

from rvc.errors import StorageError
from rvc.messages import Message

ASIDE_SUFFIX = ".aside"  # of a temporary file; a kill may leave one, and nothing reads it
BEFORE_SUFFIX = ".before"  # of the old folder while it is replaced
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
REFUSED = {errno.EACCES, errno.EPERM, errno.EROFS}
MISSING = {errno.ENOENT, errno.ENOTDIR}
TEMPORARY_PREFIX = "moksori-"
STALE_SECONDS = 86_400.0
TEMPORARY_SPARE_BYTES = 1_000_000  # with less than this free, the temporary folder counts as full
logger = logging.getLogger(__name__)
_ASIDE_FOLDER = re.compile(r"\.[0-9a-f]{16}")


def write_atomically(
    path: str | Path, content: bytes | memoryview | Callable[[BinaryIO], object]
) -> Path:
    """Write `content` to `path` so that a kill or a full disk leaves the old file or the new one.

    `content` is the bytes, or a function that writes them to the open file it receives. Returns the
    path. Raises OSError, or what `content` raises, and then leaves no temporary file. The folder
    must exist.
    """
    path = Path(path)
    aside = path.with_name(f".{secrets.token_hex(8)}{ASIDE_SUFFIX}")  # path.name may be 255 bytes
    try:
        with aside.open("x+b") as file:
            if callable(content):
                content(file)
            else:
                file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
    finally:
        remove_quietly(aside)
    sync_folder(path.parent)
    return path


def read_json(path: Path) -> dict:
    """Return the object in a file; empty when the file is missing or incomplete."""
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}


def write_json(path: str | Path, value: object) -> Path:
    """Write `value` as JSON; see `write_atomically`."""
    return write_atomically(path, json.dumps(value, ensure_ascii=False, indent=1).encode())


def free_path(folder: Path, stem: str, suffix: str, taken: Collection[Path]) -> Path:
    """Return `folder`/STEM.suffix, or STEM_2.suffix and so on where that is one of `taken`."""
    path, number = folder / f"{stem}{suffix}", 1
    while path in taken:
        number += 1
        path = folder / f"{stem}_{number}{suffix}"
    return path


def remove_quietly(path: Path) -> None:
    """Delete a file and ignore errors, so that cleaning up does not hide the original error."""
    with contextlib.suppress(OSError):
        path.unlink()


def sync_folder(folder: Path) -> None:
    """Flush the directory entries of `folder`, so that a rename survives a power cut."""
    if os.name == "nt":  # Windows cannot open a folder, and needs no such call
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def aside_folder(parent: Path) -> Path:
    """Return a temporary folder name in `parent`; `settle` deletes one that is left over."""
    return parent / f".{secrets.token_hex(8)}"


def swap_folder(new: Path, target: Path, *, old: Path | None = None) -> None:
    """Rename the complete folder `new` to `target`, replacing it if it exists.

    `old`: the folder to replace, if its name is spelt differently. After a kill and a call of
    `settle`, `target` is the old folder or the new one. Raises OSError and then restores the old
    one.
    """
    old, before = old or target, before_folder(target)
    replaced = old.exists()
    if replaced:
        shutil.rmtree(before, ignore_errors=True)  # left by an earlier, completed swap
        os.rename(old, before)
    try:
        os.rename(new, target)
    except OSError:
        if replaced:
            os.rename(before, old)
        raise
    with contextlib.suppress(OSError):  # the swap succeeded; flushing it is optional
        sync_folder(target.parent)
    if replaced:
        shutil.rmtree(before, ignore_errors=True)


def before_folder(target: Path) -> Path:
    """Return the name of the old folder while `target` is replaced."""
    return target.with_name(f".{target.name}{BEFORE_SUFFIX}")


def replaced_name(name: str) -> str | None:
    """Return the name of the folder whose old version is called `name`; None for other names."""
    if name.startswith(".") and name.endswith(BEFORE_SUFFIX):
        return name[1 : -len(BEFORE_SUFFIX)]
    return None


def unsettled(name: str) -> bool:
    """Return True for a name that only an ongoing or interrupted operation leaves in a folder."""
    return replaced_name(name) is not None or _ASIDE_FOLDER.fullmatch(name) is not None


def settle(parent: Path) -> None:
    """Complete or revert interrupted swaps in `parent`, and delete unfinished folders.

    The caller must hold the lock under which all swaps in `parent` are made. Raises OSError.
    """
    for name in [entry.name for entry in parent.iterdir() if unsettled(entry.name)]:
        if (replaced := replaced_name(name)) is not None:
            settle_folder(parent / replaced)
    delete_asides(parent)


def settle_folder(target: Path) -> None:
    """End an interrupted swap of `target`: keep the new folder, if any, else restore the old."""
    before = before_folder(target)
    if target.exists():
        shutil.rmtree(before, ignore_errors=True)
    elif before.exists():
        os.rename(before, target)


def delete_asides(parent: Path) -> None:
    """Delete temporary folders in `parent`, unfinished ones or ones being deleted."""
    if parent.is_dir():
        for folder in [e for e in parent.iterdir() if _ASIDE_FOLDER.fullmatch(e.name)]:
            shutil.rmtree(folder, ignore_errors=True)


def check_writable(folder: Path) -> None:
    """Raise StorageError unless files can be created in `folder` or its nearest existing parent."""
    place = Path(folder).absolute()
    while not place.exists() and place != place.parent:
        place = place.parent
    probe = place / f".{secrets.token_hex(8)}{ASIDE_SUFFIX}"
    try:
        probe.touch(exist_ok=False)
    except OSError as error:
        raise storage_error(error, folder) from error
    finally:
        remove_quietly(probe)


@contextlib.contextmanager
def temporary_folder() -> Iterator[Path]:
    """Hold a temporary folder for the block; raises StorageError if it cannot be created."""
    try:
        _delete_stale(Path(tempfile.gettempdir()))
        folder = tempfile.TemporaryDirectory(prefix=TEMPORARY_PREFIX, ignore_cleanup_errors=True)
    except OSError as error:  # full, read-only, or no usable one at all
        raise temporary_full() from error
    with folder as path:
        yield Path(path)


def _delete_stale(parent: Path) -> None:
    """Delete this user's left-over temporary folders that are older than a day."""
    for folder in parent.glob(f"{TEMPORARY_PREFIX}*"):
        with contextlib.suppress(OSError):
            status = folder.lstat()
            mine = not hasattr(os, "getuid") or status.st_uid == os.getuid()
            if mine and status.st_mtime < time.time() - STALE_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)


def temporary_full() -> StorageError:
    return StorageError(
        "The temporary folder is full or cannot be written to. Free some space there and try "
        "again; nothing was changed.",
    )


def no_room(error: OSError, folder: Path) -> bool:
    """Return True if `folder` is full: by the error, or by free space if a library hides it."""
    if error.errno in FULL:
        return True
    with contextlib.suppress(OSError):
        return shutil.disk_usage(folder).free < TEMPORARY_SPARE_BYTES
    return False


@contextlib.contextmanager
def storage_errors() -> Iterator[None]:
    """Convert an OSError of the block that a disk or folder causes into StorageError."""
    try:
        yield
    except OSError as error:
        if error.errno is None or isinstance(error, ConnectionError | TimeoutError):
            raise
        logger.warning("storage error", exc_info=True)
        raise storage_error(error) from error


def storage_error(error: OSError, place: str | Path | None = None) -> StorageError:
    """Return the StorageError for an OSError; of `place` only the name is shown."""
    name = Path(place or error.filename or "").name
    if error.errno in FULL:
        return StorageError(
            "The disk is full. Free some space and try again; what was finished before is intact.",
        )
    what = Message("A file or folder")
    if name:
        what = Message("The file or folder '{name}'", name=name)
    if error.errno in REFUSED:
        return StorageError(
            "{what} cannot be written to or read. Choose another folder, or change the permissions "
            "of this one.",
            what=what,
        )
    if error.errno in MISSING:
        return StorageError("{what} is not there. Check its name and place.", what=what)
    return StorageError(
        "{what} could not be used. Check that its disk is connected and has room, and try again.",
        what=what,
    )
