"""RMVPE: the original's numbers on seeded weights, the grid of frames, and what is missing."""

import hashlib
from dataclasses import replace
from math import prod
from pathlib import Path

import numpy as np
import pytest
import torch
from plain_sentences import check_sentence
from seeded_weights import seeded_weights, shapes_of

from rvc import assets
from rvc.audio import Recording
from rvc.errors import MissingAssetError
from rvc.f0 import estimate_f0
from rvc.f0 import rmvpe as module
from rvc.f0.rmvpe import RMVPE, RMVPEShape, pitch, salience

GOLDEN = Path(__file__).parent / "golden"
SMALL = RMVPEShape(levels=2, blocks=1, bottom_levels=2, channels=4)
RATE = 16_000


@pytest.fixture(scope="module")
def golden() -> dict[str, np.ndarray]:
    return dict(np.load(GOLDEN / "rmvpe.npz"))


@pytest.fixture(scope="module")
def small() -> RMVPE:
    network = RMVPE(SMALL).eval()
    state = seeded_weights(shapes_of(network))
    network.load_state_dict(state)
    return network


def test_golden_salience(small, golden):
    with torch.no_grad():
        found = small(torch.from_numpy(golden["log_mel"])[None])[0].numpy()
    assert np.abs(found - golden["salience"]).max() <= 1e-4 * golden["salience"].max()


def test_golden_mel(golden):
    """The original's frame k is centred at k * 10 ms, ours half a frame later."""
    later = np.pad(golden["sound"], (80, 0))
    found = module._log_mel(later, 0, 64)
    inside = slice(4, -4)  # it mirrors the sound at the ends
    np.testing.assert_allclose(found[:, inside], golden["log_mel"][:, inside], atol=2e-3)


def test_golden_pitch(golden):
    for salient, expected in (("salience", "hz"), ("peaked", "peaked_hz")):
        hz, confidence = pitch(golden[salient])
        voiced = confidence > module.VOICED
        np.testing.assert_allclose(np.where(voiced, hz, 0), golden[expected], rtol=1e-5)


def test_the_full_network_has_the_originals_weights():
    with torch.device("meta"):
        shapes = shapes_of(RMVPE())
    assert (len(shapes), sum(map(prod, shapes.values()))) == (741, 90_472_917)


def test_windows_join_without_a_trace(small, monkeypatch):
    sound = np.random.default_rng(0).standard_normal(RATE * 3).astype(np.float32)
    whole = salience(small, sound, 300)
    assert whole.shape == (300, 360)
    monkeypatch.setattr(module, "WINDOW_FRAMES", 112)
    parts = salience(small, sound, 300)
    inner = np.abs(parts - whole)[:290]  # at the end another length is filled up
    assert inner.max() < 0.02


def test_estimates_follow_the_networks_peaks(tmp_path, monkeypatch):
    """A network that marks the strongest mel bin of each frame, in place of the fetched one."""

    class Marks(RMVPE):
        def forward(self, log_mel: torch.Tensor) -> torch.Tensor:
            loud = log_mel.amax(1) > 0
            bins = torch.full(loud.shape, 200)
            return torch.nn.functional.one_hot(bins, 360) * loud[..., None] * 0.9

    state = {n: v.half() for n, v in seeded_weights(shapes_of(Marks(SMALL))).items()}
    path = tmp_path / "pretrained" / "rmvpe.pt"
    path.parent.mkdir()
    torch.save(state, path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    published = replace(
        assets.find_asset("rmvpe.pt"), size_bytes=path.stat().st_size, sha256=digest
    )
    others = tuple(a for a in assets.ASSETS if a.name != "rmvpe.pt")
    monkeypatch.setattr(assets, "ASSETS", (*others, published))
    monkeypatch.setattr(module, "RMVPE", lambda: Marks(SMALL))
    times = np.arange(2 * RATE) / RATE
    sound = np.where(times < 1, np.sin(2 * np.pi * 300 * times), 0).astype(np.float32)
    f0 = estimate_f0(Recording(sound, RATE), "rmvpe", weights=tmp_path)
    expected = 10 * 2 ** ((module.FIRST_CENTS + 20 * 200) / 1200)
    assert len(f0.hz) == 200
    np.testing.assert_allclose(f0.hz[2:98], expected, rtol=1e-4)
    assert not f0.voiced[102:].any()


def test_missing_weights_are_named_with_the_command(tmp_path):
    sound = np.random.default_rng(0).standard_normal(RATE).astype(np.float32)
    with pytest.raises(MissingAssetError, match="python -m rvc fetch rmvpe") as caught:
        estimate_f0(Recording(sound, RATE), "rmvpe", weights=tmp_path)
    check_sentence(caught.value)
