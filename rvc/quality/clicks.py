"""Mouth clicks: how many a minute a listener would hear."""

import numpy as np

from rvc.audio import Recording
from rvc.cleaning.blocks import in_blocks
from rvc.cleaning.highpass import INFRASOUND_HZ
from rvc.cleaning.level import active_db, frame_powers
from rvc.cleaning.prepared import Prepared

AUDIBLE_DB = -20.0  # a click's own peak against the level of speech; fainter ones do no harm
FLOOR_PERCENTILE = 10  # of 20 ms: the noise between the words


def click_times(recording: Recording) -> np.ndarray:
    """Return the times in seconds, (clicks,), of the audible mouth clicks in `recording`."""
    samples, rate = recording.samples, recording.sample_rate
    if len(samples) < rate // 4:
        return np.zeros(0)
    powers = frame_powers(in_blocks(samples, rate), rate, 0.02)
    active = 10 ** (active_db(powers) / 20)
    floor = float(np.sqrt(np.percentile(powers, FLOOR_PERCENTILE)))
    found = Prepared(recording, cutoff_hz=INFRASOUND_HZ).with_clicks_found(active, floor)
    bright = np.diff(samples, prepend=samples[:1])  # tilts the voice away, leaves the tick
    heard = [
        click
        for click in found.clicks
        if np.abs(bright[click.start : click.end]).max(initial=0)
        >= active * 10 ** (AUDIBLE_DB / 20)
    ]
    return np.array([(click.start + click.end) / 2 / rate for click in heard])
