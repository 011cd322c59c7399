"""A training step of `lite` beside another program that uses one core.

    python -m benchmarks.busy_machine

Prints one JSON object: seconds of a step with one thread and with all, both beside the busy
program, with OpenMP threads that wait passively (as app.py and the command line set them) and with
threads that spin (libgomp's default). Every figure comes from a separate process.
"""

import json
import os
import subprocess
import sys
import time

import numpy as np

STEPS = 6
BUSY = "while True: pass"
STEP = """
import sys, time, torch
from rvc.dataset import Batch
from rvc.network.lite import LiteConfig, LiteSynthesizer
from rvc.network.stft_discriminators import STFTDiscriminators
from rvc.training.objectives import LiteObjective, Schedule
torch.set_num_threads(int(sys.argv[1]))
torch.manual_seed(0)
objective = LiteObjective(
    LiteSynthesizer(LiteConfig()), Schedule(), discriminators=STFTDiscriminators()
)
batch = Batch(
    torch.randn(8, 100, LiteConfig.content_channels),
    torch.full((8, 100), 150.0),
    0.1 * torch.randn(8, 24_000),
    torch.zeros(8, dtype=torch.long),
)
objective.step(batch)
for _ in range(int(sys.argv[2])):
    began = time.monotonic()
    objective.step(batch)
    print(time.monotonic() - began, flush=True)
"""


def main() -> None:
    """Measure and print."""
    cores = len(os.sched_getaffinity(0))
    seconds = {
        f"{threads} threads, {policy}": step_seconds(threads, policy)
        for policy in ("PASSIVE", "ACTIVE")
        for threads in (1, cores)
    }
    one = seconds["1 threads, PASSIVE"]
    ratios = {name: round(value / one, 2) for name, value in seconds.items()}
    print(json.dumps({"seconds": seconds, "against_one_thread": ratios}, indent=1))


def step_seconds(threads: int, policy: str) -> float:
    """Return the median seconds of a step beside a busy program."""
    environment = os.environ | {"OMP_WAIT_POLICY": policy, "OMP_NUM_THREADS": str(threads)}
    busy = subprocess.Popen([sys.executable, "-c", BUSY])
    try:
        time.sleep(0.5)
        done = subprocess.run(
            [sys.executable, "-c", STEP, str(threads), str(STEPS)],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
    finally:
        busy.kill()
    return round(float(np.median([float(line) for line in done.stdout.split()])), 3)


if __name__ == "__main__":
    main()
