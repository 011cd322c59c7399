"""Mains hum: how far lines at multiples of 50 or 60 Hz stand out in pauses of speech."""

from rvc.cleaning.hum import PROMINENCE_DB, Hum


def hum_db(hum: Hum, start_seconds: float, end_seconds: float) -> float:
    """Return the lines' prominence in dB between two times of a recording that has this `hum`.

    Held at the limit of hum where no steady hum explains them: a low voice in a room leaves lines
    too, but they change.
    """
    if hum.between(start_seconds, end_seconds):
        return max(0.0, hum.prominence_db)
    prominence_db = hum.elsewhere_db if hum.passages else hum.prominence_db
    return min(max(0.0, prominence_db), PROMINENCE_DB)
