"""Conversion while speaking: the same sound as an ordinary conversion, in blocks."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from benchmarks.live import band_distance
from rvc.audio import load_audio, resample
from rvc.convert import ConversionOptions, convert
from rvc.engine import Engine
from rvc.errors import VoiceError
from rvc.live import LiveConversion
from rvc.voice import CHECKED_FILE

ROOT = Path(__file__).parents[1]
GOLDEN = ROOT / "tests" / "golden"
SECONDS = 4.0
OPTIONS = ConversionOptions(semitones=2.0, index_rate=0.0)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    weights = tmp_path_factory.mktemp("live") / "weights"
    shutil.copytree(ROOT / "weights", weights, ignore=shutil.ignore_patterns("Joe", CHECKED_FILE))
    return Engine(weights, "cpu")


@pytest.fixture(scope="module")
def spoken(engine: Engine):
    whole = load_audio(ROOT / "weights" / "samples" / "sample_recording.ogg")
    part = whole.samples[3 * whole.sample_rate :][: round(SECONDS * whole.sample_rate)]
    return resample(type(whole)(part, whole.sample_rate), 48_000)


def streamed(live: LiveConversion, samples: np.ndarray, chunk: int) -> np.ndarray:
    """Return what comes out for samples fed in chunks, with half a second of silence after them."""
    padded = np.pad(samples, (0, 24_000))
    parts = [live.feed(padded[start : start + chunk]) for start in range(0, len(padded), chunk)]
    return np.concatenate(parts)


def test_streamed_sound_equals_an_ordinary_conversion(engine: Engine, spoken) -> None:
    voice, synthesizer = engine.voice("Heart")
    parts = {"synthesizer": synthesizer, "encoder": engine.encoder(voice.content_encoder)}
    ordinary = convert(spoken, voice, OPTIONS, **parts).recording.samples
    live = engine.live("Heart", OPTIONS, spoken.sample_rate)
    made = streamed(live, spoken.samples, 1920)
    assert len(made) >= len(ordinary)
    # The first two seconds lack the sound before them.
    late = 2 * live.sample_rate
    assert band_distance(ordinary[late:], made[late:]) < 2.5
    shifted = made[late + 480 :]  # 20 ms late
    assert band_distance(ordinary[late:], shifted) > 4
    assert live.latency_seconds <= 0.12


def test_the_size_of_chunks_hardly_matters(engine: Engine, spoken) -> None:
    samples = spoken.samples[: 2 * 48_000]
    made = [
        streamed(engine.live("Heart", OPTIONS, 48_000), samples, chunk)
        for chunk in (777, 2880, 48_000)
    ]
    length = min(map(len, made))
    np.testing.assert_allclose(made[0][:length], made[1][:length], atol=1e-4)
    together = band_distance(made[0][:length], made[2][:length])  # blocks computed together
    assert 0 < together < 2.0  # two ordinary conversions with other noise: 2.2


def test_silence_stays_silent_and_other_voices_are_refused(engine: Engine) -> None:
    live = engine.live("Heart", ConversionOptions(), 16_000)
    assert np.abs(live.feed(np.zeros(16_000, np.float32))).max() == 0
    with pytest.raises(VoiceError, match="lite"):
        engine.live(GOLDEN / "v2_40k_f0.pth", OPTIONS, 16_000)
