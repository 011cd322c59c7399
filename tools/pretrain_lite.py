"""Train the base of the `lite` preset from the folder tools/pretrain_data.py made.

    python -m tools.pretrain_data DATA && python -m tools.pretrain_lite DATA RUN --steps 5000
    python -m tools.pretrain_lite DATA RUN2 --features RUN/features --spoken-by RUN --steps 17000

The second round goes on from the first and also learns from copies of every clip that the first
round's network speaks as its own speakers (tools/pretrain_spoken.py). Features are cached in
RUN/features, one file a voice, spoken copies in RUN2/spoken. A checkpoint every few minutes; run
the same line again to go on, also after DATA got more voices. Losses and the held-out score go to
RUN/log.jsonl. The base, its speaker table replaced by its mean row, is written to
RUN/lite_base.safetensors at every checkpoint.
"""

import argparse
import copy
import json
import shutil
import time
import zlib
from pathlib import Path

import numpy as np
import torch

from benchmarks.training import costliest
from rvc.audio import Recording, load_audio, resample
from rvc.content import ContentEncoder, load_content_encoder
from rvc.dataset import Piece, VoiceDataset
from rvc.features import altered_content, extract
from rvc.network.lite import LiteConfig, LiteSynthesizer
from rvc.training.networks import save_lite_base
from rvc.training.objectives import LiteObjective, Schedule
from tools.pretrain_spoken import first_round, with_spoken

HELD_OUT_EVERY = 40  # one clip in so many is only scored
SEGMENT_FRAMES = 100
SAVE_SECONDS = 180.0
SPEAKERS = 48  # rows of the table; voices get theirs in the order they come


