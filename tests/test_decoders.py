"""Applio's decoders, MRF HiFi-GAN and RefineGAN: the original's numbers, and whole voices."""

from dataclasses import replace
from math import prod
from pathlib import Path

import numpy as np
import pytest
import torch
from seeded_weights import seeded_weights, shapes_of

from rvc.errors import VoiceError
from rvc.network.config import RVCConfig
from rvc.network.layers import fold_weight_norm
from rvc.network.mrf_hifigan import MRFHiFiGAN
from rvc.network.refinegan import RefineGAN, decimate
from rvc.network.synthesizer import RVCSynthesizer
from rvc.voice import VoiceLibrary, build_synthesizer, load_voice

GOLDEN = Path(__file__).parent / "golden"
SMALL = replace(
    RVCConfig.preset("v2", 32_000),
    inter_channels=8, hidden_channels=16, filter_channels=32, layers=1, speakers=2,
)  # fmt: skip
MRF = replace(SMALL, decoder="mrf", upsample_initial_channels=32, speaker_channels=16)
REFINEGAN = replace(
    SMALL, decoder="refinegan", sample_rate=24_000, spec_channels=513, upsample_rates=(20, 12),
    upsample_kernel_sizes=(40, 24), upsample_initial_channels=128,
)  # fmt: skip
KINDS = {"mrf": (MRFHiFiGAN, MRF), "refinegan": (RefineGAN, REFINEGAN)}
# Weights of the original's networks without the posterior encoder: their number and their numbers.
FULL_SIZES = {
    ("mrf", 40_000): (460, 27_537_868),
    ("refinegan", 24_000): (485, 26_273_682),
}


@pytest.fixture(scope="module")
def golden() -> dict[str, np.ndarray]:
    """Arrays of the original code on seeded weights, without noise, overtones starting at 0."""
    return dict(np.load(GOLDEN / "decoders.npz"))


@pytest.mark.parametrize("kind", KINDS)
def test_golden_decoder(kind, golden):
    network, config = KINDS[kind]
    decoder = network(config).eval()
    decoder.load_state_dict(seeded_weights(shapes_of(decoder)))
    names = ("latent", "f0_hz", f"speaker_{kind}")
    inputs = [torch.from_numpy(golden[name])[None] for name in names]
    with torch.no_grad():
        waveform = decoder(*inputs, noise=False)[0, 0]
        fold_weight_norm(decoder)
        folded = decoder(*inputs, noise=False)[0, 0]
    assert torch.equal(waveform, folded)
    expected = golden[f"waveform_{kind}"]
    error = np.abs(waveform.numpy() - expected).max()
    assert error <= 1e-4 * np.abs(expected).max()


@pytest.mark.parametrize(("kind", "sample_rate"), FULL_SIZES)
def test_full_networks_have_the_originals_weights(kind, sample_rate):
    config = replace(RVCConfig.preset("v2", sample_rate), decoder=kind)
    with torch.device("meta"):
        shapes = shapes_of(RVCSynthesizer(config, with_posterior=False))
    assert (len(shapes), sum(map(prod, shapes.values()))) == FULL_SIZES[kind, sample_rate]


@pytest.mark.parametrize("kind", KINDS)
def test_voices_with_them_open_and_speak(tmp_path, kind):
    _, config = KINDS[kind]
    torch.manual_seed(0)
    weight = RVCSynthesizer(config, with_posterior=False).state_dict()
    path = tmp_path / "a.pth"
    torch.save({"weight": weight, "config": config.to_list(), "vocoder": "?"}, path)
    voice = load_voice(path)
    assert voice.config == config
    synthesizer = build_synthesizer(voice)
    content, f0_hz = torch.randn(1, 30, 768), torch.full((1, 30), 150.0)

    def sound(seed: int) -> torch.Tensor:
        generator = torch.Generator().manual_seed(seed)
        return synthesizer.infer(content, f0_hz, torch.tensor([1]), generator=generator)

    assert sound(1).shape == (1, 30 * config.hop_length)
    assert torch.equal(sound(1), sound(1)) and not torch.equal(sound(1), sound(2))
    folder = VoiceLibrary(tmp_path / "w").save(replace(voice, name="a"))
    saved = torch.load(folder / "a.pth", weights_only=True)
    assert saved["vocoder"] == {"mrf": "MRF HiFi-GAN", "refinegan": "RefineGAN"}[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_a_piece_continues_the_wave_of_the_one_before(kind):
    """The source of the second half, started at the phase that the first half ends with."""
    network, config = KINDS[kind]
    decoder = network(config).eval()
    f0_hz = torch.full((1, 40), 203.0)
    phase = 203.0 * 20 / 100 % 1.0
    hop = config.hop_length

    def source(hz: torch.Tensor, start: float) -> torch.Tensor:
        if kind == "mrf":
            return decoder.source(hz, noise=False, generator=None, phase=start)
        hz = hz.repeat_interleave(hop, dim=1)[:, None]
        return decoder.m_source(hz, None, start)

    with torch.no_grad():
        whole, rest = source(f0_hz, 0.0), source(f0_hz[:, 20:], phase)
    torch.testing.assert_close(whole[..., 20 * hop :], rest, atol=1e-5, rtol=0)


@pytest.mark.parametrize("changes", [{"uses_f0": False}, {"upsample_initial_channels": 256}])
def test_shapes_that_cannot_be_are_refused(changes):
    values = replace(REFINEGAN, **changes).to_list()
    with pytest.raises(VoiceError):
        RVCConfig.from_list(values, decoder="refinegan", uses_f0=changes.get("uses_f0", True))


def test_decimation_keeps_what_the_lower_rate_can_hold():
    times = torch.arange(4800) / 48_000
    low, high = (torch.sin(2 * torch.pi * hz * times)[None, None] for hz in (900.0, 9_000.0))
    kept, gone = decimate(low, 4), decimate(high, 4)
    assert kept.shape == (1, 1, 1200)
    inside = slice(150, -150)  # away from the ends
    torch.testing.assert_close(kept[..., inside], low[..., ::4][..., inside], atol=1e-3, rtol=0)
    assert gone[..., inside].abs().max() < 1e-3
