"""The table of pre-trained files, their paths, and how to get a missing one.

There are two kinds: files shipped with Moksori, and files published for RVC on the Hugging Face
hub, which are downloaded once and only on request. This module needs only the standard library.
"""

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from rvc.errors import MissingAssetError, StorageError
from rvc.fetching import FetchError, fetch_file, file_sha256
from rvc.files import remove_quietly
from rvc.messages import Message, joined
from rvc.places import data_folder, packaged_voices, shipped_weights
from rvc.progress import Progress, no_progress

HUB = "https://huggingface.co"
REPOSITORY, REVISION = "lj1995/VoiceConversionWebUI", "main"
HUB_VARIABLE = "MOKSORI_HUB"  # another hub's address, or a folder with the repository's files
WEIGHTS_VARIABLE = "MOKSORI_WEIGHTS"

SHIPPED_FOLDER = shipped_weights() / "pretrained"
LFS_POINTER_BYTES = 1000  # above the size of a pointer, below that of any weights


@dataclass(frozen=True)
class Asset:
    """One pre-trained file. `name`: its path in `weights/pretrained/`, and in the repository."""

    name: str
    size_bytes: int  # of a shipped file: about
    sha256: str = ""  # empty: shipped with Moksori, where git vouches for the contents

    @property
    def shipped(self) -> bool:
        return not self.sha256


ASSETS = (
    Asset("whisper_base_encoder.safetensors", 34_900_000),
    Asset("lite_base.safetensors", 7_840_000),
    Asset("speaker_encoder.safetensors", 2_850_000),
    Asset("speech_sounds.safetensors", 77_000),
    Asset(
        "hubert_base/config.json",
        1_492,
        "0346950779dfb7f9316fa74ed846e2b8a22a08eedfdc5387b73f327cb1a4a7cf",
    ),
    Asset(
        "hubert_base/preprocessor_config.json",
        225,
        "7c1976a680fb7acc757cd36fb08eef878fa36c70b4c9d2d595df9c608bbbbf0e",
    ),
    Asset(
        "hubert_base/pytorch_model.bin",
        189_206_711,
        "cc8c20f4b90a520757260197a3ff2505705a7adbd20ad9eeaa4e1a9b38442ef5",
    ),
    Asset(
        "rmvpe.pt",
        181_184_272,
        "6d62215f4306e3ca278246188607209f09af3dc77ed4232efdd069798c4ec193",
    ),
    Asset(
        "pretrained_v2/f0G32k.pth",
        73_950_049,
        "2332611297b8d88c7436de8f17ef5f07a2119353e962cd93cda5806d59a1133d",
    ),
    Asset(
        "pretrained_v2/f0D32k.pth",
        142_875_703,
        "bd7134e7793674c85474d5145d2d982e3c5d8124fc7bb6c20f710ed65808fa8a",
    ),
    Asset(
        "pretrained_v2/f0G40k.pth",
        73_106_273,
        "3b2c44035e782c4b14ddc0bede9e2f4a724d025cd073f736d4f43708453adfcb",
    ),
    Asset(
        "pretrained_v2/f0D40k.pth",
        142_875_703,
        "6b6ab091e70801b28e3f41f335f2fc5f3f35c75b39ae2628d419644ec2b0fa09",
    ),
    Asset(
        "pretrained_v2/f0G48k.pth",
        75_465_569,
        "b5d51f589cc3632d4eae36a315b4179397695042edc01d15312e1bddc2b764a4",
    ),
    Asset(
        "pretrained_v2/f0D48k.pth",
        142_875_703,
        "2269b73c7a4cf34da09aea99274dabf99b2ddb8a42cbfb065fb3c0aa9a2fc748",
    ),
)


_HUBERT = tuple(
    f"hubert_base/{file}"
    for file in ("config.json", "preprocessor_config.json", "pytorch_model.bin")
)
# Content encoder -> the files it is made of.
ENCODER_FILES = {
    "whisper-base-5": ("whisper_base_encoder.safetensors",),
    "whisper-base": ("whisper_base_encoder.safetensors",),
    "contentvec": _HUBERT,
    "contentvec-v1": _HUBERT,
}


def find_asset(name: str) -> Asset:
    """Return the table's entry for `name`; raises ValueError that lists the valid names."""
    for asset in ASSETS:
        if asset.name == name:
            return asset
    raise ValueError(f"unknown asset {name!r}; there are {', '.join(a.name for a in ASSETS)}")


def weights_dir(argument: str | Path | None = None) -> Path:
    """Return the weights folder: the argument, else MOKSORI_WEIGHTS, else that of `data_folder`.

    The path is absolute; the folder need not exist and is not created.
    """
    chosen = argument or os.environ.get(WEIGHTS_VARIABLE) or data_folder() / "weights"
    return Path(chosen).expanduser().absolute()


