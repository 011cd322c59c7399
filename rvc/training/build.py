"""The networks a training starts with, from base weights, and the voice it ends with."""

import json
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from torch import nn

from rvc import assets
from rvc.audio import FRAMES_PER_SECOND
from rvc.dataset import Piece
from rvc.errors import TrainingError
from rvc.index import build_index
from rvc.messages import Message, in_every_language
from rvc.network.config import RVCConfig
from rvc.network.discriminators import Discriminators
from rvc.network.lite import LiteConfig, LiteSynthesizer
from rvc.network.stft_discriminators import STFTDiscriminators
from rvc.network.synthesizer import RVCSynthesizer
from rvc.presets import Preset
from rvc.retrieval import CARD_KEY, content_distance
from rvc.training.checkpoint import State
from rvc.training.held_out import split
from rvc.training.objective_rvc import RVCObjective
from rvc.training.objectives import LiteObjective, Objective, Schedule
from rvc.training.options import TrainingOptions
from rvc.training.run import TrainingRun
from rvc.unvoiced import UNVOICED_KEY
from rvc.voice import Voice

LITE_INDEX_ROWS = 5000  # an index of 8 MB, not 50

FINE_TUNE = Schedule(peak=6e-4, last=5e-5, warm_up_steps=30)
FROM_SCRATCH = Schedule(peak=2e-3, last=2.5e-4, warm_up_steps=200)
SCRATCH_ALONE_STEPS = 500  # of untrained discriminators
LICENCE = Message("The voice is its speaker's: use it only as they agreed.")
NOTE = Message("AI voice made with Moksori")
DISCRIMINATORS = "discriminators."  # prefix of their weights in a base


@dataclass(frozen=True)
class Pace:
    """Steps a training runs at most, and how many make an epoch."""

    total_steps: int
    steps_per_epoch: int


def build_objective(
    preset: Preset,
    options: TrainingOptions,
    *,
    pace: Pace,
    weights: Path,
    device: str,
    saved: State | None = None,
) -> Objective:
    """Return the objective with its networks, from the base unless `from_scratch`.

    `saved`: the state of a resumed training; all weights come from there, so the base is not needed
    any more. Raises MissingAssetError when the base is needed and missing, instead
    of starting from scratch; TrainingError when it is another preset's.
    """
    torch.manual_seed(options.seed)
    is_resumed = bool(saved and saved.get("config"))
    base = [] if options.from_scratch or is_resumed else base_paths(preset, options, weights)
    if preset.version == "lite":
        return _lite(options, pace, device=device, base=base, saved=saved if is_resumed else None)
    synthesizer = RVCSynthesizer(RVCConfig.preset(preset.version, preset.sample_rate))
    discriminators = Discriminators(preset.version)
    for network, path in zip((synthesizer, discriminators), base, strict=False):
        load_base(network, path)
    return RVCObjective(
        synthesizer.to(device),
        discriminators.to(device),
        steps_per_epoch=pace.steps_per_epoch,
        seed=options.seed,
        bfloat16=fast_bfloat16(device),
    )


def base_paths(preset: Preset, options: TrainingOptions, weights: Path) -> list[Path]:
    """Return the files training starts from: the person's own, else the preset's."""
    if not options.base:
        return [assets.resolve(name, weights=weights) for name in preset.base_files]
    paths, wanted = [Path(path) for path in options.base], len(preset.base_files)
    if len(paths) != wanted:
        raise TrainingError(
            "A base of the preset {name} is {wanted} file(s), not {count}: for the "
            "RVC presets the generator (G) and the discriminators (D), in this order.",
            name=preset.name,
            wanted=wanted,
            count=len(paths),
        )
    for path in paths:
        if not path.is_file():
            raise TrainingError("There is no base file {name}.", name=path.name)
    return paths


def _lite(
    options: TrainingOptions,
    pace: Pace,
    *,
    device: str,
    base: list[Path],
    saved: State | None,
) -> LiteObjective:
    if saved:
        synthesizer = LiteSynthesizer(LiteConfig.from_dict(saved["config"]))
        discriminators = STFTDiscriminators.from_state(saved["objective"]["discriminators"])
    elif base:
        synthesizer, discriminators = load_lite_base(base[0])
        if synthesizer.config.encoder != LiteConfig.encoder:
            raise _unfit(base[0])
    else:
        synthesizer, discriminators = LiteSynthesizer(LiteConfig()), STFTDiscriminators()
    schedule = FROM_SCRATCH if options.from_scratch else FINE_TUNE
    return LiteObjective(
        synthesizer.to(device),
        replace(schedule, total_steps=pace.total_steps),
        discriminators=discriminators.to(device),
        alone_steps=SCRATCH_ALONE_STEPS if options.from_scratch else 0,
        seed=options.seed,
        bfloat16=fast_bfloat16(device),
    )


