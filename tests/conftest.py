"""What several test files share: speech that is made, not stored, and a machine of its own."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # before anything imports huggingface_hub
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

SYLLABLES = (  # formants in Hz: a, i, u, e, o
    (730, 1090, 2440),
    (270, 2290, 3010),
    (300, 870, 2240),
    (530, 1840, 2480),
    (570, 840, 2410),
)
SYLLABLE_SECONDS = 0.22
PAUSE_SECONDS = 0.35  # after every sixth syllable


@pytest.fixture(autouse=True)
def _own_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test depends on, or changes, the settings of the person who runs it."""
    for name in ("MOKSORI_WEIGHTS", "MOKSORI_HUB", "HF_ENDPOINT", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")


@pytest.fixture(scope="session")
def speech_like() -> Callable[..., np.ndarray]:
    """speech_like(seconds, sample_rate=24_000, hz=140.0, seed=0) -> (samples,) float32."""
    return make_speech


@pytest.fixture(scope="session")
def speech_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A WAV of 12 s of speech-like sound at 24 kHz; read it only."""
    from rvc.audio import Recording, save_audio

    path = tmp_path_factory.mktemp("speech") / "speech.wav"
    return save_audio(path, Recording(make_speech(12.0), 24_000))


def make_speech(
    seconds: float, sample_rate: int = 24_000, *, hz: float = 140.0, seed: int = 0
) -> np.ndarray:
    """Syllables of a buzz through vowel formants, each with a hissed onset, and pauses between.

    Peak 0.5, a noise floor 60 dB below, pitch gliding two semitones round `hz`. (samples,) float32.
    """
    random = np.random.default_rng(seed)
    length = round(seconds * sample_rate)
    sound = random.normal(0, 5e-4, length)
    start, spoken = round(0.1 * sample_rate), 0
    while start < length:
        syllable = _syllable(random, sample_rate, hz)[: length - start]
        sound[start : start + len(syllable)] += syllable
        spoken += 1
        start += round((SYLLABLE_SECONDS + (PAUSE_SECONDS if spoken % 6 == 0 else 0)) * sample_rate)
    return (0.5 * sound / np.abs(sound).max()).astype(np.float32)


def _syllable(random: np.random.Generator, sample_rate: int, hz: float) -> np.ndarray:
    samples = round(SYLLABLE_SECONDS * sample_rate)
    time = np.arange(samples) / sample_rate
    glide = hz * 2 ** (random.uniform(-2, 2) / 12 * np.linspace(0.5, 1, samples))
    phase = 2 * np.pi * np.cumsum(glide) / sample_rate
    formants = SYLLABLES[random.integers(len(SYLLABLES))]
    vowel = np.zeros(samples)
    for harmonic in range(1, int(min(5000, 0.45 * sample_rate) / hz)):
        at = harmonic * hz
        gain = sum(1 / (1 + ((at - f) / (60 + 0.06 * f)) ** 2) for f in formants) + 0.01
        vowel += gain / harmonic**0.5 * np.sin(harmonic * phase)
    onset_seconds = 0.05
    voiced = np.clip((time - onset_seconds) / 0.02, 0, 1)
    voiced *= np.clip((SYLLABLE_SECONDS - time) / 0.03, 0, 1)
    hiss = np.diff(random.normal(0, 1, samples), prepend=0)
    hiss *= 0.1 * np.clip(time / 0.01, 0, 1) * np.clip((onset_seconds + 0.02 - time) / 0.02, 0, 1)
    return vowel * voiced + hiss
