"""How the threads of the numeric libraries wait, decided before those libraries are loaded."""

import os

PASSIVE = {
    "OMP_WAIT_POLICY": "PASSIVE",  # libgomp, which torch's Linux builds bring
    "KMP_BLOCKTIME": "0",  # Intel's OpenMP, in other builds
}


def wait_passively() -> None:
    """Make idle OpenMP threads sleep instead of spin; settings of the person's own stay.

    A spinning thread holds a core that another program, or the other half of a step, is waiting
    for: beside one busy program two threads are slower than one (benchmarks/busy_machine.py). Has
    no effect once torch is loaded, so the entry points call it first.
    """
    for name, value in PASSIVE.items():
        os.environ.setdefault(name, value)
