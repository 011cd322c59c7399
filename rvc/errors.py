"""Errors that a person can act on; each carries a message for them."""

from rvc.messages import Message, as_message


class RVCError(Exception):
    """An error whose message names the cause and the next step: a `Message`, or an English template
    and its values.

    Only the interface and the command line turn it into words on a screen; any other exception is
    a bug and keeps its traceback.
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
    """A disk or a folder that refuses: full, read-only, not there."""


class MissingAssetError(RVCError):
    """A pre-trained file that is not there; the message says how to get it."""


class TrainingError(RVCError):
    """A training that cannot start or go on."""


class Cancelled(RVCError):
    """The person asked to stop; earlier work is intact."""

    def __init__(
        self, message: Message | str = "Stopped. Everything made before is still there."
    ) -> None:
        super().__init__(message)
