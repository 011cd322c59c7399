"""The first and the next conversions of one process, as the engine makes them for the page.

    python -m benchmarks.conversion_first RECORDING [--voice Heart]

Prints one JSON object: wall and processor seconds of each conversion, of the synthesis in it, and
of the rest. The first counts from the start of the process, imports and loading included; the
start is taken from the variable BEGAN (seconds since 1970), if it is set.
"""

import os
import time

BEGAN = float(os.environ.get("BEGAN", time.time()))

from rvc.threads import wait_passively  # noqa: E402

wait_passively()

import argparse  # noqa: E402
import json  # noqa: E402
from pathlib import Path  # noqa: E402

from rvc.audio import load_audio  # noqa: E402
from rvc.engine import Engine  # noqa: E402

TIMES = 4


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recording", type=Path)
    parser.add_argument("--voice", default="Heart")
    arguments = parser.parse_args()
    imported = time.time() - BEGAN
    synthesis = timed_synthesis()
    engine = Engine()
    rows = []
    for number in range(TIMES):
        began, worked = (BEGAN, 0.0) if number == 0 else (time.time(), time.process_time())
        synthesis.clear()
        engine.convert(load_audio(arguments.recording), arguments.voice)
        wall, processor = time.time() - began, time.process_time() - worked
        rows.append([wall, processor, sum(synthesis), wall - sum(synthesis)])
    names = ("seconds", "processor_seconds", "synthesis_seconds", "above_seconds")
    first, *others = rows
    best = min(others, key=lambda row: row[3])
    print(
        json.dumps(
            {
                "import_seconds": round(imported, 2),
                "first": {k: round(v, 2) for k, v in zip(names, first, strict=True)},
                "next": {k: round(v, 3) for k, v in zip(names, best, strict=True)},
            }
        )
    )


def timed_synthesis() -> list[float]:
    """Return a list that receives the seconds of every synthesis from now on."""
    import rvc.convert as conversion

    seconds: list[float] = []
    synthesize = conversion._synthesize

    def timed(*values, **named):
        began = time.perf_counter()
        try:
            return synthesize(*values, **named)
        finally:
            seconds.append(time.perf_counter() - began)

    conversion._synthesize = timed
    return seconds


if __name__ == "__main__":
    main()