def main() -> None:
    """Read the arguments, prepare the features, train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("--steps", type=int, default=20_000)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--channels", type=int, default=LiteConfig.channels)
    parser.add_argument("--voices", nargs="*", help="only these folders of DATA")
    parser.add_argument("--features", type=Path, help="share another run's features")
    parser.add_argument("--spoken-by", type=Path, help="the run whose network speaks more copies")
    parser.add_argument("--zero-phase", action="store_true")
    parser.add_argument("--plain-content", action="store_true", help="no altered copies")
    parser.add_argument("--peak", type=float, default=2e-3)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    arguments = parser.parse_args()
    arguments.run.mkdir(parents=True, exist_ok=True)
    names = arguments.voices or sorted(
        p.name for p in arguments.data.iterdir() if (p / "voice.json").exists()
    )
    folder = arguments.features or arguments.run / "features"
    weights = Path(__file__).parents[1] / "weights"
    encoder = load_content_encoder("whisper-tiny", weights, device=arguments.device)
    train, held_out = [], []
    if arguments.spoken_by:
        start_from(arguments.spoken_by, arguments.run)
    rows = speaker_rows(arguments.run / "speakers.json", names)
    speaking = first_round(arguments.spoken_by) if arguments.spoken_by else None
    for name in names:
        pieces = voice_pieces(arguments.data / name, folder / f"{name}.npz", encoder, rows[name])
        if speaking:
            cache = arguments.run / "spoken" / f"{name}.npy"
            pieces = with_spoken(pieces, cache, speaking.to(arguments.device), encoder)
        for i, piece in enumerate(pieces):
            (held_out if i % HELD_OUT_EVERY == HELD_OUT_EVERY // 2 else train).append(piece)
    del encoder
    config = LiteConfig(
        channels=arguments.channels,
        speakers=SPEAKERS,
        minimum_phase=not arguments.zero_phase,
    )
    pretrain(train, held_out, config, arguments)


def speaker_rows(path: Path, names: list[str]) -> dict[str, int]:
    """Return the row of every voice; one met before keeps its row."""
    rows = json.loads(path.read_text()) if path.exists() else {}
    for name in names:
        rows.setdefault(name, len(rows))
    path.write_text(json.dumps(rows))
    return rows


def voice_pieces(folder: Path, cache: Path, encoder: ContentEncoder, speaker: int) -> list[Piece]:
    """Return a voice's clips as pieces, from the cache if it is there."""
    if not cache.exists():
        cache.parent.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng(zlib.crc32(folder.name.encode()))
        arrays: dict[str, np.ndarray] = {}
        for i, path in enumerate(sorted(folder.glob("*.flac"))):
            recording = resample(load_audio(path), LiteConfig.sample_rate)
            features = extract(recording, encoder)
            copies = altered_content(recording, encoder, rng, noisy=True)
            arrays[f"content{i}"] = np.concatenate([features.content[None], copies]).astype("f2")
            arrays[f"f0{i}"] = features.f0.hz
            arrays[f"samples{i}"] = (_whole_frames(recording, len(features.f0.hz)) * 32767).astype(
                "i2"
            )
        temporary = cache.with_suffix(".part.npz")
        np.savez(temporary, **arrays)
        temporary.replace(cache)
        print("features of", folder.name, flush=True)
    with np.load(cache) as stored:
        return [
            Piece(
                stored[f"samples{i}"].astype(np.float32) / 32767,
                stored[f"content{i}"],
                stored[f"f0{i}"],
                speaker,
            )
            for i in range(len(stored.files) // 3)
        ]


def start_from(first: Path, run: Path) -> None:
    """Let a run that has not begun go on from another's weights and rows of the table."""
    for name in ("checkpoint.pt", "speakers.json"):
        if not (run / name).exists():
            shutil.copy(first / name, run / name)


def _whole_frames(recording: Recording, frames: int) -> np.ndarray:
    samples = recording.samples[: frames * recording.sample_rate // 100]
    return np.pad(samples, (0, frames * recording.sample_rate // 100 - len(samples))).clip(-1, 1)


def pretrain(
    train: list[Piece], held_out: list[Piece], config: LiteConfig, arguments: argparse.Namespace
) -> None:
    """Run the loop; straight down: resume, step, log, save."""
    torch.manual_seed(0)
    synthesizer = LiteSynthesizer(config).to(arguments.device)
    schedule = Schedule(peak=arguments.peak, last=arguments.peak / 20, total_steps=arguments.steps)
    objective = LiteObjective(synthesizer, schedule, bfloat16=True)
    if arguments.plain_content:
        train[:] = [Piece(p.samples, p.content[:1], p.f0_hz, p.speaker) for p in train]
    held_out = [Piece(p.samples, p.content[:1], p.f0_hz, p.speaker) for p in held_out]
    sizes = {"hop_length": synthesizer.hop_length, "segment_frames": SEGMENT_FRAMES}
    if not arguments.steps:
        return
    data = VoiceDataset(train, **sizes, device=arguments.device)
    train.clear()  # the dataset holds a copy: gigabytes
    test = VoiceDataset(held_out, **sizes, device=arguments.device)
    print(f"{data.frames / 360_000:.2f} h to train on, {test.frames / 6000:.1f} min held out")
    checkpoint = arguments.run / "checkpoint.pt"
    if checkpoint.exists():
        objective.load_state_dict(torch.load(checkpoint, weights_only=True))
        objective.plan(arguments.steps)
    first = next(data.epoch(arguments.batch, seed=0, epoch=0))
    print("a step's time goes into", costliest(copy.deepcopy(objective), first), flush=True)
    per_epoch = data.batches_per_epoch(arguments.batch)
    saved, means, began, seconds = time.monotonic(), {}, time.monotonic(), 0.0
    while objective.step_number < arguments.steps:
        epoch, skip = divmod(objective.step_number, per_epoch)
        for batch in data.epoch(arguments.batch, seed=0, epoch=epoch, skip=skip):
            for name, value in objective.step(batch).items():
                means[name] = means.get(name, value) * 0.98 + 0.02 * value
            seconds += arguments.batch * SEGMENT_FRAMES / 100
            last = objective.step_number >= arguments.steps
            if last or time.monotonic() - saved > SAVE_SECONDS:
                speed = seconds / (time.monotonic() - began)
                _save(objective, arguments.run)
                row = {"step": objective.step_number, "sound_per_second": round(speed, 1)}
                row |= {"losses": means, "held_out": held_out_score(objective, test)}
                with (arguments.run / "log.jsonl").open("a") as log:
                    log.write(json.dumps(row) + "\n")
                print(json.dumps(row), flush=True)
                saved, began, seconds = time.monotonic(), time.monotonic(), 0.0
            if last:
                break


@torch.no_grad()
def held_out_score(objective: LiteObjective, test: VoiceDataset) -> dict[str, float]:
    """Return the mean losses over one fixed pass of the held-out clips."""
    state = objective.generator.get_state()
    rows = []
    for batch in test.epoch(16, seed=0, epoch=0):
        output = objective.synthesizer(
            batch.content, batch.f0_hz, batch.speaker, objective.generator
        )
        losses = objective.losses(batch.samples, output)
        rows.append([loss.item() for loss in losses.values()])
    objective.generator.set_state(state)
    return dict(zip(losses, np.mean(rows, axis=0).round(4).tolist(), strict=True))


def _save(objective: LiteObjective, run: Path) -> None:
    temporary = run / "checkpoint.part"
    torch.save(objective.state_dict(), temporary)
    temporary.replace(run / "checkpoint.pt")
    used = len(json.loads((run / "speakers.json").read_text()))
    facts = {"steps": str(objective.step_number), "licence": "MIT; see lite_base.md"}
    save_lite_base(run / "lite_base.safetensors", objective.synthesizer, facts, rows=used)


if __name__ == "__main__":
    main()
