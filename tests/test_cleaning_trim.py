"""Trimming: long pauses are cut, no speech is lost, and segments are as long as they should be."""

from itertools import pairwise

import numpy as np
import pytest
from voice_like import noise, voice_like

from rvc.cleaning.trim import Segment, cut_segments, find_speech, without_pauses

RATE = 16_000


def test_long_pauses_are_cut_and_no_speech_is_lost():
    voice = voice_like(4)
    gap = np.zeros(5 * RATE)
    sound = np.concatenate([gap, voice, gap, voice, gap]) + noise(23 * RATE, -60)
    speech, probability = find_speech(sound.astype(np.float32), RATE)
    kept = np.zeros(len(sound), bool)
    for part in speech:
        kept[round(part.start_seconds * RATE) : round(part.end_seconds * RATE)] = True
    speaking = (
        np.convolve(
            np.concatenate([0 * gap, voice, 0 * gap, voice, 0 * gap]) ** 2, np.ones(320), "same"
        )
        > 0.01
    )
    assert kept[speaking].mean() > 0.985
    assert kept[: 4 * RATE].sum() == 0
    trimmed = without_pauses(sound, RATE, speech)
    assert 7 * RATE < len(trimmed) < 9.5 * RATE
    segments = cut_segments(speech, probability)
    assert all(a.end_seconds <= b.start_seconds for a, b in pairwise(segments))


def test_pauses_over_0_6_s_become_0_3_s_and_shorter_ones_stay():
    word, quiet = voice_like(1.6), noise(round(4 * RATE), -75)
    for pause_seconds, kept_seconds in ((0.5, 0.5), (3.0, 0.3)):
        pause = quiet[: round(pause_seconds * RATE)]
        sound = np.concatenate([word, pause, word]).astype(np.float32)
        speech, _ = find_speech(sound, RATE)
        length = len(without_pauses(sound, RATE, speech)) / RATE
        assert length == pytest.approx(3.2 + kept_seconds, abs=0.25)


def test_segments_are_two_to_twelve_seconds():
    probability = np.ones(3_000)
    probability[[300, 610, 900]] = 0
    long = (Segment(0.0, 40.0),)
    segments = cut_segments(long, probability)
    assert segments[0].start_seconds == 0 and segments[-1].end_seconds == 40
    assert all(2 <= each.duration_seconds <= 12 for each in segments)
    assert all(a.end_seconds == b.start_seconds for a, b in pairwise(segments))
    words = (Segment(0.0, 0.8), Segment(1.4, 2.5), Segment(9.0, 9.7))
    assert cut_segments(words, probability) == (Segment(0.0, 2.5), Segment(9.0, 9.7))


def test_silence_has_no_speech():
    assert find_speech(np.zeros(RATE, np.float32), RATE)[0] == ()
    assert len(without_pauses(np.zeros(RATE, np.float32), RATE, ())) == 0
