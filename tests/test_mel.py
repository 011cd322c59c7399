"""Spectrograms for training: of a tone, and the explicit gradient."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from rvc.mel import MAGNITUDE_FLOOR, log_mel, slaney_filters, spectrogram


def by_autograd(sound: torch.Tensor, n_fft: int, hop_length: int) -> torch.Tensor:
    """Return the magnitudes by torch's own operations, as the reference."""
    pad = (n_fft - hop_length) // 2
    padded = F.pad(sound[:, None], (pad, pad), "reflect")[:, 0]
    window = torch.hann_window(n_fft)
    spectrum = torch.stft(padded, n_fft, hop_length, n_fft, window, False, return_complex=True)
    return (spectrum.real**2 + spectrum.imag**2 + MAGNITUDE_FLOOR).sqrt()


@pytest.mark.parametrize("n_fft, hop_length", [(256, 64), (128, 32), (1024, 240), (2048, 400)])
def test_magnitudes_and_their_gradient_are_those_of_autograd(n_fft, hop_length):
    generator = torch.Generator().manual_seed(0)
    sound = 0.1 * torch.randn(2, 9 * hop_length + 7, generator=generator)
    weight = None
    results = []
    for make in (lambda x: spectrogram(x, n_fft=n_fft, hop_length=hop_length),
                 lambda x: by_autograd(x, n_fft, hop_length)):  # fmt: skip
        variable = sound.clone().requires_grad_()
        magnitudes = make(variable)
        if weight is None:
            weight = torch.randn(magnitudes.shape, generator=generator)
        (weight * magnitudes.log()).sum().backward()
        results.append((magnitudes.detach(), variable.grad))
    torch.testing.assert_close(results[0][0], results[1][0])
    torch.testing.assert_close(results[0][1], results[1][1], rtol=1e-4, atol=1e-4)


def test_a_tone_stands_in_its_bin_and_its_band():
    time = torch.arange(24_000) / 24_000
    tone = 0.5 * torch.sin(2 * torch.pi * 1500 * time)[None]
    magnitudes = spectrogram(tone, n_fft=1024, hop_length=240)
    assert magnitudes.shape == (1, 513, 100)
    assert (magnitudes[0, :, 20:80].argmax(0) == 64).all()  # 1500 Hz / (24 kHz / 1024)
    assert magnitudes[0, 64, 50] == pytest.approx(0.5 * 512 / 2, rel=1e-3)  # of a Hann window
    mel = log_mel(magnitudes, sample_rate=24_000, n_mels=80)
    assert mel.shape == (1, 80, 100) and 25 < mel[0, :, 50].argmax() < 40


@pytest.mark.parametrize(
    ("rate", "n_fft", "n_mels", "fmin"), [(16_000, 400, 80, 0.0), (40_000, 2048, 125, 30.0)]
)
def test_mel_filters_are_those_of_librosa(rate, n_fft, n_mels, fmin):
    from librosa.filters import mel

    wanted = mel(sr=rate, n_fft=n_fft, n_mels=n_mels, fmin=fmin)
    np.testing.assert_allclose(slaney_filters(rate, n_fft, n_mels, fmin), wanted, atol=1e-7)
