"""Robustness of training: kills, memory growth and preflight estimates.

    python -m benchmarks.training_survival kills [--times 20] [--seed 0]
    python -m benchmarks.training_survival memory [--steps 2000] [--batch 16]
    python -m benchmarks.training_survival preflight [--steps 150] [--seconds 120]

`kills`: small trainings in child processes, each killed (SIGKILL) at a random moment, every second
one while a file is written, and then resumed. Each must finish, leave no damaged file and end in
the weights of an undisturbed training.

`memory`: one training with the shipped base; resident memory is read every 20 steps, and its last
tenth is compared with the tenth after the warm-up.

`preflight`: estimated against actual time and memory of a training.

All train on synthetic speech, on one thread, and print one JSON object.
"""

import argparse
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

from rvc import assets
from rvc.audio import Recording, load_audio
from rvc.network.lite import LiteConfig, LiteSynthesizer
from rvc.network.stft_discriminators import STFTDiscriminators
from rvc.slicing import Slices
from rvc.train import TrainingOptions, TrainingRun, train, training_folder
from rvc.training import build
from rvc.training.checkpoint import has_checkpoint, load_checkpoint
from rvc.training.preflight import preflight, resident_mb
from rvc.voice import VoiceLibrary
from tools.lite_base import save_lite_base

RATE = 24_000
STEPS, SAVE_STEPS, BATCH = 60, 6, 4  # of a small training with many saves
WARM_UP_STEPS, SAMPLE_STEPS = 200, 20
PATIENCE_SECONDS = 300
LOOK_SECONDS = 0.001
MEMORY_BOUND = 0.02
PREFLIGHT_BOUND = 0.3


def main() -> None:
    """Measure and print one JSON object; exit with 1 if the bar is not met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("kills")
    one.add_argument("--times", type=int, default=20)
    one.add_argument("--seed", type=int, default=0)
    one.set_defaults(run=lambda a: measure_kills(a.times, a.seed))
    two = commands.add_parser("memory")
    two.add_argument("--steps", type=int, default=2000)
    two.add_argument("--batch", type=int, default=16)
    two.set_defaults(run=lambda a: measure_memory(a.steps, a.batch))
    three = commands.add_parser("preflight")
    three.add_argument("--steps", type=int, default=150)
    three.add_argument("--seconds", type=float, default=120.0)
    three.set_defaults(run=lambda a: measure_preflight(a.steps, a.seconds))
    four = commands.add_parser("child")
    four.add_argument("weights", type=Path)
    four.add_argument("name")
    four.add_argument("steps", type=int)
    four.set_defaults(run=lambda a: train_here(a.weights, a.name, a.steps))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    result = arguments.run(arguments)
    if result is not None:
        print(json.dumps(result, indent=1))
        sys.exit(0 if result["met"] else 1)


def speech(pieces: int = 4, seconds: float = 4.0) -> Slices:
    """Return synthetic voiced syllables of gliding pitch."""
    time_axis = np.arange(round(seconds * RATE)) / RATE
    recordings = []
    for seed in range(pieces):
        f0 = 150 * (1 + 0.1 * np.sin(2 * np.pi * 0.7 * time_axis + seed))
        phase = np.cumsum(f0) / RATE
        sound = sum(
            np.cos(2 * np.pi * k * phase)
            * np.exp(-((k * f0 - 500 - 300 * np.sin(time_axis * 9)) ** 2) / 3e5)
            for k in range(1, 24)
        )
        syllables = np.clip(np.sin(4 * np.pi * time_axis + seed), 0, 1) ** 0.5
        noise = 1e-4 * np.random.default_rng(seed).standard_normal(len(time_axis))
        samples = (0.15 * sound * syllables + noise).astype(np.float32)
        recordings.append(Recording(samples, RATE, f"take {seed}"))
    return Slices(tuple(recordings))


def small_weights(folder: Path) -> Path:
    """Create a weights folder with the shipped encoder and a small random base."""
    pretrained = folder / "pretrained"
    pretrained.mkdir(parents=True)
    encoder = assets.ENCODER_FILES["whisper-base-5"][0]
    shutil.copy(assets.asset_path(encoder, assets.weights_dir()), pretrained / encoder)
    torch.manual_seed(0)
    small = {"refinement_channels": 16, "refinement_blocks": 1}
    base = LiteSynthesizer(LiteConfig(channels=32, dilations=(1,), **small))
    save_lite_base(pretrained / "lite_base.safetensors", base, STFTDiscriminators(channels=2), {})
    return folder


def train_here(weights: Path, name: str, steps: int) -> None:
    """Train in a child process, or resume where an earlier child was killed."""
    build.fast_bfloat16 = lambda device: False  # only fp32 is bit-exact
    resumed = has_checkpoint(training_folder(weights, name))
    options = TrainingOptions(
        name, steps=steps, save_steps=SAVE_STEPS, batch_size=BATCH, resume=resumed
    )
    slices = None if resumed else speech()
    print("ready", flush=True)
    for progress in train(slices, TrainingRun.create(options, weights=weights)):
        print(progress.stage, progress.step, flush=True)


def start_child(weights: Path, name: str, steps: int) -> subprocess.Popen:
    """Start a training in a child process; return when its work begins."""
    command = [sys.executable, "-m", "benchmarks.training_survival", "child"]
    command += [str(weights), name, str(steps)]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert child.stdout.readline() == "ready\n", "the training did not start"
    return child


def finish(child: subprocess.Popen) -> list[str]:
    """Return the lines a child prints until it ends; empty if it failed."""
    output, _ = child.communicate(timeout=PATIENCE_SECONDS)
    return output.splitlines() if child.returncode == 0 else []


def kill(child: subprocess.Popen, folder: Path, lines: int, pause: float, *, writing: bool) -> str:
    """Kill the child `pause` seconds after it printed `lines` lines, or at the next write.

    Returns the child's last line, or "" if its training had already ended.
    """
    output = [child.stdout.readline() for _ in range(lines)]
    time.sleep(pause)
    while writing and child.poll() is None and not any(folder.rglob(".*.aside")):
        time.sleep(LOOK_SECONDS)
    child.send_signal(signal.SIGKILL)
    output += child.communicate(timeout=PATIENCE_SECONDS)[0].splitlines()
    last = ["nothing yet", *output][-1].strip()
    return "" if child.returncode == 0 or last.startswith("done") else last


def measure_kills(times: int, seed: int, steps: int = STEPS) -> dict[str, object]:
    """Kill `times` trainings, resume each, and compare with an undisturbed one."""
    chance, rows, tried = random.Random(seed), [], 0
    with tempfile.TemporaryDirectory() as folder:
        weights = small_weights(Path(folder))
        child, began = start_child(weights, "undisturbed", steps), time.monotonic()
        printed = len(finish(child))
        assert printed, "the undisturbed training failed"
        pause = (time.monotonic() - began) / printed  # the mean time between two lines
        expected = VoiceLibrary(weights).load("undisturbed").weights
        while len(rows) < times:
            tried, name = tried + 1, f"killed {tried}"
            lines, writing = chance.randrange(printed), len(rows) % 2 == 1
            moment = chance.uniform(0, pause)
            child = start_child(weights, name, steps)
            killed_at = kill(child, weights, lines, moment, writing=writing)
            if not killed_at:  # it ended before the kill
                continue
            done = finish(start_child(weights, name, steps))[-1:] == [f"done {steps}"]
            row = {"killed_at": killed_at, "while_writing": writing, "finished": done}
            row["same_weights"] = done and same(weights, name, expected)
            row["damaged"] = damaged(weights, name) if done else []
            rows.append(row)
            print(json.dumps(row), file=sys.stderr, flush=True)
    good = [row["finished"] and row["same_weights"] and not row["damaged"] for row in rows]
    whole = f"{sum(good)} of {times}"
    return {"lines": printed, "kills": rows, "finished_whole": whole, "met": all(good)}


def same(weights: Path, name: str, expected: dict[str, torch.Tensor]) -> bool:
    """Return True if a voice's weights are bit-identical to `expected`."""
    made = VoiceLibrary(weights).load(name).weights
    return made.keys() == expected.keys() and all(torch.equal(made[k], expected[k]) for k in made)


