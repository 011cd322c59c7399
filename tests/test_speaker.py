"""Speaker embeddings: equal to Resemblyzer's, similar for one voice, different for two."""

from pathlib import Path

import numpy as np
import pytest
from scipy.signal import lfilter

from rvc.audio import Recording
from rvc.cleaning.level import active_db, frame_powers
from rvc.errors import AudioError, MissingAssetError
from rvc.speaker import ACTIVE_DBFS, speaker_embedding

WEIGHTS = Path(__file__).parents[1] / "weights"
RATE = 16_000


def _voice(base_hz: float, formants: tuple[float, ...], seed: int, seconds: float = 3) -> Recording:
    """Return vowels of one vocal tract: pulses through formants that vary by a tenth."""
    rng = np.random.default_rng(seed)
    parts = []
    for _ in range(round(seconds * 4)):
        hz = base_hz * rng.uniform(0.9, 1.15)
        phase = np.cumsum(np.full(RATE // 4, hz)) / RATE
        sound = np.diff(np.floor(phase), prepend=0)
        for centre in formants:
            centre *= rng.uniform(0.9, 1.1)
            pole = np.exp(-np.pi * 100 / RATE)
            cosine = np.cos(2 * np.pi * centre / RATE)
            sound = lfilter([1], [1, -2 * pole * cosine, pole**2], sound)
        parts.append(sound / np.abs(sound).max())
    samples = 0.2 * np.concatenate(parts) + 1e-4 * rng.standard_normal(len(parts) * RATE // 4)
    return Recording(samples.astype(np.float32), RATE)


LOW, HIGH = (110, (500, 1400, 2400)), (240, (750, 1900, 3300))


def test_one_voice_is_nearer_to_itself_than_to_another():
    first, again = (speaker_embedding(_voice(*LOW, seed), WEIGHTS) for seed in (1, 2))
    other = speaker_embedding(_voice(*HIGH, 3), WEIGHTS)
    assert first.shape == (256,)
    assert first.dtype == np.float32
    assert np.linalg.norm(first) == pytest.approx(1, abs=1e-5)
    assert first @ again > 0.9
    assert first @ other < first @ again - 0.15


def test_level_rate_and_silence_around_hardly_matter():
    voice = _voice(*LOW, 1)
    plain = speaker_embedding(voice, WEIGHTS)
    quiet = Recording(voice.samples * np.float32(0.01), RATE)
    assert plain @ speaker_embedding(quiet, WEIGHTS) > 0.99
    padded = Recording(np.pad(voice.samples, 8 * RATE), RATE)
    assert plain @ speaker_embedding(padded, WEIGHTS) > 0.95


def test_agrees_with_resemblyzer():
    resemblyzer = pytest.importorskip("resemblyzer")
    theirs = resemblyzer.VoiceEncoder("cpu", verbose=False)
    for number, length in enumerate((1.0, 1.6, 2.9, 5.03)):
        samples = _voice(*(LOW, HIGH)[number % 2], number, 6).samples[: round(length * RATE)]
        gain_db = ACTIVE_DBFS - active_db(frame_powers([samples], RATE, 0.02))
        samples *= np.float32(10 ** (gain_db / 20))  # Resemblyzer only ever raises the level
        cosine = theirs.embed_utterance(samples) @ speaker_embedding(
            Recording(samples, RATE), WEIGHTS
        )
        assert cosine > 0.999


def test_a_silent_recording_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("rvc.assets.SHIPPED_FOLDER", tmp_path)
    with pytest.raises(AudioError):
        speaker_embedding(Recording(np.zeros(RATE, np.float32), RATE), WEIGHTS)
    with pytest.raises(MissingAssetError, match=r"speaker_encoder\.safetensors"):
        speaker_embedding(_voice(*LOW, 1, 1), tmp_path)
