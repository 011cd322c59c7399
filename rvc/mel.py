"""Spectrograms for training: the linear one the posterior encoder reads, the mel one of losses.

Formulas of VITS / RVC: reflect padding of (n_fft - hop) / 2, no centring, so that sound of
frames * hop samples gives exactly `frames` columns.
"""

from functools import lru_cache

import librosa
import torch
from torch.nn import functional as F

MAGNITUDE_FLOOR = 1e-6  # added under the square root
MEL_FLOOR = 1e-5


def spectrogram(sound: torch.Tensor, *, n_fft: int, hop_length: int) -> torch.Tensor:
    """Return magnitudes (batch, n_fft / 2 + 1, frames) of sound (batch, samples)."""
    pad = (n_fft - hop_length) // 2
    padded = F.pad(sound[:, None].float(), (pad, pad), "reflect")[:, 0]
    window = _window(n_fft, sound.device)
    spectrum = torch.stft(padded, n_fft, hop_length, n_fft, window, False, return_complex=True)
    return torch.view_as_real(spectrum).pow(2).sum(-1).add(MAGNITUDE_FLOOR).sqrt()


def log_mel(
    magnitudes: torch.Tensor, *, sample_rate: int, n_mels: int, fmin: float = 0.0
) -> torch.Tensor:
    """Return natural-log mel (batch, n_mels, frames) of magnitudes (batch, bins, frames)."""
    n_fft = 2 * (magnitudes.shape[1] - 1)
    filters = _mel_filters(sample_rate, n_fft, n_mels, fmin, magnitudes.device)
    return torch.log((filters @ magnitudes).clamp_min(MEL_FLOOR))


@lru_cache(maxsize=16)
def _window(n_fft: int, device: torch.device) -> torch.Tensor:
    return torch.hann_window(n_fft, device=device)


@lru_cache(maxsize=16)
def _mel_filters(
    sample_rate: int, n_fft: int, n_mels: int, fmin: float, device: torch.device
) -> torch.Tensor:
    filters = librosa.filters.mel(sr=sample_rate, n_fft=n_fft, n_mels=n_mels, fmin=fmin)
    return torch.from_numpy(filters).to(device)
