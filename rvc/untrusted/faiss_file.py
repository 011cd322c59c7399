"""Read the vectors of a FAISS index file with bounds-checked numpy.

`faiss.read_index` trusts every length in the file: on damaged or hostile files it crashes,
allocates any amount of memory, or opens other files that the index names. Only the formats of
voices are read here, flat and IVF-flat; the layout is that of faiss/impl/index_write.cpp.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rvc.errors import VoiceError

MAX_VECTORS = 700_000  # almost two hours of speech at 100 frames a second
MAX_CHANNELS = 2048
MAX_LISTS = 65_536
MAX_MAGNITUDE = 1e4  # of a content feature; real ones stay below 100
METRIC_L2 = 1
FLAT_KINDS = (b"IxF2", b"IxFI", b"IxFl")
IVF_FLAT_KIND = b"IwFl"
ARRAY_LISTS = b"ilar"
DIRECT_MAP_ENTRY_BYTES = {0: 8, 1: 8, 2: 16}  # none, array, hash table


@dataclass(frozen=True, eq=False)
class FaissFile:
    """vectors: (rows, channels) float32, ordered by list. centres: (lists, channels) float32 and
    list_sizes: (lists,) int64, both empty for a flat index. probes: lists searched for a query."""

    vectors: np.ndarray
    centres: np.ndarray
    list_sizes: np.ndarray
    probes: int = 1


def read_faiss_file(path: Path, channels: int | None = None) -> FaissFile:
    """Return the contents of a flat or IVF-flat index over L2; raises VoiceError for others.

    With `channels`, vectors of another width are rejected before they are read.
    """
    try:
        data = np.memmap(path, dtype=np.uint8, mode="r")
    except ValueError as error:  # an empty file cannot be mapped
        raise VoiceError("The index file is empty.") from error
    except OSError as error:
        raise VoiceError("The index file cannot be opened.") from error
    cursor = _Cursor(data)
    contents = _read_index(cursor, channels)
    if not cursor.at_end():
        raise damaged_index()
    for array in (contents.vectors, contents.centres):
        # min and max propagate NaN, which fails the comparison.
        if array.size and not (array.max() <= MAX_MAGNITUDE and array.min() >= -MAX_MAGNITUDE):
            raise damaged_index()
    return contents


class _Cursor:
    """Sequential, bounds-checked reader of a byte array."""

    def __init__(self, data: np.ndarray) -> None:
        self._data = data
        self._position = 0

    def take(self, size: int) -> np.ndarray:
        if not 0 <= size <= len(self._data) - self._position:
            raise damaged_index()
        self._position += size
        return self._data[self._position - size : self._position]

    def at_end(self) -> bool:
        return self._position == len(self._data)

    def tag(self) -> bytes:
        return self.take(4).tobytes()

    def number(self, kind: str) -> int:
        """Read one little-endian number of a numpy type: "u1", "i4", "i8"."""
        dtype = np.dtype(f"<{kind}")
        return int(self.take(dtype.itemsize).view(dtype)[0])

    def array(self, kind: str, count: int) -> np.ndarray:
        """Read a copy of `count` little-endian numbers of a numpy type."""
        dtype = np.dtype(f"<{kind}")
        return np.frombuffer(self.take(count * dtype.itemsize).tobytes(), dtype)


def _read_index(cursor: _Cursor, channels: int | None) -> FaissFile:
    kind = cursor.tag()
    if kind in FLAT_KINDS:
        vectors = _read_flat(cursor, channels, MAX_VECTORS)
        nothing = np.empty((0, vectors.shape[1]), np.float32)
        return FaissFile(vectors, nothing, np.empty(0, np.int64))
    if kind != IVF_FLAT_KIND:
        raise _unknown_kind()
    return _read_ivf(cursor, channels)


def _read_header(cursor: _Cursor, channels: int | None, most_rows: int) -> tuple[int, int]:
    """Read (width, rows) from the header of an index."""
    width, rows = cursor.number("i4"), cursor.number("i8")
    cursor.take(16)  # two unused numbers of old versions
    trained, metric = cursor.number("u1"), cursor.number("i4")
    if metric != METRIC_L2 or not trained or not 1 <= width <= MAX_CHANNELS:
        raise damaged_index()
    if channels is not None and width != channels:
        raise wrong_width(width, channels)
    if rows > most_rows:
        raise VoiceError(
            "The index holds {rows:,} vectors; at most {most_rows:,} are read.",
            rows=rows,
            most_rows=most_rows,
        )
    if rows < 0:
        raise damaged_index()
    return width, rows


def _read_flat(cursor: _Cursor, channels: int | None, most_rows: int) -> np.ndarray:
    width, rows = _read_header(cursor, channels, most_rows)
    if rows == 0:
        raise empty_index()
    if cursor.number("i8") != rows * width:
        raise damaged_index()
    return cursor.array("f4", rows * width).reshape(rows, width)


def _read_ivf(cursor: _Cursor, channels: int | None) -> FaissFile:
    width, rows = _read_header(cursor, channels, MAX_VECTORS)
    if rows == 0:
        raise empty_index()
    lists, probes = cursor.number("i8"), cursor.number("i8")
    if not 1 <= lists <= MAX_LISTS or not 1 <= probes <= MAX_LISTS:
        raise damaged_index()
    quantizer = cursor.tag()
    if quantizer not in FLAT_KINDS:
        raise _unknown_kind()
    centres = _read_flat(cursor, width, MAX_LISTS)
    if len(centres) != lists:
        raise damaged_index()
    entry_bytes = DIRECT_MAP_ENTRY_BYTES.get(cursor.number("u1"), 0)
    entries = cursor.number("i8")
    if entry_bytes == 0 or not 0 <= entries <= MAX_VECTORS:
        raise damaged_index()
    cursor.take(entries * entry_bytes)  # positions of ids, not needed
    sizes = _read_list_sizes(cursor, lists, width)
    if sizes.sum() != rows:
        raise damaged_index()
    vectors, ids = _read_lists(cursor, sizes, width)
    if not _within(ids, rows - 1) or len(np.unique(ids)) != rows:
        raise damaged_index()
    return FaissFile(vectors, centres, sizes, min(probes, lists))


def _read_list_sizes(cursor: _Cursor, lists: int, width: int) -> np.ndarray:
    """Read the list sizes (lists,) int64, stored densely or sparsely."""
    storage = cursor.tag()
    if storage != ARRAY_LISTS:
        raise _unknown_kind()
    if cursor.number("i8") != lists or cursor.number("i8") != width * 4:
        raise damaged_index()
    form, count = cursor.tag(), cursor.number("i8")
    if form == b"full" and count == lists:
        sizes = cursor.array("i8", count)
    elif form == b"sprs" and 0 <= count <= 2 * lists and count % 2 == 0:
        places, values = cursor.array("i8", count).reshape(-1, 2).T
        if len(np.unique(places)) != len(places) or not _within(places, lists - 1):
            raise damaged_index()
        sizes = np.zeros(lists, np.int64)
        sizes[places] = values
    else:
        raise damaged_index()
    if not _within(sizes, MAX_VECTORS):
        raise damaged_index()
    return sizes


def _within(values: np.ndarray, most: int) -> bool:
    return bool(((values >= 0) & (values <= most)).all())


def _read_lists(cursor: _Cursor, sizes: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Read the concatenated vectors of all lists, and their ids."""
    rows, start = int(sizes.sum()), 0
    vectors, ids = np.empty((rows, width), np.float32), np.empty(rows, np.int64)
    for size in sizes.tolist():
        if size == 0:
            continue
        vectors[start : start + size] = cursor.array("f4", size * width).reshape(size, width)
        ids[start : start + size] = cursor.array("i8", size)
        start += size
    return vectors, ids


def damaged_index() -> VoiceError:
    return VoiceError(
        "This index file is damaged or not an index of a voice.",
    )


def empty_index() -> VoiceError:
    return VoiceError(
        "This index is empty; take the file whose name begins with 'added_', not 'trained_'.",
    )


def wrong_width(width: int, channels: int) -> VoiceError:
    return VoiceError(
        "This index belongs to another kind of voice: its vectors have {width} numbers, "
        "this voice's have {channels}.",
        width=width,
        channels=channels,
    )


def _unknown_kind() -> VoiceError:
    return VoiceError(
        "This is not an index of the kind that RVC and Applio save. Take the file whose name "
        "begins with 'added_', or convert without an index.",
    )
