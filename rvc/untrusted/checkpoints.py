"""Read a community `.pth` as plain fields and numpy arrays, without torch.

torch's format is a zip of a pickle and one stored member per tensor; before torch 1.6 it was
several pickles followed by the tensors' bytes. Both are read here, and every value is checked.
"""

import io
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite, prod
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import numpy as np

from rvc.errors import VoiceError
from rvc.untrusted.kinds import MAX_VOICE_BYTES, check_contents, check_first_bytes
from rvc.untrusted.pickles import (
    BYTES_PER_NUMBER,
    MAX_PICKLE_BYTES,
    StorageNote,
    TensorNote,
    damaged_voice,
    read_pickle,
)

MAX_MEMBERS = 4000
MAX_TENSORS = 4000
MAX_NAME_LETTERS = 200
MAX_TEXT_LETTERS = 65_536
MAX_FIELD_VALUES = 2000  # numbers and texts in one field, nested ones included
MAX_WHOLE = 2**53
MAX_READ_BYTES = 2 * MAX_VOICE_BYTES  # of all storages
# What zipfile raises for damaged or hostile archives; OSError is a seek before the start.
DAMAGE = (
    zipfile.BadZipFile, zlib.error, struct.error, KeyError, NotImplementedError, EOFError,
    RuntimeError, ValueError, OverflowError, OSError,
)  # fmt: skip
LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
LEGACY_PROTOCOL = 1001
# The only fields that are kept; trainers write more.
FIELDS = ("config", "info", "sr", "f0", "version", "vocoder", "embedder_model", "moksori_card")
# What Applio writes about a voice's making; kept if it is a number or a short text.
FACTS = (
    *("model_name", "author", "epoch", "step", "creation_date", "dataset_length", "speakers_id"),
    "model_hash",
)
MAX_FACT_LETTERS = 300
FLOATS = ("<f2", "<f4", "<f8", "bfloat16")  # types of weights; others are counters of a training
TRAINING_ONLY = (
    "enc_q."  # the posterior encoder, which some files contain and conversion does not need
)


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """fields: plain numbers, texts, lists and dicts.
    weights: finite float16 or float32 arrays under the community's names."""

    fields: dict[str, object]
    weights: dict[str, np.ndarray]


def read_checkpoint(path: Path) -> Checkpoint:
    """Read a voice file; raises VoiceError that names the file's actual kind or its fault."""
    size = path.stat().st_size
    if size > MAX_VOICE_BYTES:
        raise VoiceError(
            "This file is too large for a voice ({megabytes:.0f} MB; at most 600).",
            megabytes=size / 1000000.0,
        )
    with path.open("rb") as file:
        head = file.read(1024)
        check_first_bytes(head)
        file.seek(0)
        return _read_zip(file) if head.startswith(b"PK") else _read_legacy(file)


def _read_zip(file: BinaryIO) -> Checkpoint:
    try:
        with zipfile.ZipFile(file) as archive:
            members = _checked_members(archive)
            content, _ = read_pickle(archive.read(members["data.pkl"]))

            def read(storage: StorageNote) -> bytes:
                return archive.read(members[f"data/{storage.key}"])  # also verifies the checksum

            return _checkpoint(content, read)
    except DAMAGE as error:
        raise damaged_voice() from error


def _checked_members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Return members by their path in the archive's folder; stored, unique, little-endian."""
    infos = archive.infolist()
    if len(infos) > MAX_MEMBERS or len({info.filename for info in infos}) != len(infos):
        raise damaged_voice()
    pickles = [info for info in infos if PurePosixPath(info.filename).name == "data.pkl"]
    if len(pickles) != 1:
        raise _no_voice_archive()
    folder = pickles[0].filename.removesuffix("data.pkl")
    members = {info.filename.removeprefix(folder): info for info in infos}
    for info in infos:
        encrypted = info.flag_bits & 1
        if encrypted or info.compress_type != zipfile.ZIP_STORED:
            raise damaged_voice()
    if pickles[0].file_size > MAX_PICKLE_BYTES:
        raise damaged_voice()
    order = members.get("byteorder")
    if order is not None and (order.file_size > 10 or archive.read(order) != b"little"):
        raise damaged_voice()
    return members


def _read_legacy(file: BinaryIO) -> Checkpoint:
    """Read the format before torch 1.6: magic, protocol, system, content, keys, then all bytes."""
    magic, protocol = _next_pickle(file), _next_pickle(file)
    if magic != LEGACY_MAGIC or protocol != LEGACY_PROTOCOL:
        raise damaged_voice()
    system = _next_pickle(file)
    if not isinstance(system, dict) or system.get("little_endian") is not True:
        raise damaged_voice()
    content, keys = _next_pickle(file), _next_pickle(file)
    if not isinstance(keys, list) or len(keys) > MAX_MEMBERS:
        raise damaged_voice()
    sizes = {note.storage.key: note.storage for note in _tensors_in(content)}
    places: dict[str, tuple[int, int]] = {}
    for key in keys:
        count = int.from_bytes(file.read(8), "little")
        storage = sizes.get(key)
        if storage is None or storage.length != count:
            raise damaged_voice()
        size = count * BYTES_PER_NUMBER[storage.dtype]
        places[key] = (file.tell(), size)
        file.seek(size, io.SEEK_CUR)

    def read(storage: StorageNote) -> bytes:
        if storage.key not in places:
            raise damaged_voice()
        start, size = places[storage.key]
        file.seek(start)
        return file.read(size)

    return _checkpoint(content, read)


def _next_pickle(file: BinaryIO) -> object:
    start = file.tell()
    content, length = read_pickle(file.read(MAX_PICKLE_BYTES))
    file.seek(start + length)
    return content


