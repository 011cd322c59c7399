"""Generate `weights/pretrained/speaker_encoder.safetensors` from the package Resemblyzer 0.1.4.

    pip install --no-deps Resemblyzer==0.1.4 && python tools/make_speaker_encoder.py

Resemble AI's speaker encoder (Apache-2.0; the GE2E network of Wan et al. 2018) in fp16: three LSTM
layers of 256 on 40 mel bands, and one linear layer. The optimizer's state and the loss's two
scalars are left out. `--no-deps` because the package requires webrtcvad, which has to be compiled.
"""

import argparse
import importlib.util
from pathlib import Path

import torch
from safetensors.torch import save_file


def speaker_state(checkpoint: Path) -> dict[str, torch.Tensor]:
    """Return the network's weights by torch.nn.LSTM's and Linear's names, fp16."""
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)["model_state"]
    return {
        name: tensor.half().contiguous()
        for name, tensor in state.items()
        if name.startswith(("lstm.", "linear."))
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    root = Path(__file__).parents[1]
    target = root / "weights" / "pretrained" / "speaker_encoder.safetensors"
    parser.add_argument("--output", type=Path, default=target)
    output = parser.parse_args().output
    package = importlib.util.find_spec("resemblyzer")
    if package is None:
        raise SystemExit("Resemblyzer is missing: pip install --no-deps Resemblyzer==0.1.4")
    state = speaker_state(Path(package.submodule_search_locations[0], "pretrained.pt"))
    output.parent.mkdir(parents=True, exist_ok=True)
    origin = {"source": "Resemblyzer 0.1.4 by Resemble AI", "licence": "Apache-2.0"}
    save_file(state, output, metadata=origin)
    print(f"{output}: {output.stat().st_size} bytes")


if __name__ == "__main__":
    main()
