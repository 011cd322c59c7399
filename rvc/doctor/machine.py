"""Cores, memory and disk as this process may use them."""

import platform
import shutil
from dataclasses import dataclass
from pathlib import Path

from rvc.cores import usable_cores
from rvc.memory import memory_bytes


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
        memory_bytes=memory_bytes(),
        disk_free_bytes=shutil.disk_usage(_nearest_folder(weights)).free,
    )


def _nearest_folder(path: Path) -> Path:
    """Return `path`, or its nearest existing parent."""
    path = path.absolute()
    return path if path.exists() or path == path.parent else _nearest_folder(path.parent)
