"""The sound of recordings for the page: the part that is used, its speech, and what was removed."""

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from rvc.audio import MINIMUM_SECONDS, Recording, load_audio
from rvc.errors import AudioError, RVCError
from rvc.ui.studio import Refusal, Studio
from rvc.ui.texts import message
from rvc.ui.workspace import Take, shown_name

if TYPE_CHECKING:
    from pathlib import Path

MOST_RAISE_DB = 36.0  # of what was removed; more would raise the rounding of 16 bits
PEAK_DB = -1.0
REFUSALS_KEPT = 20


def take_sound(take: Take, decoded: Recording | None = None) -> Recording:
    """Return the used part of a recording; `decoded`: all of it, where it was just decoded."""
    return replace(part(decoded or whole_sound(take), take.cut), name=take.name)


def whole_sound(take: Take) -> Recording:
    """Return all of a recording."""
    return load_audio(take.path)


def part(recording: Recording, cut: tuple[float, float] | None) -> Recording:
    """Return the samples between two times in seconds; all of them for None."""
    if cut is None:
        return recording
    start, stop = (round(seconds * recording.sample_rate) for seconds in cut)
    return replace(recording, samples=recording.samples[start:stop])


def speech_ends(recording: Recording) -> tuple[float, float]:
    """Return where speech begins and ends, in seconds, with a short pause on both sides.

    Raises AudioError where there is none.
    """
    from rvc.cleaning.trim import find_speech

    speech, _ = find_speech(recording.samples, recording.sample_rate)
    if not speech:
        raise AudioError("No speech was found in this recording.")
    return speech[0].start_seconds, speech[-1].end_seconds


def cut_take(studio: Studio, owner: str, take_id: str, cut: tuple[float, float] | None) -> Take:
    """Use only the part `cut` of a recording, or all of it again; return the changed recording.

    Raises AudioError for a part that is too short. What was cleaned before is forgotten.
    """
    take = find_take(studio, owner, take_id)
    seconds = whole_sound(take).duration_seconds
    start, stop = cut or (0.0, seconds)
    start, stop = max(0.0, start), min(seconds, stop)
    if not stop - start >= MINIMUM_SECONDS:
        raise AudioError(
            "Too short: keep at least {seconds:g} s between the two ends.", seconds=MINIMUM_SECONDS
        )
    whole = start == 0.0 and stop == seconds
    changed = replace(take, duration_seconds=stop - start, cut=None if whole else (start, stop))
    studio.workspace.save_take(changed)
    session = studio.session(owner)
    with session.lock:
        session.cleaned.pop(take_id, None)
    return changed


def find_take(studio: Studio, owner: str, take_id: object) -> Take:
    """Return a recording of the owner; raise AudioError when there is none such."""
    for take in studio.takes(owner):
        if take.id == take_id:
            return take
    raise AudioError(message("take_gone"))


def refuse(studio: Studio, owner: str, name: str, error: RVCError) -> None:
    """Keep why a file was not taken, to be shown beside the recordings."""
    session = studio.session(owner)
    refusal = Refusal(secrets.token_hex(4), shown_name(name), error.text)
    with session.lock:
        session.refused = [*session.refused, refusal][-REFUSALS_KEPT:]


def dismiss(studio: Studio, owner: str, refusal: object) -> None:
    """Forget why a file was not taken."""
    session = studio.session(owner)
    with session.lock:
        session.refused = [each for each in session.refused if each.id != refusal]


def raise_db(after: Recording, removed: Recording) -> float:
    """Return the gain in dB that makes what was removed as loud as the voice, without clipping."""
    from rvc.cleaning.level import loudness_lufs

    rate = after.sample_rate
    wanted = loudness_lufs(after.samples, rate) - loudness_lufs(removed.samples, rate)
    peak = float(np.abs(removed.samples).max(initial=0.0))
    room = PEAK_DB - 20 * np.log10(max(peak, 1e-9))
    return float(max(0.0, min(wanted, room, MOST_RAISE_DB)))


def listening_copy(studio: Studio, owner: str, take: Take, whole: Recording) -> "Path":
    """Return a WAV of the whole recording: every browser plays it and finds any place in it."""
    from rvc.audio import save_audio

    path = studio.workspace.folder(owner, "cleaned", take.id) / "listen.wav"
    return path if path.is_file() else save_audio(path, whole)
