"""The person behind a request: whose files, and which language."""

from dataclasses import dataclass

from rvc.messages import Message
from rvc.ui.texts import tr


@dataclass(frozen=True)
class Visitor:
    """The owner of the files that a request concerns, and the language of its answer."""

    owner: str
    language: str

    def say(self, key: str, **values: object) -> str:
        """Return the page's text of `key` in the visitor's language."""
        return tr(self.language, key, **values)

    def read(self, text: Message) -> str:
        """Return a message of the library in the visitor's language."""
        return text.in_language(self.language)
