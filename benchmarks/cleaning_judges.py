"""Measures of cleaned sound: DNSMOS, SI-SDR, PESQ, Resemblyzer and a voicing network, 16 kHz."""

from functools import lru_cache

import numpy as np
import soxr

from rvc.cleaning.sessions import SIG_SAMPLES, session, voiced_probability

JUDGED_RATE = 16_000
OVRL_POLYNOMIAL = (-0.06766283, 1.11546468, 0.04602535)


def ovrl(samples: np.ndarray) -> float:
    network = session("speechmos", "dnsmos_models", "sig_bak_ovr.onnx")
    window = np.resize(samples / (np.abs(samples).max() + 1e-9) * 0.5, SIG_SAMPLES)
    value = network.run(None, {"input_1": window[None].astype(np.float32)})[0][0][2]
    return float(np.polyval(OVRL_POLYNOMIAL, value))


def si_sdr(reference: np.ndarray, estimate: np.ndarray) -> float:
    reference, estimate = (x.astype(np.float64) - x.mean() for x in (reference, estimate))
    target = reference * (estimate @ reference) / (reference @ reference + 1e-12)
    error = np.square(estimate - target).sum() + 1e-12
    return float(10 * np.log10(np.square(target).sum() / error + 1e-12))


def pesq_wb(reference: np.ndarray, estimate: np.ndarray) -> float:
    from pesq import pesq

    scale = np.sqrt(np.square(reference).mean() / (np.square(estimate).mean() + 1e-12))
    return float(pesq(JUDGED_RATE, reference, estimate * scale, "wb"))


@lru_cache(maxsize=1)
def speaker_encoder():
    from resemblyzer import VoiceEncoder

    return VoiceEncoder("cpu", verbose=False)


def speaker_cosine(reference: np.ndarray, estimate: np.ndarray) -> float:
    def embed(samples: np.ndarray) -> np.ndarray:
        level = 10 ** (-30 / 20) / np.sqrt(np.square(samples).mean() + 1e-12)
        return speaker_encoder().embed_utterance((samples * level).astype(np.float32))

    return float(embed(reference) @ embed(estimate))


def voicing_error(reference: np.ndarray, estimate: np.ndarray) -> float:
    """Return the percentage of frames whose voicing differs."""
    scale = np.sqrt(np.square(reference).mean() / (np.square(estimate).mean() + 1e-12))
    voiced = [voiced_probability(x) > 0.5 for x in (reference, estimate * scale)]
    return float(100 * np.mean(voiced[0] != voiced[1]))


def judged(sound: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return `sound` (samples,) at the sample rate of the measures."""
    return soxr.resample(sound, sample_rate, JUDGED_RATE)


def measured(reference: np.ndarray, sound: np.ndarray, sample_rate: int) -> dict[str, float]:
    """Return every measure of `sound` against its clean reference."""
    reference, sound = judged(reference, sample_rate), judged(sound, sample_rate)
    return {
        "ovrl": ovrl(sound),
        "si_sdr": si_sdr(reference, sound),
        "pesq": pesq_wb(reference, sound),
        "cosine": speaker_cosine(reference, sound),
        "voicing": voicing_error(reference, sound),
    }
