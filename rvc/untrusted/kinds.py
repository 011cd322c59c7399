"""Identify the kind of a file that is not a voice."""

from rvc.errors import VoiceError
from rvc.messages import Message
from rvc.untrusted.pickles import damaged_voice

MAX_VOICE_BYTES = 600_000_000

# First bytes -> kind.
MAGIC = (
    (b"RIFF", Message("a sound file")),
    (b"ID3", Message("a sound file")),
    (b"fLaC", Message("a sound file")),
    (b"OggS", Message("a sound file")),
    (b"\xff\xfb", Message("a sound file")),
    (b"\x89PNG", Message("a picture")),
    (b"\xff\xd8\xff", Message("a picture")),
    (b"GIF8", Message("a picture")),
    (b"%PDF", Message("a PDF")),
    (b"Rar!", Message("a RAR archive; unpack it first")),
    (b"7z\xbc\xaf", Message("a 7z archive; unpack it first")),
    (b"\x1f\x8b", Message("a gzip archive; unpack it first")),
    (b"IwFl", Message("an index; choose it beside its voice")),
    (b"IxF", Message("an index; choose it beside its voice")),
    (
        b"version https://git-lfs",
        Message("a link to a file kept elsewhere"),
    ),
    (b"<", Message("a web page")),
)
PICKLE_STARTS = (b"PK", b"\x80")


def check_first_bytes(head: bytes) -> None:
    """Raise VoiceError that names the file's likely kind, unless it may be a torch file."""
    if not head:
        raise VoiceError("The voice file is empty.")
    if head.startswith(PICKLE_STARTS):
        return
    looks = next((kind for magic, kind in MAGIC if head.startswith(magic)), None)
    if looks is None and head.lstrip()[:1] == b"<":
        looks = Message("a web page")
    if looks is None and _is_text(head):
        looks = Message("a text")
    if looks is None:
        raise VoiceError("This is not a voice file.")
    raise VoiceError(
        "This is not a voice file (it looks like {kind}).",
        kind=looks,
    )


def _is_text(head: bytes) -> bool:
    printable = sum(byte >= 32 or byte in b"\t\r\n" for byte in head)
    return printable == len(head)


def check_contents(content: object) -> tuple[dict[str, object], dict[str, object]]:
    """Return the checkpoint's fields and its table of weights.

    Raises VoiceError that names what the checkpoint is when it is not a voice.
    """
    if not isinstance(content, dict):
        raise _no_voice()
    if "weight" not in content:
        if "model" in content and ("optimizer" in content or "iteration" in content):
            raise VoiceError(
                "This is a training checkpoint (G_... or D_...), not a finished voice. Take the "
                "small .pth that the trainer saved in its 'weights' folder.",
            )
        raise _no_voice()
    weights = content["weight"]
    if not isinstance(weights, dict) or not all(isinstance(name, str) for name in weights):
        raise damaged_voice()
    return content, weights


def _no_voice() -> VoiceError:
    return VoiceError(
        "This file holds a network, but no voice. A voice is a .pth made by RVC or Applio.",
    )
