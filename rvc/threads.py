"""Threads of the numeric libraries: how they wait, set before those are loaded, and how many."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

PASSIVE = {
    "OMP_WAIT_POLICY": "PASSIVE",  # libgomp, in torch's Linux builds
    "KMP_BLOCKTIME": "0",  # Intel's OpenMP, in other builds
    "OPENBLAS_NUM_THREADS": "1",  # numpy's and scipy's: they spin, and small matrices gain nothing
}


def wait_passively() -> None:
    """Make idle OpenMP threads sleep instead of spin; variables that are already set are kept.

    A spinning thread occupies a core that another program or thread needs: beside one busy program,
    two threads are slower than one (benchmarks/busy_machine.py). It has no effect once numpy and
    torch are loaded, so the entry points call it first.
    """
    for name, value in PASSIVE.items():
        os.environ.setdefault(name, value)


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch compute with one thread, for operations that take less than waking another."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
