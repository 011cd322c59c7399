"""Peak memory of cleaning a long recording, above the idle program (Linux).

    python -m benchmarks.cleaning_memory RECORDING... [--minutes 60] [--rate 48000]

The recordings are repeated, with a little noise, up to --minutes. The idle level is measured after
a short sound has been cleaned, so that the networks are loaded. Prints one JSON object, in MiB.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np

from rvc.audio import Recording, load_audio, resample
from rvc.cleaning import clean

WARM_UP_SECONDS = 20
NOISE = 0.003


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recordings", nargs="+", type=Path)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--rate", type=int, default=48_000)
    arguments = parser.parse_args()
    rate, length = arguments.rate, round(60 * arguments.minutes * arguments.rate)
    rng = np.random.default_rng(0)
    warm_up = NOISE * rng.standard_normal(WARM_UP_SECONDS * rate, np.float32)
    clean(Recording(30 * warm_up, rate))
    at_rest = _status_mb("VmRSS")
    samples, place = np.empty(length, np.float32), 0
    while place < length:
        for path in arguments.recordings:
            part = resample(load_audio(path, refuse_silence=False), rate).samples[: length - place]
            part = part + NOISE * rng.standard_normal(len(part), np.float32)
            samples[place : place + len(part)] = part
            place += len(part)
    _forget_peak()
    began = time.monotonic()
    cleaned = clean(Recording(samples, rate))
    print(
        json.dumps(
            {
                "minutes": arguments.minutes,
                "wall_seconds": round(time.monotonic() - began, 1),
                "peak_above_rest": round(_status_mb("VmHWM") - at_rest),
                "of_these_before_and_after": round(
                    (samples.nbytes + cleaned.aligned.samples.nbytes) / 2**20
                ),
            },
            indent=1,
        )
    )


def _status_mb(name: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name))


def _forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


if __name__ == "__main__":
    main()
