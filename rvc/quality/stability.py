"""f0 stability: octave jumps and drop-outs, counted per minute of voice."""

import numpy as np

from rvc.audio import FRAMES_PER_SECOND
from rvc.f0 import F0, RepairedF0

LEAST_VOICED_SECONDS = 0.5  # under that a rate means nothing


def f0_faults_per_minute(
    f0: F0, found: RepairedF0, start_seconds: float, end_seconds: float
) -> tuple[float | None, float | None]:
    """Return (jumps, drop-outs) per voiced minute between two times; None with too little voice."""
    first, last = (round(at * FRAMES_PER_SECOND) for at in (start_seconds, end_seconds))
    voiced_seconds = float(f0.voiced[first:last].sum()) / FRAMES_PER_SECOND
    if voiced_seconds < LEAST_VOICED_SECONDS:
        return None, None
    jumps, dropouts = (
        np.sum([first <= frame < last for frame in frames]) if frames else 0
        for frames in (found.jumps, found.dropouts)
    )
    return 60 * float(jumps) / voiced_seconds, 60 * float(dropouts) / voiced_seconds
