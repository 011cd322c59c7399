"""The decoder for processors: the same sound as the original one, by fewer multiplications."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from rvc.network.fast_hifigan import FastHiFiGAN
from rvc.network.toom_cook import Scratch, ShortConvolution, toom_cook
from rvc.voice import build_synthesizer, load_voice

GOLDEN = Path(__file__).parent / "golden"
VOICES = sorted(path.stem for path in GOLDEN.glob("v*.pth"))


@pytest.mark.parametrize(("outputs", "taps"), [(6, 3), (6, 7), (6, 11), (5, 11), (4, 4)])
def test_the_algorithm_is_a_correlation(outputs, taps):
    after, kernel, before = toom_cook(outputs, taps)
    assert len(kernel) < outputs * taps / 2, "and it saves products"
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal(outputs + taps - 1), rng.standard_normal(taps)
    np.testing.assert_allclose(
        after @ ((kernel @ w) * (before @ x)), np.correlate(x, w), atol=1e-10
    )


@pytest.mark.parametrize(("dilation", "outputs"), [(1, 6), (3, 6), (5, 5)])
def test_a_short_convolution_equals_torchs(dilation, outputs):
    torch.manual_seed(0)
    weight, bias = torch.randn(8, 4, 7), torch.randn(8)
    conv = ShortConvolution(weight, bias, outputs=outputs, dilation=dilation)
    tiles = 9
    x = torch.randn((tiles + conv.tiles_ahead) * outputs * dilation, 4)  # (time, channels)
    phases = x.view(-1, outputs, dilation, 4).transpose(0, 1).reshape(outputs, -1, 4)
    made = conv(phases.contiguous(), tiles, Scratch())
    made = made.view(outputs, tiles, dilation, 8).transpose(0, 1).reshape(-1, 8)
    wanted = functional.conv1d(x.t()[None], weight, bias, dilation=dilation)[0].t()
    torch.testing.assert_close(made, wanted[: len(made)], atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(
    ("name", "chunk"), [*((name, 2**18) for name in VOICES), ("v2_40k_f0", 2**13)]
)
def test_golden_voices_sound_the_same(name, chunk, monkeypatch):
    monkeypatch.setattr("rvc.network.fast_hifigan.CHUNK_NUMBERS", chunk)
    synthesizer = build_synthesizer(load_voice(GOLDEN / f"{name}.pth"))
    assert isinstance(synthesizer.dec, FastHiFiGAN)
    golden = dict(np.load(GOLDEN / f"{name}.npz"))
    made = synthesizer.infer(
        torch.from_numpy(golden["content"])[None],
        torch.from_numpy(golden["f0_hz"])[None],
        torch.tensor([int(golden["speaker_id"])]),
        noise_scale=0,
    )[0]
    error = np.abs(made.numpy() - golden["waveform"]).max()
    assert error <= 1e-4 * np.abs(golden["waveform"]).max()


def test_threads_of_others_keep_their_count():
    synthesizer = build_synthesizer(load_voice(GOLDEN / "v2_40k_f0.pth"))
    before = torch.get_num_threads()
    content, f0_hz = torch.zeros(2, 60, 768), torch.full((2, 60), 150.0)
    sound = synthesizer.infer(content, f0_hz, torch.tensor([0, 1]))
    assert sound.shape == (2, 60 * synthesizer.hop_length)
    assert torch.get_num_threads() == before
