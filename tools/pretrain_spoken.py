"""Copies of every clip that a first base speaks with its own speakers, for a second to learn from.

A copy says the same at the same time in another person's voice, with other formants, pitch and
colour, so the second base hears the words in voices it has no recordings of. The idea is that of
self-synthesized transformations (Neekhara et al. 2023).
"""

import json
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from rvc.audio import Recording
from rvc.content import ContentEncoder
from rvc.dataset import Piece
from rvc.network.lite import BINS, LiteConfig, LiteSynthesizer

WARP_RANGE = (0.8, 1.25)  # of the formants
MOST_SEMITONES = 8.0  # the pitch is moved, up or down
F0_RANGE_HZ = (55.0, 600.0)
TILT_NEPERS = 0.45  # standard deviation of the slope from the middle of the spectrum to its ends
PEAK = 0.5


def first_round(run: Path) -> LiteSynthesizer:
    """Return a run's network with the speakers it has learnt and no empty row."""
    state = torch.load(run / "checkpoint.pt", weights_only=True)["synthesizer"]
    used = len(json.loads((run / "speakers.json").read_text()))
    state["emb_g.weight"] = state["emb_g.weight"][:used]
    channels = state["emb_g.weight"].shape[1]
    synthesizer = LiteSynthesizer(LiteConfig(channels=channels, speakers=used))
    synthesizer.load_state_dict(state)
    return synthesizer.eval()


def with_spoken(
    pieces: list[Piece], cache: Path, speaking: LiteSynthesizer, encoder: ContentEncoder
) -> list[Piece]:
    """Return the pieces with the content of one more copy each; `cache` keeps all as one array."""
    if not cache.exists():
        cache.parent.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng(zlib.crc32(cache.name.encode()))
        copies = [spoken_content(p.content[0], p.f0_hz, speaking, encoder, rng) for p in pieces]
        temporary = cache.with_suffix(".part.npy")
        np.save(temporary, np.concatenate(copies).astype("f2"))
        temporary.replace(cache)
        print("spoken copies of", cache.stem, flush=True)
    stored, start, more = np.load(cache), 0, []
    for piece in pieces:
        spoken = stored[None, start : start + piece.frames]
        more.append(replace(piece, content=np.concatenate([piece.content, spoken])))
        start += piece.frames
    return more


def spoken_content(
    content: np.ndarray,
    f0_hz: np.ndarray,
    synthesizer: LiteSynthesizer,
    encoder: ContentEncoder,
    rng: np.random.Generator,
) -> np.ndarray:
    """Return the content (frames, channels) of what `synthesizer` makes of a clip's features.

    content: (frames, channels); f0_hz: (frames,). The speaker is one of its table, at random;
    formants are warped, pitch moved and spectrum tilted at random.
    """
    warp = float(np.exp(rng.uniform(*np.log(WARP_RANGE))))
    shift = rng.uniform(-MOST_SEMITONES, MOST_SEMITONES)
    tilt = rng.normal(scale=TILT_NEPERS)
    speaker, seed = int(rng.integers(synthesizer.speakers)), int(rng.integers(2**31))
    f0_hz = np.where(f0_hz > 0, (f0_hz * 2 ** (shift / 12)).clip(*F0_RANGE_HZ), 0)
    sound = speak_warped(synthesizer, content, f0_hz, speaker, warp=warp, tilt=tilt, seed=seed)
    sound *= PEAK / max(1e-3, float(np.abs(sound).max(initial=0.0)))
    return encoder.encode(Recording(sound, synthesizer.sample_rate))


@torch.inference_mode()
def speak_warped(
    synthesizer: LiteSynthesizer,
    content: np.ndarray,
    f0_hz: np.ndarray,
    speaker: int,
    *,
    warp: float,
    tilt: float,
    seed: int,
) -> np.ndarray:
    """Return (frames * hop_length,) float32 with formants at `warp` times their frequency.

    `tilt`: how many nepers the top of the spectrum is raised, and its bottom lowered.
    """
    device = next(synthesizer.parameters()).device
    f0 = torch.from_numpy(f0_hz)[None].float().to(device)
    pulse, noise = synthesizer.predict_filters(
        torch.from_numpy(content.astype(np.float32))[None].to(device),
        f0,
        torch.tensor([speaker], device=device),
    )
    at = (torch.arange(BINS, device=device) / warp).clamp(max=BINS - 1)
    low = at.floor().long()
    high, share = (low + 1).clamp(max=BINS - 1), at - low
    slope = tilt * torch.linspace(-1, 1, BINS, device=device)
    bent = [x[..., low] * (1 - share) + x[..., high] * share + slope for x in (pulse, noise)]
    generator = torch.Generator(device).manual_seed(seed)
    return synthesizer.apply_filters(*bent, f0, generator)[0].cpu().numpy()
