"""Sound as numbers: `Recording`, and the frame grid every later stage shares."""

from dataclasses import dataclass

import numpy as np

from rvc.errors import Text

FRAMES_PER_SECOND = 100  # a frame is 10 ms everywhere


@dataclass(frozen=True, eq=False)
class Recording:
    """Mono sound. `samples`: (samples,) float32 in [-1, 1]; `notes`: what decoding noticed."""

    samples: np.ndarray
    sample_rate: int
    name: str = ""
    notes: tuple[Text, ...] = ()

    @property
    def duration_seconds(self) -> float:
        return len(self.samples) / self.sample_rate


def frame_count(samples: int, sample_rate: int) -> int:
    """Number of 10 ms frames that cover `samples`; frame i is centred at (i + 0.5) * 10 ms."""
    return -(-samples * FRAMES_PER_SECOND // sample_rate)
