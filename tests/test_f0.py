"""f0 estimation on synthetic voices of known f0."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from scipy.signal import lfilter

from rvc.audio import Recording, frame_count
from rvc.f0 import (
    F0,
    estimate_f0,
    find_dropouts,
    find_jumps,
    median_hz,
    pick_method,
    repair_f0,
    transpose,
    without_mains,
)
from rvc.f0.octaves import settle_octaves

RATE = 24_000
METHODS = ["swift", "crepe-tiny"]


def _noise(samples: int, level: float) -> np.ndarray:
    return np.random.default_rng(1).standard_normal(samples) * level


def _finish(samples: np.ndarray, rate: int = RATE) -> Recording:
    samples = samples / np.sqrt(np.mean(samples**2)) * 0.08 + _noise(len(samples), 0.0005)
    return Recording(samples.astype(np.float32), rate)


def _harmonic(hz: np.ndarray, amplitude=lambda k: k**-1.2, rate: int = RATE) -> Recording:
    """Return a voice of 30 harmonics that follows `hz` (samples,)."""
    phase = 2 * np.pi * np.cumsum(hz) / rate
    partials = (
        amplitude(k) * (k * hz < 0.45 * rate) * np.sin(k * phase + 0.3 * k * k)
        for k in range(1, 31)
    )
    return _finish(sum(partials))


def _creaky(hz: np.ndarray) -> Recording:
    """Return pulses at `hz` with a jitter of up to 1.5 % of a period, through three formants."""
    at = np.flatnonzero(np.diff(np.floor(np.cumsum(hz) / RATE)) > 0)
    jitter = np.random.default_rng(0).uniform(-0.015, 0.015, len(at)) * np.diff(at, prepend=0)
    samples = np.zeros(len(hz))
    samples[np.clip(at + jitter, 0, len(hz) - 1).astype(int)] = 1
    for centre, width in ((600, 90), (1400, 120), (2600, 200)):
        pole = np.exp(-np.pi * width / RATE)
        cosine = np.cos(2 * np.pi * centre / RATE)
        samples = lfilter([1], [1, -2 * pole * cosine, pole**2], samples)
    return _finish(samples)


def _constant(hz: float, seconds: float = 1.0, rate: int = RATE) -> np.ndarray:
    return np.full(round(seconds * rate), hz)


def _glide(seconds: float = 2.0) -> np.ndarray:
    return 110 * 2 ** np.linspace(0, 1.5, round(seconds * RATE))


def _cents_off(f0: F0, hz: np.ndarray, rate: int = RATE) -> np.ndarray:
    """Return the cents between voiced frames and the true f0 at their centres."""
    centres = (np.arange(len(f0.hz)) + 0.5) / 100
    truth = np.interp(centres, np.arange(len(hz)) / rate, hz)
    return 1200 * np.log2(f0.hz[f0.voiced] / truth[f0.voiced])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("rate", [16_000, 44_100])
def test_220_hz_tone_gives_220_hz_on_every_frame(method, rate):
    hz = _constant(220, 1.003, rate)
    recording = Recording(_harmonic(hz, rate=rate).samples, rate)
    f0 = estimate_f0(recording, method)
    assert len(f0.hz) == frame_count(len(recording.samples), rate) == len(f0.periodicity)
    assert f0.voiced.mean() > 0.97
    cents = np.abs(_cents_off(f0, hz, rate))
    assert cents[3:-3].max() < 10
    assert cents.max() < 40  # a window half outside the sound


@pytest.mark.parametrize("method", METHODS)
def test_glide_over_an_octave_and_a_half_is_followed_in_time(method):
    """A glide of 900 cents a second: a grid off by half a frame would show as 4.5 cents."""
    hz = _glide()
    cents = _cents_off(estimate_f0(_harmonic(hz), method), hz)
    assert abs(np.median(cents)) < 4
    assert np.quantile(np.abs(cents), 0.95) < 20


@pytest.mark.parametrize(
    ("amplitude", "method"),
    [
        (lambda k: k**-1.2 * (1 if k % 2 == 0 else 0.25), "swift"),  # even harmonics dominate
        (lambda k: k**-1.2 * (0.03 if k == 1 else 1), "swift"),  # hardly any fundamental
        (lambda k: k**-1.2 * (0.03 if k == 1 else 1), "crepe-tiny"),
    ],
)
def test_octave_rich_voice_keeps_its_octave(amplitude, method):
    vibrato = 200 * 2 ** (0.1 * np.sin(2 * np.pi * 5 * np.arange(RATE) / RATE))
    f0 = estimate_f0(_harmonic(vibrato, amplitude), method)
    assert np.mean(np.abs(_cents_off(f0, vibrato)) > 50) < 0.02
    assert find_jumps(f0) == ()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("base_hz", [70, 120])
def test_creaky_voice(method, base_hz):
    hz = base_hz * np.linspace(1.2, 0.9, RATE)
    f0 = estimate_f0(_creaky(hz), method)
    assert f0.voiced.mean() > (0.95 if method == "swift" else 0.65)
    assert np.mean(np.abs(_cents_off(f0, hz)) > 100) < 0.05


@pytest.mark.parametrize("method", METHODS)
def test_noise_and_silence_are_unvoiced(method):
    noise = Recording(_noise(3 * RATE, 0.1).astype(np.float32), RATE)
    assert estimate_f0(noise, method).voiced.mean() < 0.03
    silence = estimate_f0(Recording(np.zeros(RATE, np.float32), RATE), method)
    assert not silence.hz.any()
    assert len(silence.hz) == 100


@pytest.mark.parametrize("method", METHODS)
def test_level_does_not_matter(method):
    loud = _harmonic(_glide(1.0))
    quiet = Recording(loud.samples * np.float32(0.005), RATE)
    first, second = estimate_f0(loud, method), estimate_f0(quiet, method)
    assert np.mean(first.voiced != second.voiced) < 0.02


@pytest.mark.parametrize("method", METHODS)
def test_repeatable_in_threads_and_no_global_random_state_moves(method):
    recordings = [_harmonic(_constant(hz, 0.5)) for hz in (100, 150, 220, 330)]
    alone = [estimate_f0(recording, method).hz for recording in recordings]
    torch.manual_seed(7)
    np.random.seed(7)  # noqa: NPY002 - the global state is meant
    before = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda r: estimate_f0(r, method).hz, recordings * 2))
    for first, second in zip(alone * 2, together, strict=True):
        np.testing.assert_array_equal(first, second)
    assert torch.equal(before[0], torch.get_rng_state())
    np.testing.assert_array_equal(before[1], np.random.get_state()[1])  # noqa: NPY002


def test_shortest_sounds_have_their_frames():
    for samples in (0, 1, 239, 240, 241):
        recording = Recording(np.full(samples, 0.1, np.float32), RATE)
        assert len(estimate_f0(recording, "swift").hz) == frame_count(samples, RATE)


def test_auto_and_unknown_methods():
    assert pick_method("auto") in ("swift", "crepe-tiny")
    with pytest.raises(ValueError, match="crepe-full"):
        pick_method("yin")


def test_crepe_full_agrees_with_tiny_on_a_plain_voice():
    hz = _constant(220, 0.2)
    assert np.abs(_cents_off(estimate_f0(_harmonic(hz), "crepe-full"), hz)).max() < 20


def test_the_sound_decides_which_octave_a_leaping_frame_is_in():
    frames = np.arange(150)
    truth = 150 * 2 ** (0.2 * np.sin(frames / 25))
    centres = (frames + 0.5) * RATE / 100
    voice = _harmonic(np.interp(np.arange(len(frames) * RATE // 100), centres, truth)).samples
    slipped = truth.copy()
    slipped[:6] *= 2  # no earlier voiced frame
    slipped[40:46] *= 2
    slipped[90:92] *= 0.5
    slipped[140:] *= 0.5  # up to the end
    settled = settle_octaves(slipped, voice, RATE)
    np.testing.assert_allclose(settled, truth, rtol=1e-9)


def test_an_octave_really_sung_stays():
    hz = np.repeat([110.0, 220.0, 110.0], RATE // 2)
    recording = _harmonic(hz)
    f0 = estimate_f0(recording, "swift")
    assert np.median(f0.hz[60:90]) == pytest.approx(220, rel=0.02)
    assert len(find_jumps(f0)) == 2
    settled = settle_octaves(f0.hz, recording.samples, RATE)
    np.testing.assert_allclose(settled, f0.hz)


def _curve(hz: np.ndarray, periodicity: float = 0.9) -> F0:
    return F0(hz.astype(np.float32), np.full(len(hz), periodicity, np.float32))


def test_planted_octave_slips_are_found_and_mended():
    truth = 150 * 2 ** (0.3 * np.sin(np.arange(600) / 25))
    slipped, starts = truth.copy(), range(20, 580, 40)
    for number, start in enumerate(starts):
        slipped[start : start + 3 + number % 6] *= 2 if number % 2 else 0.5
    found = repair_f0(_curve(slipped))
    assert len(find_jumps(_curve(slipped))) == 2 * len(starts) == len(found.jumps)
    assert np.abs(1200 * np.log2(found.f0.hz / truth)).max() < 1
    np.testing.assert_array_equal(found.repaired, np.abs(slipped / truth - 1) > 0.1)


def test_true_curve_stays_untouched():
    glide = 100 * 2 ** np.linspace(0, 3, 300)  # three octaves in three seconds
    two_voices = np.concatenate((np.full(100, 120.0), np.zeros(10), np.full(100, 250.0)))
    register_break = np.concatenate((np.full(100, 150.0), np.full(100, 225.0)))
    for hz in (glide, two_voices, register_break):
        found = repair_f0(_curve(hz))
        assert not found.repaired.any()
        np.testing.assert_array_equal(found.f0.hz, hz.astype(np.float32))


def test_short_gap_is_closed_and_long_or_consonantal_ones_are_not():
    hz = np.full(120, 200.0)
    hz[30:35], hz[60:66], hz[90:94] = 0, 0, 0
    f0 = _curve(hz)
    f0.periodicity[90:94] = 0.01
    found = repair_f0(f0)
    assert found.dropouts == (30, 90) == find_dropouts(f0)
    np.testing.assert_allclose(found.f0.hz[30:35], 200, rtol=1e-5)
    assert not found.f0.hz[60:66].any()
    assert not found.f0.hz[90:94].any()
    assert found.repaired.sum() == 5
    assert not f0.hz[30:35].any(), "the curve given is not changed"


def test_transpose_and_median():
    f0 = _curve(np.array([0.0, 100.0, 200.0, 400.0]))
    np.testing.assert_allclose(transpose(f0, 12).hz, [0, 200, 400, 800])
    np.testing.assert_allclose(transpose(f0, -5).hz, f0.hz * 2 ** (-5 / 12), rtol=1e-6)
    assert median_hz(f0) == 200
    assert median_hz(_curve(np.zeros(3))) == 0


def test_mains_hum_is_unvoiced_and_a_voice_near_it_is_not() -> None:
    hum, gap = np.full(40, 59.9), np.zeros(5)
    glide = np.linspace(55, 66, 40)  # a low voice that passes it
    note = np.full(40, 120.0)  # held, on a multiple of it
    found = without_mains(_curve(np.concatenate([hum, gap, glide, gap, note]))).hz
    assert not found[:40].any()
    assert (found[45:85] > 0).all() and (found[90:] > 0).all()
    short = _curve(np.full(9, 50.0))  # too short to be known as hum
    np.testing.assert_array_equal(without_mains(short).hz, short.hz)
