"""The page's own texts, by key.

Sentences of the library (errors, repairs, verdicts) come as `Message` from there.
"""

from rvc.clock import clock as clock
from rvc.messages import Message, languages
from rvc.ui.texts import access, clean, common, convert, live, record, report, train, why

_TABLES = (
    common.TEXTS, record.TEXTS, clean.TEXTS, report.TEXTS, train.TEXTS, convert.TEXTS, live.TEXTS,
    why.TEXTS, access.TEXTS,
)  # fmt: skip
TEXTS: dict[str, Message] = {key: text for table in _TABLES for key, text in table.items()}
LANGUAGE_NAME = Message("English")  # a catalogue translates it to the name of its own language


def tr(language: str, key: str, **values: object) -> str:
    """Return the text of `key` in `language`, its {named} fields filled from `values`."""
    return message(key, **values).in_language(language)


def message(key: str, **values: object) -> Message:
    """Return the message of `key` with `values`."""
    return TEXTS[key].with_values(**values)


def labels(language: str) -> dict[str, str]:
    """Return {English label of a part of Gradio: the label in `language`}."""
    return {text.template: text.in_language(language) for text in access.LABELS.values()}


def by_language() -> dict[str, dict[str, str]]:
    """Return {language: {key: text}}, as `gr.I18n` takes it."""
    return {
        code: {key: text.in_language(code) for key, text in TEXTS.items()} for code in languages()
    }
