"""Loaded networks that are kept for their next use, as far as a share of the memory allows."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Generic, TypeVar

import psutil
import torch

from rvc.memory import give_memory_back, memory_bytes

SHARE = 1 / 8  # of main memory and of the GPU's, for one cache

Loaded = TypeVar("Loaded")


@dataclass(frozen=True)
class _Kept(Generic[Loaded]):
    """Something loaded, the state of its files then, and its bytes by kind of device."""

    loaded: Loaded
    state: object
    size_bytes: dict[str, int]


class NetworkCache(Generic[Loaded]):
    """Loaded networks by name, within SHARE of each memory: the least recently used go first.

    The one used last always stays, whatever its size. For one thread at a time.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[str, _Kept[Loaded]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, name: str, load: Callable[[], Loaded], *, state: object = None) -> Loaded:
        """Return what is kept under a name; call `load` if there is nothing.

        `state`: of the files behind it; what was loaded in another state is loaded again.
        """
        known = self._kept.get(name)
        if known is None or known.state != state:
            self._kept.pop(name, None)
            known = None  # freed before its successor is loaded
            loaded = load()
            known = self._kept[name] = _Kept(loaded, state, bytes_by_device(loaded))
            self._make_room()
        self._kept.move_to_end(name)
        return known.loaded

    def _make_room(self) -> None:
        before = len(self._kept)
        while len(self._kept) > 1 and self._too_much():
            self._kept.popitem(last=False)
        if len(self._kept) < before:
            give_memory_back()

    def _too_much(self) -> bool:
        total: dict[str, int] = {}
        for kept in self._kept.values():
            for kind, size_bytes in kept.size_bytes.items():
                total[kind] = total.get(kind, 0) + size_bytes
        return any(total[kind] > SHARE * _whole_bytes(kind) for kind in total)


def _whole_bytes(kind: str) -> int:
    if kind == "cuda":
        return torch.cuda.get_device_properties(0).total_memory
    return memory_bytes() or psutil.virtual_memory().total


def bytes_by_device(loaded: object) -> dict[str, int]:
    """Return the bytes of all tensors and arrays of an object, by kind of device ("cpu", "cuda").

    Parameters, buffers and what a network precomputes count alike; memory that several tensors
    share counts once.
    """
    total: dict[str, int] = {}
    storages: set[tuple[str, int]] = set()
    for part in _parts(loaded):
        kind, size_bytes = "cpu", 0
        if isinstance(part, torch.Tensor):
            storage = part.untyped_storage()
            kind = part.device.type
            if (kind, storage.data_ptr()) not in storages:
                storages.add((kind, storage.data_ptr()))
                size_bytes = storage.nbytes()
        elif isinstance(held := getattr(part, "nbytes", None), int):  # an array, an index
            size_bytes = held
        total[kind] = total.get(kind, 0) + size_bytes
    return total


def _parts(whole: object) -> Iterator[object]:
    """Yield an object and all that it refers to by attributes and containers, each once."""
    waiting, seen = [whole], {id(whole)}
    while waiting:
        part = waiting.pop()
        yield part
        inside: list[object] = []
        if isinstance(part, Mapping):
            inside = list(part.values())
        elif isinstance(part, list | tuple | set):
            inside = list(part)
        elif not isinstance(part, type | ModuleType | torch.Tensor):
            inside = list(getattr(part, "__dict__", {}).values())
        for each in inside:
            if id(each) not in seen:
                seen.add(id(each))
                waiting.append(each)
