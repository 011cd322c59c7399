"""Voices between two voices: their weights, their card, and what cannot be blended."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from lite_voice import lite_voice

from rvc.errors import VoiceError
from rvc.index import build_index
from rvc.network.base import speak
from rvc.voice import VoiceLibrary, blend_voices, build_synthesizer


@pytest.fixture(scope="module")
def pair():
    first = lite_voice("anna")
    weights = {key: value + 0.1 * torch.randn_like(value) for key, value in first.weights.items()}
    rows = np.random.default_rng(1).normal(5, 1, (200, 512)).astype(np.float32)
    card = {"f0_median_hz": 90.0, "consent": "The owner agreed."}
    second = replace(first, name="ben", weights=weights, card=card, index=build_index(rows))
    return first, second


def test_weights_lie_between_and_the_ends_are_the_voices(pair) -> None:
    first, second = pair
    for share in (0.0, 0.25, 1.0):
        blended = blend_voices(first, second, share, "between")
        for key, value in blended.weights.items():
            wanted = (1 - share) * first.weights[key] + share * second.weights[key]
            torch.testing.assert_close(value, wanted)


def test_a_blended_voice_is_saved_names_both_and_makes_sound(pair, tmp_path: Path) -> None:
    library = VoiceLibrary(tmp_path)
    library.save(blend_voices(*pair, 0.25, "between"))
    voice = library.load("between")
    assert voice.card["blended_from"] == "anna 75 % + ben 25 %"
    assert voice.card["f0_median_hz"] == pytest.approx(180.5**0.75 * 90**0.25, abs=0.1)
    assert "consent" not in voice.card  # one of the two does not say it
    synthesizer = build_synthesizer(voice)
    content, f0 = np.zeros((20, 512), np.float32), np.full(20, 150, np.float32)
    sound = speak(synthesizer, content, f0, seed=0)
    assert np.isfinite(sound).all() and np.abs(sound).max() > 0


def test_the_index_holds_rows_of_both_by_their_shares(pair) -> None:
    first, second = pair  # 90 rows around 0, 200 rows around 5
    rows = blend_voices(first, second, 0.25, "between").index.rows()
    from_second = rows.mean(1) > 2.5
    assert len(rows) == 120 and from_second.sum() == 30
    assert len(blend_voices(first, second, 0.0, "between").index) == 90
    without = replace(second, index=None)
    assert blend_voices(first, without, 0.5, "between").index is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"sample_rate": 48_000}, "24000 Hz, the other for 48000 Hz"),
        ({"version": "v2"}, "one is lite, the other v2"),
        ({"uses_f0": False}, "only one of them uses the pitch"),
    ],
)
def test_voices_of_different_kinds_are_refused_with_the_reason(pair, change, reason) -> None:
    first, second = pair
    with pytest.raises(VoiceError, match=reason):
        blend_voices(first, replace(second, **change), 0.5, "between")


def test_networks_of_different_size_and_shares_out_of_range_are_refused(pair) -> None:
    first, second = pair
    smaller = dict(second.weights)
    smaller["emb_g.weight"] = smaller["emb_g.weight"][:, :8]
    with pytest.raises(VoiceError, match="differ in size"):
        blend_voices(first, replace(second, weights=smaller), 0.5, "between")
    other = replace(second.config, dilations=(1, 3))  # weights of the same shapes
    with pytest.raises(VoiceError, match="built differently"):
        blend_voices(first, replace(second, config=other), 0.5, "between")
    with pytest.raises(VoiceError, match="between 0 and 1"):
        blend_voices(first, second, 1.5, "between")
