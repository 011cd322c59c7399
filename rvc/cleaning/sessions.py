"""The small networks cleaning measures with, each in an onnxruntime session of one thread.

Speech or not (Silero VAD), voiced or not (SwiftF0), damage to the voice (DNSMOS P.835's "SIG").
They come inside their packages; only the weight files are used, so neither torch nor the packages'
own decoding is imported. All take 16 kHz mono float32.
"""

import importlib.util
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from rvc.cleaning.blocks import rebuffered
from rvc.errors import MissingAssetError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

SAMPLE_RATE = 16_000
VAD_FRAME, VAD_CONTEXT, VAD_BATCH = 512, 64, 512  # samples, samples, frames
VOICE_HZ = (46.875, 1_000.0)
SIG_SAMPLES = 144_160  # DNSMOS takes 9.01 s
SIG_POLYNOMIAL = (-0.08397278, 1.22083953, 0.0052439)  # published with the network

_loading = Lock()


def package_file(package: str, *parts: str) -> Path:
    """Return the path of a file in an installed package, which is not imported.

    Raises MissingAssetError where the file is not there.
    """
    spec = importlib.util.find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder, *parts)
        if path.is_file():
            return path
    name = package.replace("_", "-")
    raise MissingAssetError(
        "The package {name} is missing or incomplete. Install it: pip install {name}",
        name=name,
    )


def session(package: str, *parts: str, keep_buffers: bool = False) -> "InferenceSession":
    """Return the cached onnxruntime session of a network inside a package.

    `keep_buffers`: faster by a sixth over many calls, and holds 200 MB until `unload`.
    """
    with _loading:
        return _session(package_file(package, *parts), keep_buffers)


def unload() -> None:
    """Drop the cached sessions and their memory; the next call loads them again."""
    with _loading:
        _session.cache_clear()


@lru_cache(maxsize=4)
def _session(path: Path, keep_buffers: bool) -> "InferenceSession":
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = keep_buffers
    return onnxruntime.InferenceSession(
        str(path), sess_options=options, providers=["CPUExecutionProvider"]
    )


def speech_probability(pieces: Iterable[np.ndarray]) -> np.ndarray:
    """Return the probability of speech (frames,) in every 32 ms of `pieces` of sound at 16 kHz."""
    network = session("silero_vad", "data", "silero_vad_16k_sequence.onnx")
    hidden = cell = np.zeros((1, 1, 128), np.float32)
    context, probabilities = np.zeros(VAD_CONTEXT, np.float32), [np.zeros(0, np.float32)]
    for piece in rebuffered(pieces, VAD_BATCH * VAD_FRAME):
        padded = np.pad(piece, (0, -len(piece) % VAD_FRAME)).astype(np.float32)
        frames = padded.reshape(-1, VAD_FRAME)
        contexts = np.concatenate([context[None], frames[:-1, -VAD_CONTEXT:]])
        context = frames[-1, -VAD_CONTEXT:]
        values, hidden, cell = network.run(
            ["speech_probs", "hn", "cn"],
            {"input": np.concatenate([contexts, frames], axis=1), "h": hidden, "c": cell},
        )
        probabilities.append(values.reshape(-1))
    return np.concatenate(probabilities)


def voiced_probability(samples: np.ndarray) -> np.ndarray:
    """Return the probability of voicing (frames,) every 16 ms.

    `samples`: (samples,) at 16 kHz, at most a minute.
    """
    network = session("swift_f0", "model.onnx")
    lowest, highest = (np.asarray(hz, np.float32) for hz in VOICE_HZ)
    inputs = {"audio": samples[None].astype(np.float32), "fmin": lowest, "fmax": highest}
    return network.run(["confidence"], inputs)[0][0]


def voice_quality(samples: np.ndarray) -> float:
    """Return DNSMOS P.835 SIG (1 to 5) of up to 9 s at 16 kHz; shorter sound is repeated."""
    network = session("speechmos", "dnsmos_models", "sig_bak_ovr.onnx")
    repeats = -(-SIG_SAMPLES // max(1, len(samples)))
    window = np.tile(samples, repeats)[:SIG_SAMPLES].astype(np.float32)
    return float(np.polyval(SIG_POLYNOMIAL, network.run(None, {"input_1": window[None]})[0][0][0]))
