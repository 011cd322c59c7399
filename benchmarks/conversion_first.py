"""The first and the next conversions of one process, as the engine makes them for the page.

    python -m benchmarks.conversion_first RECORDING [--voice Heart]

Prints one JSON object: wall and processor seconds of the first conversion, of the next one of
another recording (the same at another level, which is checked anew) and of one more of that
recording; of the synthesis in it, and of the rest. The best of three stands for the last two. The
first counts from the start of the process, imports and loading included; the start is taken from
the variable BEGAN (seconds since 1970), if it is set.
"""

import os
import time

BEGAN = float(os.environ.get("BEGAN", time.time()))

from rvc.threads import wait_passively  # noqa: E402

wait_passively()

import argparse  # noqa: E402
import json  # noqa: E402
from pathlib import Path  # noqa: E402

import numpy as np  # noqa: E402

from rvc.audio import Recording, load_audio  # noqa: E402
from rvc.engine import Engine  # noqa: E402

TIMES = 3
LOWER = np.float32(0.9)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recording", type=Path)
    parser.add_argument("--voice", default="Heart")
    arguments = parser.parse_args()
    imported = time.time() - BEGAN
    synthesis = timed_synthesis()
    engine = Engine()

    def converted(recording: Recording, began: float, worked: float) -> dict[str, float]:
        synthesis.clear()
        engine.convert(recording, arguments.voice)
        wall, processor = time.time() - began, time.process_time() - worked
        names = ("seconds", "processor_seconds", "synthesis_seconds", "above_seconds")
        row = (wall, processor, sum(synthesis), wall - sum(synthesis))
        return {name: round(value, 3) for name, value in zip(names, row, strict=True)}

    recording = load_audio(arguments.recording)
    first = converted(recording, BEGAN, 0.0)
    others, again = [], []
    for _ in range(TIMES):
        recording = Recording(recording.samples * LOWER, recording.sample_rate)
        for rows in (others, again):
            rows.append(converted(recording, time.time(), time.process_time()))
    best = {
        name: min(rows, key=lambda row: row["above_seconds"])
        for name, rows in (("next", others), ("again", again))
    }
    print(json.dumps({"import_seconds": round(imported, 2), "first": first, **best}))


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
