"""DNSMOS P.835 OVRL: a network's estimate of the score a panel of listeners would give.

Reddy, Gopal and Cutler 2022; the network of the package speechmos, run by onnxruntime. Clean studio
speech scores 3.3 to 3.5. It is blind to bandwidth, clipping and codecs, and rises when a denoiser
removes voice: it is one measure among others here, not the goal.
"""

import numpy as np
import soxr

from rvc.cleaning.level import SILENT_DB, active_db, frame_powers, working_gain
from rvc.cleaning.sessions import SAMPLE_RATE, SIG_SAMPLES, session

OVRL_POLYNOMIAL = (-0.06766283, 1.11546468, 0.04602535)  # published with the network
SAME_DB = -40.0


def dnsmos_ovrl(samples: np.ndarray, sample_rate: int) -> float | None:
    """Return OVRL (1 to 5) of the middle nine seconds of (samples,) at the working level.

    Shorter sound is repeated; None for silence.
    """
    return _ovrl(_window(samples, sample_rate))


def dnsmos_before_and_after(
    before: np.ndarray, after: np.ndarray, sample_rate: int
) -> tuple[float | None, float | None]:
    """Return OVRL of the same stretch (samples,) before and after cleaning.

    Where cleaning changed only its level (the rest differs by less than SAME_DB), the network runs
    once.
    """
    first, second = _window(before, sample_rate), _window(after, sample_rate)
    score = _ovrl(first)
    if first is None or second is None or not _same(first, second):
        return score, _ovrl(second)
    return score, score


def _window(samples: np.ndarray, sample_rate: int) -> np.ndarray | None:
    """Return what the network gets, (SIG_SAMPLES,) at 16 kHz, or None for silence."""
    powers = frame_powers([samples], sample_rate, 0.02)
    if active_db(powers) < SILENT_DB:
        return None
    sound = soxr.resample(samples, sample_rate, SAMPLE_RATE)
    early = max(0, (len(sound) - SIG_SAMPLES) // 2)
    window = np.resize(sound[early : early + SIG_SAMPLES], SIG_SAMPLES)
    return (window * working_gain(powers)).astype(np.float32)


def _same(first: np.ndarray, second: np.ndarray) -> bool:
    """Return whether two windows are the same sound, each at its own level."""
    gain = float(first @ second) / (float(second @ second) + 1e-12)
    change = first - np.float32(gain) * second
    return float(change @ change) < 10 ** (SAME_DB / 10) * float(first @ first)


def _ovrl(window: np.ndarray | None) -> float | None:
    if window is None:
        return None
    network = session("speechmos", "dnsmos_models", "sig_bak_ovr.onnx", keep_buffers=True)
    raw = network.run(None, {"input_1": window[None]})[0][0][2]
    return float(np.polyval(OVRL_POLYNOMIAL, raw))
