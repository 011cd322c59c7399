"""RMVPE and FCPE: the originals' numbers on seeded weights, frames, and what is missing."""

import hashlib
from dataclasses import replace
from math import prod
from pathlib import Path

import numpy as np
import pytest
import torch
from plain_sentences import check_sentence
from seeded_weights import seeded_weights, shapes_of

from rvc import assets, f0_weights
from rvc.audio import Recording
from rvc.errors import MissingAssetError
from rvc.f0 import estimate_f0, rmvpe
from rvc.f0 import salience as windows
from rvc.f0.fcpe import FCPE
from rvc.f0.log_mel import log_mel
from rvc.f0.rmvpe import RMVPE, RMVPEShape
from rvc.f0.salience import in_windows, pitch

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
    found = log_mel(later, 0, 64, low_hz=rmvpe.LOW_HZ, htk=True)
    inside = slice(4, -4)  # it mirrors the sound at the ends
    np.testing.assert_allclose(found[:, inside], golden["log_mel"][:, inside], atol=2e-3)


def test_golden_pitch(golden):
    cents = rmvpe.FIRST_CENTS + rmvpe.CENTS * np.arange(rmvpe.BINS)
    for salient, expected in (("salience", "hz"), ("peaked", "peaked_hz")):
        hz, confidence = pitch(golden[salient], cents)
        voiced = confidence > rmvpe.VOICED
        np.testing.assert_allclose(np.where(voiced, hz, 0), golden[expected], rtol=1e-5)


def test_the_full_network_has_the_originals_weights():
    with torch.device("meta"):
        shapes = shapes_of(RMVPE())
    assert (len(shapes), sum(map(prod, shapes.values()))) == (741, 90_472_917)


def test_windows_join_without_a_gap(monkeypatch):
    monkeypatch.setattr(windows, "WINDOW_FRAMES", 112)
    asked = []

    def numbered(first: int, count: int) -> np.ndarray:
        asked.append((first, first + count))
        return np.arange(first, first + count)[:, None]

    assert in_windows(300, numbered)[:, 0].tolist() == list(range(300))
    assert asked == [(0, 240), (0, 300), (96, 300)]


def test_golden_fcpe():
    golden = dict(np.load(GOLDEN / "fcpe.npz"))
    network = FCPE(channels=32, layers=2).eval()
    published = {name: tuple(shape) for name, shape in zip(*published_shapes(), strict=True)}
    network.load_published(seeded_weights(published))
    later = log_mel(golden["sound"], 0, 63, low_hz=0.0, htk=False)
    inside = slice(4, -4)  # the original mirrors the sound at the ends
    np.testing.assert_allclose(later[:, inside], golden["log_mel"].T[:, inside], atol=2e-3)
    with torch.no_grad():
        found = network(torch.from_numpy(golden["log_mel"].T.copy())[None])[0].numpy()
    assert np.abs(found - golden["salience"]).max() <= 1e-4 * golden["salience"].max()
    hz, _ = pitch(golden["salience"], golden["cents"].astype(np.float64))
    np.testing.assert_allclose(hz, golden["hz"], rtol=1e-4)


def published_shapes() -> tuple[list[str], list[tuple[int, ...]]]:
    """Return names and shapes of the original's weights, for 32 channels and 2 layers."""
    shapes: dict[str, tuple[int, ...]] = {
        "input_stack.0.weight": (32, 128, 3), "input_stack.0.bias": (32,),
        "input_stack.1.weight": (32,), "input_stack.1.bias": (32,),
        "input_stack.3.weight": (32, 32, 3), "input_stack.3.bias": (32,),
        "norm.weight": (32,), "norm.bias": (32,), "output_proj.bias": (360,),
        "output_proj.weight_g": (360, 1), "output_proj.weight_v": (360, 32),
        "cent_table": (360,), "gaussian_blurred_cent_mask": (),
    }  # fmt: skip
    for number in range(2):
        layer = f"net.encoder_layers.{number}."
        for name, shape in (("0", (32,)), ("2", (128, 32, 1)), ("4.conv", (64, 1, 31))):
            shapes[f"{layer}conformer.net.{name}.weight"] = shape
        for name, size in (("0", 32), ("2", 128), ("4.conv", 64), ("6", 32)):
            shapes[f"{layer}conformer.net.{name}.bias"] = (size,)
        shapes[f"{layer}conformer.net.6.weight"] = (32, 64, 1)
        shapes |= {f"{layer}norm.weight": (32,), f"{layer}norm.bias": (32,)}
    return list(shapes), list(shapes.values())


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
    monkeypatch.setattr(rmvpe, "RMVPE", lambda: Marks(SMALL))
    times = np.arange(2 * RATE) / RATE
    sound = np.where(times < 1, np.sin(2 * np.pi * 300 * times), 0).astype(np.float32)
    f0 = estimate_f0(Recording(sound, RATE), "rmvpe", weights=tmp_path)
    expected = 10 * 2 ** ((rmvpe.FIRST_CENTS + 20 * 200) / 1200)
    assert len(f0.hz) == 200
    np.testing.assert_allclose(f0.hz[2:98], expected, rtol=1e-4)
    assert not f0.voiced[102:].any()


def test_missing_weights_are_named_with_the_command(tmp_path, monkeypatch):
    sound = np.random.default_rng(0).standard_normal(RATE).astype(np.float32)
    with pytest.raises(MissingAssetError, match="python -m rvc fetch rmvpe") as caught:
        estimate_f0(Recording(sound, RATE), "rmvpe", weights=tmp_path)
    check_sentence(caught.value)
    (tmp_path / "pretrained").mkdir()
    (tmp_path / "pretrained" / f0_weights.FCPE_FILE).write_bytes(b"another file")
    monkeypatch.setattr(f0_weights, "FCPE_PACKAGE", "no_such_package")
    with pytest.raises(MissingAssetError, match="pip install --no-deps no_such_package") as caught:
        estimate_f0(Recording(sound, RATE), "fcpe", weights=tmp_path)
    assert caught.value.text.in_language("ko") != str(caught.value)
