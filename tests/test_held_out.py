"""Held-out scores: detail, merit and what counts as a tie."""

import numpy as np
import pytest
import torch

from rvc.training.held_out import NOISE, WORSE_BY, detail, merit

RATE = 24_000


def test_detail_is_one_for_the_recording_and_less_for_a_smeared_copy(speech_like):
    sound = torch.from_numpy(speech_like(3.0))[None]
    assert detail(sound, sound, sample_rate=RATE) == pytest.approx(1)
    spectrum = torch.stft(sound, 1024, 256, window=torch.hann_window(1024), return_complex=True)
    magnitude = torch.nn.functional.avg_pool2d(spectrum.abs(), 9, stride=1, padding=4)
    smeared = torch.istft(
        torch.polar(magnitude, spectrum.angle()), 1024, 256, window=torch.hann_window(1024)
    )
    length = smeared.shape[1]
    assert detail(sound[:, :length], smeared, sample_rate=RATE) < 0.9
    noise = torch.from_numpy(np.random.default_rng(0).normal(size=(1, 3 * RATE)).astype("f4"))
    assert detail(sound, noise, sample_rate=RATE) < 1


def test_merit_rises_with_likeness_and_detail_and_falls_with_distance():
    scores = {"mel": 0.4, "likeness": 0.9, "detail": 0.9, "f0_cents": 5.0}
    assert merit(scores | {"likeness": 0.92}) > merit(scores) + WORSE_BY
    assert merit(scores | {"detail": 0.93}) > merit(scores) + WORSE_BY
    assert merit(scores | {"mel": 0.41}) < merit(scores) - WORSE_BY
    half = {
        name: scores[name] + abs(noise) / 2 for name, noise in NOISE.items() if name == "detail"
    }
    assert abs(merit(scores | half) - merit(scores)) < WORSE_BY
    del scores["likeness"]  # without the speaker encoder
    assert np.isfinite(merit(scores))
