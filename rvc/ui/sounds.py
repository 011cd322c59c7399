"""The sound of recordings for the page: the part that is used, its speech, and what was removed."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from rvc.errors import AudioError
from rvc.ui.workspace import Take

if TYPE_CHECKING:
    from rvc.audio import Recording

MOST_RAISE_DB = 36.0  # of what was removed; more would raise the rounding of 16 bits
PEAK_DB = -1.0
NOTHING = 2**-15  # one step of 16 bits


def take_sound(take: Take, decoded: "Recording | None" = None) -> "Recording":
    """Return the used part of a recording; `decoded`: all of it, where it was just decoded."""
    return replace(part(decoded or whole_sound(take), take.cut), name=take.name)


def whole_sound(take: Take) -> "Recording":
    """Return all of a recording."""
    from rvc.audio import load_audio

    return load_audio(take.path)


def part(recording: "Recording", cut: tuple[float, float] | None) -> "Recording":
    """Return the samples between two times in seconds; all of them for None."""
    if cut is None:
        return recording
    start, stop = (round(seconds * recording.sample_rate) for seconds in cut)
    return replace(recording, samples=recording.samples[start:stop])


def speech_ends(recording: "Recording") -> tuple[float, float]:
    """Return where speech begins and ends, in seconds, with a short pause on both sides.

    Raises AudioError where there is none.
    """
    from rvc.cleaning.trim import find_speech

    speech, _ = find_speech(recording.samples, recording.sample_rate)
    if not speech:
        raise AudioError("No speech was found in this recording.")
    return speech[0].start_seconds, speech[-1].end_seconds


def raise_db(after: "Recording", removed: "Recording") -> float:
    """Return the gain in dB that makes what was removed as loud as the voice, without clipping.

    0 where nothing was removed.
    """
    from rvc.cleaning.level import active_db, frame_powers

    peak = float(np.abs(removed.samples).max(initial=0.0))
    if peak < NOTHING:
        return 0.0
    voice_db, removed_db = (
        active_db(frame_powers([sound.samples], sound.sample_rate, 0.1))
        for sound in (after, removed)
    )
    room = PEAK_DB - 20 * np.log10(peak)
    return float(max(0.0, min(voice_db - removed_db, room, MOST_RAISE_DB)))
