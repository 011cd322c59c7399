"""HTML of what was deleted: what went, and a button that brings it back."""

import time

from markupsafe import Markup

from rvc.trash import Deleted
from rvc.ui.html import render_for
from rvc.ui.studio import Studio
from rvc.ui.undoing import deleted
from rvc.ui.visitor import Visitor

SHOWN_SECONDS = 600.0  # at the bottom of the page; all of it is under "Your data"
SHOWN_MOST = 3


def undo_html(studio: Studio, visitor: Visitor) -> Markup:
    """Return what was deleted in the last minutes; empty when nothing was."""
    recent = [e for e in deleted(studio, visitor.owner) if e.at > time.time() - SHOWN_SECONDS]
    return render_for(visitor, "undo.html", rows=_rows(visitor, recent[:SHOWN_MOST]), empty=False)


def deleted_html(studio: Studio, visitor: Visitor) -> Markup:
    """Return all that can be brought back, and a button that deletes it for good."""
    rows = _rows(visitor, deleted(studio, visitor.owner))
    return render_for(visitor, "undo.html", rows=rows, empty=True)


def _rows(visitor: Visitor, entries: list[Deleted]) -> list[tuple[str, str]]:
    """Return (id, what was deleted) of each."""
    return [(e.id, visitor.say(f"deleted_{e.kind}", name=e.name)) for e in entries]
