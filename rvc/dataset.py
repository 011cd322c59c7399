"""Training data: pieces of sound with their features, in memory, and batches cut from them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch


@dataclass(frozen=True, eq=False)
class Piece:
    """One stretch of clean speech, aligned to frames.

    samples: (frames * hop_length,) float32 at the synthesizer's rate; content: (variants, frames,
    channels), the first of the sound itself, others of altered copies of it with the same
    words; f0_hz: (frames,); speaker: row of the speaker table.
    """

    samples: np.ndarray
    content: np.ndarray
    f0_hz: np.ndarray
    speaker: int = 0

    @property
    def frames(self) -> int:
        return len(self.f0_hz)


@dataclass(frozen=True, eq=False)
class Batch:
    """content (batch, frames, channels); f0_hz (batch, frames); samples (batch, frames * hop);
    speaker (batch,)."""

    content: torch.Tensor
    f0_hz: torch.Tensor
    samples: torch.Tensor
    speaker: torch.Tensor

    def parts(self, count: int) -> list["Batch"]:
        """Return the items in at most `count` parts, as equal as possible."""
        count = min(count, len(self.samples))
        columns = [getattr(self, part.name).tensor_split(count) for part in fields(self)]
        return [Batch(*part) for part in zip(*columns, strict=True)]


class VoiceDataset:
    """Pieces laid end to end on the device; a batch is segments gathered from them.

    Every epoch visits every piece in a new order and at new offsets, decided by (seed, epoch)
    alone, so that a resumed training gets the batches of an undisturbed one. Pieces shorter
    than a segment are joined to their neighbour of the same speaker, none is left out.
    """

    def __init__(
        self,
        pieces: Sequence[Piece],
        *,
        hop_length: int,
        segment_frames: int,
        device: str | torch.device = "cpu",
    ) -> None:
        """Raise ValueError when there is nothing to cut a segment from."""
        runs = _runs_of_speakers(pieces)
        pieces = [piece for run in runs for piece in run]
        self.hop_length, self.segment_frames = hop_length, segment_frames
        self.frames = sum(piece.frames for piece in pieces)
        self.spans = _spans([(piece.frames, piece.speaker) for piece in pieces], segment_frames)
        if not self.spans:
            raise ValueError("less sound than one training segment")
        variants = min(piece.content.shape[0] for piece in pieces)
        content = np.concatenate([p.content[:variants] for p in pieces], axis=1)
        self.content = torch.from_numpy(content.astype(np.float16, copy=False)).to(device)
        self.f0_hz = torch.from_numpy(np.concatenate([p.f0_hz for p in pieces])).float().to(device)
        samples = np.concatenate([p.samples for p in pieces]).astype(np.float32, copy=False)
        self.samples = torch.from_numpy(samples).to(device)
        speakers = np.repeat([p.speaker for p in pieces], [p.frames for p in pieces])
        self.speaker = torch.from_numpy(speakers).long().to(device)

    def batches_per_epoch(self, batch_size: int) -> int:
        return _batches(self.spans, self.segment_frames, batch_size)

    def epoch(self, batch_size: int, *, seed: int, epoch: int, skip: int = 0) -> Iterator[Batch]:
        """Yield the batches of one epoch, from batch number `skip` on."""
        rng = np.random.default_rng([seed, epoch])
        starts = np.concatenate([self._starts(span, rng) for span in self.spans])
        wanted = self.batches_per_epoch(batch_size) * batch_size
        starts = np.resize(rng.permutation(starts), wanted)
        variants = rng.integers(len(self.content), size=wanted)
        for first in range(skip * batch_size, wanted, batch_size):
            some = slice(first, first + batch_size)
            yield self._gather(starts[some], variants[some])

    def _starts(self, span: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
        """Return start frames that tile a span at a random offset."""
        start, stop = span
        count = _segments(start, stop, self.segment_frames)
        room = stop - start - count * self.segment_frames
        return start + rng.integers(room + 1) + np.arange(count) * self.segment_frames

    def _gather(self, starts: np.ndarray, variants: np.ndarray) -> Batch:
        device = self.samples.device
        first = torch.from_numpy(starts).to(device)
        variant = torch.from_numpy(variants).to(device)
        frames = first[:, None] + torch.arange(self.segment_frames, device=device)
        length = self.segment_frames * self.hop_length
        samples = first[:, None] * self.hop_length + torch.arange(length, device=device)
        return Batch(
            content=self.content[variant[:, None], frames].float(),
            f0_hz=self.f0_hz[frames],
            samples=self.samples[samples],
            speaker=self.speaker[first],
        )


def batches_in(frames: Sequence[int], segment_frames: int, batch_size: int) -> int:
    """Return the batches of an epoch over one speaker's pieces of so many frames each."""
    return _batches(
        _spans([(count, 0) for count in frames], segment_frames), segment_frames, batch_size
    )


def _batches(spans: Sequence[tuple[int, int]], segment_frames: int, batch_size: int) -> int:
    return max(1, sum(_segments(*span, segment_frames) for span in spans) // batch_size)


def _segments(start: int, stop: int, segment_frames: int) -> int:
    return (stop - start) // segment_frames


def _runs_of_speakers(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Return the pieces grouped by speaker, in order."""
    runs: dict[int, list[Piece]] = {}
    for piece in pieces:
        runs.setdefault(piece.speaker, []).append(piece)
    return list(runs.values())


def _spans(pieces: Sequence[tuple[int, int]], segment_frames: int) -> list[tuple[int, int]]:
    """Return frame ranges to cut segments from: pieces, short ones joined to a neighbour.

    `pieces`: (frames, speaker) of each.
    """
    spans: list[tuple[int, int]] = []
    speaker_of: list[int] = []
    start = position = 0
    for number, (frames, speaker) in enumerate(pieces):
        position += frames
        last = number + 1 == len(pieces) or pieces[number + 1][1] != speaker
        if position - start >= segment_frames:
            spans.append((start, position))
            speaker_of.append(speaker)
            start = position
        elif last:
            if spans and speaker_of[-1] == speaker:
                spans[-1] = (spans[-1][0], position)
            start = position
    return spans
