"""Threads of the numeric libraries: how they wait, set before those are loaded, and how many."""

import os
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from threading import Barrier

PASSIVE = {
    "OMP_WAIT_POLICY": "PASSIVE",  # libgomp, in torch's Linux builds
    "KMP_BLOCKTIME": "0",  # Intel's OpenMP, in other builds
    "OPENBLAS_NUM_THREADS": "1",  # numpy's and scipy's: they spin, and small matrices gain nothing
}

ALONE = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # for a child that reads one file


def wait_passively() -> None:
    """Let threads that have nothing to do sleep instead of spin; variables that are set are kept.

    A spinning thread occupies a core that another program or thread needs: beside one busy program,
    two threads are slower than one (benchmarks/busy_machine.py). It has no effect once numpy and
    torch are loaded, so the entry points call it first.
    """
    for name, value in PASSIVE.items():
        os.environ.setdefault(name, value)


@lru_cache(maxsize=8)
def workers(purpose: str, count: int, threads_each: int = 1) -> ThreadPoolExecutor:
    """Return `count` threads, for `purpose` alone, in which torch computes with `threads_each`.

    The threads of OpenMP wait for each other in every operation, so that a core which is used by
    another program delays them all; these wait for the slowest of them once.
    """
    import torch

    before = torch.get_num_threads()
    pool, started = ThreadPoolExecutor(count, purpose), Barrier(count)

    def start(_: int) -> None:
        torch.set_num_threads(threads_each)
        # Torch gives a new thread the number that was set last, by whichever thread, at the first
        # parallel operation or at this question; asked later, it would be the caller's number.
        torch.get_num_threads()
        started.wait()

    list(pool.map(start, range(count)))
    torch.set_num_threads(before)
    return pool
