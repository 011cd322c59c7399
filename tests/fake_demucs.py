"""A stand-in for the package demucs, whose weights no test fetches."""

import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from types import ModuleType

import torch


class FakeDemucs:
    """The interface of demucs.api.Separator 4.1; its vocals are what both channels share."""

    samplerate, audio_channels = 24_000, 2

    def __init__(self, model: str, *, device: str, shifts: int) -> None:
        assert model == "hf://htdemucs" and shifts == 0
        self._callback: Callable[[dict], None] | None = None

    def update_parameter(self, *, callback: Callable[[dict], None]) -> None:
        self._callback = callback

    def separate_tensor(self, wav: torch.Tensor, sr: int | None = None):
        assert wav.shape[0] == self.audio_channels and wav.dtype == torch.float32
        assert sr in (None, self.samplerate), "other rates are resampled by the package"
        for offset in range(0, wav.shape[1], self.samplerate):
            where = {"segment_offset": offset, "audio_length": wav.shape[1]}
            self._callback({**where, "state": "start"})
        return wav, {"vocals": wav.mean(0).expand_as(wav)}


def install(monkeypatch) -> None:
    """Let `import demucs` find the stand-in."""
    package, api = ModuleType("demucs"), ModuleType("demucs.api")
    api.Separator = FakeDemucs
    package.__spec__ = ModuleSpec("demucs", None)
    monkeypatch.setitem(sys.modules, "demucs", package)
    monkeypatch.setitem(sys.modules, "demucs.api", api)
