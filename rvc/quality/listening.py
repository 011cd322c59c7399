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


def dnsmos_ovrl(samples: np.ndarray, sample_rate: int) -> float | None:
    """Return OVRL (1 to 5) of the middle nine seconds of (samples,) at the working level.

    Shorter sound is repeated; None for silence.
    """
    powers = frame_powers([samples], sample_rate, 0.02)
    if active_db(powers) < SILENT_DB:
        return None
    sound = soxr.resample(samples, sample_rate, SAMPLE_RATE)
    early = max(0, (len(sound) - SIG_SAMPLES) // 2)
    window = np.resize(sound[early : early + SIG_SAMPLES], SIG_SAMPLES)
    window = (window * working_gain(powers)).astype(np.float32)
    network = session("speechmos", "dnsmos_models", "sig_bak_ovr.onnx", keep_buffers=True)
    raw = network.run(None, {"input_1": window[None]})[0][0][2]
    return float(np.polyval(OVRL_POLYNOMIAL, raw))
