"""Speed and memory of conversions, beside a plain fp32 pipeline of the same networks.

    python -m benchmarks.conversion speed [--preset 40k] [--seconds 10] [--rounds 3]
    python -m benchmarks.conversion first [--preset lite]
    python -m benchmarks.conversion long [--minutes 60] [--preset lite]

`speed`: ours and the plain pipeline alternate, so that other work on the machine slows both. Prints
the median wall and processor seconds of each, every stage's share of real time, the highest memory
of each above the loaded networks, and how far the two sounds differ. `first`: the first conversion
of a process, from its start, and the next one; with what they take above the synthesis. `long`: a
long recording; seconds, peak resident memory, exact length. RVC networks have random weights of
full size, with an encoder of HuBERT's base size; `lite` uses the shipped encoder and voice.
"""

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil

from rvc.threads import wait_passively

wait_passively()

import torch  # noqa: E402

import rvc.convert as conversion  # noqa: E402
from benchmarks.conversion_plain import PlainPipeline, plain_synthesizer  # noqa: E402
from rvc import assets  # noqa: E402
from rvc._torchaudio import ensure_torchaudio  # noqa: E402
from rvc.audio import Recording, load_audio, save_audio  # noqa: E402
from rvc.content import ContentEncoder, ContentVec, load_content_encoder  # noqa: E402
from rvc.network.config import RVCConfig  # noqa: E402
from rvc.network.synthesizer import RVCSynthesizer  # noqa: E402
from rvc.training.build import snapshot  # noqa: E402
from rvc.voice import Voice, VoiceLibrary, build_synthesizer  # noqa: E402

RATE = 44_100
STAGES = {  # functions of rvc.convert that a conversion calls
    "_high_pass": "high-pass",
    "repair_f0": "repair of f0",
    "choose_index_rate": "index rate",
    "_retrieve": "retrieval",
    "_synthesize": "synthesis",
    "attenuate_pauses": "pauses",
}
NEEDED = {"40k": ("v2", 40_000), "32k": ("v2", 32_000), "48k": ("v2", 48_000)}


def main() -> None:
    """Run the benchmark that was named and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("speed", "first", "long"))
    parser.add_argument("--preset", choices=("lite", *NEEDED), default="40k")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--padded", action="store_true", help="pad the plain one as RVC-WebUI does")
    parser.add_argument("--recording", type=Path, default=sample_recording())
    arguments = parser.parse_args()
    print(json.dumps(globals()[f"run_{arguments.what}"](arguments), indent=1))


def sample_recording() -> Path:
    """Return the recording that is shipped."""
    return assets.SHIPPED_FOLDER.parent / "samples" / "sample_recording.ogg"


def speech(path: Path, seconds: float) -> Recording:
    """Return `seconds` of the recording, repeated if need be, at RATE with a little noise."""
    from rvc.audio import resample

    sound = resample(load_audio(path), RATE).samples
    samples, rng = np.resize(sound, round(seconds * RATE)), np.random.default_rng(0)
    for start in range(0, len(samples), RATE):  # little by little: the peak of memory is measured
        part = samples[start : start + RATE]
        part += np.float32(1e-4) * rng.standard_normal(len(part), dtype=np.float32)
    return Recording(samples, RATE)


def parts_of(preset: str, folder: Path) -> tuple[Voice, ContentEncoder]:
    """Return a voice of full size and the content encoder it needs."""
    if preset == "lite":
        voice = VoiceLibrary(assets.weights_dir()).load("Heart")
        return voice, load_content_encoder(voice.content_encoder, assets.weights_dir())
    version, rate = NEEDED[preset]
    torch.manual_seed(0)
    synthesizer = RVCSynthesizer(RVCConfig.preset(version, rate), with_posterior=False)
    voice = Voice("random", synthesizer.config, snapshot(synthesizer), version, True, rate, card={})
    return voice, random_hubert(folder)


def random_hubert(folder: Path) -> ContentEncoder:
    """Return ContentVec of HuBERT's base size with random weights."""
    ensure_torchaudio()
    from transformers import HubertConfig, HubertModel

    HubertModel(HubertConfig()).save_pretrained(folder)
    return ContentVec(folder, "v2").eval().requires_grad_(False)


