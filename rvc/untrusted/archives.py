"""Unpack voices from zip archives: only `*.pth` and `*.index`, under generated names."""

import errno
import struct
import unicodedata
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from rvc.errors import VoiceError

MAX_MEMBERS = 50
MAX_UNPACKED_BYTES = 3 * 2**30  # counted while unpacking, whatever the archive declares
MAX_RATIO = 20  # unpacked to packed
CHUNK_BYTES = 2**20
WANTED = (".pth", ".index")
NESTED = (".zip", ".rar", ".7z", ".tar", ".gz", ".xz", ".bz2", ".tgz")
JUNK = ("__MACOSX", ".DS_Store")
# What zipfile raises for damaged or hostile archives, documented or not.
DAMAGE = (
    zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, EOFError, RuntimeError,
    ValueError, OverflowError,
)  # fmt: skip


class Unpacked(NamedTuple):
    """A file unpacked as `file`, called `name` in the archive (folders dropped)."""

    file: str
    name: str


def unpack_voices(path: Path, folder: Path) -> list[Unpacked]:
    """Copy the archive's voices and indexes into `folder`; raises VoiceError if it is not valid."""
    try:
        with zipfile.ZipFile(path) as archive:
            wanted = _wanted(archive.infolist())
            budget = min(MAX_UNPACKED_BYTES, MAX_RATIO * path.stat().st_size)
            unpacked = []
            for number, info in enumerate(wanted):
                name = PurePosixPath(info.filename.replace("\\", "/")).name
                file = f"{number}{_ending(name)}"
                budget -= _copy(archive, info, folder / file, budget)
                unpacked.append(Unpacked(file, name))
            return unpacked
    except DAMAGE as error:
        raise _damaged() from error
    except OSError as error:
        if error.errno == errno.EINVAL:  # a place before the file's beginning
            raise _damaged() from error
        raise


def _wanted(infos: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    files = [info for info in infos if not info.is_dir() and not _junk(info.filename)]
    if len(files) > MAX_MEMBERS:
        raise VoiceError(
            "The archive holds {count} files; a voice's holds a few. Unpack it and import "
            "the .pth and the .index.",
            count=len(files),
        )
    for info in files:
        if info.flag_bits & 1:
            raise VoiceError(
                "The archive is locked with a password. Unpack it first.",
            )
    wanted = [info for info in files if _ending(info.filename)]
    if len({_folded(info.filename) for info in wanted}) != len(wanted):
        raise _damaged()
    if any(_ending(info.filename) == ".pth" for info in wanted):
        return wanted
    if any(info.filename.lower().endswith(NESTED) for info in files):
        raise VoiceError(
            "The archive holds another archive. Unpack it once and import the inner one.",
        )
    raise VoiceError("There is no voice (.pth) in this archive.")


def _ending(name: str) -> str:
    """Return which of WANTED the name ends with, even if it is the whole name; else ""."""
    return next((ending for ending in WANTED if name.lower().endswith(ending)), "")


def _folded(name: str) -> str:
    """Return a key that is equal for names that some file system cannot distinguish."""
    return unicodedata.normalize("NFC", name.replace("\\", "/")).casefold()


def _damaged() -> VoiceError:
    return VoiceError(
        "This archive is damaged or not a zip file. Download it again.",
    )


def _junk(name: str) -> bool:
    return any(part in JUNK or part.startswith("._") for part in PurePosixPath(name).parts)


def _copy(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, budget: int) -> int:
    """Unpack one member; return its real size. Raises VoiceError beyond `budget` bytes."""
    size = 0
    with archive.open(info) as source, target.open("xb") as file:
        while chunk := source.read(CHUNK_BYTES):
            size += len(chunk)
            if size > budget:
                raise VoiceError(
                    "The archive unpacks to far more than a voice needs; it was not imported.",
                )
            file.write(chunk)
    return size
