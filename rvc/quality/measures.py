"""The measures of a sound; None where one could not be made or trusted."""

from collections.abc import Iterable
from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Measures:
    """The measures of an interval, before or after cleaning.

    snr_db: speech over background noise. srmr: speech over reverberation, as modulation energy
    (higher is drier); decay_seconds: how fast the sound dies after a word, in terms of 60 dB.
    bandwidth_hz: highest frequency that carries speech. clipping_percent: samples cut flat.
    clicks_per_minute: mouth clicks, None in noise. hum_db: mains lines over their surroundings.
    f0_jumps_per_minute, f0_dropouts_per_minute: of voiced minutes. pauses_percent: time without
    speech. lufs: loudness (BS.1770). dnsmos_ovrl: automatic listening score, 1 to 5.
    own_voice: speaker cosine to the voice of all segments; own_voice_least: what one of this length
    must reach to be the same person's.
    """

    snr_db: float | None = None
    srmr: float | None = None
    decay_seconds: float | None = None
    bandwidth_hz: float | None = None
    clipping_percent: float | None = None
    clicks_per_minute: float | None = None
    hum_db: float | None = None
    f0_jumps_per_minute: float | None = None
    f0_dropouts_per_minute: float | None = None
    pauses_percent: float | None = None
    lufs: float | None = None
    dnsmos_ovrl: float | None = None
    own_voice: float | None = None
    own_voice_least: float | None = None


def mean_measures(parts: Iterable[tuple[float, Measures]]) -> Measures:
    """Return the mean of (weight, measures), each measure over the parts that have it."""
    parts = list(parts)
    means: dict[str, float | None] = {}
    for field in fields(Measures):
        known = [(w, value) for w, m in parts if (value := getattr(m, field.name)) is not None]
        total = sum(weight for weight, _ in known)
        means[field.name] = sum(w * value for w, value in known) / total if total > 0 else None
    return Measures(**means)
