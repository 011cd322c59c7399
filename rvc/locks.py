"""Locks between processes: a file that the system unlocks when its holder ends, or is killed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rvc.files import check_writable, storage_error


class Locked(Exception):
    """Somebody else holds the lock."""


@contextmanager
def locked(path: Path, *, wait_seconds: float = 0.0) -> Iterator[None]:
    """Hold the lock file `path` for as long as the block lasts; its folder must be there.

    It excludes other processes and other threads alike, and is not for the same thread twice.
    Raises Locked when it is held elsewhere for longer than `wait_seconds`, StorageError when the
    folder cannot be written to.
    """
    from filelock import FileLock, Timeout  # comes with torch and huggingface_hub

    if not path.exists():
        check_writable(path.parent)  # filelock would take a refusal for a lock that is held
    # Not thread-local: a generator that holds the lock may be closed in another thread.
    lock = FileLock(path, thread_local=False)
    try:
        lock.acquire(timeout=wait_seconds)
    except Timeout as error:
        raise Locked from error
    except OSError as error:
        raise storage_error(error, path.parent) from error
    try:
        yield
    finally:
        lock.release()
