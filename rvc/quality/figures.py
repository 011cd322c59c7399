"""Charts of the report with their titles and legends, as HTML."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from rvc.charts import MUTED
from rvc.messages import Message
from rvc.rendering import render


@dataclass(frozen=True)
class Figure:
    """One chart. `legend`: (colour, what it stands for); `hint`: what its marks mean."""

    title: Message
    legend: Sequence[tuple[str, Message]]
    svg: Markup
    hint: Message | None = None


@dataclass(frozen=True)
class Section:
    """Charts that belong together, two beside each other where there is room.

    `title`: a message, or the name of a file.
    """

    title: Message | str
    figures: Sequence[Figure]


def figures_html(sections: Sequence[Section], language: str) -> Markup:
    """Return the sections as HTML that fits into any page."""
    return render("rvc.quality", "figures.html", language, sections=sections, muted=MUTED)
