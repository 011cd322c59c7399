"""The lite synthesizer: sources, filters and training."""

import numpy as np
import pytest
import torch

from rvc.network.lite import (
    BINS,
    N_FFT,
    NOISE_FILTERS,
    NOISE_N_FFT,
    LiteConfig,
    LiteSynthesizer,
    _overlap_add,
    _stft,
    cycle_loudness,
    minimum_phase,
    pulse_train,
)

RATE, HOP = 24_000, 240


def tiny(**changes: object) -> LiteSynthesizer:
    torch.manual_seed(0)
    sizes = {"content_channels": 8, "channels": 16, "refinement_channels": 16}
    return LiteSynthesizer(LiteConfig(dilations=(1,), **sizes, **changes))


@pytest.mark.parametrize("f0_hz", [55.0, 220.0, 440.0, 1000.0])
def test_pulse_train_has_the_pitch_it_is_given(f0_hz):
    pulses, _ = pulse_train(torch.full((1, 100), f0_hz), RATE, HOP)
    sound = pulses[0].numpy()
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    harmonics = np.round(np.arange(1, 6) * f0_hz).astype(int)  # one second: a bin is one hertz
    between = np.round(harmonics + f0_hz / 2).astype(int)
    assert spectrum[harmonics].min() > 30 * spectrum[between].max()


def test_pulse_train_is_silent_where_unvoiced():
    f0 = torch.tensor([[200.0] * 50 + [0.0] * 50])
    pulses, _ = pulse_train(f0, RATE, HOP)
    sound = pulses[0]
    assert sound[: 50 * HOP].abs().max() > 0.1 and sound[50 * HOP :].abs().max() == 0


def test_breath_follows_the_pitch_cycle_without_changing_the_power():
    _, cycle = pulse_train(torch.full((1, 100), 200.0), RATE, HOP)
    loudness = cycle_loudness(cycle)[0]
    assert loudness.square().mean() == pytest.approx(1.0, abs=0.02)
    assert loudness[cycle[0].abs() < 0.05].min() > 4 * loudness[cycle[0].abs() > 0.45].max()


def test_an_untrained_refinement_hardly_changes_the_sound():
    net = tiny()
    inputs = torch.randn(1, 60, 8), torch.full((1, 60), 150.0), torch.zeros(1).long()
    before = net.infer(*inputs, generator=torch.Generator().manual_seed(0))
    torch.nn.init.zeros_(net.refinement.gain.weight)
    without = net.infer(*inputs, generator=torch.Generator().manual_seed(0))
    assert (before - without).norm() < 0.1 * without.norm()
    torch.nn.init.constant_(net.refinement.gain.bias[:BINS], -1.0)  # a gain of 1 - 1
    assert net.infer(*inputs).abs().max() < 1e-4


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


@pytest.mark.parametrize("n_fft, hop", [(N_FFT, HOP), (NOISE_N_FFT, HOP // NOISE_FILTERS)])
def test_overlap_add_of_an_unchanged_spectrum_gives_the_sound_back(n_fft, hop):
    sound, window = torch.randn(1, 60 * HOP), torch.hann_window(n_fft)
    again = _overlap_add(_stft(sound, window, hop), window, hop)
    inner = slice(1024, -1024)
    assert torch.allclose(again[:, inner], sound[:, inner], atol=1e-4)


def test_config_goes_through_plain_values():
    config = LiteConfig(channels=64, dilations=(1, 2), refinement_blocks=1)
    assert LiteConfig.from_dict(config.to_dict()) == config
    with pytest.raises(TypeError):
        LiteConfig.from_dict(config.to_dict() | {"surprise": 1})
