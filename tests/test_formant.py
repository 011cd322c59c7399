"""Formant shift by measure: the resonances move by the ratio, pitch and length do not."""

import numpy as np
import pytest
import torch
from lite_voice import lite_voice
from scipy.signal import welch

from rvc.audio import Recording, frame_count
from rvc.content import ContentEncoder
from rvc.convert import ConversionOptions, convert
from rvc.f0 import F0, estimate_f0
from rvc.features import Features
from rvc.formant import formant_ratio, slowed
from rvc.network.lite import BINS
from rvc.voice import build_synthesizer

RATE = 24_000
FORMANTS_HZ = (700, 1800, 2900)


def envelope(sound: Recording) -> tuple[np.ndarray, np.ndarray]:
    """Return (hz, dB) of the sound's spectral envelope, without its harmonics (cepstrum)."""
    hz, power = welch(sound.samples, sound.sample_rate, nperseg=1024)
    cepstrum = np.fft.irfft(np.log(power + 1e-12))
    cepstrum[40:-40] = 0  # above 40 quefrency bins lies the pitch
    return hz, 10 / np.log(10) * np.fft.rfft(cepstrum).real


def moved_by(plain: Recording, shifted: Recording) -> float:
    """Return the ratio at which the plain envelope, stretched along frequency, fits best."""
    hz, before = envelope(plain)
    _, after = envelope(shifted)
    inside = (hz > 300) & (hz < 5500)
    ratios = np.geomspace(0.6, 1.7, 400)
    fits = [
        np.corrcoef(np.interp(hz[inside] / ratio, hz, before), after[inside])[0, 1]
        for ratio in ratios
    ]
    return float(ratios[int(np.argmax(fits))])


class Silent(ContentEncoder):
    """Encoder whose content is always the same; no network."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channels = channels
        self.weight = torch.nn.Parameter(torch.zeros(1))

    def encode(self, recording: Recording) -> np.ndarray:
        frames = frame_count(len(recording.samples), recording.sample_rate)
        return np.zeros((frames, self.channels), np.float32)


@pytest.fixture(scope="module")
def converted(speech_like):
    voice = lite_voice()
    synthesizer = build_synthesizer(voice)
    hz = torch.linspace(0, RATE / 2, BINS)
    with torch.no_grad():  # an untrained filter is flat: give it the resonances of a vowel
        for formant_hz in FORMANTS_HZ:
            synthesizer.pulse.bias += 3.0 * torch.exp(-(((hz - formant_hz) / 250) ** 2))
    parts = {"synthesizer": synthesizer, "encoder": Silent(voice.content_channels)}
    source = Recording(speech_like(4.0, RATE), RATE)

    def made(semitones: float):
        options = ConversionOptions(formant_semitones=semitones, semitones=0.0)
        return convert(source, voice, options, **parts)

    return {semitones: made(semitones) for semitones in (0.0, -4.0, 4.0)}


@pytest.mark.parametrize("semitones", [-4.0, 4.0])
def test_formants_move_by_the_ratio_and_nothing_else(converted, semitones: float) -> None:
    plain, shifted = converted[0.0].recording, converted[semitones].recording
    assert len(shifted.samples) == len(plain.samples)
    assert moved_by(plain, plain) == pytest.approx(1.0, rel=0.01)
    assert moved_by(plain, shifted) == pytest.approx(formant_ratio(semitones), rel=0.05)
    wanted, heard = converted[semitones].f0_target.hz, estimate_f0(shifted).hz
    both = (wanted > 0) & (heard > 0)
    cents = 1200 * np.log2(heard[both] / wanted[both])
    assert both.sum() > 100 and abs(np.median(cents)) < 20


def test_slowed_features_keep_pauses_and_do_not_mix_pitch_into_them() -> None:
    hz = np.array([0, 0, 200, 202, 0, 0], np.float32)
    content = np.arange(6, dtype=np.float32)[:, None]
    made = slowed(Features(content, F0(hz, np.ones(6, np.float32))), 2.0)
    assert len(made.content) == len(made.f0.hz) == 12
    np.testing.assert_allclose(made.content[1:-1, 0], np.arange(10) / 2 + 0.25)
    voiced = made.f0.hz[made.f0.hz > 0]
    assert ((voiced >= 100) & (voiced <= 101)).all() and len(voiced) == 4
