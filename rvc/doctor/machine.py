"""Cores, memory and disk as this process may use them."""

import os
import platform
import shutil
from dataclasses import dataclass
from pathlib import Path

from rvc.cores import usable_cores

CGROUP_LIMITS = (  # bytes of memory, cgroup versions 2 and 1; "max" or huge: no limit
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


@dataclass(frozen=True)
class Machine:
    """`memory_bytes` is 0 if unknown; `disk_free_bytes` is of the disk with the weights."""

    system: str
    python: str
    cores: int
    memory_bytes: int
    disk_free_bytes: int


def look_at_machine(weights: Path) -> Machine:
    """Return this machine, with the free space of the disk that holds, or would hold, `weights`."""
    return Machine(
        system=f"{platform.system()} {platform.machine()}",
        python=platform.python_version(),
        cores=usable_cores(),
        memory_bytes=_memory_bytes(),
        disk_free_bytes=shutil.disk_usage(_nearest_folder(weights)).free,
    )


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
    """Return `path`, or its nearest existing parent."""
    path = path.absolute()
    return path if path.exists() or path == path.parent else _nearest_folder(path.parent)
