"""HTML from the Jinja2 templates of a package; every value is escaped."""

from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from rvc.messages import Message


def render(package: str, template: str, language: str, **values: object) -> Markup:
    """Return a template of `package`/templates with `values`, as HTML that is not escaped again.

    `{{ message|read }}` renders a message in `language`.
    """
    found = environment(package).get_template(template)
    return Markup(found.render(language=language, **values))


@lru_cache(maxsize=4)
def environment(package: str) -> Environment:
    """Return the environment of a package's templates; a missing value raises UndefinedError."""
    templates = Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["read"] = _read
    return templates


@pass_context
def _read(context: Context, message: Message) -> str:
    return message.in_language(context["language"])