def load_lite_base(path: Path) -> tuple[LiteSynthesizer, STFTDiscriminators]:
    """Return the networks of a `lite` base; the one speaker is the mean of many.

    Raises TrainingError where the file is no such base.
    """
    try:
        with safe_open(path, "pt") as file:
            config = LiteConfig.from_dict(json.loads(file.metadata()["config"]))
            state = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118
        critics = {
            name.removeprefix(DISCRIMINATORS): state.pop(name)
            for name in list(state)
            if name.startswith(DISCRIMINATORS)
        }
        with torch.device("meta"):  # takes no memory, whatever sizes the file asks for
            LiteSynthesizer(config).load_state_dict(state, strict=True, assign=True)
        synthesizer = LiteSynthesizer(config)
        synthesizer.load_state_dict(state, strict=True)
        discriminators = STFTDiscriminators.from_state(critics)
    except (SafetensorError, ValueError, KeyError, TypeError, RuntimeError, OSError) as error:
        raise _unfit(path) from error
    return synthesizer, discriminators


def fast_bfloat16(device: str) -> bool:
    """Return whether bf16 is faster than fp32: CUDA, and processors with its instructions."""
    if device == "cuda":
        return torch.cuda.is_bf16_supported()
    return bool(torch.cpu._is_avx512_bf16_supported())


def load_base(network: nn.Module, path: Path) -> None:
    """Load a published base (`f0G40k.pth`, ...); raises TrainingError if it does not fit."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)["model"]
        network.load_state_dict(state, strict=True)
    except Exception as error:  # whatever a damaged file makes torch's reader run into
        raise _unfit(path) from error


def _unfit(path: Path) -> TrainingError:
    return TrainingError(
        "{name} does not fit this preset: it is a base of another rate or version, or "
        "damaged. Put the right file there, or choose the preset it belongs to.",
        name=path.name,
    )


def snapshot(synthesizer: nn.Module) -> dict[str, torch.Tensor]:
    """Return the weights a voice file holds: fp16 on the CPU, without the posterior encoder."""
    return {
        name: tensor.detach().to("cpu", torch.float16, copy=True)
        for name, tensor in synthesizer.state_dict().items()
        if not name.startswith("enc_q.")
    }


def index_rows(pieces: list[Piece], preset: Preset) -> np.ndarray:
    """Return the content (rows, channels) that a voice is searched in; a sample of it for lite."""
    speech = np.concatenate([p.content[0].astype(np.float32) for p in pieces if p.samples.any()])
    if preset.version == "lite":
        speech = speech[:: -(-len(speech) // LITE_INDEX_ROWS)]
    return speech


def own_distance(pieces: list[Piece], preset: Preset, seed: int) -> dict[str, float]:
    """Return {"content_distance": ...} of the held-out sentences to an index without them.

    Empty where nothing is held out. `rvc.retrieval` compares a source's distance with it.
    """
    kept, held_out = split(pieces, seed=seed)
    if preset.version != "lite" or not held_out:
        return {}
    index = build_index(index_rows(kept, preset), seed=seed)
    distances = [content_distance(index, p.content[0].astype(np.float32)) for p in held_out]
    return {CARD_KEY: round(float(np.median(distances)), 4)}


def trained_voice(
    run: TrainingRun,
    pieces: list[Piece],
    *,
    config: LiteConfig | RVCConfig,
    weights: dict[str, torch.Tensor],
    facts: dict[str, object],
) -> Voice:
    """Return the voice of `weights` with its index. `facts` are added to the card."""
    options, preset = run.options, run.preset
    voiced = np.concatenate([p.f0_hz[p.f0_hz > 0] for p in pieces])
    low, median, high = np.percentile(voiced, [5, 50, 95]) if len(voiced) else (0.0, 0.0, 0.0)
    frames = sum(p.frames for p in pieces if p.samples.any())
    card = {
        "name": options.name,
        "preset": preset.name,
        "created": date.today().isoformat(),
        "minutes": round(frames / FRAMES_PER_SECOND / 60, 2),
        "f0_median_hz": round(float(median), 1),
        "f0_range_hz": [round(float(low), 1), round(float(high), 1)],
        "from_scratch": options.from_scratch,
        UNVOICED_KEY: "zero",  # as the pieces hold it
        "seed": options.seed,
        "consent": options.consent,
        "licence": in_every_language(LICENCE),
        "note": in_every_language(NOTE),
    }
    return Voice(
        name=options.name,
        config=config,
        weights=weights,
        version=preset.version,
        uses_f0=True,
        sample_rate=preset.sample_rate,
        index=build_index(index_rows(pieces, preset), seed=options.seed),
        card=card | own_distance(pieces, preset, options.seed) | facts,
    )
