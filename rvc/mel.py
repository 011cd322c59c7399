"""Spectrograms for training: linear for the posterior encoder, mel for the losses.

Formulas of VITS / RVC: reflect padding of (n_fft - hop) / 2, no centring, so that sound of
frames * hop samples gives exactly `frames` columns.
"""

from functools import lru_cache
from math import log
from typing import Any

import numpy as np
import torch
from scipy.sparse import csr_array
from torch.nn import functional as F

MAGNITUDE_FLOOR = 1e-6  # added under the square root
MEL_FLOOR = 1e-5
MEL_HZ = 200 / 3  # a mel, below
MEL_BREAK_HZ = 1000.0
MEL_LOG_STEP = log(6.4) / 27  # of the logarithm of Hz, a mel above


def spectrogram(sound: torch.Tensor, *, n_fft: int, hop_length: int) -> torch.Tensor:
    """Return magnitudes (batch, n_fft / 2 + 1, frames) of sound (batch, samples)."""
    pad = (n_fft - hop_length) // 2
    padded = F.pad(sound[:, None].float(), (pad, pad), "reflect")[:, 0]
    return _Magnitudes.apply(padded, n_fft, hop_length)


class _Magnitudes(torch.autograd.Function):
    """Magnitudes of a short-time spectrum with an explicit gradient.

    The autograd gradient of `torch.stft` takes two and a half times as long on a processor: it uses
    a full complex transform and scatters overlapping frames sample by sample.
    """

    @staticmethod
    def forward(ctx: Any, padded: torch.Tensor, n_fft: int, hop_length: int) -> torch.Tensor:
        window = _window(n_fft, padded.device)
        spectrum = torch.stft(
            padded, n_fft, hop_length, n_fft, window, center=False, return_complex=True
        ).transpose(1, 2)  # (batch, frames, bins)
        real, imaginary = torch.view_as_real(spectrum).unbind(-1)
        magnitudes = torch.addcmul(real * real, imaginary, imaginary).add_(MAGNITUDE_FLOOR).sqrt_()
        ctx.save_for_backward(spectrum, magnitudes)
        ctx.shape = n_fft, hop_length, padded.shape[1]
        return magnitudes.transpose(1, 2)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        spectrum, magnitudes = ctx.saved_tensors
        n_fft, hop_length, length = ctx.shape
        share = gradient.transpose(1, 2) / magnitudes
        share[..., 1:-1] *= 0.5  # irfft counts every bin but the first and the last twice
        spectrum = torch.view_as_complex(torch.view_as_real(spectrum) * share[..., None])
        frames = torch.fft.irfft(spectrum, n=n_fft, norm="forward")  # (batch, frames, n_fft)
        frames *= _window(n_fft, frames.device)
        return _overlap_add(frames, hop_length, length), None, None


def _overlap_add(frames: torch.Tensor, hop_length: int, length: int) -> torch.Tensor:
    """Sum frames (batch, frames, n_fft) that start every `hop_length` samples: (batch, length)."""
    batch, count, n_fft = frames.shape
    steps = -(-n_fft // hop_length)
    sound = frames.new_zeros(batch, count + steps - 1, hop_length)
    for step in range(steps):
        part = frames[..., step * hop_length : (step + 1) * hop_length]
        sound[:, step : step + count, : part.shape[-1]] += part
    sound = sound.flatten(1)[:, :length]
    return F.pad(sound, (0, length - sound.shape[1]))


def log_mel(
    magnitudes: torch.Tensor, *, sample_rate: int, n_mels: int, fmin: float = 0.0
) -> torch.Tensor:
    """Return natural-log mel (batch, n_mels, frames) of magnitudes (batch, bins, frames)."""
    n_fft = 2 * (magnitudes.shape[1] - 1)
    filters = _mel_filters(sample_rate, n_fft, n_mels, fmin, magnitudes.device)
    return torch.log((filters @ magnitudes).clamp_min(MEL_FLOOR))


@lru_cache(maxsize=4)
def mel_filters(sample_rate: int, n_fft: int, n_mels: int) -> csr_array:
    """Return Slaney's mel filters (n_mels, bins) as a sparse array.

    A dense product would start BLAS threads that spin beside torch's own and slow both.
    """
    return csr_array(slaney_filters(sample_rate, n_fft, n_mels))


def slaney_filters(sample_rate: int, n_fft: int, n_mels: int, fmin: float = 0.0) -> np.ndarray:
    """Return triangular filters (n_mels, bins) float32 of equal area on Slaney's mel scale.

    The scale is linear below 1 kHz and logarithmic above (Slaney, Auditory Toolbox, 1998). They
    equal librosa's, whose import would take a second.
    """
    lowest, highest = (_hz_to_mel(hz) for hz in (fmin, sample_rate / 2))
    edges = _mel_to_hz(np.linspace(lowest, highest, n_mels + 2))
    bins = np.linspace(0, sample_rate / 2, n_fft // 2 + 1)
    rising = (bins - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - bins) / np.diff(edges)[1:, None]
    triangles = np.maximum(0, np.minimum(rising, falling))
    return (triangles * (2 / (edges[2:] - edges[:-2]))[:, None]).astype(np.float32)


def _hz_to_mel(hz: float) -> float:
    if hz < MEL_BREAK_HZ:
        return hz / MEL_HZ
    return MEL_BREAK_HZ / MEL_HZ + log(hz / MEL_BREAK_HZ) / MEL_LOG_STEP


def _mel_to_hz(mel: np.ndarray) -> np.ndarray:
    above = MEL_BREAK_HZ * np.exp(MEL_LOG_STEP * (mel - MEL_BREAK_HZ / MEL_HZ))
    return np.where(mel < MEL_BREAK_HZ / MEL_HZ, mel * MEL_HZ, above)


@lru_cache(maxsize=16)
def _window(n_fft: int, device: torch.device) -> torch.Tensor:
    return torch.hann_window(n_fft, device=device)


@lru_cache(maxsize=16)
def _mel_filters(
    sample_rate: int, n_fft: int, n_mels: int, fmin: float, device: torch.device
) -> torch.Tensor:
    filters = slaney_filters(sample_rate, n_fft, n_mels, fmin)
    return torch.from_numpy(filters).to(device)
