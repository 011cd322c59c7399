"""Restoration of the recorded voice where it masks the noise.

A denoiser changes everything it lets through. Where the voice is far above the noise, in time and
in frequency, the recording is closer to the voice than the denoiser's output: there it is blended
in.
"""

from collections.abc import Callable

import numpy as np

from rvc.cleaning.blocks import spans
from rvc.cleaning.spectrum import istft, stft, window_samples
from rvc.progress import StageProgress, no_progress

WINDOW_SECONDS = 0.04  # long enough to separate the voice's harmonics
CHUNK_FRAMES = 32  # 0.32 s: how often the noise is measured, over four times as long
MEDIAN_TO_MEAN = np.log(2)  # of noise, whose power in one bin is exponentially distributed
HALF_KEPT = 20.0  # voice over noise, in power, where both sounds count half
SMOOTHED_FRAMES = 3
CONTEXT_CHUNKS = 4
BLOCK_SECONDS = 8  # a block's spectra take twenty times its own memory


def keep_the_voice(
    recorded: Callable[[int, int], np.ndarray],
    denoised: np.ndarray,
    *,
    sample_rate: int,
    progress: StageProgress = no_progress,
) -> None:
    """Blend the recording into `denoised` (samples,) in place, block by block.

    `recorded(start, end)`: those samples as the denoiser received them.
    """
    n_fft = window_samples(WINDOW_SECONDS, sample_rate)
    grid = CHUNK_FRAMES * n_fft // 4
    context, length = CONTEXT_CHUNKS * grid, len(denoised)
    before = denoised[:0]  # the end of the previous block, before its edit
    for start, end in spans(length, sample_rate, BLOCK_SECONDS):
        first = max(0, start - context) // grid * grid
        last = min(length, end + context)
        untouched = denoised[max(0, end - context - grid) : end].copy()
        kept = np.concatenate([before[len(before) - (start - first) :], denoised[start:last]])
        blended = blend(recorded(first, last), kept, n_fft)
        denoised[start:end] = blended[start - first : end - first]
        before = untouched
        progress(end / length)


def blend(recorded: np.ndarray, denoised: np.ndarray, n_fft: int) -> np.ndarray:
    """Return `denoised` with the recording's bins blended in where they are above all noise.

    Both sounds are (samples,) and aligned; the result is (samples,) float32.
    """
    from scipy.ndimage import uniform_filter1d

    kept = stft(denoised, n_fft)  # (frames, bins)
    removed = stft(recorded, n_fft) - kept
    voice = uniform_filter1d(_power(kept), SMOOTHED_FRAMES, axis=0, mode="nearest")
    noise = _noise_power(_power(removed))
    share = voice / (voice + HALF_KEPT * noise + 1e-12)
    return istft(kept + share * removed, n_fft, len(denoised))


def _power(spectrum: np.ndarray) -> np.ndarray:
    return np.square(spectrum.real) + np.square(spectrum.imag)


def _noise_power(removed: np.ndarray) -> np.ndarray:
    """Return the power of the steady part of what was removed, (frames, bins).

    Medians over time, which a little voice does not move, interpolated between chunks.
    """
    frames = len(removed)
    centres = np.arange(0, frames + CHUNK_FRAMES, CHUNK_FRAMES)
    reach = 2 * CHUNK_FRAMES
    medians = np.array(
        [np.median(removed[max(0, at - reach) : max(1, at + reach)], axis=0) for at in centres]
    )
    place = np.arange(frames) / CHUNK_FRAMES
    below = place.astype(int)
    share = (place - below)[:, None].astype(np.float32)
    noise = medians[below] * (1 - share) + medians[below + 1] * share
    return noise / np.float32(MEDIAN_TO_MEAN)
