"""Every word the page says itself, in English and Korean, by key.

Sentences that arise in the library (errors, repairs, verdicts) come as `Text` from there.
"""

from rvc.errors import LANGUAGES, Text
from rvc.ui.texts import clean, common, convert, record, report, train

_TABLES = (common.TEXTS, record.TEXTS, clean.TEXTS, report.TEXTS, train.TEXTS, convert.TEXTS)
TEXTS: dict[str, Text] = {key: Text(*words) for table in _TABLES for key, words in table.items()}


def tr(language: str, key: str, **values: object) -> str:
    """The words of `key` in `language`, `{names}` filled from `values`."""
    return TEXTS[key].in_language(language).format(**values)


def both(key: str, **values: object) -> Text:
    """The words of `key` in both languages, filled alike."""
    words = TEXTS[key]
    return Text(words.en.format(**values), words.ko.format(**values))


def by_language() -> dict[str, dict[str, str]]:
    """{language: {key: words}}, as `gr.I18n` takes it."""
    return {
        code: {key: text.in_language(code) for key, text in TEXTS.items()} for code in LANGUAGES
    }


def clock(seconds: float) -> str:
    """Minutes and seconds as "3:20"; hours appear when there are any."""
    whole = max(0, round(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{left:02d}" if hours else f"{minutes}:{left:02d}"
