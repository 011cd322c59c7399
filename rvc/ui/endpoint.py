"""Functions of one typed request as endpoints for programs, which may send anything."""

import inspect
import logging
from collections.abc import Callable
from types import UnionType
from typing import Any

import gradio as gr

from rvc.errors import RVCError
from rvc.files import storage_errors
from rvc.messages import Message
from rvc.ui.blocks import page_error
from rvc.ui.page import Page
from rvc.ui.texts import tr

MAX_NUMBER = 1e15
MAX_LETTERS = 10_000  # of one text, a file's path included
KINDS = {  # the types of an endpoint's values
    str: Message("a text"),
    bool: Message("true or false"),
    float: Message("a number"),
    list: Message("a list"),
    type(None): Message("nothing"),
}

_log = logging.getLogger(__name__)


def endpoint(verb: Callable[[Any], Any]) -> Callable[..., Any]:
    """Return `verb(request)` as a function of the request's fields.

    The values are checked against the fields' types, and every error is raised in English.
    """
    (parameter,) = inspect.signature(verb).parameters.values()
    request_type = parameter.annotation
    signature = inspect.signature(request_type)
    kinds = {name: each.annotation for name, each in signature.parameters.items()}

    def called(*values: Any, **named: Any) -> Any:
        try:
            given = signature.bind(*values, **named).arguments
            for name, value in given.items():
                _check_kind(name, value, kinds[name])
            with storage_errors():
                return verb(request_type(**given))
        except RVCError as error:
            raise page_error(str(error)) from error
        except gr.Error:
            raise
        except Exception as error:
            _log.exception("an endpoint failed")
            raise page_error(tr("en", "unexpected")) from error

    # Gradio reads the names, defaults and types of an endpoint from these.
    returned = inspect.signature(verb).return_annotation
    called.__name__, called.__doc__ = verb.__name__, f"{verb.__doc__} {request_type.__doc__}"
    called.__signature__ = signature.replace(return_annotation=returned)  # type: ignore[attr-defined]
    called.__annotations__ = {**kinds, "return": returned}
    return called


def owner_of(page: Page, token: str) -> str:
    """Return the owner with this token; raise RVCError for one the server never made."""
    return page.visitor(token, "en").owner


def _check_kind(name: str, value: object, kind: type | UnionType) -> None:
    """Raise RVCError unless the value is of the endpoint's declared kind, and finite."""
    kinds = set(kind.__args__) if isinstance(kind, UnionType) else {kind}
    fits = type(value) in kinds or (float in kinds and type(value) is int)
    if isinstance(value, str) and len(value) > MAX_LETTERS:
        fits = False
    if isinstance(value, int | float) and not -MAX_NUMBER < value < MAX_NUMBER:
        fits = False  # neither is NaN between them
    if fits:
        return
    first, *others = sorted((KINDS[each] for each in kinds), key=str)
    if others:
        raise RVCError(
            "The value of '{name}' must be {first} or {other}.",
            name=name,
            first=first,
            other=others[0],
        )
    raise RVCError("The value of '{name}' must be {kind}.", name=name, kind=first)
