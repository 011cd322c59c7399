"""Locks between processes: a lock file that the system releases when its holder ends."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rvc.files import check_writable, storage_error


class Locked(Exception):
    """Another process or thread holds the lock."""


@contextmanager
def locked(path: Path, *, wait_seconds: float = 0.0) -> Iterator[None]:
    """Hold the lock file `path` during the block; its folder must exist.

    The lock excludes other processes and other threads, and is not reentrant. Raises Locked if it
    is held elsewhere for longer than `wait_seconds`, StorageError if the folder cannot be written.
    """
    from filelock import FileLock, Timeout  # comes with torch and huggingface_hub

    if not path.exists():
        check_writable(path.parent)  # filelock reports a permission error as a held lock
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
