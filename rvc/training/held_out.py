"""The held-out score: speech never trained on, spoken by the network so far."""

from collections.abc import Sequence

import numpy as np
import torch

from rvc.audio import Recording
from rvc.dataset import Piece
from rvc.f0 import estimate_f0
from rvc.losses import mel_distance
from rvc.network.base import Synthesizer, speak

SHARE = 0.07
AT_LEAST_SECONDS = 20.0
AT_MOST_SHARE = 0.2  # of a short recording
N_FFT, N_MELS = 1024, 80


def split(pieces: Sequence[Piece], *, seed: int) -> tuple[list[Piece], list[Piece]]:
    """Return (to train on, held out): 7 %, at least 20 s, never more than a fifth, by seed.

    With too little sound for that nothing is held out.
    """
    total = sum(piece.frames for piece in pieces)
    wanted = min(max(SHARE * total, AT_LEAST_SECONDS * 100), AT_MOST_SHARE * total)
    held, frames = [], 0
    for i in np.random.default_rng(seed).permutation(len(pieces)):
        if frames + pieces[i].frames <= wanted:
            held.append(int(i))
            frames += pieces[i].frames
    kept = [piece for i, piece in enumerate(pieces) if i not in held]
    return kept, [pieces[i] for i in sorted(held)]


def score(synthesizer: Synthesizer, pieces: Sequence[Piece], *, seed: int) -> dict[str, float]:
    """Return {"mel": mean log-mel distance, "f0_cents": median pitch error where voiced}."""
    distances, errors, weights = [], [], []
    for piece in pieces:
        spoken = respeak(synthesizer, piece, seed=seed)
        rate = synthesizer.sample_rate
        both = [torch.from_numpy(x)[None] for x in (piece.samples, spoken)]
        distances.append(float(mel_distance(*both, sample_rate=rate, n_fft=N_FFT, n_mels=N_MELS)))
        weights.append(piece.frames)
        heard = estimate_f0(Recording(spoken, rate)).hz
        voiced = (heard > 0) & (piece.f0_hz > 0)
        errors.append(1200 * np.abs(np.log2(heard[voiced] / piece.f0_hz[voiced])))
    cents = np.concatenate(errors)
    return {
        "mel": round(float(np.average(distances, weights=weights)), 4),
        "f0_cents": round(float(np.median(cents)), 1) if len(cents) else 0.0,
    }


def respeak(synthesizer: Synthesizer, piece: Piece, *, seed: int) -> np.ndarray:
    """Return the piece (frames * hop_length,) float32 as the network speaks it."""
    return speak(synthesizer, piece.content[0], piece.f0_hz, seed=seed)
