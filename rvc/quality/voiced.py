"""The f0 of the voice alone: without pauses, and without mains hum that f0 tracking follows."""

from dataclasses import replace

import numpy as np

from rvc.audio import FRAMES_PER_SECOND
from rvc.cleaning import Cleaned
from rvc.cleaning.hum import Hum
from rvc.f0 import F0, RepairedF0

STEADY_FRAMES = 10  # 100 ms: a voice is never as steady for so long
STEADY_SHARE = 0.006  # of its frequency
LINES = 3  # multiples of the mains frequency that an f0 tracker takes for a voice
LINE_SHARE = 0.015  # around a line


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
        inside &= ~_follows(found.f0.hz, hum)
    curve = F0(np.where(inside, found.f0.hz, 0).astype(np.float32), found.f0.periodicity)
    jumps, dropouts = (
        tuple(frame for frame in places if inside[frame])
        for places in (found.jumps, found.dropouts)
    )
    return replace(
        found, f0=curve, repaired=found.repaired & inside, jumps=jumps, dropouts=dropouts
    )


def _follows(hz: np.ndarray, hum: Hum) -> np.ndarray:
    """Return (frames,) bool: f0 stays on a multiple of the hum's frequency."""
    multiple = np.rint(hz / hum.base_hz)
    near = np.abs(hz - multiple * hum.base_hz) <= LINE_SHARE * hz
    on_line = (hz > 0) & (multiple >= 1) & (multiple <= LINES) & near
    follows = np.zeros(len(hz), bool)
    for start in range(len(hz) - STEADY_FRAMES + 1):
        part = slice(start, start + STEADY_FRAMES)
        if on_line[part].all() and np.ptp(hz[part]) <= STEADY_SHARE * hz[start]:
            follows[part] = True
    return follows
