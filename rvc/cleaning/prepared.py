"""The denoiser's input: the recording after every other repair, computed by interval on demand.

Only the numbers each repair needs are stored, so an hour takes no second copy, and an interval is
the same wherever the blocks are cut.
"""

from bisect import bisect_left
from dataclasses import dataclass, replace

import numpy as np

from rvc.audio import Recording
from rvc.cleaning.blocks import spans
from rvc.cleaning.declick import Click, find_clicks, repair_clicks
from rvc.cleaning.echo import RoomFilter, remove_echo
from rvc.cleaning.highpass import high_pass
from rvc.cleaning.hum import FIT_SECONDS, Hum, hop_length, without_hum
from rvc.progress import StageProgress, no_progress

CONTEXT_SECONDS = 0.5
ROOM_CONTEXT_SECONDS = 0.5  # the past an echo is predicted from, and a window


@dataclass(frozen=True, eq=False)
class Prepared:
    """`cutoff_hz`: of the high-pass, 0 for none; `gain`: to the working level; `clicks`: earliest
    first."""

    recording: Recording
    offset: float = 0.0
    cutoff_hz: float = 0.0
    hum: Hum | None = None
    gain: float = 1.0
    clicks: tuple[Click, ...] = ()
    room: RoomFilter | None = None

    def interval(self, start: int, end: int) -> np.ndarray:
        """Return samples `start` to `end` after the repairs, (end - start,) float32."""
        if self.room is None:
            return self._declicked(start, end)
        context = round(ROOM_CONTEXT_SECONDS * self.recording.sample_rate)
        first = max(0, start - context) // self.room.hop_length * self.room.hop_length
        last = min(len(self.recording.samples), end + context)
        return remove_echo(self._declicked(first, last), self.room)[start - first : end - first]

    def with_clicks_found(
        self, active: float, floor: float, progress: StageProgress = no_progress
    ) -> "Prepared":
        """Return the same with every mouth click in `clicks`; for the levels see `find_clicks`."""
        rate, length = self.recording.sample_rate, len(self.recording.samples)
        context = round(CONTEXT_SECONDS * rate)
        step = max(1, round(0.01 * rate))
        found = []
        for start, end in spans(length, rate):
            first = max(0, start - context) // step * step
            sound = self._filtered(first, min(length, end + context))
            for click in find_clicks(sound, rate, active=active, floor=floor):
                if start <= click.start + first < end:
                    found.append(Click(click.start + first, click.end + first))
            progress(end / length)
        return replace(self, clicks=tuple(found))

    def _declicked(self, start: int, end: int) -> np.ndarray:
        if not self.clicks:
            return self._filtered(start, end)
        context = round(CONTEXT_SECONDS * self.recording.sample_rate)
        first, last = max(0, start - context), min(len(self.recording.samples), end + context)
        sound = self._filtered(first, last)
        among = bisect_left(self.clicks, first, key=lambda click: click.start)
        until = bisect_left(self.clicks, last, key=lambda click: click.end)
        inside = tuple(Click(c.start - first, c.end - first) for c in self.clicks[among:until])
        repaired = repair_clicks(sound, self.recording.sample_rate, inside)
        return repaired[start - first : end - first]

    def _filtered(self, start: int, end: int) -> np.ndarray:
        """Return samples `start` to `end` high-passed, without hum, at the working level."""
        samples, rate = self.recording.samples, self.recording.sample_rate
        hum = self.hum if self.hum is not None and self.hum.lines > 0 else None
        context, grid = (FIT_SECONDS, hop_length(rate)) if hum else (CONTEXT_SECONDS, 1)
        first = max(0, start - round(context * rate)) // grid * grid
        last = min(len(samples), end + round(context * rate))
        sound = samples[first:last] - np.float32(self.offset)
        if self.cutoff_hz:
            sound = high_pass(sound, rate, self.cutoff_hz)
        if hum:
            sound = without_hum(sound, rate, hum, first / rate)
        return sound[start - first : end - first] * np.float32(self.gain)
