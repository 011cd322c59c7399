"""Write the base file of the `lite` preset; `rvc.training.build.load_lite_base` reads it."""

import json
from dataclasses import replace
from pathlib import Path

from safetensors.torch import save

from rvc.files import write_atomically
from rvc.network.lite import LiteSynthesizer
from rvc.network.stft_discriminators import STFTDiscriminators
from rvc.training.build import DISCRIMINATORS, snapshot


def save_lite_base(
    path: Path,
    synthesizer: LiteSynthesizer,
    discriminators: STFTDiscriminators,
    facts: dict[str, str],
    *,
    rows: int | None = None,
) -> None:
    """Write a base of fp16 weights whose speaker table is the mean of its first `rows` (or all).

    `facts` go into the file's metadata.
    """
    state = snapshot(synthesizer)
    table = synthesizer.emb_g.weight.detach()[:rows]
    state["emb_g.weight"] = table.mean(0, keepdim=True).half().cpu()
    critics = snapshot(discriminators)
    state |= {DISCRIMINATORS + name: tensor for name, tensor in critics.items()}
    config = json.dumps(replace(synthesizer.config, speakers=1).to_dict())
    payload = save({k: v.contiguous() for k, v in state.items()}, {"config": config} | facts)
    write_atomically(path, payload)
