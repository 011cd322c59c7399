"""Other speakers are found among segments of any length, and none where all is one voice."""

from pathlib import Path

import numpy as np
import pytest
from test_speaker import HIGH, LOW, RATE, _voice

from rvc.audio import Recording
from rvc.errors import MissingAssetError
from rvc.quality.other_voice import LEAST_SECONDS, own_voices

WEIGHTS = Path(__file__).parents[1] / "weights"


def _of(voice: tuple, seed: int, seconds: float) -> Recording:
    sound = _voice(*voice, seed, seconds + 1)
    return Recording(sound.samples[: round(seconds * RATE)], RATE)


def test_the_stranger_is_found_and_nobody_else():
    own = [_of(LOW, seed, 2 + seed % 4) for seed in range(9)]
    heard = own_voices([*own[:4], _of(HIGH, 50, 3), *own[4:]], WEIGHTS)
    assert [voice.is_other for voice in heard] == [False] * 4 + [True] + [False] * 5
    assert heard[4].cosine < min(voice.cosine for voice in heard if not voice.is_other)


def test_one_voice_alone_holds_no_stranger():
    heard = own_voices([_of(LOW, seed, 1 + seed % 5) for seed in range(10)], WEIGHTS)
    assert not any(voice.is_other for voice in heard)


def test_less_is_asked_of_a_word_than_of_a_sentence():
    word, sentence, *_ = own_voices([_of(LOW, s, n) for s, n in enumerate((1.2, 8, 4))], WEIGHTS)
    assert word.least < sentence.least - 0.1


def test_what_is_too_short_silent_or_alone_has_no_answer():
    silent, short = Recording(np.zeros(3 * RATE, np.float32), RATE), _of(LOW, 9, LEAST_SECONDS / 2)
    heard = own_voices([silent, short, *(_of(LOW, seed, 3) for seed in range(3))], WEIGHTS)
    assert heard[:2] == [None, None]
    assert None not in heard[2:]
    assert own_voices([_of(LOW, 1, 3), _of(HIGH, 2, 3)], WEIGHTS) == [None, None]
    assert own_voices([], WEIGHTS) == []


def test_without_the_encoder_it_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr("rvc.assets.SHIPPED_FOLDER", tmp_path)
    with pytest.raises(MissingAssetError):
        own_voices([], tmp_path)
