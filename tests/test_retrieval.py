"""The index rate follows the distance of a source's content to the voice."""

import numpy as np
import pytest

from rvc.index import build_index
from rvc.network.lite import LiteConfig
from rvc.retrieval import CARD_KEY, LITE_RATE, RVC_RATE, choose_index_rate, content_distance
from rvc.voice import Voice

CHANNELS = 16


def content(spread: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return spread * rng.normal(size=(400, CHANNELS)).astype(np.float32)


def voice(version: str = "lite", **card: object) -> Voice:
    index = build_index(content(1.0, 0))
    return Voice("v", LiteConfig(), {}, version, True, 24_000, index, card)


def test_distance_is_zero_for_the_indexs_own_rows_and_grows_away_from_them():
    index = build_index(content(1.0, 0))
    assert content_distance(index, content(1.0, 0)) == pytest.approx(0, abs=1e-4)
    assert content_distance(index, content(1.0, 1)) < content_distance(index, content(2.0, 1))


def test_near_sources_keep_their_content_and_foreign_ones_are_drawn_to_the_voices():
    own = content_distance(voice().index, content(1.0, 1))
    near, why = choose_index_rate(voice(**{CARD_KEY: own}), content(1.0, 2))
    far, why_far = choose_index_rate(voice(**{CARD_KEY: own}), content(3.0, 2))
    assert near == 0 and far == LITE_RATE
    assert str(why) != str(why_far) and str(LITE_RATE) in why_far.in_language("ko")
    between, _ = choose_index_rate(
        voice(**{CARD_KEY: content_distance(voice().index, content(1.0, 2)) / 2.1}),
        content(1.0, 2),
    )
    assert 0 < between < LITE_RATE


@pytest.mark.parametrize("card", [{}, {CARD_KEY: "far"}, {CARD_KEY: 0}, {CARD_KEY: float("nan")}])
def test_a_lite_voice_that_knows_no_distance_uses_none(card):
    assert choose_index_rate(voice(**card), content(3.0, 2))[0] == 0


def test_community_voices_keep_the_fields_habit():
    assert choose_index_rate(voice("v2"), content(1.0, 2))[0] == RVC_RATE
