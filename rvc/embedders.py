"""Content encoders of voices that were trained on another one than ContentVec.

Applio lets a trainer choose: spin, HuBERT of one language, or a folder of their own. Such a voice
needs that very encoder. Its folder is weights/encoders/NAME with config.json and the weights of a
HuBERT of transformers; it is fetched on request where its name is known, or put there by hand.
"""

import json
import os
import re
from contextlib import suppress
from pathlib import Path

from rvc import assets
from rvc.errors import MissingAssetError, VoiceError
from rvc.fetching import FetchError, fetch_file, fetch_small, file_sha256
from rvc.files import write_atomically
from rvc.messages import Message, joined
from rvc.progress import Progress, no_progress

FOLDER = "encoders"  # in the weights folder
REPOSITORY = "IAHispano/Applio"
# Name in a voice file -> folder of the repository.
PUBLISHED = {
    "spin": "spin",
    "spin-v2": "spin-v2",
    "chinese-hubert-base": "chinese_hubert_base",
    "japanese-hubert-base": "japanese_hubert_base",
    "korean-hubert-base": "korean_hubert_base",
}
CONFIG_FILE = "config.json"
WEIGHT_FILES = ("model.safetensors", "pytorch_model.bin")
MAX_CONFIG_BYTES = 65_536
MAX_WEIGHTS_BYTES = 4_000_000_000
SAMPLES_PER_TOKEN = 320  # 20 ms at 16 kHz, as ContentVec

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_POINTER = re.compile(rb"oid sha256:([0-9a-f]{64})\nsize ([0-9]{1,12})\n")
# Field of config.json -> the largest value, or value of its list, of a network that is built.
_LIMITS = {
    "hidden_size": 4096,
    "num_hidden_layers": 64,
    "intermediate_size": 16_384,
    "classifier_proj_size": 4096,
    "conv_dim": 4096,
    "conv_kernel": 64,
    "num_conv_pos_embeddings": 1024,
}
MOST_CONVOLUTIONS = 16


def encoder_name(text: str) -> str:
    """Return the name of an encoder in its usual spelling; raises VoiceError for no name."""
    name = text.strip().lower().replace("_", "-")
    if not _NAME.fullmatch(name):
        raise VoiceError(
            "The name of the content encoder is not valid: it has only letters a to z, digits and "
            "hyphens, 40 at most.",
        )
    return name


def encoder_folder(name: str, weights: Path) -> Path:
    """Return where the files of the encoder belong; the folder need not exist."""
    return Path(weights) / FOLDER / encoder_name(name)


def find_encoder(name: str, weights: Path) -> Path:
    """Return the folder of the encoder called `name`, with its config checked.

    Raises MissingAssetError that says how to get it, or VoiceError for a config that does not fit.
    """
    folder = encoder_folder(name, weights)
    there = [file for file in WEIGHT_FILES if (folder / file).is_file()]
    if not (folder / CONFIG_FILE).is_file() or not there:
        raise _missing(name)
    _check_config(folder / CONFIG_FILE, name)
    return folder


def missing_encoder(name: str, weights: Path) -> list[Message]:
    """Return how to get the encoder called `name`; empty if it is there, or for no name."""
    if not name:
        return []
    try:
        find_encoder(name, weights)
    except (MissingAssetError, VoiceError) as error:
        return [error.text]
    return []


def fetch_encoder(name: str, weights: Path, progress: Progress = no_progress) -> Path:
    """Download a published encoder unless it is there; return its folder.

    `name`: one of PUBLISHED. The hub names the size and sha256 of the weights. Raises
    MissingAssetError.
    """
    folder = encoder_folder(name, weights)
    if name not in PUBLISHED:
        raise _missing(name)
    with suppress(MissingAssetError, VoiceError):  # missing, or without a config that fits
        return find_encoder(name, weights)
    try:
        inside = f"Resources/embedders/{PUBLISHED[name]}"
        _fetch_weights(f"{inside}/{WEIGHT_FILES[1]}", folder / WEIGHT_FILES[1], progress)
        config = _small(f"{inside}/{CONFIG_FILE}")
        write_atomically(folder / CONFIG_FILE, config)  # last: now the folder is complete
    except FetchError as error:
        raise _missing(name, because=error.text) from error
    return find_encoder(name, weights)


def _fetch_weights(path: str, target: Path, progress: Progress) -> None:
    source = assets.hub_source(REPOSITORY, path)
    if isinstance(source, Path):
        if not source.is_file():
            raise FetchError("{name} is not there.", name=source.name)
        size_bytes, digest = source.stat().st_size, file_sha256(source)
    else:
        found = _POINTER.search(_small(path))
        if found is None or int(found[2]) > MAX_WEIGHTS_BYTES:
            raise FetchError("The hub does not say what the file should be.")
        digest, size_bytes = found[1].decode(), int(found[2])
    fetch_file(source, target, size_bytes=size_bytes, sha256=digest, progress=progress)


def _small(path: str) -> bytes:
    """Return a small file of the repository; of a large one, the pointer to it."""
    source = assets.hub_source(REPOSITORY, path, kind="raw")
    return fetch_small(source, max_bytes=MAX_CONFIG_BYTES)


def _check_config(path: Path, name: str) -> None:
    """Raise VoiceError unless config.json describes a HuBERT that fits RVC's frames."""
    try:
        if os.path.getsize(path) > MAX_CONFIG_BYTES:
            raise ValueError("too long")
        config = json.loads(path.read_text(encoding="utf-8"))
        steps = [int(step) for step in config.get("conv_stride", [5, 2, 2, 2, 2, 2, 2])]
        sane = (
            config.get("model_type") == "hubert"
            and all(_within(config.get(key, 1), most) for key, most in _LIMITS.items())
            and len(steps) <= MOST_CONVOLUTIONS
            and _product(steps) == SAMPLES_PER_TOKEN
        )
    except (OSError, ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        sane = False
    if not sane:
        raise unfit_encoder(name)


def _within(value: object, most: int) -> bool:
    """Return whether a number, or each of a list, is between 1 and `most`."""
    numbers: list = value if isinstance(value, list) else [value]
    return len(numbers) <= MOST_CONVOLUTIONS and all(0 < int(each) <= most for each in numbers)


def _product(numbers: list[int]) -> int:
    product = 1
    for number in numbers:
        product *= number
    return product


def unfit_encoder(name: str) -> VoiceError:
    return VoiceError(
        "The files in weights/{folder}/{name} are not a HuBERT encoder of transformers, or they "
        "are damaged. Put its config.json and pytorch_model.bin or model.safetensors there.",
        folder=FOLDER,
        name=name,
    )


def _missing(name: str, *, because: Message | None = None) -> MissingAssetError:
    what = Message(
        "The voice was trained on the content encoder '{name}', which is not here.",
        name=name,
    )
    by_hand = Message(
        "Put its config.json and pytorch_model.bin or model.safetensors into "
        "weights/{folder}/{name}.",
        folder=FOLDER,
        name=name,
    )
    if name in PUBLISHED:
        by_hand = Message(
            "Get it with: python -m rvc fetch {name} - or by hand: put config.json and "
            "pytorch_model.bin of Resources/embedders/{published} of {repository} on Hugging Face "
            "into weights/{folder}/{name}.",
            name=name,
            published=PUBLISHED[name],
            repository=REPOSITORY,
            folder=FOLDER,
        )
    return MissingAssetError(joined(filter(None, (what, because, by_hand))))
