"""Sentences for people, in Korean and English, and the errors that carry them."""

import os
from dataclasses import dataclass

LANGUAGES = ("en", "ko")


def system_language() -> str:
    """Return the language the system is set to, as its variables spell it; "en" without any."""
    variables = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return next(filter(None, variables), "en")


@dataclass(frozen=True)
class Text:
    """One sentence in both languages; what a person reads, wherever it arises."""

    en: str
    ko: str

    def in_language(self, language: str) -> str:
        """The sentence in `language` ("ko" or "ko-KR" give Korean, anything else English)."""
        return self.ko if language.lower().startswith("ko") else self.en

    def __str__(self) -> str:
        return self.en


class RVCError(Exception):
    """Something a person can mend: the message names the cause and the next step.

    Only the interface and the command line turn it into words on a screen; any other exception is
    a bug and keeps its traceback.
    """

    def __init__(self, en: str, ko: str) -> None:
        super().__init__(en)
        self.text = Text(en, ko)

    def __reduce__(self) -> tuple[type, tuple[str, str]]:
        return type(self), (self.text.en, self.text.ko)


class AudioError(RVCError):
    """A recording that cannot be read or used."""


class VoiceError(RVCError):
    """A voice file or index that cannot be used."""


class StorageError(RVCError):
    """A disk or a folder that refuses: full, read-only, not there."""


class MissingAssetError(RVCError):
    """A pre-trained file that is not there; the message says how to get it."""


class TrainingError(RVCError):
    """A training that cannot start or go on."""


class Cancelled(RVCError):
    """The person asked to stop; earlier work is intact."""

    def __init__(
        self,
        en: str = "Stopped. Everything made before is still there.",
        ko: str = "멈췄습니다. 이전 작업은 그대로 있습니다.",
    ) -> None:
        super().__init__(en, ko)
