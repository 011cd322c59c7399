"""A fault in one part of a recording is found, repaired and reported for that part only."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.signal import fftconvolve
from voice_like import voice_like

from rvc.audio import Recording, rms_db
from rvc.cleaning import clean
from rvc.cleaning.hum import find_hum, without_hum
from rvc.quality import Measures, SegmentReport, assess, together
from rvc.quality.echo import ECHO_SECONDS, Rooms, rooms_of
from rvc.quality.faults import named_faults
from rvc.quality.hum import hum_db
from rvc.quality.other_voice import OwnVoice

RATE = 16_000
WEIGHTS = Path(__file__).parents[1] / "weights"
HUMMING = slice(33 * RATE, 63 * RATE)


def _noise(seconds: float, level_db: float) -> np.ndarray:
    return 10 ** (level_db / 20) * np.random.default_rng(1).standard_normal(round(seconds * RATE))


def _room(voice: np.ndarray, rt60: float = 0.6) -> np.ndarray:
    t = np.arange(round(1.2 * rt60 * RATE)) / RATE
    tail = np.random.default_rng(5).standard_normal(len(t)) * 10 ** (-3 * t / rt60)
    tail[:40] = 0
    tail /= np.sqrt(np.sum(tail**2))
    tail[0] = 1
    return fftconvolve(voice, tail)[: len(voice)].astype(np.float32)


@pytest.fixture(scope="module")
def humming() -> tuple[np.ndarray, np.ndarray]:
    """A minute and a half of voice, and the hum in its middle third."""
    t = np.arange(90 * RATE) / RATE
    hum = sum(0.02 / k * np.sin(2 * np.pi * 60 * k * t + k) for k in range(1, 9))
    hum[: HUMMING.start] = hum[HUMMING.stop :] = 0
    voice = voice_like(90) + _noise(90, -70)
    return voice.astype(np.float32), hum.astype(np.float32)


def test_a_machine_that_ran_for_a_while_is_found_and_taken_out_there(humming):
    voice, hum = humming
    found = find_hum(voice + hum, RATE)
    ((start, end),) = found.passages
    assert start == pytest.approx(33, abs=4) and end == pytest.approx(63, abs=4)
    after = without_hum(voice + hum, RATE, found)
    inside, outside = slice(38 * RATE, 58 * RATE), slice(0, 26 * RATE)
    assert rms_db((after - voice)[inside]) < rms_db(hum[inside]) - 15
    assert np.array_equal(after[outside], voice[outside])
    assert find_hum(voice, RATE).lines == 0


def test_hum_is_told_of_its_passage_only(humming):
    voice, hum = humming
    found = find_hum(voice + hum, RATE)
    named = [
        "hum" in named_faults(Measures(hum_db=hum_db(found, *times)))
        for times in ((5, 10), (40, 45), (80, 85))
    ]
    assert named == [False, True, False]


def test_the_hum_of_a_passage_goes_the_same_way_wherever_it_is_cut(humming):
    from rvc.cleaning.hum import hop_length

    voice, hum = humming
    found, cut = find_hum(voice + hum, RATE), 22 * hop_length(RATE)
    whole = without_hum(voice + hum, RATE, found)
    part = without_hum((voice + hum)[cut:], RATE, found, cut / RATE)
    inner = slice(5 * RATE, 30 * RATE)
    assert np.allclose(part[inner], whole[cut:][inner], atol=1e-6)


def test_an_echo_is_told_where_it_is_heard():
    dry = voice_like(45, seed=2)
    sound = dry.copy()
    sound[15 * RATE : 30 * RATE] = _room(dry)[15 * RATE : 30 * RATE]
    rooms = rooms_of(lambda start, end: sound[start:end], len(sound), RATE)
    assert [len(row) for row in rooms.decays] == [3, 3, 3]
    assert rooms.decay_seconds(2, 6) < 0.28 < ECHO_SECONDS < rooms.decay_seconds(20, 25)
    assert rooms.decay_seconds(35, 44) < 0.28


def test_where_nothing_falls_the_rest_speaks():
    rooms = Rooms(3.0, ((0.0, 15.0, None), (15.0, 30.0, 0.2), (30.0, 45.0, 0.4)))
    assert rooms.decay_seconds(0, 5) == pytest.approx(0.3)
    assert rooms.decay_seconds(25, 35) == pytest.approx(0.3)
    assert rooms.decay_seconds(31, 35) == 0.4
    assert Rooms(None, ((0.0, 15.0, None),)).decay_seconds(0, 15) is None


def test_in_another_room_one_is_still_oneself(monkeypatch):
    """A cosine that means another speaker in dry recordings is normal in a reverberant room."""
    cosines = [0.9, 0.9, 0.9, 0.72, 0.72, 0.5]
    decays = [0.2, 0.2, 0.2, 0.2, 0.5, 0.5]
    monkeypatch.setattr(
        together, "own_voices", lambda sounds, weights: [OwnVoice(c, 0.82) for c in cosines]
    )
    empty = SegmentReport(0, "a.wav", 0.0, 4.0, Measures(), Measures(), 0.0, 0.0, "keep")
    segments = [replace(empty, before=Measures(decay_seconds=decay)) for decay in decays]
    judged, _ = together.with_own_voice([], segments, WEIGHTS)
    strange = ["other_voice" in named_faults(segment.before) for segment in judged]
    assert strange == [False, False, False, True, False, True]


def test_noise_is_not_blamed_for_clicks():
    voice = voice_like(8, seed=6)
    ticking = voice + 0.0
    for at in range(RATE // 2, len(voice) - 100, RATE // 2):  # two a second
        t = np.arange(96) / RATE
        ticking[at : at + 96] += 0.1 * np.exp(-t / 0.0008) * np.sin(2 * np.pi * 4_000 * t)
    quiet = assess(clean(Recording(ticking.astype(np.float32), RATE)), weights=WEIGHTS)
    assert all(segment.before.clicks_per_minute > 15 for segment in quiet.segments)
    noisy = (ticking + _noise(8, rms_db(voice) - 10)).astype(np.float32)
    report = assess(clean(Recording(noisy, RATE)), weights=WEIGHTS)
    assert report.segments
    assert all(segment.before.clicks_per_minute is None for segment in report.segments)
