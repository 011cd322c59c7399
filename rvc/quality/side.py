"""One side of a cleaning, before or after: measured over the recording, read by segment."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from rvc.audio import Recording
from rvc.cleaning import Cleaned
from rvc.cleaning.findings import NO_FINDINGS, Findings
from rvc.cleaning.hum import find_hum
from rvc.cleaning.level import loudness_lufs
from rvc.f0 import F0, RepairedF0, estimate_f0, repair_f0
from rvc.quality.bandwidth import bandwidth_hz, speech_spectrum
from rvc.quality.clicks import click_times
from rvc.quality.clipping import clipped_samples, clipping_percent
from rvc.quality.echo import rooms_of
from rvc.quality.hum import hum_db
from rvc.quality.measures import Measures
from rvc.quality.stability import f0_faults_per_minute

CLICKS_OVER_SECONDS = 12.0  # a rate over less would be made of one or two
CLICKS_SNR_DB = 20.0  # noise ticks, too


class Side:
    """The measures of one side of `cleaned` that are made over the whole recording."""

    def __init__(
        self,
        recording: Recording,
        cleaned: Cleaned,
        *,
        room_sound: Callable[[int, int], np.ndarray],
        findings: Findings = NO_FINDINGS,
    ) -> None:
        """`recording`: the original or the aligned one. `room_sound(start, end)`: the samples of
        that interval to measure the room in. `findings`: what is known of `recording` already."""
        self.samples, self.rate = recording.samples, recording.sample_rate
        self.duration_seconds = recording.duration_seconds
        self.f0: F0 = estimate_f0(recording)
        self.found: RepairedF0 = repair_f0(self.f0)
        self.spectrum = speech_spectrum(self.samples, self.rate)
        self.original = cleaned.original.samples
        self.clipped = clipped_samples(self.original)
        self.clicks = click_times(recording, findings.clicks)
        self.rooms = rooms_of(room_sound, len(self.samples), self.rate)
        self.hum = findings.hum or find_hum(self.samples, self.rate)

    def whole(self, pauses: float) -> Measures:
        """Return what belongs to the recording as a whole."""
        jumps, dropouts = f0_faults_per_minute(self.f0, self.found, 0, self.duration_seconds)
        return Measures(
            srmr=self.rooms.srmr,
            decay_seconds=self.rooms.decay_seconds(0, self.duration_seconds),
            clipping_percent=clipping_percent(self.clipped),
            hum_db=hum_db(self.hum, 0, self.duration_seconds),
            f0_jumps_per_minute=jumps,
            f0_dropouts_per_minute=dropouts,
            pauses_percent=pauses,
            lufs=loudness_lufs(self.samples, self.rate),
        )

    def part(self, whole: Measures, start: float, end: float, *, snr: float | None) -> Measures:
        """Return the measures of one segment, the room's and the hum's from what is around it.

        DNSMOS is left out: it compares both sides.
        """
        first, last = (round(at * self.rate) for at in (start, end))
        sound = self.samples[first:last]
        jumps, dropouts = f0_faults_per_minute(self.f0, self.found, start, end)
        clicks = (
            None if snr is not None and snr < CLICKS_SNR_DB else self._clicks_around(start, end)
        )
        return replace(
            whole,
            snr_db=snr,
            decay_seconds=self.rooms.decay_seconds(start, end),
            hum_db=hum_db(self.hum, start, end),
            bandwidth_hz=bandwidth_hz(speech_spectrum(sound, self.rate), snr),
            clipping_percent=clipping_percent(self._clipped_between(first, last)),
            clicks_per_minute=clicks,
            f0_jumps_per_minute=jumps,
            f0_dropouts_per_minute=dropouts,
            pauses_percent=None,
            lufs=loudness_lufs(sound, self.rate),
        )

    def _clicks_around(self, start: float, end: float) -> float:
        """Return the mouth clicks per minute between two times and around them."""
        more = max(0.0, CLICKS_OVER_SECONDS - (end - start)) / 2
        start, end = max(0.0, start - more), min(self.duration_seconds, end + more)
        return 60 * float(np.sum((self.clicks >= start) & (self.clicks < end))) / (end - start)

    def _clipped_between(self, first: int, last: int) -> np.ndarray:
        """Return (samples,) bool: flat at the recording's ceiling, or the segment's own.

        The gain of the recording may have changed between segments.
        """
        return self.clipped[first:last] | clipped_samples(self.original[first:last])
