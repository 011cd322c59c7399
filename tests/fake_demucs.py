"""A stand-in for the package demucs, whose weights no test fetches."""

import sys
from importlib.machinery import ModuleSpec
from types import ModuleType

import numpy as np
import torch

from rvc.audio import Recording, resample


class FakeDemucs:
    """demucs' interface; its vocals are what is equal in both channels, at 24 kHz."""

    samplerate = 24_000

    def __init__(self, model: str, device: str) -> None:
        assert model == "htdemucs"

    def separate_tensor(self, samples: torch.Tensor, rate: int):
        low = resample(Recording(samples.numpy(), rate), self.samplerate).samples
        return samples, {"vocals": torch.from_numpy(np.stack([low.mean(0)] * 2))}


def install(monkeypatch) -> None:
    """Let `import demucs` find the stand-in."""
    package, api = ModuleType("demucs"), ModuleType("demucs.api")
    api.Separator = FakeDemucs
    package.__spec__ = ModuleSpec("demucs", None)
    monkeypatch.setitem(sys.modules, "demucs", package)
    monkeypatch.setitem(sys.modules, "demucs.api", api)
