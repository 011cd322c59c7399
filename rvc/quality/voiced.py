"""The f0 of the voice alone: without pauses, and without mains hum that f0 tracking follows."""

from dataclasses import replace

import numpy as np

from rvc.audio import FRAMES_PER_SECOND
from rvc.cleaning import Cleaned
from rvc.f0 import F0, RepairedF0, follows_lines

LINES = 3  # multiples of the mains frequency that an f0 tracker takes for a voice


def voice_only(found: RepairedF0, cleaned: Cleaned) -> RepairedF0:
    """Return `found` with the frames outside of speech, and those that follow hum, unvoiced."""
    frames = len(found.f0.hz)
    inside = np.zeros(frames, bool)
    for part in cleaned.speech:
        first, last = (
            round(at * FRAMES_PER_SECOND) for at in (part.start_seconds, part.end_seconds)
        )
        inside[first:last] = True
    hum = cleaned.findings.hum
    if hum is not None and hum.lines:
        inside &= ~follows_lines(found.f0.hz, hum.base_hz, LINES)
    curve = F0(np.where(inside, found.f0.hz, 0).astype(np.float32), found.f0.periodicity)
    jumps, dropouts = (
        tuple(frame for frame in places if inside[frame])
        for places in (found.jumps, found.dropouts)
    )
    return replace(
        found, f0=curve, repaired=found.repaired & inside, jumps=jumps, dropouts=dropouts
    )
