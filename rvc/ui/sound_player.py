"""The page's own player: sides of one recording at the same position, its spectrogram, its ends."""

import itertools
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from rvc.messages import languages
from rvc.ui.served import served_copy
from rvc.ui.studio import CleanTake, Studio
from rvc.ui.texts import TEXTS, tr
from rvc.ui.visitor import Visitor
from rvc.ui.widgets import asset

_numbers = itertools.count(1)  # so that the same sound, asked for again, is a change


@dataclass(frozen=True)
class Side:
    """One of the sounds that are switched. `raise_db`: gain that its button adds, 0 for none."""

    key: str
    url: str
    picture: str
    raise_db: float = 0.0


@dataclass(frozen=True)
class Stretch:
    """A marked part of the recording, in seconds. `kind`: keep, review or drop."""

    start: float
    end: float
    kind: str


@dataclass(frozen=True)
class Listening:
    """What a player holds. All sides are `seconds` long.

    `ends`: the used part, for a player that can change it. `at`: where playing starts at once,
    None to wait; `until`: where it stops. `found`: ends that are proposed instead.
    """

    id: str
    name: str
    seconds: float
    sides: Sequence[Side]
    stretches: Sequence[Stretch] = ()
    ends: tuple[float, float] | None = None
    found: tuple[float, float] | None = None
    at: float | None = None
    until: float | None = None
    number: int = field(default_factory=lambda: next(_numbers))

    def for_browser(self) -> dict[str, Any]:
        """Return the value of the component."""
        return asdict(self)


def sound_player(elem_id: str) -> gr.HTML:
    """Return a player without a sound; it has handles to cut the ends when its sound has some.

    Its events: `wanted` {id, at, until} for a recording that it does not hold, and `ends`
    {act: find | cut | whole, id, start, end}.
    """
    words = {
        code: {key: tr(code, key) for key in TEXTS if key.startswith("play_")}
        for code in languages()
    }
    # In the HTML: Gradio drops a component's own props when it is updated before it is shown.
    shown = escape(json.dumps(words))
    return gr.HTML(
        None,
        apply_default_css=False,
        html_template=asset("player.html").replace("data-words", f'data-words="{shown}"', 1),
        js_on_load=asset("player.js"),
        elem_id=elem_id,
    )


def address(studio: Studio, visitor: Visitor, path: Path) -> str:
    """Return the address, relative to the page's, at which a copy of `path` is served."""
    return f"gradio_api/file={served_copy(studio, visitor.owner, path)}"


def cleaned_sides(studio: Studio, visitor: Visitor, each: CleanTake) -> tuple[Side, ...]:
    """Return a cleaned recording before and after cleaning, and what was removed."""
    paths = {"before": each.before, "after": each.after, "removed": each.removed}
    return tuple(
        Side(
            key,
            address(studio, visitor, path),
            picture,
            each.raise_db if key == "removed" else 0.0,
        )
        for (key, path), picture in zip(paths.items(), each.pictures, strict=True)
    )
