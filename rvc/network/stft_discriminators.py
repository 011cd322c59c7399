"""Discriminators of the `lite` preset: small 2-D networks over log magnitudes at several windows.

Each receives the spectrogram of one window size (Jang et al. 2021, UnivNet), at a fraction of the
cost of RVC's waveform discriminators on a processor.
"""

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import weight_norm

from rvc.losses import added
from rvc.mel import spectrogram

RESOLUTIONS = ((256, 64), (512, 128), (1024, 240), (2048, 480))  # (n_fft, hop_length)
CHANNELS = 16
MAX_CHANNELS = 256  # of a file that is read
LAYERS = (  # kernel, stride and padding over (bins, frames)
    ((7, 5), (2, 2), (3, 2)),
    ((5, 3), (2, 2), (2, 1)),
    ((5, 3), (2, 1), (2, 1)),
    ((3, 3), (1, 1), (1, 1)),
)
LOG_FLOOR, LOG_SCALE = 1e-4, 0.3
SLOPE = 0.1  # of the leaky rectifiers

Judgement = tuple[torch.Tensor, list[torch.Tensor]]  # scores and feature maps


class STFTDiscriminator(nn.Module):
    """One window size: sound (batch, samples) -> scores (batch, 1, bins, frames) and features."""

    def __init__(self, n_fft: int, hop_length: int, channels: int) -> None:
        super().__init__()
        self.n_fft, self.hop_length = n_fft, hop_length
        widths = (1, *(channels for _ in LAYERS))
        self.layers = nn.ModuleList(
            weight_norm(nn.Conv2d(inside, outside, *shape))
            for inside, outside, shape in zip(widths, widths[1:], LAYERS, strict=False)
        )
        self.out = weight_norm(nn.Conv2d(channels, 1, 3, padding=1))

    def forward(self, sound: torch.Tensor) -> Judgement:
        magnitudes = spectrogram(sound, n_fft=self.n_fft, hop_length=self.hop_length)
        x = LOG_SCALE * torch.log(magnitudes + LOG_FLOOR)[:, None]  # (batch, 1, bins, frames)
        features = []
        for layer in self.layers:
            x = F.leaky_relu(layer(x), SLOPE)
            features.append(x)
        return self.out(x), features


class STFTDiscriminators(nn.Module):
    """All window sizes; sound (batch, samples) -> (scores, features) of each."""

    def __init__(self, channels: int = CHANNELS) -> None:
        super().__init__()
        self.sizes = nn.ModuleList(STFTDiscriminator(*size, channels) for size in RESOLUTIONS)

    @classmethod
    def from_state(cls, state: dict[str, torch.Tensor]) -> "STFTDiscriminators":
        """Return discriminators with the weights of `state`; their width is inferred.

        Raises KeyError, RuntimeError or ValueError if the weights do not belong to these
        discriminators.
        """
        channels = len(state["sizes.0.layers.0.bias"])
        if channels > MAX_CHANNELS:  # a false width would take gigabytes
            raise ValueError(f"discriminators of {channels} channels")
        made = cls(channels)
        made.load_state_dict(state, strict=True)
        return made

    def forward(self, sound: torch.Tensor) -> list[Judgement]:
        return [size(sound) for size in self.sizes]


def discriminator_loss(real: list[Judgement], fake: list[Judgement]) -> torch.Tensor:
    """Return the least-squares loss, summed over the sizes (Mao et al. 2017)."""
    pairs = zip(real, fake, strict=True)
    return added(((1 - r) ** 2).mean() + (f**2).mean() for (r, _), (f, _) in pairs)


def adversarial_loss(fake: list[Judgement]) -> torch.Tensor:
    """Return the generator's least-squares adversarial loss, summed over the sizes."""
    return added(((1 - scores) ** 2).mean() for scores, _ in fake)


def feature_matching(real: list[Judgement], fake: list[Judgement]) -> torch.Tensor:
    """Return the features' mean distance relative to the real ones' magnitude, summed."""
    return added(
        F.l1_loss(f, r.detach()) / r.detach().abs().mean()
        for (_, real_maps), (_, fake_maps) in zip(real, fake, strict=True)
        for r, f in zip(real_maps, fake_maps, strict=True)
    )
