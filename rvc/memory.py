"""Freed memory, given back."""

import ctypes
from contextlib import suppress


def give_memory_back() -> None:
    """Return freed memory to the system where the C library can be told to (glibc).

    What a long piece of work took would otherwise stay, in ever more holes, with the process.
    """
    with suppress(OSError, AttributeError, TypeError):  # no glibc: nothing to be told
        ctypes.CDLL(None).malloc_trim(0)
