"""A small lite voice, for tests of everything that handles voices."""

import numpy as np
import torch

from rvc.index import build_index
from rvc.network.lite import LiteConfig, LiteSynthesizer
from rvc.voice import Voice


def lite_voice(name: str = "작은 목소리") -> Voice:
    torch.manual_seed(0)
    config = LiteConfig(
        channels=16, dilations=(1, 2), refinement_channels=16, refinement_blocks=1, speakers=2
    )
    weights = LiteSynthesizer(config).state_dict()
    index = build_index(np.random.default_rng(0).normal(size=(90, 512)).astype(np.float32))
    card = {"f0_median_hz": 180.5, "consent": True, "note": "시험"}
    return Voice(name, config, weights, "lite", True, 24_000, index, card)
