"""Bandwidth: the highest frequency with speech in it; phones and old MP3s end early."""

from dataclasses import dataclass

import numpy as np

N_FFT_SECONDS = 0.064
SPEECH_HZ = (300.0, 3000.0)
EDGE_DB = 50.0  # below the speech band, above which a bin counts
ACTIVE_DB = 20.0  # frames this near the loudest are speech
TRUSTED_SNR_DB = 27.0  # under that, noise may fill the place of speech


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Mean power of the active frames. `hz`, `db`: (bins,), 0 dB is the speech band's mean."""

    hz: np.ndarray
    db: np.ndarray
    edge_hz: float


def speech_spectrum(samples: np.ndarray, sample_rate: int) -> Spectrum | None:
    """Return the spectrum of (samples,), None for less than half a second or silence."""
    size = round(N_FFT_SECONDS * sample_rate)
    if len(samples) < sample_rate // 2:
        return None
    frames = np.lib.stride_tricks.sliding_window_view(samples, size)[:: size // 2]
    energy = np.square(frames, dtype=np.float32).sum(1)
    frames = frames[energy > np.percentile(energy, 95) * 10 ** (-ACTIVE_DB / 10)]
    if not len(frames):
        return None
    window = np.hanning(size).astype(np.float32)
    power = sum(
        (np.abs(np.fft.rfft(part * window)) ** 2).sum(0)
        for part in np.array_split(frames, -(-len(frames) // 256))
    )
    hz = np.fft.rfftfreq(size, 1 / sample_rate)
    band = power[(hz >= SPEECH_HZ[0]) & (hz <= SPEECH_HZ[1])].mean()
    db = 10 * np.log10(power / (band + 1e-20) + 1e-12)
    return Spectrum(hz, db, float(hz[np.flatnonzero(db > -EDGE_DB).max()]))


def bandwidth_hz(spectrum: Spectrum | None, snr_db: float | None) -> float | None:
    """Return the edge, None where it could be that of noise.

    A low edge is believed at any SNR: noise can only raise it.
    """
    if spectrum is None:
        return None
    filled = spectrum.edge_hz > 0.9 * spectrum.hz[-1]
    if filled and snr_db is not None and snr_db < TRUSTED_SNR_DB:
        return None
    return spectrum.edge_hz
