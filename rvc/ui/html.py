"""HTML from this package's templates, in a visitor's language."""

from markupsafe import Markup

from rvc.rendering import render
from rvc.ui.texts import clock
from rvc.ui.visitor import Visitor


def render_for(visitor: Visitor, template: str, **values: object) -> Markup:
    """Return a template with `values`; `say(key)` in it is a text of the page."""
    return render("rvc.ui", template, visitor.language, say=visitor.say, clock=clock, **values)


def notes_html(*notes: tuple[str, str]) -> Markup:
    """Return a paragraph for each (CSS class, text)."""
    return render("rvc.ui", "notes.html", "en", notes=notes)


def problem_html(text: str, *, act: str = "", name: str = "", label: str = "") -> Markup:
    """Return what went wrong, beside what it is about; with `act`, a button that offers a way on.

    `act`, `name`: what pressing it sends, as the buttons of a list do; `label`: its text.
    """
    values = {"text": text, "act": act, "name": name, "label": label}
    return render("rvc.ui", "problem.html", "en", **values)
