"""Messages for users: an English template with named values, translated by gettext catalogues."""

import gettext
import os
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

SOURCE_LANGUAGE = "en"  # of the templates; it needs no catalogue
DOMAIN = "moksori"
LOCALE_DIR = Path(__file__).with_name("locale")


def system_language() -> str:
    """Return the system's language as its environment variables spell it; "en" without any."""
    variables = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return next(filter(None, variables), SOURCE_LANGUAGE)


@lru_cache(maxsize=1)
def languages() -> tuple[str, ...]:
    """Return the codes of all languages: English, then one for each catalogue in `locale/`."""
    found = sorted(path.parent.parent.name for path in LOCALE_DIR.glob(f"*/*/{DOMAIN}.mo"))
    return (SOURCE_LANGUAGE, *found)


def language_code(language: str) -> str:
    """Return the code of the language for a tag such as "ko-KR" or "ko_KR.UTF-8"."""
    code = language.replace("_", "-").partition("-")[0].partition(".")[0].lower()
    return code if code in languages() else SOURCE_LANGUAGE


@lru_cache(maxsize=8)
def catalogue(code: str) -> gettext.NullTranslations:
    """Return the translations of the language `code`; of English, the templates themselves."""
    return gettext.translation(DOMAIN, LOCALE_DIR, [code], fallback=True)


class Message:
    """An English template and the values of its {named} fields; both are kept, so that any
    language can be rendered later. A value may be a message itself.

    Equal templates with equal values are equal and hash alike.
    """

    __slots__ = ("template", "values")

    def __init__(self, template: str, /, **values: object) -> None:
        self.template = template
        self.values = values

    def in_language(self, language: str) -> str:
        """Return the text in `language` (a code or tag); in English where it has no catalogue."""
        text = catalogue(language_code(language)).gettext(self.template) if self.template else ""
        return text.format(**_rendered(self.values, language)) if self.values else text

    def with_values(self, **values: object) -> "Message":
        """Return the same template with `values` added."""
        return Message(self.template, **self.values | values)

    def to_json(self) -> object:
        """Return plain data that `from_json` turns into an equal message."""
        values = {name: _part_to_json(value) for name, value in self.values.items()}
        return {"template": self.template, "values": values}

    @staticmethod
    def from_json(data: object) -> "Message":
        """Return the message that `to_json` described.

        Raises ValueError for other data, and for a template that is in no catalogue: untrusted data
        cannot introduce text.
        """
        match data:
            case {"separator": str(separator), "parts": list(parts)}:
                return joined([_part_from_json(part) for part in parts], separator)
            case {"template": str(template), "values": dict(values)} if template in _known():
                return Message(template, **{k: _part_from_json(v) for k, v in values.items()})
        raise ValueError("not a known message")

    def __str__(self) -> str:
        return self.in_language(SOURCE_LANGUAGE)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Message) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return _rebuilt, (self.template, self.values)

    def _key(self) -> tuple[object, ...]:
        return self.template, tuple(sorted(self.values.items(), key=lambda item: item[0]))


class _Joined(Message):
    """Messages and plain texts side by side."""

    __slots__ = ("parts", "separator")

    def __init__(self, parts: tuple[object, ...], separator: str) -> None:
        super().__init__("")
        self.parts = parts
        self.separator = separator

    def in_language(self, language: str) -> str:
        return self.separator.join(
            part.in_language(language) if isinstance(part, Message) else str(part)
            for part in self.parts
        )

    def to_json(self) -> object:
        return {"separator": self.separator, "parts": list(map(_part_to_json, self.parts))}

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return _Joined, (self.parts, self.separator)

    def _key(self) -> tuple[object, ...]:
        return self.parts, self.separator


def joined(parts: Iterable[object], separator: str = " ") -> Message:
    """Return messages, and texts that are the same in every language, as one message."""
    return _Joined(tuple(parts), separator)


def in_every_language(message: Message, separator: str = " / ") -> str:
    """Return the text in all languages, English first."""
    return separator.join(message.in_language(code) for code in languages())


def as_message(message: "Message | str", values: Mapping[str, object]) -> Message:
    """Return `message` itself, or a message of that template and `values`."""
    return message if isinstance(message, Message) else Message(message, **values)


def _rebuilt(template: str, values: dict[str, object]) -> Message:
    return Message(template, **values)


def _rendered(values: Mapping[str, object], language: str) -> dict[str, object]:
    return {
        name: value.in_language(language) if isinstance(value, Message) else value
        for name, value in values.items()
    }


def _plain(value: object) -> object:
    """Return a value that JSON can hold: numbers of other libraries as float, the rest as text."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return str(value)


def _part_to_json(part: object) -> object:
    return part.to_json() if isinstance(part, Message) else {"value": _plain(part)}


def _part_from_json(data: object) -> object:
    match data:
        case {"value": None | bool() | int() | float() | str() as value}:
            return value
    return Message.from_json(data)


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    """Return the templates of every catalogue."""
    templates: set[str] = set()
    for code in languages():
        translations = catalogue(code)
        if isinstance(translations, gettext.GNUTranslations):
            templates.update(translations._catalog)  # type: ignore[attr-defined]
    return frozenset(templates)
