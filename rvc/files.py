"""Files and folders that are whole or not there, and the sentences for a disk that refuses.

What is written goes aside in the same folder and is renamed when it is whole. The old folder
waits beside the new one for the moment between two renames; `settle` ends what a kill began.
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
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from rvc.errors import StorageError
from rvc.messages import Message

ASIDE_SUFFIX = ".aside"  # a kill leaves such a file behind; nothing ever reads one
BEFORE_SUFFIX = ".before"  # the old folder while the new one takes its place
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

    `content` is the bytes, or a function that writes them into the open file it is given. Returns
    the path. Raises OSError, or whatever `content` raises; no file is left aside then. The folder
    must be there.
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


def write_json(path: str | Path, value: object) -> Path:
    """Write `value` as JSON, whole or not at all; see `write_atomically`."""
    return write_atomically(path, json.dumps(value, ensure_ascii=False, indent=1).encode())


def remove_quietly(path: Path) -> None:
    """Delete a file if it can be; cleaning up must not hide the error that led to it."""
    with contextlib.suppress(OSError):
        path.unlink()


def sync_folder(folder: Path) -> None:
    """Put the names in `folder` on the disk, so that a rename survives a power cut."""
    if os.name == "nt":  # Windows cannot open a folder, and needs no such call
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def aside_folder(parent: Path) -> Path:
    """Return a name in `parent` for a folder that is being filled; `settle` deletes a left one."""
    return parent / f".{secrets.token_hex(8)}"


def swap_folder(new: Path, target: Path, *, old: Path | None = None) -> None:
    """Put the complete folder `new` in the place of `target`, which need not be there.

    `old`: the folder that is replaced, where its name is spelt in another way. A kill leaves the
    old folder or the new one, once `settle` has been called. Raises OSError, the old one in place.
    """
    old, before = old or target, before_folder(target)
    replaced = old.exists()
    if replaced:
        shutil.rmtree(before, ignore_errors=True)  # of an earlier swap, which had come to its end
        os.rename(old, before)
    try:
        os.rename(new, target)
    except OSError:
        if replaced:
            os.rename(before, old)
        raise
    with contextlib.suppress(OSError):  # the new folder is there; its name on the disk can wait
        sync_folder(target.parent)
    if replaced:
        shutil.rmtree(before, ignore_errors=True)


def before_folder(target: Path) -> Path:
    """Return where the old folder waits while `target` is replaced."""
    return target.with_name(f".{target.name}{BEFORE_SUFFIX}")


def replaced_name(name: str) -> str | None:
    """Return the name of the folder for which one called `name` waits; None for other names."""
    if name.startswith(".") and name.endswith(BEFORE_SUFFIX):
        return name[1 : -len(BEFORE_SUFFIX)]
    return None


def unsettled(name: str) -> bool:
    """True for a name that only work under way, or cut off by a kill, leaves in a folder."""
    return replaced_name(name) is not None or _ASIDE_FOLDER.fullmatch(name) is not None


def settle(parent: Path) -> None:
    """End the swaps in `parent` that a kill cut off, and delete what it left half written.

    Only for who holds the lock that all swaps in `parent` are made under. Raises OSError.
    """
    for name in [entry.name for entry in parent.iterdir() if unsettled(entry.name)]:
        if (replaced := replaced_name(name)) is not None:
            settle_folder(parent / replaced)
    delete_asides(parent)


def settle_folder(target: Path) -> None:
    """End a swap of `target` that a kill cut off: the new folder if it is there, else the old."""
    before = before_folder(target)
    if target.exists():
        shutil.rmtree(before, ignore_errors=True)
    elif before.exists():
        os.rename(before, target)


def delete_asides(parent: Path) -> None:
    """Delete folders in `parent` that were never finished, or are being deleted."""
    if parent.is_dir():
        for folder in [e for e in parent.iterdir() if _ASIDE_FOLDER.fullmatch(e.name)]:
            shutil.rmtree(folder, ignore_errors=True)


def check_writable(folder: Path) -> None:
    """Raise StorageError unless files can be made in `folder`, or where it would be made."""
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
    """A folder for as long as the block lasts; StorageError when there is no room for one."""
    try:
        _delete_stale(Path(tempfile.gettempdir()))
        folder = tempfile.TemporaryDirectory(prefix=TEMPORARY_PREFIX, ignore_cleanup_errors=True)
    except OSError as error:  # full, read-only, or no usable one at all
        raise temporary_full() from error
    with folder as path:
        yield Path(path)


def _delete_stale(parent: Path) -> None:
    """Delete this user's temporary folders that a kill has left, a day later."""
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
    """True when `error` came of writing to `folder` without room; not every library says so."""
    if error.errno in FULL:
        return True
    with contextlib.suppress(OSError):
        return shutil.disk_usage(folder).free < TEMPORARY_SPARE_BYTES
    return False


@contextlib.contextmanager
def storage_errors() -> Iterator[None]:
    """Raise StorageError instead of an OSError that a disk or folder raises in the block."""
    try:
        yield
    except OSError as error:
        if error.errno is None or isinstance(error, ConnectionError | TimeoutError):
            raise
        logger.warning("a disk or folder refused", exc_info=True)
        raise storage_error(error) from error


def storage_error(error: OSError, place: str | Path | None = None) -> StorageError:
    """Return the sentence for a disk or folder that refused; of `place` only its name is told."""
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
            "{what} cannot be written to, or not be read. Choose another folder, or change who may "
            "use this one.",
            what=what,
        )
    if error.errno in MISSING:
        return StorageError("{what} is not there. Check its name and place.", what=what)
    return StorageError(
        "{what} could not be used. Check that its disk is connected and has room, and try again.",
        what=what,
    )
