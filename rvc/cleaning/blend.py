"""The voice itself, where it drowns the noise anyway.

A denoiser redraws all it lets through. Where the voice stands far above the noise, in time and in
pitch, the recording is nearer to the voice than that drawing is: there the recording is kept.
"""

from collections.abc import Callable

import numpy as np

from rvc.cleaning.blocks import Watch, spans, unwatched
from rvc.cleaning.spectrum import istft, stft, window_samples

WINDOW_SECONDS = 0.04  # long enough to part the voice's harmonics from what lies between
CHUNK_FRAMES = 32  # 0.32 s: how often the noise is measured, over four times as long
MEDIAN_TO_MEAN = np.log(2)  # of noise, whose power in one bin is exponentially distributed
HALF_KEPT = 20.0  # voice over noise, in power, where half recording and half drawing are taken
SMOOTHED_FRAMES = 3
CONTEXT_CHUNKS = 4
BLOCK_SECONDS = 8  # a block's spectra take twenty times its own memory


def keep_the_voice(
    recorded: Callable[[int, int], np.ndarray],
    denoised: np.ndarray,
    *,
    sample_rate: int,
    watch: Watch = unwatched,
) -> None:
    """Edit `denoised` (samples,) in place, block by block.

    `recorded(start, end)`: the same stretch as the denoiser got it.
    """
    n_fft = window_samples(WINDOW_SECONDS, sample_rate)
    grid = CHUNK_FRAMES * n_fft // 4
    context, length = CONTEXT_CHUNKS * grid, len(denoised)
    before = denoised[:0]  # the end of the block before, as it was
    for start, end in spans(length, sample_rate, BLOCK_SECONDS):
        first = max(0, start - context) // grid * grid
        last = min(length, end + context)
        untouched = denoised[max(0, end - context - grid) : end].copy()
        drawing = np.concatenate([before[len(before) - (start - first) :], denoised[start:last]])
        blended = blend(recorded(first, last), drawing, n_fft)
        denoised[start:end] = blended[start - first : end - first]
        before = untouched
        watch(end / length)


def blend(recorded: np.ndarray, denoised: np.ndarray, n_fft: int) -> np.ndarray:
    """Both (samples,), aligned -> (samples,) float32: `denoised`, or what lies above all noise."""
    from scipy.ndimage import uniform_filter1d

    drawing = stft(denoised, n_fft)  # (frames, bins)
    removed = stft(recorded, n_fft) - drawing
    voice = uniform_filter1d(_power(drawing), SMOOTHED_FRAMES, axis=0, mode="nearest")
    noise = _noise_power(_power(removed))
    share = voice / (voice + HALF_KEPT * noise + 1e-12)
    return istft(drawing + share * removed, n_fft, len(denoised))


def _power(spectrum: np.ndarray) -> np.ndarray:
    return np.square(spectrum.real) + np.square(spectrum.imag)


def _noise_power(removed: np.ndarray) -> np.ndarray:
    """The steady part of what was removed: medians, which a bit of voice does not move."""
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
