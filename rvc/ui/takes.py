"""What is done with an owner's recordings: find, cut and listen to them, and what was refused."""

import secrets
from dataclasses import replace
from pathlib import Path

from rvc.audio import MINIMUM_SECONDS, Recording, save_audio
from rvc.errors import AudioError, RVCError
from rvc.ui.sounds import whole_sound
from rvc.ui.studio import Studio
from rvc.ui.texts import message
from rvc.ui.workspace import Refusal, Take, shown_name

REFUSALS_KEPT = 20


def find_take(studio: Studio, owner: str, take_id: object) -> Take:
    """Return a recording of the owner; raise AudioError when there is none such."""
    for take in studio.takes(owner):
        if take.id == take_id:
            return take
    raise AudioError(message("take_gone"))


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


def listening_copy(studio: Studio, owner: str, take: Take, whole: Recording) -> Path:
    """Return a WAV of the whole recording: every browser plays it and finds any place in it."""
    path = studio.workspace.folder(owner, "cleaned", take.id) / "listen.wav"
    return path if path.is_file() else save_audio(path, whole)


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
