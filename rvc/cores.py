"""The processor cores this process may use, and work that is divided among them."""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
MOST_THREADS = 4  # each holds a network's buffers


def usable_cores() -> int:
    """Return the number of cores this process may use; on a Space, CPU_CORES."""
    limit = os.environ.get("CPU_CORES", "")
    if limit.isdigit() and int(limit):
        return int(limit)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def on_all_cores(work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """Yield `work(item)` for every item in order, computed by one thread a core, four at most.

    For work that spends its time outside of the interpreter, as networks do. An exception ends the
    iteration; items not begun are then left out.
    """
    with ThreadPoolExecutor(min(MOST_THREADS, usable_cores())) as threads:
        try:
            yield from threads.map(work, items)
        finally:
            threads.shutdown(wait=True, cancel_futures=True)
