"""DNSMOS P.835 OVRL: the score a panel of listeners would give, as a network guesses it.

Reddy, Gopal and Cutler 2022; the network of the package speechmos, run by onnxruntime. Clean studio
speech scores 3.3 to 3.5. It is blind to bandwidth, clipping and codecs, and rises when a denoiser
eats the voice: it is one measure among others here, never the goal.
"""

import numpy as np
import soxr

from rvc.cleaning.level import WORKING_DB, active_db, frame_powers
from rvc.cleaning.sessions import SAMPLE_RATE, SIG_SAMPLES, session

OVRL_POLYNOMIAL = (-0.06766283, 1.11546468, 0.04602535)  # published with the network


def dnsmos_ovrl(samples: np.ndarray, sample_rate: int) -> float | None:
    """Return OVRL (1 to 5) of the middle nine seconds of (samples,) at the working level.

    Shorter sound is repeated; None for silence.
    """
    level_db = active_db(frame_powers([samples], sample_rate, 0.02))
    if level_db < -100:
        return None
    heard = soxr.resample(samples, sample_rate, SAMPLE_RATE)
    early = max(0, (len(heard) - SIG_SAMPLES) // 2)
    window = np.resize(heard[early : early + SIG_SAMPLES], SIG_SAMPLES)
    window = (window * 10 ** ((WORKING_DB - level_db) / 20)).astype(np.float32)
    network = session("speechmos", "dnsmos_models", "sig_bak_ovr.onnx")
    raw = network.run(None, {"input_1": window[None]})[0][0][2]
    return float(np.polyval(OVRL_POLYNOMIAL, raw))
