"""Training and cleaning beside other programs that use the cores.

    python -m benchmarks.busy_machine

Prints one JSON object. "step": seconds of a training step of `lite` beside one busy program: on one
core, in parts with a core for each (as the program does), and as a whole with the threads of
OpenMP, which wait passively or spin (libgomp's default). "room": seconds to learn the echo of ten
seconds of sound beside two busy programs a core, with one thread of OpenBLAS (as the program does)
and with one a core. Every figure comes from a separate process.
"""

import json
import os
import subprocess
import sys
import time
from contextlib import ExitStack

import numpy as np

from rvc.cores import usable_cores

TIMES = 6
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
objective.cores = int(sys.argv[2])
batch = Batch(
    torch.randn(4, 100, LiteConfig.content_channels),
    torch.full((4, 100), 150.0),
    0.1 * torch.randn(4, 24_000),
    torch.zeros(4, dtype=torch.long),
)
work = lambda: objective.step(batch)
"""
ROOM = """
import time
import numpy as np
from rvc.cleaning.echo import learn_room
sound = 0.1 * np.random.default_rng(0).standard_normal(240_000).astype(np.float32)
work = lambda: learn_room([sound], 24_000)
"""
TIMED = """
work()
for _ in range({times}):
    began = time.monotonic()
    work()
    print(time.monotonic() - began, flush=True)
"""


def main() -> None:
    """Measure and print."""
    cores = usable_cores()
    passive = {"OMP_WAIT_POLICY": "PASSIVE"}
    steps = {
        "one core": seconds(STEP, 1, [1, 1], passive),
        "in parts": seconds(STEP, 1, [cores, cores], passive),
        "OpenMP, passive": seconds(STEP, 1, [cores, 1], passive),
        "OpenMP, spinning": seconds(STEP, 1, [cores, 1], {"OMP_WAIT_POLICY": "ACTIVE"}),
    }
    rooms = {
        f"{count} threads": seconds(ROOM, 2 * cores, [], {"OPENBLAS_NUM_THREADS": str(count)})
        for count in (1, cores)
    }
    print(json.dumps({"step": steps, "room": rooms}, indent=1))


def seconds(work: str, programs: int, arguments: list[int], environment: dict[str, str]) -> float:
    """Return the median seconds of `work` beside so many busy programs."""
    with ExitStack() as stack:
        for _ in range(programs):
            busy = stack.enter_context(subprocess.Popen([sys.executable, "-c", BUSY]))
            stack.callback(busy.kill)
        time.sleep(0.5)
        done = subprocess.run(
            [sys.executable, "-c", work + TIMED.format(times=TIMES), *map(str, arguments)],
            env=os.environ | environment,
            capture_output=True,
            text=True,
            check=True,
        )
    return round(float(np.median([float(line) for line in done.stdout.split()])), 3)


if __name__ == "__main__":
    main()
