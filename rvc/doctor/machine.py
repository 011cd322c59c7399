"""Cores, memory and disk as this process may use them."""

import os
import platform
import shutil
from dataclasses import dataclass
from pathlib import Path

CGROUP_LIMITS = (  # bytes this container may use, version 2 and 1; "max" or huge: no limit
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


@dataclass(frozen=True)
class Machine:
    """`memory_bytes` is 0 where the system does not tell; `disk_free_bytes` is of the weights."""

    system: str
    python: str
    cores: int
    memory_bytes: int
    disk_free_bytes: int


def look_at_machine(weights: Path) -> Machine:
    """This machine, with the room left on the disk that `weights` is on, or would be."""
    return Machine(
        system=f"{platform.system()} {platform.machine()}",
        python=platform.python_version(),
        cores=_cores(),
        memory_bytes=_memory_bytes(),
        disk_free_bytes=shutil.disk_usage(_nearest_folder(weights)).free,
    )


def _cores() -> int:
    """Cores this process may run on; a Space says its share in CPU_CORES."""
    told = os.environ.get("CPU_CORES", "")
    if told.isdigit() and int(told):
        return int(told)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _memory_bytes() -> int:
    try:
        whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf
        whole = 0
    for file in CGROUP_LIMITS:
        try:
            limit = file.read_text().strip()
        except OSError:
            continue
        if limit.isdigit():
            return min(whole, int(limit)) if whole else int(limit)
    return whole


def _nearest_folder(path: Path) -> Path:
    """`path`, or the nearest folder above it that is there."""
    path = path.absolute()
    return path if path.exists() or path == path.parent else _nearest_folder(path.parent)
