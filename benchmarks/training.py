"""Speed of training on this machine, and the distribution of its time.

    python -m benchmarks.training RECORDING... [--preset lite] [--steps 100] [--batch N] [--fp32]

RECORDING: clean speech; about ten minutes of it are used. Prints the seconds of feature extraction,
steps and seconds of sound trained per second (after a warm-up), the costliest operations of a step,
the seconds of a save's score and of the index, and peak memory. "processor" figures count this
process's CPU time, so that they are valid on a busy machine. Networks start from random weights,
which does not change the speed.
"""

import argparse
import json
import resource
import tempfile
import time
from pathlib import Path

import torch
from torch.profiler import ProfilerActivity, profile

from rvc import assets
from rvc.audio import load_audio
from rvc.dataset import Batch, Piece, VoiceDataset
from rvc.index import build_index
from rvc.presets import PRESETS, Preset
from rvc.slicing import Slices
from rvc.training.build import Pace, build_objective, index_rows
from rvc.training.held_out import HeldOut, split
from rvc.training.objectives import Objective
from rvc.training.options import TrainingOptions
from rvc.training.preparation import load_pieces, prepare

WARM_UP_STEPS = 10
SECONDS = 600.0
PIECE_SECONDS = 8.0


def main() -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recordings", nargs="+", type=Path)
    parser.add_argument("--preset", choices=sorted(PRESETS), default="lite")
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--batch", type=int)
    parser.add_argument("--fp32", action="store_true", help="no bf16, for comparison")
    arguments = parser.parse_args()
    preset = PRESETS[arguments.preset]
    device = "cuda" if torch.cuda.is_available() else "cpu"
    with tempfile.TemporaryDirectory() as folder:
        slices, weights = slices_of(arguments.recordings), assets.weights_dir()
        began, worked = time.perf_counter(), time.process_time()
        for _ in prepare(slices, preset, Path(folder), weights=weights, device=device):
            pass
        features = time.perf_counter() - began, time.process_time() - worked
        pieces = load_pieces(Path(folder))
    batch_size = arguments.batch or preset.batch_size
    data = VoiceDataset(
        pieces,
        hop_length=preset.sample_rate // 100,
        segment_frames=preset.segment_frames,
        device=device,
    )
    options = TrainingOptions("benchmark", preset=preset.name, from_scratch=True)
    objective = build_objective(
        preset, options, pace=Pace(10_000, 100), weights=weights, device=device
    )
    objective.bfloat16 = objective.bfloat16 and not arguments.fp32
    row = {
        "preset": preset.name,
        "device": torch.cuda.get_device_name() if device == "cuda" else "cpu",
        "threads": torch.get_num_threads(),
        "bfloat16": objective.bfloat16,
        "speech_seconds": round(slices.seconds, 1),
        "features_seconds": round(features[0], 1),
        "features_processor_seconds": round(features[1], 1),
    }
    row |= timed(objective, data, batch_size, arguments.steps)
    row |= rest(objective, pieces, preset, weights)
    row["peak_memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    if device == "cuda":
        row["peak_device_mb"] = torch.cuda.max_memory_allocated() // 2**20
    print(json.dumps(row, indent=1))


def slices_of(paths: list[Path]) -> Slices:
    """Return SECONDS of the recordings in pieces of PIECE_SECONDS."""
    pieces, seconds = [], 0.0
    for path in paths:
        recording = load_audio(path)
        step = round(PIECE_SECONDS * recording.sample_rate)
        for start in range(0, len(recording.samples), step):
            samples = recording.samples[start : start + step]
            if seconds < SECONDS and len(samples) > step // 8:
                pieces.append(type(recording)(samples, recording.sample_rate, path.name))
                seconds += len(samples) / recording.sample_rate
    return Slices(tuple(pieces))


def timed(
    objective: Objective, data: VoiceDataset, batch_size: int, steps: int
) -> dict[str, object]:
    """Return speeds over `steps` steps, and the costliest operations of a step."""
    batches = (b for epoch in range(10**6) for b in data.epoch(batch_size, seed=0, epoch=epoch))
    for _ in range(WARM_UP_STEPS):
        objective.step(next(batches))
    began, worked = time.perf_counter(), time.process_time()
    for _ in range(steps):
        objective.step(next(batches))
    seconds, processor = time.perf_counter() - began, time.process_time() - worked
    sound = batch_size * data.segment_frames / 100
    return {
        "batch": batch_size,
        "steps_per_second": round(steps / seconds, 2),
        "sound_per_second": round(steps * sound / seconds, 1),
        "sound_per_processor_second": round(steps * sound / processor, 1),
        "costliest": costliest(objective, next(batches)),
    }


def costliest(objective: Objective, batch: Batch) -> dict[str, float]:
    """Return the five costliest operations of a step, with their shares of its time."""
    activities = [ProfilerActivity.CPU]
    if objective.device.type == "cuda":
        activities.append(ProfilerActivity.CUDA)
    with profile(activities=activities) as recorded:
        objective.step(batch)
    rows = sorted(recorded.key_averages(), key=lambda r: r.self_cpu_time_total, reverse=True)
    total = sum(row.self_cpu_time_total for row in rows)
    return {row.key: round(row.self_cpu_time_total / total, 3) for row in rows[:5]}


def rest(
    objective: Objective, pieces: list[Piece], preset: Preset, weights: Path
) -> dict[str, float]:
    """Return the seconds of the other stages: the score at a save, and the index at the end."""
    began = time.perf_counter()
    HeldOut(split(pieces, seed=0)[1], 0, weights).score(objective.synthesizer)
    scored = time.perf_counter()
    build_index(index_rows(pieces, preset))
    indexed = time.perf_counter()
    return {"score_seconds": round(scored - began, 1), "index_seconds": round(indexed - scored, 1)}


if __name__ == "__main__":
    main()
