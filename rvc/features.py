"""Features(content, f0): the inputs of a synthesizer, extracted from a recording."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rvc.audio import Recording, frame_count, resample
from rvc.content import LONG_FRAMES, ContentEncoder
from rvc.f0 import F0, estimate_f0

ALTERED_RATIOS = ((0.78, 0.92), (1.09, 1.28))  # speed ranges of the lower and the higher copy


@dataclass(frozen=True, eq=False)
class Features:
    """content: (frames, channels) float32; f0: F0 of as many frames."""

    content: np.ndarray
    f0: F0


def extract(
    recording: Recording,
    encoder: ContentEncoder,
    *,
    f0_method: str = "auto",
    weights: Path | None = None,
) -> Features:
    """Return the features of a whole recording, frame_count(...) frames of 10 ms.

    `weights`: as in `estimate_f0`.
    """
    frames = frame_count(len(recording.samples), recording.sample_rate)
    with ThreadPoolExecutor(1, "f0") as beside:
        device = encoder.device.type
        found = beside.submit(estimate_f0, recording, f0_method, device=device, weights=weights)
        if frames > LONG_FRAMES:  # both at once would need more memory
            found.result()
        return Features(encoder.encode(recording), found.result())


def altered_content(
    recording: Recording, encoder: ContentEncoder, rng: np.random.Generator
) -> np.ndarray:
    """Return the content (frames, channels) of a lower or higher copy, on the original's frames.

    A copy played slower or faster has the pitch and formants of another speaker and the same
    phonetic content. A synthesizer trained to produce the original from both depends less on what
    content features reveal about the speaker.
    """
    frames = frame_count(len(recording.samples), recording.sample_rate)
    low, high = ALTERED_RATIOS[rng.integers(len(ALTERED_RATIOS))]
    ratio = rng.uniform(low, high)  # above 1: faster and higher
    rate = round(recording.sample_rate / ratio)
    faster = Recording(resample(recording, rate).samples, recording.sample_rate)
    return _stretch(encoder.encode(faster), frames, ratio)


def _stretch(content: np.ndarray, frames: int, ratio: float) -> np.ndarray:
    """Interpolate content of a copy `ratio` times faster onto `frames` frames."""
    at = ((np.arange(frames) + 0.5) / ratio - 0.5).clip(0, len(content) - 1)
    left = np.minimum(at.astype(int), max(0, len(content) - 2))
    share = (at - left)[:, None].astype(np.float32)
    right = np.minimum(left + 1, len(content) - 1)
    return content[left] * (1 - share) + content[right] * share
