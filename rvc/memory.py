"""The memory of this machine: how much there is, and giving freed memory back to the system.

Imports only the standard library, for the doctor.
"""

import ctypes
import os
from contextlib import suppress
from pathlib import Path

CGROUP_LIMITS = (  # bytes of memory, cgroup versions 2 and 1; "max" or huge: no limit
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


def memory_bytes() -> int:
    """Return the main memory that this process may use, within its container; 0 if unknown."""
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


def give_memory_back() -> None:
    """Return freed memory to the system, if the C library supports it (glibc).

    The heap otherwise stays fragmented and large after a long computation.
    """
    with suppress(OSError, AttributeError, TypeError):  # not glibc
        ctypes.CDLL(None).malloc_trim(0)
