"""Short-time spectra with perfect reconstruction: sine windows at a quarter hop."""

from functools import lru_cache

import numpy as np


def window_samples(seconds: float, sample_rate: int) -> int:
    """Return the samples of a window of about `seconds`, a multiple of four hops."""
    return 4 * max(1, round(seconds * sample_rate / 4))


def stft(samples: np.ndarray, n_fft: int) -> np.ndarray:
    """Return the spectrum (frames, bins) complex64 of `samples` (samples,).

    Both ends are padded with one window of silence.
    """
    hop = n_fft // 4
    padded = np.pad(samples, (n_fft, n_fft + -len(samples) % hop))
    frames = np.lib.stride_tricks.sliding_window_view(padded, n_fft)[::hop]
    return np.fft.rfft(frames * _sine_window(n_fft)).astype(np.complex64)


def istft(spectrum: np.ndarray, n_fft: int, length: int) -> np.ndarray:
    """Return the sound (length,) float32 of the `spectrum` (frames, bins) that `stft` returns."""
    hop = n_fft // 4
    frames = np.fft.irfft(spectrum, n_fft) * _sine_window(n_fft)
    samples = np.zeros((len(frames) - 1) * hop + n_fft)
    for index, frame in enumerate(frames):
        samples[index * hop : index * hop + n_fft] += frame
    samples *= 2 * hop / n_fft  # squared sine windows at this hop sum to n_fft / (2 hop)
    return samples[n_fft : n_fft + length].astype(np.float32)


@lru_cache
def _sine_window(n_fft: int) -> np.ndarray:
    return np.sin(np.pi * (np.arange(n_fft) + 0.5) / n_fft)
