"""Return freed memory to the operating system."""

import ctypes
from contextlib import suppress


def give_memory_back() -> None:
    """Return freed memory to the system, if the C library supports it (glibc).

    The heap otherwise stays fragmented and large after a long computation.
    """
    with suppress(OSError, AttributeError, TypeError):  # not glibc
        ctypes.CDLL(None).malloc_trim(0)
