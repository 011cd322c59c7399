"""Kept networks: loaded once, again when their files change, and bounded by their bytes."""

from pathlib import Path

import numpy as np
import psutil
import pytest
import torch
from torch import nn

from rvc import network_cache
from rvc.index import build_index
from rvc.memory import memory_bytes
from rvc.network_cache import NetworkCache, bytes_by_device
from rvc.voice import build_synthesizer, load_voice

GOLDEN = Path(__file__).parent / "golden"
MEGABYTE = 1 << 20


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch):
    """Return a function that sets the bytes a cache may hold."""

    def allow(size_bytes: int) -> None:
        monkeypatch.setattr(network_cache, "SHARE", size_bytes / memory_bytes())

    return allow


def block(megabytes: int) -> nn.Linear:
    return nn.Linear(MEGABYTE // 4, megabytes, bias=False)


def test_the_least_recently_used_goes_first_and_the_newest_stays(room) -> None:
    room(35 * MEGABYTE)
    cache, loads = NetworkCache(), []

    def get(name: str, megabytes: int = 10, state: object = None) -> nn.Linear:
        def load() -> nn.Linear:
            loads.append(name)
            return block(megabytes)

        return cache.get(name, load, state=state)

    first = get("a")
    for name in ("b", "c", "a", "d"):  # d needs the room of b
        get(name)
    assert loads == ["a", "b", "c", "d"] and get("a") is first
    get("b")
    assert loads[4:] == ["b"] and len(cache) == 3
    assert get("a", state=1) is not first and loads[5:] == ["a"]
    whole = get("whole", megabytes=50)  # more than all the room
    assert len(cache) == 1 and get("whole") is whole
    with pytest.raises(ZeroDivisionError):
        cache.get("broken", lambda: 1 // 0)
    assert get("whole") is whole


def test_loading_many_does_not_fill_the_memory(room) -> None:
    room(40 * MEGABYTE)
    cache, process = NetworkCache(), psutil.Process()
    before = process.memory_info().rss
    for number in range(40):  # 400 MB
        cache.get(str(number), lambda: block(10))
    grown = process.memory_info().rss - before
    assert len(cache) == 4 and grown < 80 * MEGABYTE


def test_all_that_a_voice_holds_is_counted() -> None:
    assert bytes_by_device(block(1)) == {"cpu": MEGABYTE}
    shared = torch.zeros(1000)
    assert bytes_by_device([shared, {"again": shared[10:]}, shared.view(10, 100)]) == {"cpu": 4000}
    rows = np.zeros((200, 768), np.float32)
    index = build_index(rows + np.arange(200, dtype=np.float32)[:, None])
    assert bytes_by_device((index,))["cpu"] == pytest.approx(len(index.to_bytes()), rel=0.01)
    voice = load_voice(GOLDEN / "v2_40k_f0.pth")
    plain, fast = (build_synthesizer(voice, plain=plain) for plain in (True, False))
    learned = sum(p.numel() * 4 for p in [*plain.parameters(), *plain.buffers()])
    assert bytes_by_device(plain)["cpu"] == learned
    transformed = bytes_by_device(fast)["cpu"]  # the decoder's kernels, which are no parameters
    assert transformed > sum(p.numel() * 4 for p in fast.parameters())
