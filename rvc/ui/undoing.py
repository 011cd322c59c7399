"""What an owner deleted in the last day, and bringing it back."""

from pathlib import Path

from rvc.errors import RVCError
from rvc.trash import Deleted, Trash
from rvc.ui.studio import Studio
from rvc.ui.texts import message
from rvc.ui.training import training_home


def deleted(studio: Studio, owner: str) -> list[Deleted]:
    """Return what can be brought back, the latest first."""
    found = [entry for trash in _trashes(studio, owner) for entry in trash.entries()]
    return sorted(found, key=lambda entry: entry.id, reverse=True)


def undo(studio: Studio, owner: str, number: str) -> Deleted:
    """Bring a deleted recording, voice or training back; raise RVCError when that is impossible."""
    entry = next((each for each in deleted(studio, owner) if each.id == number), None)
    if entry is None:
        raise RVCError(message("undo_gone"))
    if entry.kind == "take":
        _restore_take(studio, owner, entry)
        return entry
    from rvc.training.listing import restore_deleted

    return restore_deleted(training_home(studio, owner), number)


def _restore_take(studio: Studio, owner: str, entry: Deleted) -> None:
    """Bring a recording back; the one that was deleted last is still cleaned."""
    studio.workspace.trash(owner).restore(entry.id)
    session = studio.session(owner)
    ids = {Path(place).stem for place in entry.places}
    with session.lock:
        session.cleaned |= {key: each for key, each in session.removed.items() if key in ids}


def empty(studio: Studio, owner: str) -> None:
    """Delete for good what was deleted."""
    for trash in _trashes(studio, owner):
        trash.empty()


def _trashes(studio: Studio, owner: str) -> list[Trash]:
    """Return the trash of the owner's recordings, and that of the voices where it is another."""
    takes = studio.workspace.trash(owner)
    home = training_home(studio, owner)
    return [takes] if home == takes.root else [takes, Trash(home)]
