"""Spectrogram discriminators of the `lite` preset."""

import pytest
import torch

from rvc.network.stft_discriminators import (
    RESOLUTIONS,
    STFTDiscriminators,
    adversarial_loss,
    discriminator_loss,
    feature_matching,
)


def sounds() -> tuple[torch.Tensor, torch.Tensor]:
    time = torch.arange(12_000) / 24_000
    tone = 0.2 * torch.sin(2 * torch.pi * 220 * time)[None]
    return tone, 0.1 * torch.randn(1, 12_000, generator=torch.Generator().manual_seed(0))


def test_every_window_size_scores_and_keeps_its_features():
    torch.manual_seed(0)
    tone, _ = sounds()
    made = STFTDiscriminators()(tone)
    assert len(made) == len(RESOLUTIONS)
    for scores, features in made:
        assert scores.shape[:2] == (1, 1) and len(features) == 4
        assert scores.shape[2:] == features[-1].shape[2:]


def test_they_learn_to_distinguish_a_tone_from_noise():
    torch.manual_seed(0)
    tone, noise = sounds()
    network = STFTDiscriminators()
    optimizer = torch.optim.AdamW(network.parameters(), 2e-3)
    first = None
    for _ in range(15):
        loss = discriminator_loss(network(tone), network(noise))
        first = first or loss.item()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        real, fake = network(tone), network(noise)
    assert discriminator_loss(real, fake) < 0.5 * first
    assert adversarial_loss(fake) > adversarial_loss(real)


def test_features_match_themselves_and_gradients_reach_the_sound():
    torch.manual_seed(0)
    tone, noise = sounds()
    network = STFTDiscriminators()
    assert feature_matching(network(tone), network(tone)) == 0
    noise.requires_grad_()
    feature_matching(network(tone), network(noise)).backward()
    assert noise.grad.abs().sum() > 0


def test_weights_of_any_width_are_taken_and_others_refused():
    narrow = STFTDiscriminators(channels=3)
    again = STFTDiscriminators.from_state(narrow.state_dict())
    tone, _ = sounds()
    assert torch.equal(again(tone)[0][0], narrow(tone)[0][0])
    with pytest.raises(KeyError):
        STFTDiscriminators.from_state({})
