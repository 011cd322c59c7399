"""How good a trained voice is: train on five minutes of an unseen speaker, convert, judge.

    python -m benchmarks.voice_quality DATA_TEST --minutes 5 --json scores.json
    python -m benchmarks.voice_quality DATA_TEST --voice FOLDER_OR_PTH     (no training)

DATA_TEST comes from `tools.pretrain_data --test-dir`. Training and conversion go through the
product: clean, report, train, convert. Rows and bars are those of issue 3. Same seed, same machine,
same steps: same scores (with --minutes the number of steps depends on the machine's load).
"""

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from benchmarks.judges import score_pairs
from rvc import assets
from rvc.audio import Recording, load_audio, resample, save_audio
from rvc.convert import ConversionOptions
from rvc.engine import Engine
from rvc.slicing import Slices
from rvc.train import TrainingOptions, train

SAMPLE_RATE = 24_000
SOURCES = ("librivox", "kokoro_test_man", "kokoro_test_woman")
SENTENCES = 20
SENTENCE_SECONDS = (4.0, 8.0)
TARGET_SECONDS = 300.0
HELD_OUT_CLIPS = 24  # of the target, never trained on: what the outputs are compared with
SILENCE_SECONDS = 2.0
BARS = (  # row, floor, goal, higher is better
    ("word_error_rate", 0.10, 0.04, False),
    ("identity", 0.65, 0.85, True),
    ("dnsmos_ovrl", 3.0, 3.3, True),
    ("f0_error_cents", 30.0, 15.0, False),
    ("voicing_error", 0.06, 0.03, False),
    ("real_time_factor", 0.15, 0.08, False),
    ("silence_db", -45.0, -60.0, False),
    ("pause_db", -45.0, -45.0, False),
)
SHOWN = (
    "dnsmos", "source_dnsmos", "cos_output_target", "cos_source_target", "cos_target_target",
    "cos_output_source", "f0_correlation", "worst_sentence", "median_sentence",
    "unvoiced_level_bias_db", "unvoiced_level_db", "unvoiced_shape_db", "source_pause_db",
    "cpu_seconds_per_second", "training_minutes", "steps", "best_step",
)  # fmt: skip


