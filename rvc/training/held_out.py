"""The held-out score: speech that is not trained on, resynthesised by the network so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from rvc.audio import FRAMES_PER_SECOND, Recording, rms_db
from rvc.dataset import Piece
from rvc.errors import AudioError, MissingAssetError
from rvc.f0 import estimate_f0
from rvc.losses import mel_distance
from rvc.mel import log_mel, spectrogram
from rvc.network.base import Synthesizer, speak
from rvc.speaker import speaker_embedding

SHARE = 0.07
AT_LEAST_SECONDS = 20.0
AT_MOST_SHARE = 0.2  # of a short recording
N_FFT, N_MELS = 1024, 80
DETAIL_SIZE = 5  # mel bands and frames that are smoothed over
# What counts as one step better: about what each score varies from save to save of one training
# that no longer changes (benchmarks/voice_quality.py prints them).
NOISE = {"mel": -0.004, "likeness": 0.004, "detail": 0.01}  # mel: less is better
WORSE_BY = 1.0  # of the summed scores, in units of their noise: less is a tie


def split(pieces: Sequence[Piece], *, seed: int) -> tuple[list[Piece], list[Piece]]:
    """Return (to train on, held out); see `held_out_places`."""
    sounding = [bool(piece.samples.any()) for piece in pieces]
    held = held_out_places([piece.frames for piece in pieces], sounding, seed=seed)
    kept = [piece for i, piece in enumerate(pieces) if i not in held]
    return kept, [pieces[i] for i in held]


def held_out_places(frames: Sequence[int], sounding: Sequence[bool], *, seed: int) -> list[int]:
    """Return which pieces are held out: 7 %, at least 20 s, never more than a fifth, by seed.

    `frames`: of each piece; `sounding`: False for pure silence, which is not held out. With too
    little speech nothing is.
    """
    total = sum(count for count, sounds in zip(frames, sounding, strict=True) if sounds)
    wanted = min(max(SHARE * total, AT_LEAST_SECONDS * FRAMES_PER_SECOND), AT_MOST_SHARE * total)
    held, taken = [], 0
    for i in np.random.default_rng(seed).permutation(len(frames)):
        if sounding[i] and taken + frames[i] <= wanted:
            held.append(int(i))
            taken += frames[i]
    return sorted(held)


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Pieces that are not trained on, possibly none. `weights`: where the speaker encoder is."""

    pieces: list[Piece]
    seed: int
    weights: Path

    @property
    def sentence(self) -> Piece:
        """The longest piece, which is resynthesised as a preview at every save."""
        return max(self.pieces, key=lambda piece: piece.frames)

    def resynthesize(self, synthesizer: Synthesizer, piece: Piece) -> np.ndarray:
        """Return the piece resynthesised, (frames * hop_length,) float32."""
        return speak(synthesizer, piece.content[0], piece.f0_hz, seed=self.seed)

    def score(self, synthesizer: Synthesizer) -> dict[str, float] | None:
        """Return the scores of the network; None when nothing is held out.

        {"mel": mean log-mel distance at the recorded level, which a conversion sets by itself and
        which varies more from save to save than the sound, "likeness": cosine of the speaker
        embeddings (left out without their network), "detail": fine structure of the log mel against
        the recorded one's, 1 at best, less where the sound is smeared, "f0_cents": median pitch
        error where voiced}.
        """
        if not self.pieces:
            return None
        rate, distances, details, errors = synthesizer.sample_rate, [], [], []
        sounds = [self.resynthesize(synthesizer, piece) for piece in self.pieces]
        for piece, sound in zip(self.pieces, sounds, strict=True):
            levelled = at_level_of(piece.samples, sound)
            both = [torch.from_numpy(x)[None] for x in (piece.samples, levelled)]
            mel = mel_distance(*both, sample_rate=rate, n_fft=N_FFT, n_mels=N_MELS)
            distances.append(float(mel))
            details.append(detail(*both, sample_rate=rate))
            f0_hz = estimate_f0(Recording(sound, rate)).hz
            voiced = (f0_hz > 0) & (piece.f0_hz > 0)
            errors.append(1200 * np.abs(np.log2(f0_hz[voiced] / piece.f0_hz[voiced])))
        cents = np.concatenate(errors)
        frames = [piece.frames for piece in self.pieces]
        likeness = self._likeness(np.concatenate(sounds), rate)
        return {
            "mel": round(float(np.average(distances, weights=frames)), 4),
            **({} if likeness is None else {"likeness": round(likeness, 4)}),
            "detail": round(float(np.average(details, weights=frames)), 4),
            "f0_cents": round(float(np.median(cents)), 1) if len(cents) else 0.0,
        }

    def _likeness(self, sound: np.ndarray, rate: int) -> float | None:
        """Return the speaker cosine of `sound` to the recording; None without the encoder."""
        recorded = np.concatenate([piece.samples for piece in self.pieces])
        try:
            directions = [
                speaker_embedding(Recording(samples, rate), self.weights)
                for samples in (sound, recorded)
            ]
        except MissingAssetError:
            return None
        except AudioError:  # not a voice yet
            return 0.0
        return float(directions[0] @ directions[1])


def at_level_of(recorded: np.ndarray, sound: np.ndarray) -> np.ndarray:
    """Return `sound` at the level of `recorded`, both (samples,)."""
    gain = 10 ** ((rms_db(recorded) - rms_db(sound)) / 20)
    return (sound * gain).astype(np.float32)


def detail(recorded: torch.Tensor, sound: torch.Tensor, *, sample_rate: int) -> float:
    """Return how near the fine structure of `sound` comes to the recorded one, 0 to 1.

    Both (1, samples). Fine structure is what a log mel differs by from its smoothed self; averaged
    predictions lack it, which is audible as a buzz or a veil.
    """
    strengths = []
    for samples in (recorded, sound):
        magnitudes = spectrogram(samples, n_fft=N_FFT, hop_length=sample_rate // FRAMES_PER_SECOND)
        mel = log_mel(magnitudes, sample_rate=sample_rate, n_mels=N_MELS)
        smooth = F.avg_pool2d(
            mel, DETAIL_SIZE, stride=1, padding=DETAIL_SIZE // 2, count_include_pad=False
        )
        strengths.append(float((mel - smooth).std()) + 1e-6)
    return min(strengths) / max(strengths)


def merit(scores: dict[str, float]) -> float:
    """Return the summed held-out scores in units of their noise; more is better."""
    return sum(scores[name] / noise for name, noise in NOISE.items() if name in scores)
