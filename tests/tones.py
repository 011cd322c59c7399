"""A sine, and its detection."""

import numpy as np

from rvc.audio import Recording

RATE = 16_000


def tone(seconds: float = 1.0, hz: float = 220.0, level: float = 0.3, rate: int = RATE):
    """Return a sine, (samples,) float32."""
    return (level * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)).astype("f4")


def fundamental_hz(recording: Recording) -> float:
    """Return the frequency of the highest peak in the spectrum of `recording`."""
    spectrum = np.abs(np.fft.rfft(recording.samples * np.hanning(len(recording.samples))))
    return spectrum.argmax() * recording.sample_rate / len(recording.samples)
