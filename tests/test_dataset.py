"""Datasets: every frame is visited, no piece is lost, and a seed repeats the order."""

import numpy as np
import pytest

from rvc.dataset import Piece, VoiceDataset

HOP = 10


def piece(frames: int, first: int, speaker: int = 0) -> Piece:
    """Return a piece whose samples, f0 and content all encode the frame's number."""
    number = np.arange(first, first + frames, dtype=np.float32)
    content = np.stack([number[:, None], number[:, None]])
    return Piece(np.repeat(number, HOP), content, number, speaker)


def dataset(pieces: list[Piece], segment_frames: int = 20) -> VoiceDataset:
    return VoiceDataset(pieces, hop_length=HOP, segment_frames=segment_frames)


def test_content_f0_and_samples_stay_together():
    data = dataset([piece(100, 0), piece(70, 100)])
    for batch in data.epoch(4, seed=0, epoch=0):
        assert batch.content.shape == (4, 20, 1) and batch.samples.shape == (4, 200)
        assert (batch.content[..., 0] == batch.f0_hz).all()
        assert (batch.samples[:, ::HOP] == batch.f0_hz).all()


def test_short_pieces_are_joined_and_none_is_lost():
    data = dataset([piece(7, 0), piece(8, 7), piece(50, 15), piece(5, 65)])
    assert data.spans == [(0, 65 + 5)] or data.spans[-1][1] == 70
    seen = set()
    for epoch in range(60):
        for batch in data.epoch(1, seed=0, epoch=epoch):
            seen |= set(batch.f0_hz.flatten().int().tolist())
    assert seen == set(range(70))


def test_segments_never_mix_speakers():
    data = dataset([piece(30, 0, 0), piece(30, 30, 1), piece(9, 60, 0)])
    for batch in data.epoch(1, seed=0, epoch=0):
        speakers = {0 if frame < 30 or frame >= 60 else 1 for frame in batch.f0_hz[0].tolist()}
        assert speakers == {int(batch.speaker[0])}


def test_an_epoch_repeats_by_seed_and_can_be_entered_in_the_middle():
    data = dataset([piece(400, 0)])
    whole = [batch.f0_hz for batch in data.epoch(3, seed=5, epoch=2)]
    rest = [batch.f0_hz for batch in data.epoch(3, seed=5, epoch=2, skip=4)]
    assert len(whole) == data.batches_per_epoch(3)
    assert all((a == b).all() for a, b in zip(whole[4:], rest, strict=True))
    other = next(iter(data.epoch(3, seed=5, epoch=3))).f0_hz
    assert not (whole[0] == other).all()


def test_too_little_sound_is_refused():
    with pytest.raises(ValueError):
        dataset([piece(10, 0)])
