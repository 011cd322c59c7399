"""Mains hum: how far lines at multiples of 50 or 60 Hz stand out while nobody speaks."""

import numpy as np

from rvc.cleaning.hum import PROMINENCE_DB, find_hum


def hum_db(samples: np.ndarray, sample_rate: int) -> float:
    """Return the lines' prominence in dB.

    Held at the limit of hum where no steady hum explains them: a low voice in a room leaves lines
    too, but they move.
    """
    hum = find_hum(samples, sample_rate)
    return max(0.0, hum.prominence_db if hum.lines else min(hum.prominence_db, PROMINENCE_DB))
