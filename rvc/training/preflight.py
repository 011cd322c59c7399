"""An estimate of the time and memory a training takes, measured on this machine before it starts.

The features of a slice, a few steps and the score of a short sound are timed; the rest is
arithmetic. Memory is what the process holds now and what training is known to add.
"""

import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
import torch
from torch import nn

from rvc.audio import FRAMES_PER_SECOND, Recording
from rvc.content import WHISPER_CHANNELS, ContentEncoder, load_content_encoder
from rvc.dataset import Batch, Piece
from rvc.index import build_index, list_count
from rvc.messages import Message, joined
from rvc.presets import Preset, find_preset
from rvc.slicing import Slices
from rvc.training.build import Pace, build_objective
from rvc.training.held_out import HeldOut
from rvc.training.objectives import Objective
from rvc.training.options import TrainingOptions
from rvc.training.plan import Plan, Speed, make_plan
from rvc.training.preparation import INT16, arrays_of

SHORT_SECONDS, LONG_SECONDS = 2.0, 8.0  # of the two slices whose features are timed
TIMED_STEPS = 3
NOISE_RATE = 24_000
CHANNELS = {"whisper-base-5": WHISPER_CHANNELS, "contentvec": 768}
TIMED_ROWS = 2000  # of an index
TIMED_ITEMS = (1, 2)  # a full batch of an RVC preset would take minutes on a processor
STATE_COPIES = 4  # weights, gradients and the two moments of AdamW
DISK_BYTES_PER_SECOND = 2e8  # of a checkpoint: hashed, written and put on the disk
# MB that the activations of one batch item take on a processor, by the kind of voice. lite's agreed
# with a measured training within 10 % (benchmarks/training_survival.py preflight); v2's is computed
# from the networks' shapes and not measured.
ITEM_MB = {"lite": 14.0, "v2": 330.0}


@dataclass(frozen=True)
class Expectation:
    """The estimate: the `plan` of a training that does not end early, `memory_mb` at its peak;
    free_mb: what there is now; `text`: the same as a message."""

    plan: Plan
    memory_mb: float
    free_mb: float
    text: Message


def preflight(
    slices: Slices,
    options: TrainingOptions,
    *,
    weights: Path,
    device: str,
    speed: Speed | None = None,
    done: Collection[int] = (),
) -> Expectation:
    """Return what training on `slices` will take; without `speed` it is measured first.

    `done`: the slices whose features are there already.

    Raises what `train` would: MissingAssetError, TrainingError.
    """
    speed = speed or measure_speed(options, weights=weights, device=device)
    plan = make_plan(slices, options, speed, done=done)
    memory = resident_mb() + speed.memory_mb + _data_mb(slices.seconds, find_preset(options.preset))
    free = _free_mb(device)
    text = _message(plan, memory, free, automatic=options.automatic)
    return Expectation(plan, memory, free, text)


def measure_speed(options: TrainingOptions, *, weights: Path, device: str) -> Speed:
    """Return how fast this machine is at what `options` ask for; lite takes a second or two.

    Leaves torch's random state as it was. Raises what training would for weights that are not
    there or do not fit.
    """
    preset = find_preset(options.preset)
    batch_size = options.batch_size or preset.batch_size
    with torch.random.fork_rng():
        objective = build_objective(
            preset, options, pace=Pace(1000, 10), weights=weights, device=device
        )
        encoder = load_content_encoder(preset.encoder, weights, device=device)
        slice_seconds, sound_seconds, piece = _time_features(preset, encoder, options.f0_method)
        step_seconds = _time_steps(objective, preset, batch_size, piece.content.shape[-1])
        began = time.monotonic()
        HeldOut([piece], options.seed, weights).score(objective.synthesizer)
        score_seconds = (time.monotonic() - began) / SHORT_SECONDS
        row_list_seconds = _time_index(piece.content.shape[-1])
    state_mb = STATE_COPIES * sum(_size_mb(network) for network in _networks(objective))
    memory_mb = state_mb + batch_size * ITEM_MB[preset.version]
    if device == "cuda":
        memory_mb = torch.cuda.max_memory_allocated() / 1e6
    save_seconds = state_mb * 1e6 / DISK_BYTES_PER_SECOND
    return Speed(
        slice_seconds, sound_seconds, step_seconds, score_seconds, save_seconds, memory_mb,
        row_list_seconds,
    )  # fmt: skip


def _time_index(channels: int) -> float:
    """Return the seconds that building an index takes for each row and list of it."""
    rows = np.random.default_rng(0).standard_normal((TIMED_ROWS, channels)).astype(np.float32)
    began = time.monotonic()
    build_index(rows)
    return (time.monotonic() - began) / (TIMED_ROWS * list_count(TIMED_ROWS))


