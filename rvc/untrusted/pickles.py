"""Read a voice's pickle into descriptions of tensors instead of objects.

A pickle is a program. Its opcodes are first checked against an allow-list; then it runs with every
name it may call replaced by a function of this module that only records its arguments. No class of
torch or numpy is looked up.
"""

import io
import pickle
import pickletools
import struct
from collections.abc import Callable
from typing import Any, NamedTuple

from rvc.errors import VoiceError

MAX_PICKLE_BYTES = 8_000_000
MAX_MEMO = 1_000_000  # largest memo index: the unpickler allocates that many places
# fmt: off
OPCODES = frozenset([
    "PROTO", "FRAME", "STOP", "MARK", "EMPTY_DICT", "EMPTY_LIST", "EMPTY_TUPLE", "TUPLE", "TUPLE1",
    "TUPLE2", "TUPLE3", "BINUNICODE", "SHORT_BINUNICODE", "BINSTRING", "SHORT_BINSTRING",
    "BINBYTES", "SHORT_BINBYTES", "BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT", "NONE",
    "NEWTRUE", "NEWFALSE", "BINPUT", "LONG_BINPUT", "MEMOIZE", "BINGET", "LONG_BINGET", "GLOBAL",
    "STACK_GLOBAL", "REDUCE", "BUILD", "SETITEM", "SETITEMS", "APPEND", "APPENDS", "BINPERSID",
])
# fmt: on
STORAGES = {  # class of torch -> numpy dtype; bfloat16 has none and is widened later
    "HalfStorage": "<f2",
    "FloatStorage": "<f4",
    "DoubleStorage": "<f8",
    "BFloat16Storage": "bfloat16",
    "LongStorage": "<i8",
    "IntStorage": "<i4",
    "ShortStorage": "<i2",
    "CharStorage": "|i1",
    "ByteStorage": "|u1",
    "BoolStorage": "|b1",
}
BYTES_PER_NUMBER = {
    dtype: 2 if dtype == "bfloat16" else int(dtype[2]) for dtype in STORAGES.values()
}


class StorageNote(NamedTuple):
    """A storage: `length` numbers elsewhere in the file."""

    key: str
    dtype: str
    length: int


class TensorNote(NamedTuple):
    """A view into a storage; only its types are checked."""

    storage: StorageNote
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


class _Named:
    """The callable for a name in a pickle; no state can be set on it."""

    __slots__ = ("_function",)

    def __init__(self, function: Callable) -> None:
        self._function = function

    def __call__(self, *values: object) -> object:
        return self._function(*values)

    def __setstate__(self, state: object) -> None:
        raise damaged_voice()


class _Table(dict):
    """An OrderedDict; state that a pickle sets on it (torch's `_metadata`) is dropped."""

    def __setstate__(self, state: object) -> None:
        pass


class _NumpyType:
    """A numpy dtype, of which only the name is kept."""

    def __init__(self, name: object, *ignored: object) -> None:
        self.name = name

    def __setstate__(self, state: object) -> None:
        pass


def read_pickle(data: bytes) -> tuple[object, int]:
    """Return the content of the pickle at the start of `data`, and the pickle's length.

    Raises VoiceError if it is damaged, too large, or names something that a voice does not need.
    """
    data = data[: MAX_PICKLE_BYTES + 1]
    length = _checked_length(data)
    try:
        return _Describer(io.BytesIO(data[:length])).load(), length
    except VoiceError:
        raise
    except Exception as error:  # an invalid pickle may raise anything
        raise damaged_voice() from error


def _checked_length(data: bytes) -> int:
    """Return the pickle's length; raises VoiceError for an opcode that voices do not use."""
    end = 0
    try:
        for opcode, argument, position in pickletools.genops(data):
            end = (position or 0) + 1
            if opcode.name not in OPCODES:
                raise damaged_voice()
            if opcode.name == "LONG_BINPUT" and int(argument or 0) > MAX_MEMO:
                raise damaged_voice()
            if opcode.name == "GLOBAL" and tuple(str(argument).split(" ", 1)) not in NAMES:
                raise forbidden_name()
    except (ValueError, IndexError, UnicodeDecodeError, struct.error, OverflowError) as error:
        raise damaged_voice() from error
    return end


class _Describer(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> object:
        if (module, name) not in NAMES:
            raise forbidden_name()
        return NAMES[module, name]

    def persistent_load(self, identifier: Any) -> StorageNote:
        kind, dtype, key, _place, length, *view = identifier
        if kind != "storage" or any(part is not None for part in view):
            raise damaged_voice()
        if dtype not in BYTES_PER_NUMBER or not isinstance(length, int) or length < 0:
            raise damaged_voice()
        return StorageNote(str(key), dtype, length)


def _tensor(storage: Any, offset: Any, shape: Any, strides: Any, *_: object) -> TensorNote:
    numbers = (offset, *shape, *strides)
    if not isinstance(storage, StorageNote) or not all(type(n) is int and n >= 0 for n in numbers):
        raise damaged_voice()
    return TensorNote(storage, offset, tuple(shape), tuple(strides))


def _parameter(tensor: object, *_: object) -> object:
    return tensor


def _numpy_scalar(dtype: object, data: Any) -> int | float | None:
    """Return a numpy number, which some trainers store; None for types that are not needed."""
    forms = {"f8": "<d", "f4": "<f", "i8": "<q", "i4": "<i", "b1": "<?"}
    form = forms.get(str(dtype.name)) if isinstance(dtype, _NumpyType) else None
    return struct.unpack(form, data)[0] if form else None


def _encoded(text: Any, _encoding: object = "latin1") -> bytes:
    """Return bytes, as old pickles store them."""
    return text.encode("latin1")


NAMES: dict[tuple[str, str], _Named | str] = {
    ("collections", "OrderedDict"): _Named(_Table),
    ("torch._utils", "_rebuild_tensor"): _Named(_tensor),
    ("torch._utils", "_rebuild_tensor_v2"): _Named(_tensor),
    ("torch._utils", "_rebuild_parameter"): _Named(_parameter),
    ("torch", "Size"): _Named(lambda sizes: tuple(sizes)),
    ("torch", "device"): _Named(lambda *parts: str(parts)),
    ("numpy.core.multiarray", "scalar"): _Named(_numpy_scalar),
    ("numpy._core.multiarray", "scalar"): _Named(_numpy_scalar),
    ("numpy", "dtype"): _Named(_NumpyType),
    ("_codecs", "encode"): _Named(_encoded),
    **{
        (module, name): dtype
        for module in ("torch", "torch.cuda")
        for name, dtype in STORAGES.items()
    },
}


def damaged_voice() -> VoiceError:
    return VoiceError(
        "This voice file is damaged or incomplete. Download or copy it again.",
    )


def forbidden_name() -> VoiceError:
    return VoiceError(
        "This file is not safe: it asks to run code that no voice needs. It was not opened; do not "
        "open it in other programs either.",
    )
