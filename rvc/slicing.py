"""Slices: the kept speech, cut for training, and what was left out with its reason."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rvc.audio import Recording
from rvc.cleaning import Cleaned, Segment
from rvc.messages import Message

LONGEST_SECONDS = 12.0
SHORTEST_SECONDS = 0.3


@dataclass(frozen=True, eq=False)
class Slices:
    """`recordings`: kept speech, at the rate of its file; `left_out`: (name, seconds, reason)."""

    recordings: tuple[Recording, ...]
    left_out: tuple[tuple[str, float, Message], ...] = ()

    @property
    def seconds(self) -> float:
        return sum(recording.duration_seconds for recording in self.recordings)


def cut(kept: Sequence[tuple[Cleaned, Segment]]) -> Slices:
    """Return the kept segments as slices of at most 12 s; longer ones are cut where it is quietest.

    `kept` is what the report's `kept_segments()` gives. Only intervals of under 0.3 s are left
    out, and those are listed.
    """
    recordings, left_out = [], []
    for cleaned, segment in kept:
        sound = cleaned.aligned
        start, stop = (
            round(seconds * sound.sample_rate)
            for seconds in (segment.start_seconds, segment.end_seconds)
        )
        stop = min(stop, len(sound.samples))
        if stop - start < SHORTEST_SECONDS * sound.sample_rate:
            reason = Message("Too short to learn from.")
            left_out.append((sound.name, max(0, stop - start) / sound.sample_rate, reason))
            continue
        for samples in _shorten(sound.samples[start:stop], sound.sample_rate):
            recordings.append(Recording(samples, sound.sample_rate, sound.name))
    return Slices(tuple(recordings), tuple(left_out))


def _shorten(samples: np.ndarray, sample_rate: int) -> list[np.ndarray]:
    """Return `samples` cut at the quietest 50 ms of the middle half until all parts are short."""
    if len(samples) <= LONGEST_SECONDS * sample_rate:
        return [samples]
    block = sample_rate // 20
    power = np.add.reduceat(samples**2, np.arange(0, len(samples), block))
    quarter = len(power) // 4
    at = (quarter + int(np.argmin(power[quarter : 3 * quarter]))) * block + block // 2
    return _shorten(samples[:at], sample_rate) + _shorten(samples[at:], sample_rate)
