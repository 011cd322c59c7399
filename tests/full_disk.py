"""A disk that fails at its n-th write, for tests of the state that is left."""

import errno
import io
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

WRITING = set("wxa+")


class FullDisk:
    """Counts what changes the disk: files made, written and synced, folders made, names changed.

    The `fail_at`-th fails with ENOSPC; with `stays`, so does each one after it that needs room;
    with `kills`, the process is killed instead.
    """

    def __init__(self, fail_at: int, *, stays: bool = False, kills: bool = False) -> None:
        self.fail_at, self.stays, self.kills, self.calls = fail_at, stays, kills, 0

    @property
    def failed(self) -> bool:
        return self.calls >= self.fail_at

    def count(self, *, needs_room: bool = True) -> None:
        self.calls += 1
        if self.kills and self.failed:
            os.kill(os.getpid(), signal.SIGKILL)
        if self.calls == self.fail_at or (self.stays and needs_room and self.failed):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def counting(self, call: Callable, *, needs_room: bool = True) -> Callable:
        def counted(*arguments, **keywords):
            self.count(needs_room=needs_room)
            return call(*arguments, **keywords)

        return counted

    def open(self, real: Callable) -> Callable:
        def opened(file, mode="r", *arguments, **keywords):
            if not WRITING & set(mode):
                return real(file, mode, *arguments, **keywords)
            self.count()
            return _File(real(file, mode, *arguments, **keywords), self)

        return opened


class _File:
    """An open file whose writes are counted."""

    def __init__(self, file: io.IOBase, disk: FullDisk) -> None:
        self._file, self._disk = file, disk

    def write(self, data: bytes) -> int:
        self._disk.count()
        return self._file.write(data)

    def __getattr__(self, name: str) -> object:
        return getattr(self._file, name)

    def __enter__(self) -> "_File":
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()


@contextmanager
def full_disk(fail_at: int, *, stays: bool = False, kills: bool = False) -> Iterator[FullDisk]:
    """Make the disk fail at its `fail_at`-th change during the block."""
    disk = FullDisk(fail_at, stays=stays, kills=kills)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(io, "open", disk.open(io.open))
        patch.setattr(os, "fsync", disk.counting(os.fsync))
        patch.setattr(os, "mkdir", disk.counting(os.mkdir))
        for name in ("rename", "replace"):  # works on a full disk, not on a broken one
            patch.setattr(os, name, disk.counting(getattr(os, name), needs_room=False))
        if kills:  # a kill may also interrupt deleting
            for name in ("unlink", "rmdir"):
                patch.setattr(os, name, disk.counting(getattr(os, name), needs_room=False))
        yield disk
