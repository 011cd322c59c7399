"""Mouth clicks: the times of the audible ones."""

from collections.abc import Sequence

import numpy as np

from rvc.audio import Recording
from rvc.cleaning.blocks import in_blocks
from rvc.cleaning.declick import Click
from rvc.cleaning.highpass import INFRASOUND_HZ
from rvc.cleaning.level import active_db, floor_rms, frame_powers
from rvc.cleaning.prepared import Prepared

AUDIBLE_DB = -20.0  # a click's own peak against the level of speech; fainter ones do no harm


def click_times(recording: Recording, clicks: Sequence[Click] | None = None) -> np.ndarray:
    """Return the times in seconds, (clicks,), of the audible mouth clicks in `recording`.

    `clicks`: all of its clicks, where they are known already.
    """
    samples, rate = recording.samples, recording.sample_rate
    if len(samples) < rate // 4:
        return np.zeros(0)
    powers = frame_powers(in_blocks(samples, rate), rate, 0.02)
    active = 10 ** (active_db(powers) / 20)
    if clicks is None:
        prepared = Prepared(recording, cutoff_hz=INFRASOUND_HZ)
        clicks = prepared.with_clicks_found(active, floor_rms(powers)).clicks
    bright = np.diff(samples, prepend=samples[:1])  # attenuates the voice, not the tick
    audible = [
        click
        for click in clicks
        if np.abs(bright[click.start : click.end]).max(initial=0)
        >= active * 10 ** (AUDIBLE_DB / 20)
    ]
    return np.array([(click.start + click.end) / 2 / rate for click in audible])
