"""The lite synthesizer: its sources, its filters, and that it can learn."""

import numpy as np
import pytest
import torch

from rvc.network.lite import (
    BINS,
    LiteConfig,
    LiteSynthesizer,
    minimum_phase,
    pulse_train,
)

RATE, HOP = 24_000, 240


def tiny(**changes: object) -> LiteSynthesizer:
    torch.manual_seed(0)
    return LiteSynthesizer(LiteConfig(content_channels=8, channels=16, dilations=(1,), **changes))


@pytest.mark.parametrize("f0_hz", [55.0, 220.0, 440.0, 1000.0])
def test_pulse_train_has_the_pitch_it_is_given(f0_hz):
    sound = pulse_train(torch.full((1, 100), f0_hz), RATE, HOP)[0].numpy()
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    harmonics = np.round(np.arange(1, 6) * f0_hz).astype(int)  # one second: a bin is one hertz
    between = np.round(harmonics + f0_hz / 2).astype(int)
    assert spectrum[harmonics].min() > 30 * spectrum[between].max()


def test_pulse_train_is_silent_where_unvoiced():
    f0 = torch.tensor([[200.0] * 50 + [0.0] * 50])
    sound = pulse_train(f0, RATE, HOP)[0]
    assert sound[: 50 * HOP].abs().max() > 0.1 and sound[50 * HOP :].abs().max() == 0


def test_minimum_phase_keeps_the_magnitude_and_is_causal():
    log_magnitude = 2 * torch.cos(torch.arange(BINS) / 40.0)[None]
    response = minimum_phase(log_magnitude)
    assert torch.allclose(response.abs().log(), log_magnitude, atol=1e-4)
    impulse = torch.fft.irfft(response)[0]
    assert impulse[512:].square().sum() < 1e-6 * impulse.square().sum()


@pytest.mark.parametrize("frames", [5, 37, 100])
def test_sound_is_as_long_as_its_frames_and_repeats_by_seed(frames):
    net = tiny()
    inputs = torch.randn(2, frames, 8), torch.full((2, frames), 150.0), torch.zeros(2).long()
    sounds = [
        net.infer(*inputs, generator=torch.Generator().manual_seed(seed)) for seed in (1, 1, 2)
    ]
    assert sounds[0].shape == (2, frames * HOP)
    assert torch.equal(sounds[0], sounds[1]) and not torch.equal(sounds[0], sounds[2])


def test_overlap_add_of_an_unchanged_spectrum_gives_the_sound_back():
    net = tiny()
    sound = torch.randn(1, 60 * HOP)
    again = net._overlap_add(net._stft(sound))
    inner = slice(1024, -1024)
    assert torch.allclose(again[:, inner], sound[:, inner], atol=1e-4)


def test_config_goes_through_plain_values():
    config = LiteConfig(channels=64, dilations=(1, 2), minimum_phase=False)
    assert LiteConfig.from_dict(config.to_dict()) == config
    with pytest.raises(TypeError):
        LiteConfig.from_dict(config.to_dict() | {"surprise": 1})
