"""Measurements of the original that cleaning makes and the report uses again."""

from dataclasses import dataclass

import numpy as np

from rvc.cleaning.declick import Click
from rvc.cleaning.hum import Hum


@dataclass(frozen=True, eq=False)
class Findings:
    """What is known about an original; None where cleaning had no need to measure it.

    `hum` and `clicks` are those of the original. `denoised`: (samples,) float16, the output of the
    best denoiser before anything is blended in, at the working level; `gain` leads from the
    original, less `offset` and what is below `cutoff_hz`, to that level. Half precision keeps 66 dB
    below each sample.
    """

    hum: Hum | None = None
    clicks: tuple[Click, ...] | None = None
    denoised: np.ndarray | None = None
    offset: float = 0.0
    cutoff_hz: float = 0.0
    gain: float = 1.0


NO_FINDINGS = Findings()