def _time_features(
    preset: Preset, encoder: ContentEncoder, f0_method: str
) -> tuple[float, float, Piece]:
    """Return the seconds for a slice's features, those per second in it, and a short piece."""
    timed, arrays = [], {}
    for seconds in (1.0, LONG_SECONDS, SHORT_SECONDS):  # the first one warms up
        began = time.monotonic()
        arrays = arrays_of(_noise(seconds), preset, encoder, f0_method=f0_method)
        timed.append(time.monotonic() - began)
    slope = max(0.0, (timed[1] - timed[2]) / (LONG_SECONDS - SHORT_SECONDS))
    samples = arrays["samples"].astype(np.float32) / INT16
    piece = Piece(samples, arrays["content"], np.full(len(arrays["f0"]), 150.0, np.float32))
    return max(0.0, timed[2] - slope * SHORT_SECONDS), slope, piece


def _time_steps(objective: Objective, preset: Preset, batch_size: int, channels: int) -> float:
    """Return the seconds of one step; for RVC on a processor extrapolated from small batches."""
    sizes = [batch_size]
    if preset.version != "lite" and objective.device.type == "cpu":
        sizes = [size for size in TIMED_ITEMS if size <= batch_size]
    timed = [_step_seconds(objective, preset, size, channels) for size in sizes]
    if len(timed) == 1:
        return timed[0]
    return timed[0] + (batch_size - sizes[0]) * max(0.0, timed[1] - timed[0])


def _step_seconds(objective: Objective, preset: Preset, size: int, channels: int) -> float:
    """Return the median seconds of a few steps on noise, after a first one."""
    frames, hop_length = preset.segment_frames, preset.sample_rate // FRAMES_PER_SECOND
    batch = Batch(
        content=torch.randn(size, frames, channels),
        f0_hz=torch.full((size, frames), 150.0),
        samples=0.1 * torch.randn(size, frames * hop_length),
        speaker=torch.zeros(size, dtype=torch.long),
    )
    batch = Batch(**{name: value.to(objective.device) for name, value in vars(batch).items()})
    timed = []
    for _ in range(1 + TIMED_STEPS):
        began = time.monotonic()
        objective.step(batch)  # returns numbers, so a card has finished
        timed.append(time.monotonic() - began)
    return float(np.median(timed[1:]))


def _noise(seconds: float) -> Recording:
    rng = np.random.default_rng(0)
    samples = 0.05 * rng.standard_normal(round(seconds * NOISE_RATE)).astype(np.float32)
    return Recording(samples, NOISE_RATE, "noise")


def _networks(objective: Objective) -> list[nn.Module]:
    return [part for part in vars(objective).values() if isinstance(part, nn.Module)]


def _size_mb(network: nn.Module) -> float:
    return sum(weight.numel() * weight.element_size() for weight in network.parameters()) / 1e6


def _data_mb(seconds: float, preset: Preset) -> float:
    """Return the MB of the pieces and of their copy in the dataset: fp16 content, fp32 samples."""
    variants = 1 + preset.copies
    channels = CHANNELS[preset.encoder]
    content_bytes = FRAMES_PER_SECOND * variants * channels * 2
    return 2 * seconds * (content_bytes + preset.sample_rate * 4) / 1e6


def resident_mb() -> float:
    """Return the memory this process holds, in MB."""
    return psutil.Process().memory_info().rss / 1e6


def _free_mb(device: str) -> float:
    """Return the free memory of the graphics card, or of the machine, in MB."""
    if device == "cuda":
        return torch.cuda.mem_get_info()[0] / 1e6
    return psutil.virtual_memory().available / 1e6


EXPECTED = Message("Expected: about {time} ({steps:,} steps) and {gigabytes:.1f} GB of memory.")
EXPECTED_AUTOMATIC = Message(
    "Expected: at most about {time} ({steps:,} steps) and {gigabytes:.1f} GB of memory; it ends "
    "earlier once the voice stops getting closer."
)


def _message(plan: Plan, memory_mb: float, free_mb: float, *, automatic: bool) -> Message:
    expected = EXPECTED_AUTOMATIC if automatic else EXPECTED
    text = expected.with_values(
        time=_duration(plan.seconds), steps=plan.steps, gigabytes=memory_mb / 1000
    )
    if memory_mb <= free_mb + resident_mb():
        return text
    free = Message(
        "Only {gigabytes:.1f} GB are free: close other programs first.", gigabytes=free_mb / 1000
    )
    return joined([text, free])


def _duration(seconds: float) -> Message:
    if seconds < 90:
        return Message("{seconds} s", seconds=max(1, round(seconds)))
    if seconds < 5400:
        return Message("{minutes:.0f} minutes", minutes=seconds / 60)
    if seconds < 129_600:
        return Message("{hours:.1f} hours", hours=seconds / 3600)
    return Message("{days:.1f} days", days=seconds / 86_400)
