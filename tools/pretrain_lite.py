"""Train the base of the `lite` preset from the features of tools/pretrain_features.py.

    python -m tools.pretrain_features DATA FEATURES
    python -m tools.pretrain_lite DATA FEATURES RUN --steps 1500 --start-from OLD_BASE
    python -m tools.pretrain_lite DATA FEATURES RUN --steps 4000 --adversarial

The first training command uses reconstruction losses only; the second adds discriminators. Weights
of an older base are used if names and shapes agree; with --adversarial its discriminators as well,
so that a finished base is trained further. A checkpoint is written to RUN every few
minutes; the same command resumes, also after clips were added to FEATURES. Losses and the held-out
score go to RUN/log.jsonl, and the base with the mean row of its speaker table to
RUN/lite_base.safetensors.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file

from rvc.dataset import Piece, VoiceDataset
from rvc.network.lite import LiteConfig, LiteSynthesizer
from rvc.network.stft_discriminators import STFTDiscriminators
from rvc.training.build import fast_bfloat16, load_lite_base
from rvc.training.objectives import LiteObjective, Schedule
from tools.lite_base import save_lite_base
from tools.pretrain_features import read_pieces, speaker_rows
from tools.pretrain_kokoro import read_groups

HELD_OUT_EVERY = 40  # one clip in so many is only scored
SEGMENT_FRAMES = 100
SAVE_SECONDS = 240.0
SPEAKERS = 72  # rows of the table, assigned to voices in order
ALONE_STEPS = 100  # of the discriminators


def main() -> None:
    """Read the arguments and the features, train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("features", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("--steps", type=int, default=4000, help="in all, with those before")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--adversarial", action="store_true", help="train with discriminators")
    parser.add_argument("--start-from", type=Path, help="a base to take fitting weights from")
    parser.add_argument("--peak", type=float, default=1.5e-3)
    parser.add_argument("--last", type=float, default=1e-4)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    arguments.run.mkdir(parents=True, exist_ok=True)
    names = sorted(path.name for path in arguments.features.iterdir() if path.is_dir())
    rows = speaker_rows(arguments.run / "speakers.json", names)
    pieces = read_pieces(arguments.features, rows, read_groups(arguments.data))
    train, held_out = [], []
    for i, piece in enumerate(pieces):
        (held_out if i % HELD_OUT_EVERY == HELD_OUT_EVERY // 2 else train).append(piece)
    pieces.clear()  # `train` frees them
    pretrain(train, held_out, arguments)


def pretrain(train: list[Piece], held_out: list[Piece], arguments: argparse.Namespace) -> None:
    """Run the training loop: resume, step, log, save."""
    held_out = [Piece(p.samples, p.content[:1], p.f0_hz, p.speaker) for p in held_out]
    objective = build(arguments)
    sizes = {"hop_length": objective.synthesizer.hop_length, "segment_frames": SEGMENT_FRAMES}
    data = VoiceDataset(train, **sizes, device=arguments.device)
    train.clear()  # the dataset holds a copy: gigabytes
    test = VoiceDataset(held_out, **sizes, device=arguments.device)
    print(f"{data.frames / 360_000:.2f} h to train on, {test.frames / 6000:.1f} min held out")
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


def build(arguments: argparse.Namespace) -> LiteObjective:
    """Return the objective of the checkpoint, or a new one.

    Adding discriminators after a reconstruction starts a new schedule over the remaining steps.
    """
    torch.manual_seed(0)
    synthesizer = LiteSynthesizer(LiteConfig(speakers=SPEAKERS)).to(arguments.device)
    discriminators = STFTDiscriminators().to(arguments.device) if arguments.adversarial else None
    checkpoint = arguments.run / "checkpoint.pt"
    state = torch.load(checkpoint, weights_only=True) if checkpoint.exists() else {}
    resumed = bool(state) and ("critic" in state) == arguments.adversarial
    begun = 0 if resumed else state.get("step", 0)
    ready = bool(arguments.start_from) and not state  # discriminators that are trained already
    schedule = Schedule(
        peak=arguments.peak, last=arguments.last, total_steps=arguments.steps, first_step=begun
    )
    objective = LiteObjective(
        synthesizer,
        schedule,
        discriminators=discriminators,
        alone_steps=0 if ready else begun + ALONE_STEPS,
        bfloat16=fast_bfloat16(arguments.device),
    )
    if resumed:
        objective.load_state_dict(state)
        objective.plan(arguments.steps)
    elif state:
        synthesizer.load_state_dict(state["synthesizer"])
        objective.step_number = begun
    elif arguments.start_from:
        start_from(synthesizer, arguments.start_from)
        if discriminators is not None:
            discriminators.load_state_dict(load_lite_base(arguments.start_from)[1].state_dict())
    return objective


def start_from(synthesizer: LiteSynthesizer, base: Path) -> None:
    """Load weights of `base` with equal names and shapes; all speakers start as its mean."""
    own, taken = synthesizer.state_dict(), []
    for name, tensor in load_file(base).items():
        tensor = tensor.float().expand_as(own[name]) if name == "emb_g.weight" else tensor.float()
        if name in own and own[name].shape == tensor.shape:
            own[name], _ = tensor.clone(), taken.append(name)
    synthesizer.load_state_dict(own)
    print(f"{len(taken)} of {len(own)} tensors from {base.name}")


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
    facts = {"steps": str(objective.step_number), "licence": "CC-BY-SA-3.0; see lite_base.md"}
    critics = objective.discriminators or STFTDiscriminators()
    save_lite_base(run / "lite_base.safetensors", objective.synthesizer, critics, facts, rows=used)


if __name__ == "__main__":
    main()
