"""Each measure of the report against a fault of known size."""

import numpy as np
import pytest
from scipy.signal import butter, fftconvolve, sosfiltfilt
from voice_like import voice_like

from rvc.audio import Recording
from rvc.f0 import F0, repair_f0
from rvc.quality.bandwidth import bandwidth_hz, speech_spectrum
from rvc.quality.clicks import click_times
from rvc.quality.clipping import clipped_samples, clipping_percent
from rvc.quality.duplicates import find_duplicates
from rvc.quality.echo import decay_seconds
from rvc.quality.listening import dnsmos_before_and_after, dnsmos_ovrl
from rvc.quality.measures import Measures, mean_measures
from rvc.quality.noise import (
    ECHO_FOLLOWS,
    MOST_REMOVED_DB,
    follows_speech,
    snr_db,
    snr_left_db,
    split_noise,
)
from rvc.quality.stability import f0_faults_per_minute

RATE = 16_000


def _noise(length: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(length)


def _at_snr(voice: np.ndarray, noise: np.ndarray, snr_db: float) -> np.ndarray:
    scale = np.sqrt(np.mean(voice**2) / np.mean(noise**2)) * 10 ** (-snr_db / 20)
    return (voice + scale * noise).astype(np.float32)


def _room(voice: np.ndarray, rt60: float) -> np.ndarray:
    t = np.arange(round(1.2 * rt60 * RATE)) / RATE
    tail = _noise(len(t), 5) * 10 ** (-3 * t / rt60)
    tail[:40] = 0
    tail /= np.sqrt(np.sum(tail**2))
    tail[0] = 1
    return fftconvolve(voice, tail)[: len(voice)].astype(np.float32)


@pytest.mark.parametrize("planted_db", [8.0, 20.0])
def test_snr_of_known_noise(planted_db):
    voice = voice_like(6)
    split = split_noise(Recording(_at_snr(voice, _noise(len(voice)), planted_db), RATE))
    assert snr_db(split) == pytest.approx(planted_db, abs=2)
    assert follows_speech(split) < ECHO_FOLLOWS
    assert len(split.speech) == len(split.noise) == len(voice)


def test_noise_left_after_cleaning_is_seen():
    voice = voice_like(4)
    noise = _at_snr(0 * voice + 1e-9, _noise(len(voice)), 0)
    noise *= np.float32(np.sqrt(np.mean(voice**2) / np.mean(noise**2)) * 10 ** (-10 / 20))
    split = split_noise(Recording(voice + noise, RATE))
    raw = snr_db(split)
    assert snr_left_db(split, voice + noise, 1.0) == pytest.approx(raw, abs=1)  # nothing cleaned
    # What the denoiser took of the voice itself counts as noise left: an under-estimate.
    assert raw + 7 < snr_left_db(split, voice + 0.1 * noise, 1.0) < raw + 25
    denoised = snr_left_db(split, 0.5 * split.speech / split.gain, 0.5)
    assert denoised == pytest.approx(raw + MOST_REMOVED_DB, abs=1), "not beyond measure"


def test_a_room_takes_longer_to_fall_silent():
    voice = voice_like(8)
    dry, wet = decay_seconds(voice), decay_seconds(_room(voice, 0.6))
    assert dry < 0.28
    assert wet > 0.32
    assert decay_seconds(voice[:1000]) is None
    assert follows_speech(split_noise(Recording(_room(voice, 0.6), RATE))) > ECHO_FOLLOWS


@pytest.mark.parametrize("cutoff_hz", [3400, 5500])
def test_bandwidth_of_a_low_pass(cutoff_hz):
    voice = voice_like(4) + 1e-4 * _noise(4 * RATE)
    low = sosfiltfilt(butter(10, cutoff_hz, fs=RATE, output="sos"), voice).astype(np.float32)
    edge = bandwidth_hz(speech_spectrum(low, RATE), 30.0)
    assert edge == pytest.approx(cutoff_hz, rel=0.25)
    assert bandwidth_hz(speech_spectrum(low, RATE), 10.0) == edge  # noise could only raise it


def test_bandwidth_is_not_guessed_in_noise():
    noisy = _at_snr(voice_like(3), _noise(3 * RATE), 10)
    assert bandwidth_hz(speech_spectrum(noisy, RATE), 10.0) is None
    assert bandwidth_hz(speech_spectrum(noisy, RATE), 40.0) > 7500
    assert speech_spectrum(np.zeros(100, np.float32), RATE) is None


def test_clipping_is_seen_even_when_turned_down():
    sine = np.sin(2 * np.pi * 150 * np.arange(RATE) / RATE).astype(np.float32)
    clipped = np.clip(sine, -0.8, 0.8) * np.float32(0.3)
    flat = np.mean(np.abs(sine) >= 0.8)
    assert clipping_percent(clipped_samples(clipped)) == pytest.approx(100 * flat, abs=3)
    voice = voice_like(5)
    assert clipping_percent(clipped_samples(voice)) < 0.01
    limit = np.quantile(np.abs(voice), 0.99)
    assert clipping_percent(clipped_samples(np.clip(voice, -limit, limit))) > 0.5
    assert clipping_percent(clipped_samples(np.zeros(100, np.float32))) == 0


def test_clicks_are_counted_where_they_are():
    voice = voice_like(6) + (1e-4 * _noise(6 * RATE)).astype(np.float32)
    places = [1.75, 3.8, 5.75]  # in the pauses
    for place in places:
        at, length = round(place * RATE), 40
        ring = np.sin(2 * np.pi * 4500 * np.arange(length) / RATE) * np.exp(-np.arange(length) / 8)
        voice[at : at + length] += (0.08 * ring).astype(np.float32)
    times = click_times(Recording(voice, RATE))
    for place in places:
        assert np.abs(times - place).min() < 0.01
    assert len(times) <= len(places) + 2


def test_f0_faults_are_counted_per_voiced_minute():
    hz = np.full(600, 150.0, np.float32)
    hz[100:104] *= 2  # two leaps
    hz[300:303] = 0  # a drop-out
    f0 = F0(hz, np.ones(600, np.float32))
    jumps, dropouts = f0_faults_per_minute(f0, repair_f0(f0), 0, 6)
    assert jumps == pytest.approx(20, rel=0.02)
    assert dropouts == pytest.approx(10, rel=0.02)
    assert f0_faults_per_minute(f0, repair_f0(f0), 2.5, 2.9) == (None, None)
    assert f0_faults_per_minute(f0, repair_f0(f0), 4, 6) == (0, 0)


def test_dnsmos_prefers_less_noise_and_ignores_level():
    voice = voice_like(4)
    clean, noisy = (
        dnsmos_ovrl(voice, RATE),
        dnsmos_ovrl(_at_snr(voice, _noise(len(voice)), 3), RATE),
    )
    assert 1 <= noisy < clean <= 5
    assert dnsmos_ovrl(voice * np.float32(0.01), RATE) == pytest.approx(clean, abs=0.05)
    assert dnsmos_ovrl(np.zeros(RATE, np.float32), RATE) is None


def test_a_copy_is_found_and_another_take_is_not():
    first, other = voice_like(3, seed=1), voice_like(3, seed=2)
    copy = np.concatenate([np.zeros(1000, np.float32), 0.3 * first[:-1000]]).astype(np.float32)
    recordings = [Recording(sound, RATE) for sound in (first, other, copy)]
    assert find_duplicates(recordings) == ((0, 2),)


def test_means_leave_out_what_is_unknown():
    mean = mean_measures([(1, Measures(snr_db=10)), (3, Measures(snr_db=30)), (9, Measures())])
    assert mean.snr_db == 25
    assert mean.lufs is None


def test_a_stretch_that_cleaning_left_alone_has_one_dnsmos() -> None:
    voice = voice_like(4)
    same = voice * np.float32(0.5)
    noisy = _at_snr(voice, _noise(len(voice)), 10)
    before, after = dnsmos_before_and_after(voice, same, RATE)
    assert before == after == dnsmos_ovrl(voice, RATE)
    assert dnsmos_before_and_after(noisy, voice, RATE) == (dnsmos_ovrl(noisy, RATE), before)
    silence = np.zeros(RATE, np.float32)
    assert dnsmos_before_and_after(silence, silence, RATE) == (None, None)
