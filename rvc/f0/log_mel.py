"""Log mel spectrograms of 16 kHz sound on the 10 ms grid, for networks that estimate f0."""

from functools import lru_cache

import librosa
import numpy as np
from scipy.signal import get_window

SAMPLE_RATE = 16_000
HOP_LENGTH = 160
N_FFT = 1024
N_MELS = 128
FLOOR = 1e-5


def log_mel(
    samples: np.ndarray, first: int, frames: int, *, low_hz: float, htk: bool
) -> np.ndarray:
    """Return natural-log mel (N_MELS, frames) float32 from frame `first` on, silence around it.

    Frame i is centred at (i + 0.5) * 10 ms. `low_hz`: lowest frequency; `htk`: HTK's mel scale
    instead of Slaney's.
    """
    start = first * HOP_LENGTH - (N_FFT - HOP_LENGTH) // 2  # of the first frame's window
    stop = start + (frames - 1) * HOP_LENGTH + N_FFT
    inside = samples[max(0, start) : max(0, stop)]
    padded = np.pad(inside, (max(0, -start), stop - max(0, start) - len(inside)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, N_FFT)[::HOP_LENGTH]
    magnitudes = np.abs(np.fft.rfft(windows * get_window("hann", N_FFT).astype(np.float32)))
    mel = _bank(low_hz, htk) @ magnitudes.T
    return np.log(np.maximum(mel, FLOOR)).astype(np.float32)


@lru_cache(maxsize=4)
def _bank(low_hz: float, htk: bool) -> np.ndarray:
    return librosa.filters.mel(
        sr=SAMPLE_RATE, n_fft=N_FFT, n_mels=N_MELS, fmin=low_hz, fmax=SAMPLE_RATE / 2, htk=htk
    )
