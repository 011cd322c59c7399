"""Files that are whole or not there: written aside in the same folder, then renamed."""

import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

ASIDE_SUFFIX = ".aside"  # a kill leaves such a file behind; nothing ever reads one


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
        with aside.open("xb") as file:
            if callable(content):
                content(file)
            else:
                file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)
    sync_folder(path.parent)
    return path


def write_json(path: str | Path, value: object) -> Path:
    """Write `value` as JSON, whole or not at all; see `write_atomically`."""
    return write_atomically(path, json.dumps(value, ensure_ascii=False, indent=1).encode())


def sync_folder(folder: Path) -> None:
    """Put the names in `folder` on the disk, so that a rename survives a power cut."""
    if os.name == "nt":  # Windows cannot open a folder, and needs no such call
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
