"""tools/pretrain_spoken.py: other people's copies of a clip, made by a network."""

from pathlib import Path

import numpy as np
import pytest
import torch

from rvc.audio import Recording, frame_count
from rvc.dataset import Piece
from rvc.network.lite import BINS, LiteConfig, LiteSynthesizer
from tools.pretrain_lite import speaker_rows
from tools.pretrain_spoken import first_round, speak_warped, spoken_content, with_spoken

RATE, HOP, FRAMES, FORMANT_HZ = 24_000, 240, 120, 1500.0


class LoudnessEncoder:
    """Stands for a content encoder: four times the level of every frame."""

    calls = 0

    def encode(self, recording: Recording) -> np.ndarray:
        self.calls += 1
        frames = frame_count(len(recording.samples), recording.sample_rate)
        sound = np.resize(recording.samples, frames * HOP).reshape(frames, HOP)
        return np.repeat(sound.std(1)[:, None], 4, 1).astype(np.float32)


@pytest.fixture
def one_formant() -> LiteSynthesizer:
    """A network whose voiced filter has one peak, whatever it is told."""
    torch.manual_seed(0)
    network = LiteSynthesizer(
        LiteConfig(content_channels=4, channels=8, dilations=(1,), speakers=3)
    )
    hz = torch.arange(BINS) * RATE / 2 / (BINS - 1)
    with torch.no_grad():
        network.filters.weight.zero_()
        network.filters.bias[:BINS] = -1 - ((hz - FORMANT_HZ) / 300).square().clamp(max=8)
        network.filters.bias[BINS:] = -12
    return network.eval()


def loudest_hz(sound: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound)))) ** 2
    hz = np.fft.rfftfreq(len(sound), 1 / RATE)
    near = spectrum > spectrum.max() / 100
    return float((hz[near] * spectrum[near]).sum() / spectrum[near].sum())


@pytest.mark.parametrize("warp", [0.8, 1.0, 1.25])
def test_a_warp_moves_the_formants_and_not_the_pitch(one_formant, warp):
    content, f0 = np.zeros((FRAMES, 4), np.float32), np.full(FRAMES, 100.0)
    sound = speak_warped(one_formant, content, f0, 0, warp=warp, tilt=0.0, seed=0)
    assert len(sound) == FRAMES * HOP
    assert loudest_hz(sound) == pytest.approx(FORMANT_HZ * warp, rel=0.04)
    correlation = np.correlate(sound[4800:9600], sound[4800:9600], "full")[4800 - 1 :]
    assert 100 + np.argmax(correlation[100:400]) == pytest.approx(RATE / 100, abs=2)


def test_a_spoken_copy_keeps_its_frames_and_repeats_by_seed(one_formant):
    content = np.zeros((FRAMES, 4), np.float32)
    f0 = np.where(np.arange(FRAMES) < 60, 150.0, 0.0)
    copies = [
        spoken_content(content, f0, one_formant, LoudnessEncoder(), np.random.default_rng(seed))
        for seed in (1, 1, 2)
    ]
    assert copies[0].shape == content.shape
    assert np.array_equal(copies[0], copies[1]) and not np.array_equal(copies[0], copies[2])
    assert copies[0][10:50].min() > 3 * copies[0][70:110].max()  # said where the clip says it


def test_pieces_get_one_more_copy_each_and_the_cache_saves_the_work(one_formant, tmp_path: Path):
    pieces = [
        Piece(np.zeros(n * HOP, np.float32), np.ones((2, n, 4), np.float32), np.full(n, 120.0), 1)
        for n in (50, 80)
    ]
    encoder = LoudnessEncoder()
    more = with_spoken(pieces, tmp_path / "a.npy", one_formant, encoder)
    again = with_spoken(pieces, tmp_path / "a.npy", one_formant, encoder)
    assert encoder.calls == 2
    for before, after, repeated in zip(pieces, more, again, strict=True):
        assert after.content.shape == (3, before.frames, 4) and after.speaker == 1
        assert np.array_equal(after.content, repeated.content)
        assert after.content[2].max() != 1.0


def test_the_first_round_speaks_with_its_learnt_speakers_only(tmp_path: Path):
    torch.manual_seed(0)
    network = LiteSynthesizer(LiteConfig(speakers=48))
    torch.save({"synthesizer": network.state_dict()}, tmp_path / "checkpoint.pt")
    speaker_rows(tmp_path / "speakers.json", ["anna", "bert", "carla"])
    speaking = first_round(tmp_path)
    assert speaking.speakers == 3
    assert torch.equal(speaking.emb_g.weight, network.emb_g.weight[:3])