def damaged(weights: Path, name: str) -> list[str]:
    """Return files of a finished training that cannot be read or should not exist."""
    folder, bad = training_folder(weights, name), []
    for path in [p for p in folder.rglob("*") if p.is_file()]:
        try:
            if path.suffix == ".npz":
                with np.load(path) as arrays:
                    _ = [arrays[key] for key in arrays]
            elif path.suffix == ".json":
                json.loads(path.read_text(encoding="utf-8"))
            elif path.suffix == ".wav":
                load_audio(path)
            elif path.suffix == ".pt":  # a finished training can go on
                load_checkpoint(folder)
            else:
                bad.append(path.name)
        except Exception as error:  # a damaged file may raise anything
            bad.append(f"{path.name}: {error}")
    return bad


def measure_memory(steps: int, batch_size: int) -> dict[str, object]:
    """Measure resident memory over a training with the shipped base."""
    readings: list[tuple[int, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        options = TrainingOptions("memory", steps=steps, batch_size=batch_size)
        run = TrainingRun.create(options, weights=assets.weights_dir(), home=home)
        for progress in train(speech(10), run):
            in_training = progress.stage == "training" and progress.losses
            if in_training and progress.step % SAMPLE_STEPS == 0:
                readings.append((progress.step, resident_mb()))
    after = [mb for step, mb in readings if step > min(WARM_UP_STEPS, steps // 4)]
    tenth = max(1, len(after) // 10)
    first, last = float(np.mean(after[:tenth])), float(np.mean(after[-tenth:]))
    return {
        "steps": steps,
        "batch": batch_size,
        "mb_on_the_way": [round(mb) for _, mb in readings[:: max(1, len(readings) // 20)]],
        "first_mb": round(first, 1),
        "last_mb": round(last, 1),
        "most_mb": round(max(after), 1),
        "growth_percent": round(100 * (last / first - 1), 2),
        "met": last / first - 1 < MEMORY_BOUND,
    }


def measure_preflight(steps: int, seconds: float) -> dict[str, object]:
    """Compare estimated and actual time and peak memory of a training with the shipped base."""
    slices, weights = speech(round(seconds / 6), 6.0), assets.weights_dir()
    options = TrainingOptions("estimated", steps=steps, save_steps=50)
    expected = preflight(slices, options, weights=weights, device="cpu")
    with tempfile.TemporaryDirectory() as folder:
        run = TrainingRun.create(options, weights=weights, home=Path(folder))
        progress = train(slices, run)
        next(progress)  # its own preflight
        began = time.monotonic()
        for _ in progress:
            pass
        took = time.monotonic() - began
    most_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    ratios = [expected.plan.seconds / took, expected.memory_mb / most_mb]
    return {
        "text": str(expected.text),
        "seconds_expected": round(expected.plan.seconds, 1),
        "seconds": round(took, 1),
        "memory_mb_expected": round(expected.memory_mb),
        "memory_mb": round(most_mb),
        "ratios": [round(ratio, 2) for ratio in ratios],
        "met": all(abs(ratio - 1) < PREFLIGHT_BOUND for ratio in ratios),
    }


if __name__ == "__main__":
    main()