def main() -> None:
    """Read the arguments; train unless a voice is given; convert, judge, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--target", default="asterisk_it")
    parser.add_argument("--sources", nargs="+", default=SOURCES)
    parser.add_argument("--voice", help="judge this trained voice: a name, a folder or a .pth")
    parser.add_argument("--minutes", type=float, help="of training; without it and --steps: auto")
    parser.add_argument("--steps", type=int)
    parser.add_argument("--preset", default="lite")
    parser.add_argument("--raw", action="store_true", help="train without clean and report")
    parser.add_argument("--from-scratch", action="store_true", help="without the base")
    parser.add_argument("--sentences", type=int, default=SENTENCES)
    parser.add_argument("--index-rate", type=float)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="leave the voice and the converted clips here")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.keep or Path(scratch)
        scores = bench(arguments, folder)
    print_table(scores)
    if arguments.json:
        arguments.json.write_text(json.dumps(scores, ensure_ascii=False, indent=1) + "\n")


def bench(arguments: argparse.Namespace, folder: Path) -> dict[str, object]:
    """All scores as one flat dictionary."""
    shipped = assets.weights_dir(arguments.weights)
    rng = np.random.default_rng(arguments.seed)
    training, held_out = split_target(read_clips(arguments.data / arguments.target), rng)
    speakers = [read_clips(arguments.data / name) for name in arguments.sources]
    sources = pick_sources(speakers, rng)[: arguments.sentences]
    scores: dict[str, object] = {"target": arguments.target, "sources": list(arguments.sources)}
    if arguments.voice:
        engine, voice = Engine(shipped), voice_place(arguments.voice)
    else:
        engine, voice = Engine(_own_weights(folder, shipped)), "bench"
        scores |= train_voice(engine, voice, training, arguments)
    options = ConversionOptions(seed=arguments.seed, index_rate=arguments.index_rate)
    outputs, semitones, speed = convert_all(engine, voice, sources, options)
    scores |= speed
    scores |= score_pairs(sources, outputs, held_out, sample_rate=SAMPLE_RATE, semitones=semitones)
    scores["dnsmos_ovrl"] = scores["dnsmos"]["ovrl"]
    scores["silence_db"] = silence_level(engine, voice, sources, options)
    if arguments.keep:
        for i, pair in enumerate(zip(sources, outputs, strict=True)):
            for kind, clip in zip(("source", "output"), pair, strict=True):
                save_audio(folder / f"{i:02d}_{kind}.wav", Recording(clip, SAMPLE_RATE))
    return scores


def read_clips(folder: Path) -> list[np.ndarray]:
    """(samples,) at SAMPLE_RATE of each clip, in the order of their names."""
    paths = sorted(folder.glob("*.flac"))
    if not paths:
        raise SystemExit(f"No clips in {folder}: run tools.pretrain_data with --test-dir first.")
    return [resample(load_audio(path), SAMPLE_RATE).samples for path in paths]


def split_target(
    clips: list[np.ndarray], rng: np.random.Generator
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """TARGET_SECONDS of clips to train on, and others to compare with."""
    order = [clips[i] for i in rng.permutation(len(clips))]
    held_out, training, seconds = order[:HELD_OUT_CLIPS], [], 0.0
    for clip in order[HELD_OUT_CLIPS:]:
        if seconds < TARGET_SECONDS:
            training.append(clip)
            seconds += len(clip) / SAMPLE_RATE
    return training, held_out


def pick_sources(
    speakers: Sequence[list[np.ndarray]], rng: np.random.Generator
) -> list[np.ndarray]:
    """SENTENCES clips of a good length, as evenly from the speakers as they have them."""
    shortest, longest = (seconds * SAMPLE_RATE for seconds in SENTENCE_SECONDS)
    waiting = []
    for clips in speakers:
        fitting = [clip for clip in clips if shortest <= len(clip) <= longest]
        waiting.append([fitting[i] for i in rng.permutation(len(fitting))])
    picked: list[np.ndarray] = []
    while len(picked) < SENTENCES and any(waiting):
        picked += [clips.pop() for clips in waiting if clips]
    return picked[:SENTENCES]


def train_voice(
    engine: Engine, name: str, clips: list[np.ndarray], arguments: argparse.Namespace
) -> dict[str, object]:
    """Train as a person would: one recording, cleaned, reported, trained on what is kept.

    Named `name` in the engine's library. Returns the minutes of the steps alone, and their number.
    """
    options = TrainingOptions(
        name,
        preset=arguments.preset,
        minutes=arguments.minutes,
        steps=arguments.steps,
        from_scratch=arguments.from_scratch,
        seed=arguments.seed,
        consent="benchmark",
    )
    if arguments.raw:
        slices = Slices(tuple(Recording(clip, SAMPLE_RATE) for clip in clips))
        steps = train(slices, options, weights=engine.weights, device=engine.device)
    else:
        gap = np.zeros(SAMPLE_RATE // 2, np.float32)
        sound = np.concatenate([part for clip in clips for part in (clip, gap)])
        report = engine.report([engine.clean(Recording(sound, SAMPLE_RATE, "target.wav"))])
        steps = engine.train(report, options)
    began, last = time.monotonic(), None
    for progress in steps:
        if progress.stage == "training" and last is None:
            began = time.monotonic()
        last = progress
        if progress.held_out:
            print(f"{progress.step}/{progress.total_steps}", progress.held_out, flush=True)
    minutes = (time.monotonic() - began) / 60
    return {"training_minutes": minutes, "steps": last.step, "best_step": last.best_step}


def convert_all(
    engine: Engine, voice: str | Path, sources: list[np.ndarray], options: ConversionOptions
) -> tuple[list[np.ndarray], list[float], dict[str, float]]:
    """Converted clips at SAMPLE_RATE, the shifts, and what a second of sound cost."""
    engine.convert(Recording(sources[0], SAMPLE_RATE), voice, options)  # loads the networks
    began, worked = time.monotonic(), time.process_time()
    converted = [engine.convert(Recording(clip, SAMPLE_RATE), voice, options) for clip in sources]
    seconds = sum(map(len, sources)) / SAMPLE_RATE
    speed = {
        "real_time_factor": (time.monotonic() - began) / seconds,
        "cpu_seconds_per_second": (time.process_time() - worked) / seconds,
    }
    outputs = [resample(each.recording, SAMPLE_RATE).samples for each in converted]
    return outputs, [each.semitones for each in converted], speed


def silence_level(
    engine: Engine, voice: str | Path, sources: list[np.ndarray], options: ConversionOptions
) -> float:
    """What digital silence between two sentences became, in dB against the speech around it."""
    gap = np.zeros(round(SILENCE_SECONDS * SAMPLE_RATE), np.float32)
    sound = np.concatenate([sources[0], gap, sources[1]])
    output = engine.convert(Recording(sound, SAMPLE_RATE), voice, options).recording
    heard = resample(replace(output, samples=output.samples), SAMPLE_RATE).samples
    margin, start = SAMPLE_RATE // 10, len(sources[0])
    silence = heard[start + margin : start + len(gap) - margin]
    speech = np.concatenate([heard[:start], heard[start + len(gap) :]])
    powers = [np.mean(np.square(part, dtype=np.float64)) + 1e-12 for part in (silence, speech)]
    return float(10 * np.log10(powers[0] / powers[1]))


def voice_place(text: str) -> str | Path:
    """A path if there is one, else a name in the library."""
    return Path(text) if Path(text).exists() else text


def _own_weights(folder: Path, shipped: Path) -> Path:
    """A weights folder to train in, with the shipped networks in it."""
    weights = folder / "weights"
    weights.mkdir(parents=True, exist_ok=True)
    if not (weights / "pretrained").exists():
        (weights / "pretrained").symlink_to(shipped.resolve() / "pretrained")
    return weights


def print_table(scores: dict[str, object]) -> None:
    """The rows of issue 3 with their bars, then everything else."""
    print(f"{'':24}{'measured':>10}{'floor':>9}{'goal':>9}")
    for name, floor, goal, higher in BARS:
        value = scores.get(name)
        if value is None:
            continue
        sign = 1 if higher else -1
        words = "goal" if sign * value >= sign * goal else "floor"
        words = words if sign * value >= sign * floor else "BELOW THE FLOOR"
        print(f"{name:24}{value:10.3f}{floor:9.2f}{goal:9.2f}  {words}")
    for name in SHOWN:
        if name in scores:
            print(f"{name:24}{scores[name]}")


if __name__ == "__main__":
    main()
