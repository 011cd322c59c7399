"""Errors with a message for the user that names the cause and the next step."""

from rvc.messages import Message, as_message


class RVCError(Exception):
    """An error whose message names the cause and the next step: a `Message`, or an English template
    and its values.

    Only the page and the command line render it; any other exception is a bug and keeps its
    traceback.
    """

    def __init__(self, message: Message | str, /, **values: object) -> None:
        self.text = as_message(message, values)
        super().__init__(self.text)

    def __str__(self) -> str:
        return str(self.text)


class AudioError(RVCError):
    """A recording that cannot be read or used."""


class VoiceError(RVCError):
    """A voice file or index that cannot be used."""


class StorageError(RVCError):
    """A disk or folder that cannot be used: full, read-only or missing."""


class MissingAssetError(RVCError):
    """A missing pre-trained file; the message says how to get it."""


class TrainingError(RVCError):
    """A training that cannot start or continue."""


class Cancelled(RVCError):
    """The user stopped the work; earlier results are intact."""

    def __init__(
        self, message: Message | str = "Stopped. Everything made before is still there."
    ) -> None:
        super().__init__(message)
