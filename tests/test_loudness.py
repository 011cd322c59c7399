"""The loudness mix: RVC's numbers, and and silence stays silent."""

from pathlib import Path

import numpy as np

from rvc.loudness import mix_loudness, rms_envelope

GOLDEN = Path(__file__).parent / "golden" / "retrieval_and_loudness.npz"


def tone(rate: int, seconds: float, amplitude: float) -> np.ndarray:
    time = np.arange(int(rate * seconds)) / rate
    return (amplitude * np.sin(2 * np.pi * 220 * time)).astype(np.float32)


def test_golden_mix():
    golden = np.load(GOLDEN)
    mixed = mix_loudness(
        golden["rms_source_16k"], 16000, golden["rms_converted_40k"], 40000, loudness_mix=0.25
    )
    expected = golden["rms_mixed_rate_0_25"]
    assert mixed.dtype == np.float32
    assert np.abs(mixed - expected).max() <= 1e-4 * np.abs(expected).max()


def test_rms_of_a_sine_is_its_amplitude_over_root_two():
    envelope = rms_envelope(tone(16000, 4, 0.5), 16000)
    assert len(envelope) == 9
    np.testing.assert_allclose(envelope[1:-1], 0.5 / np.sqrt(2), rtol=1e-3)


def test_mix_zero_takes_the_sources_level_and_one_keeps_its_own():
    source, converted = tone(16000, 6, 0.1), tone(40000, 6, 0.4)
    taken = mix_loudness(source, 16000, converted, 40000, loudness_mix=0.0)
    middle = slice(40000, 200000)
    np.testing.assert_allclose(taken[middle].std(), source.std(), rtol=0.01)
    np.testing.assert_array_equal(mix_loudness(source, 16000, converted, 40000, 1.0), converted)


def test_noise_in_silence_is_not_lifted():
    """A loud source must not amplify noise of -70 dB in the converted sound."""
    source = tone(16000, 6, 0.5)
    hiss = np.random.default_rng(0).normal(0, 10 ** (-70 / 20), 240000).astype(np.float32)
    mixed = mix_loudness(source, 16000, hiss, 40000, loudness_mix=0.25)
    assert mixed.std() <= hiss.std() * 1.001


def test_a_silent_source_silences_and_nothing_becomes_nan():
    converted = tone(40000, 3, 0.3)
    mixed = mix_loudness(np.zeros(48000, np.float32), 16000, converted, 40000, loudness_mix=0.0)
    assert np.abs(mixed).max() == 0
    both = mix_loudness(
        np.zeros(48000, np.float32), 16000, np.zeros(120000, np.float32), 40000, 0.25
    )
    assert np.isfinite(both).all()
    assert len(mix_loudness(source=converted[:0], source_rate=16000, converted=converted,
                            rate=40000, loudness_mix=0.5)) == len(converted)  # fmt: skip