def _tensors_in(content: object) -> list[TensorNote]:
    """Return the tensors of a dict and of the dicts in it, where checkpoints keep them."""
    if not isinstance(content, dict):
        return []
    tables = [content, *(value for value in content.values() if isinstance(value, dict))]
    return [value for table in tables for value in table.values() if isinstance(value, TensorNote)]


def _checkpoint(content: object, read: Callable[[StorageNote], bytes]) -> Checkpoint:
    table, notes = check_contents(content)
    fields = {name: _plain(table[name]) for name in FIELDS if name in table}
    fields |= {name: table[name] for name in FACTS if _fact(table.get(name))}
    weights: dict[str, np.ndarray] = {}
    room = MAX_VOICE_BYTES
    if len(notes) > MAX_TENSORS:
        raise damaged_voice()
    wanted = _wanted(notes)
    read = _each_once(read, Counter(note.storage for note in wanted.values()))
    for name, note in wanted.items():
        room -= prod(note.shape) * 4
        if room < 0 or community_name(name) in weights:
            raise damaged_voice()
        weights[community_name(name)] = _array(note, read(note.storage))
    return Checkpoint(fields, weights)


def _fact(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= MAX_FACT_LETTERS
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and abs(value) <= MAX_WHOLE  # type: ignore[arg-type]


def _wanted(notes: dict[str, object]) -> dict[str, TensorNote]:
    """Return the tensors that may be weights of a voice; raises VoiceError for other values."""
    wanted = {}
    for name, note in notes.items():
        if name.startswith(TRAINING_ONLY):
            continue
        if not isinstance(note, TensorNote) or len(name) > MAX_NAME_LETTERS:
            raise damaged_voice()
        if note.storage.dtype in FLOATS:
            wanted[name] = note
    return wanted


def _each_once(
    read: Callable[[StorageNote], bytes], uses: Counter[StorageNote]
) -> Callable[[StorageNote], bytes]:
    """Return `read` that keeps the storages which several tensors share; the sum is bounded."""
    if sum(note.length * BYTES_PER_NUMBER[note.dtype] for note in uses) > MAX_READ_BYTES:
        raise damaged_voice()
    kept: dict[StorageNote, bytes] = {}

    def read_once(storage: StorageNote) -> bytes:
        if storage in kept:
            return kept[storage]
        data = read(storage)
        if uses[storage] > 1:
            kept[storage] = data
        return data

    return read_once


def _array(note: TensorNote, data: bytes) -> np.ndarray:
    """Return one dense, finite tensor as float16 or float32, contiguous; raises VoiceError."""
    storage = note.storage
    if len(data) != storage.length * BYTES_PER_NUMBER[storage.dtype]:
        raise damaged_voice()
    wide = storage.dtype == "bfloat16"  # the upper half of a float32
    numbers = _view(note, np.frombuffer(data, "<u2" if wide else storage.dtype))
    if wide:
        numbers = (numbers.astype(np.uint32) << 16).view(np.float32)
    if numbers.dtype == np.float64:
        with np.errstate(over="ignore"):
            numbers = numbers.astype(np.float32)
    if not np.isfinite(numbers).all():
        raise VoiceError(
            "This voice is broken: some of its weights are not numbers (its training failed).",
        )
    return numbers


def _view(note: TensorNote, numbers: np.ndarray) -> np.ndarray:
    """Return the tensor of a storage's numbers in the order of its shape; raises VoiceError.

    Trainers also store transposed tensors and parts of larger ones.
    """
    if len(note.strides) != len(note.shape) or len(note.shape) > 4:
        raise damaged_voice()
    if 0 in note.shape:
        return np.zeros(note.shape, numbers.dtype)
    steps = zip(note.shape, note.strides, strict=True)
    if note.offset + sum((size - 1) * stride for size, stride in steps) >= len(numbers):
        raise damaged_voice()
    strides = tuple(stride * numbers.itemsize for stride in note.strides)
    start = numbers[note.offset :]
    view = np.lib.stride_tricks.as_strided(start, note.shape, strides, writeable=False)
    return np.ascontiguousarray(view).reshape(note.shape)  # a number of no axis would get one


def community_name(name: str) -> str:
    """Return a weight's key with weight norm spelt weight_g and weight_v."""
    for part, usual in (("original0", "weight_g"), ("original1", "weight_v")):
        name = name.replace(f"parametrizations.weight.{part}", usual)
    return name


def _plain(value: object) -> object:
    """Return a field as numbers, texts, lists and dicts; raises VoiceError for other values."""
    left = [MAX_FIELD_VALUES]

    def copy(part: object, depth: int) -> object:
        left[0] -= 1
        if left[0] < 0 or depth > 4:
            raise damaged_voice()
        if part is None or isinstance(part, bool):
            return part
        if isinstance(part, int) and abs(part) <= MAX_WHOLE:
            return part
        if isinstance(part, float) and isfinite(part):
            return part
        if isinstance(part, str) and len(part) <= MAX_TEXT_LETTERS:
            return part
        if isinstance(part, list | tuple) and type(part) in (list, tuple):
            return [copy(item, depth + 1) for item in part]
        if isinstance(part, dict) and all(isinstance(key, str) for key in part):
            return {key[:MAX_NAME_LETTERS]: copy(item, depth + 1) for key, item in part.items()}
        raise damaged_voice()

    return copy(value, 0)


def _no_voice_archive() -> VoiceError:
    return VoiceError(
        "This is an archive, not a voice file. Import it as a zip, or unpack it and take the .pth.",
    )