def run_speed(arguments: argparse.Namespace) -> dict[str, object]:
    """Return the figures of `speed`."""
    source = speech(arguments.recording, arguments.seconds)
    with tempfile.TemporaryDirectory() as folder:
        voice, encoder = parts_of(arguments.preset, Path(folder))
    plain = PlainPipeline(encoder, plain_synthesizer(voice), arguments.padded)
    synthesizer = build_synthesizer(voice)
    stages: dict[str, float] = {}

    def ours(recording: Recording) -> np.ndarray:
        with timed_stages(stages, encoder):
            made = conversion.convert(
                recording,
                voice,
                conversion.ConversionOptions(semitones=0.0, index_rate=0.0),
                synthesizer=synthesizer,
                encoder=encoder,
            )
        return made.recording.samples

    pipelines = {"plain": plain, "ours": ours}
    for pipeline in pipelines.values():
        pipeline(speech(arguments.recording, 2.0))
    stages.clear()
    taken: dict[str, list[tuple[float, float, float]]] = {name: [] for name in pipelines}
    for _ in range(arguments.rounds):
        for name, pipeline in pipelines.items():
            taken[name].append(measured(pipeline, source))
    row: dict[str, object] = {
        "preset": arguments.preset,
        "seconds": arguments.seconds,
        "threads": torch.get_num_threads(),
        "plain_padded": arguments.padded,
    }
    for name, rows in taken.items():
        wall, processor, memory = (statistics.median(each) for each in zip(*rows, strict=True))
        row[f"{name}_seconds"] = round(wall, 3)
        row[f"{name}_processor_seconds"] = round(processor, 3)
        row[f"{name}_memory_mb"] = round(memory)
    ratios = [
        [p / o for p, o in zip(*pair, strict=True)] for pair in zip(*taken.values(), strict=True)
    ]
    row["times_faster"] = round(statistics.median(r[0] for r in ratios), 2)
    row["times_faster_processor"] = round(statistics.median(r[1] for r in ratios), 2)
    scale = arguments.rounds * arguments.seconds
    row["real_time"] = round(row["ours_seconds"] / arguments.seconds, 4)  # type: ignore[operator]
    row["stages_real_time"] = {name: round(each / scale, 4) for name, each in stages.items()}
    return row


def measured(pipeline: Callable[[Recording], object], source: Recording) -> tuple[float, ...]:
    """Return wall seconds, processor seconds and peak memory (MB) above the start of one call."""
    before = psutil.Process().memory_info().rss
    reset_peak()
    began, worked = time.perf_counter(), time.process_time()
    pipeline(source)
    wall, processor = time.perf_counter() - began, time.process_time() - worked
    return wall, processor, (peak_bytes() - before) / 2**20


def reset_peak() -> None:
    """Let the system forget the highest memory of this process (Linux)."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def peak_bytes() -> int:
    """Return the highest resident memory since `reset_peak`."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


@contextlib.contextmanager
def timed_stages(seconds: dict[str, float], encoder: ContentEncoder) -> Iterator[None]:
    """Add the wall seconds of every stage of the conversions in the block to `seconds`."""

    def timed(stage: str, function: Callable) -> Callable:
        def called(*values: object, **named: object) -> object:
            began = time.perf_counter()
            try:
                return function(*values, **named)
            finally:
                seconds[stage] = seconds.get(stage, 0.0) + time.perf_counter() - began

        return called

    import rvc.features as features

    places = [(conversion, name, stage) for name, stage in STAGES.items()]
    places.append((features, "estimate_f0", "f0"))
    kept = [(place, name, getattr(place, name)) for place, name, _ in places]
    encode = encoder.encode
    try:
        for place, name, stage in places:
            setattr(place, name, timed(stage, getattr(place, name)))
        encoder.encode = timed("content", encode)  # type: ignore[method-assign]
        yield
    finally:
        for place, name, function in kept:
            setattr(place, name, function)
        del encoder.encode


def run_long(arguments: argparse.Namespace) -> dict[str, object]:
    """Return the figures of `long`."""
    source = speech(arguments.recording, 60 * arguments.minutes)
    with tempfile.TemporaryDirectory() as folder:
        voice, encoder = parts_of(arguments.preset, Path(folder))
    synthesizer = build_synthesizer(voice)
    reset_peak()
    began, worked = time.perf_counter(), time.process_time()
    made = conversion.convert(
        source,
        voice,
        conversion.ConversionOptions(),
        synthesizer=synthesizer,
        encoder=encoder,
    ).recording
    wall, processor = time.perf_counter() - began, time.process_time() - worked
    exact = len(made.samples) == round(len(source.samples) * made.sample_rate / RATE)
    return {
        "preset": arguments.preset,
        "minutes": arguments.minutes,
        "seconds": round(wall, 1),
        "processor_seconds": round(processor, 1),
        "real_time": round(wall / 60 / arguments.minutes, 4),
        "peak_resident_mb": round(peak_bytes() / 2**20),
        "exact_length": exact,
    }


def run_first(arguments: argparse.Namespace) -> dict[str, object]:
    """Return the figures of `first`, from a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = save_audio(Path(folder) / "five.wav", speech(arguments.recording, 5.0))
        command = [sys.executable, "-m", "benchmarks.conversion_first", str(path)]
        environment = os.environ | {"BEGAN": str(time.time())}
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


if __name__ == "__main__":
    main()
