"""The loudness mix: RVC's numbers, and silence stays silent."""

from pathlib import Path

import numpy as np

from rvc.loudness import mix_loudness, rms_envelope

GOLDEN = Path(__file__).parent / "golden" / "retrieval_and_loudness.npz"


def tone(rate: int, seconds: float, amplitude: float) -> np.ndarray:
    time = np.arange(int(rate * seconds)) / rate
    return (amplitude * np.sin(2 * np.pi * 220 * time)).astype(np.float32)


def mixed(source: np.ndarray, converted: np.ndarray, loudness_mix: float) -> np.ndarray:
    """Return what the mix makes of `converted` at 40 kHz and a source at 16 kHz."""
    made = converted.copy()
    mix_loudness(rms_envelope(source, 16_000), made, 40_000, loudness_mix)
    return made


def test_golden_mix():
    golden = np.load(GOLDEN)
    made = mixed(golden["rms_source_16k"], golden["rms_converted_40k"], 0.25)
    expected = golden["rms_mixed_rate_0_25"]
    assert made.dtype == np.float32
    assert np.abs(made - expected).max() <= 1e-4 * np.abs(expected).max()


def test_rms_of_a_sine_is_its_amplitude_over_root_two():
    envelope = rms_envelope(tone(16000, 4, 0.5), 16000)
    assert len(envelope) == 9
    np.testing.assert_allclose(envelope[1:-1], 0.5 / np.sqrt(2), rtol=1e-3)


def test_mix_zero_takes_the_sources_level_and_one_keeps_its_own():
    source, converted = tone(16000, 6, 0.1), tone(40000, 6, 0.4)
    taken = mixed(source, converted, 0.0)
    middle = slice(40000, 200000)
    np.testing.assert_allclose(taken[middle].std(), source.std(), rtol=0.01)
    np.testing.assert_array_equal(mixed(source, converted, 1.0), converted)


def test_noise_in_silence_is_not_lifted():
    """A loud source must not amplify noise of -70 dB in the converted sound."""
    source = tone(16000, 6, 0.5)
    hiss = np.random.default_rng(0).normal(0, 10 ** (-70 / 20), 240000).astype(np.float32)
    assert mixed(source, hiss, 0.25).std() <= hiss.std() * 1.001


def test_a_silent_source_silences_and_nothing_becomes_nan():
    converted = tone(40000, 3, 0.3)
    silence = np.zeros(48_000, np.float32)
    assert np.abs(mixed(silence, converted, 0.0)).max() == 0
    assert np.isfinite(mixed(silence, np.zeros(120_000, np.float32), 0.25)).all()
    assert len(mixed(silence[:0], converted[:0], 0.5)) == 0


def test_long_sounds_are_mixed_in_blocks_without_a_seam(monkeypatch):
    source = tone(16_000, 6, 0.1) * np.linspace(0, 1, 96_000, dtype=np.float32)
    converted = tone(40_000, 6, 0.4)
    at_once = mixed(source, converted, 0.3)
    monkeypatch.setattr("rvc.loudness.BLOCK_SAMPLES", 1000)
    np.testing.assert_array_equal(mixed(source, converted, 0.3), at_once)