def check_weights(weights: Path) -> None:
    """Raise StorageError if the weights folder does not exist and no packaged voices apply."""
    if not weights.is_dir() and packaged_voices(weights) is None:
        raise StorageError(
            "There is no weights folder '{name}', so there are no voices. Check --weights "
            "or {weights_variable}.",
            name=weights.name,
            weights_variable=WEIGHTS_VARIABLE,
        )


def asset_path(name: str, weights: Path) -> Path:
    """Return the path of the asset `name`; a shipped one may stay in the program's own folder."""
    path, own = Path(weights) / "pretrained" / name, SHIPPED_FOLDER / name
    return own if find_asset(name).shipped and not path.exists() and own.exists() else path


def state(name: str, weights: Path) -> str:
    """Return "here", "missing" or "damaged", judged by the file's size alone."""
    asset, path = find_asset(name), asset_path(name, weights)
    if not path.is_file():
        return "missing"
    size_bytes = path.stat().st_size
    if asset.shipped:  # a Git LFS pointer in its place has some 130 bytes
        return "here" if size_bytes > LFS_POINTER_BYTES else "damaged"
    return "here" if size_bytes == asset.size_bytes else "damaged"


def resolve(
    name: str, *, weights: Path, fetch: bool = False, progress: Progress = no_progress
) -> Path:
    """Return the path of the asset called `name`, verified against its checksum.

    With `fetch`, a missing published file is downloaded; `progress` receives the fraction done.
    Raises MissingAssetError that names the file, its size, its path and how to get it.
    """
    asset = find_asset(name)
    path = asset_path(name, weights)
    found = state(name, weights)
    if found == "here" and (asset.shipped or is_published(path, asset.sha256)):
        return path
    if asset.shipped or not fetch:
        raise _missing(asset, weights, damaged=path.is_file())
    return _fetch(asset, weights, progress)


def is_published(path: Path, sha256: str) -> bool:
    """Return True if the file has this sha256; it is read again only after a change."""
    status = path.stat()
    return _sha256_once(path, status.st_size, status.st_mtime_ns) == sha256


@lru_cache(maxsize=64)
def _sha256_once(path: Path, _size: int, _mtime_ns: int) -> str:
    return file_sha256(path)


def _fetch(asset: Asset, weights: Path, progress: Progress) -> Path:
    path = asset_path(asset.name, weights)
    try:
        source = hub_source(REPOSITORY, asset.name)
        remove_quietly(path)  # only a damaged file comes this far
        return fetch_file(
            source, path, size_bytes=asset.size_bytes, sha256=asset.sha256, progress=progress
        )
    except FetchError as error:
        raise _missing(asset, weights, because=error.text) from error


_TRUE = {"1", "ON", "YES", "TRUE"}  # as huggingface_hub reads it


def hub_source(repository: str, name: str, *, kind: str = "resolve") -> str | Path:
    """Return the address of a repository's file, or its local path where the hub is a folder.

    `kind`: "resolve" for the file, "raw" for what git has of it: of a large one, a pointer. Raises
    FetchError if downloads are switched off.
    """
    hub = os.environ.get(HUB_VARIABLE) or os.environ.get("HF_ENDPOINT") or HUB
    if not hub.startswith(("http://", "https://")):
        return Path(hub).expanduser() / name
    check_online()
    return f"{hub.rstrip('/')}/{repository}/{kind}/{REVISION}/{name}"


def check_online() -> None:
    """Raise FetchError if downloads are switched off."""
    if os.environ.get("HF_HUB_OFFLINE", "").upper() in _TRUE:
        raise FetchError("Downloads are switched off (HF_HUB_OFFLINE).")


def _missing(
    asset: Asset, weights: Path, *, damaged: bool = False, because: Message | None = None
) -> MissingAssetError:
    belongs = f"{Path(weights).name}/pretrained/{asset.name}"
    size = size_words(asset.size_bytes)
    what = Message("{belongs} ({size}) is missing.", belongs=belongs, size=size)
    if damaged:
        what = Message(
            "{belongs} is damaged: it is not the published file ({size}).",
            belongs=belongs,
            size=size,
        )
    how = Message(
        "Get it with: python -m rvc fetch {wanted} - or by hand: download {name} of "
        "{repository} on Hugging Face and put it there.",
        wanted="contentvec" if asset.name in _HUBERT else asset.name,
        name=asset.name,
        repository=REPOSITORY,
    )
    if asset.shipped:
        how = Message(
            "It comes with Moksori: download Moksori again (with git: git checkout weights).",
        )
    return MissingAssetError(joined(filter(None, (what, because, how))))


def size_words(size_bytes: int) -> str:
    """Return a readable file size: "73 MB", "225 bytes"."""
    return f"{size_bytes / 1e6:.0f} MB" if size_bytes >= 500_000 else f"{size_bytes} bytes"
