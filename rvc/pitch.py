"""How far a conversion shifts the pitch, and why."""

from typing import SupportsFloat

import numpy as np

from rvc.f0 import F0, median_hz
from rvc.messages import Message
from rvc.voice import Voice


def pitch_shift(f0: F0, voice: Voice, semitones: float | str) -> tuple[float, Message]:
    """Return the shift in semitones and a message that explains it; "auto" matches the medians."""
    median = voice.card.get("f0_median_hz")
    source, target = median_hz(f0), float(median) if isinstance(median, SupportsFloat) else 0.0
    if semitones != "auto":
        return float(semitones), Message(
            "Pitch shifted by {semitones:+.1f} semitones, as requested.",
            semitones=float(semitones),
        )
    if source <= 0:
        return 0.0, Message(
            "No pitch was found in the recording, so it was not shifted.",
        )
    if target <= 0:
        return 0.0, Message(
            "The pitch of this voice is not known, so nothing was shifted. If the result sounds "
            "too low or too high, try +12 or -12.",
        )
    shift = float(np.clip(round(12 * np.log2(target / source), 1), -24, 24))
    if abs(shift) < 0.5:
        return shift, Message(
            "The recording and the voice have the same pitch (about {target:.0f} Hz).",
            target=target,
        )
    if shift > 0:
        moved = Message(
            "The recording is around {source:.0f} Hz and the voice around {target:.0f} Hz, so "
            "the pitch was raised by {semitones:.1f} semitones.",
            source=source,
            target=target,
            semitones=shift,
        )
    else:
        moved = Message(
            "The recording is around {source:.0f} Hz and the voice around {target:.0f} Hz, so "
            "the pitch was lowered by {semitones:.1f} semitones.",
            source=source,
            target=target,
            semitones=-shift,
        )
    return shift, moved
