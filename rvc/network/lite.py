"""The `lite` synthesizer: a pulse train and noise, each shaped per frame by a predicted filter.

A source-filter network of the DDSP family (Engel et al. 2020): light enough to learn a voice in
minutes on two CPU cores. A frame's content, pitch and speaker go through depthwise-convolution
residual blocks (ConvNeXt, Liu et al. 2022) to two log-magnitude filters; one shapes a band-limited
pulse train at f0, the other white noise. The pulse filter is minimum-phase, as a vocal tract is.
"""

from dataclasses import asdict, dataclass

import torch
from torch import nn
from torch.nn import functional as F

from rvc.network.base import Synthesizer

N_FFT = 1024
BINS = N_FFT // 2 + 1
REFERENCE_F0_HZ = 150.0
LOWEST_F0_HZ = 50.0
LOG_RANGE = (-12.0, 8.0)  # of a filter's natural-log magnitude
FIRST_BIAS = (-4.0, -6.0)  # of the pulse and the noise filter before training: quiet speech
PULSE_LEVEL, NOISE_LEVEL = 0.5, 0.1


@dataclass(frozen=True)
class LiteConfig:
    """Whole shape of a LiteSynthesizer; saved as `config` in its `.pth`."""

    sample_rate: int = 24_000
    content_channels: int = 384
    channels: int = 256
    kernel: int = 7
    dilations: tuple[int, ...] = (1, 1, 2, 1, 2, 1)
    speakers: int = 1
    minimum_phase: bool = True

    def to_dict(self) -> dict[str, object]:
        """The config as plain values, for the voice file."""
        return asdict(self) | {"dilations": list(self.dilations)}

    @classmethod
    def from_dict(cls, values: dict[str, object]) -> "LiteConfig":
        """The config from a voice file's plain values; unknown keys raise TypeError."""
        return cls(**(values | {"dilations": tuple(values["dilations"])}))


class ResidualBlock(nn.Module):
    """Depthwise convolution over time, then two linear layers over channels."""

    def __init__(self, channels: int, kernel: int, dilation: int) -> None:
        super().__init__()
        padding = dilation * (kernel // 2)
        self.depthwise = nn.Conv1d(
            channels, channels, kernel, padding=padding, groups=channels, dilation=dilation
        )
        self.norm = nn.LayerNorm(channels)
        self.up = nn.Linear(channels, 2 * channels)
        self.down = nn.Linear(2 * channels, channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:  # (batch, frames, channels)
        y = self.depthwise(x.transpose(1, 2)).transpose(1, 2)
        return x + self.down(F.gelu(self.up(self.norm(y))))


class LiteSynthesizer(Synthesizer):
    """Content, f0 and speaker to sound through two filters a frame; see the module's text."""

    uses_f0 = True

    def __init__(self, config: LiteConfig) -> None:
        super().__init__()
        self.config = config
        self.sample_rate = config.sample_rate
        self.content_channels = config.content_channels
        self.speakers = config.speakers
        self.content = nn.Linear(config.content_channels, config.channels)
        self.pitch = nn.Linear(2, config.channels)
        self.emb_g = nn.Embedding(config.speakers, config.channels)
        self.blocks = nn.ModuleList(
            ResidualBlock(config.channels, config.kernel, dilation) for dilation in config.dilations
        )
        self.norm = nn.LayerNorm(config.channels)
        self.filters = nn.Linear(config.channels, 2 * BINS)
        nn.init.normal_(self.emb_g.weight, std=0.1)
        nn.init.normal_(self.filters.weight, std=0.01)
        with torch.no_grad():
            self.filters.bias[:BINS], self.filters.bias[BINS:] = FIRST_BIAS
        self.register_buffer("window", torch.hann_window(N_FFT), persistent=False)

    def predict_filters(
        self, content: torch.Tensor, f0_hz: torch.Tensor, speaker: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return natural-log magnitudes (batch, frames, BINS) of the pulse and the noise filter."""
        voiced = (f0_hz > 0).to(content.dtype)
        log_f0 = torch.log(f0_hz.clamp_min(LOWEST_F0_HZ) / REFERENCE_F0_HZ) * voiced
        x = self.content(content) + self.pitch(torch.stack([log_f0, voiced], -1))
        x = x + self.emb_g(speaker)[:, None]
        for block in self.blocks:
            x = block(x)
        pulse, noise = self.filters(self.norm(x)).float().clamp(*LOG_RANGE).chunk(2, -1)
        return pulse, noise

    def forward(
        self,
        content: torch.Tensor,
        f0_hz: torch.Tensor,
        speaker: torch.Tensor,
        generator: torch.Generator | None = None,
    ) -> torch.Tensor:
        """Return sound (batch, frames * hop_length); arguments as in `infer`."""
        return self.apply_filters(*self.predict_filters(content, f0_hz, speaker), f0_hz, generator)

    def apply_filters(
        self,
        pulse_filter: torch.Tensor,
        noise_filter: torch.Tensor,
        f0_hz: torch.Tensor,
        generator: torch.Generator | None = None,
    ) -> torch.Tensor:
        """Return the sound of the two filters, as `predict_filters` gives them."""
        pulses = pulse_train(f0_hz, self.sample_rate, self.hop_length)
        noise = torch.randn(pulses.shape, generator=generator, device=pulses.device) * NOISE_LEVEL
        response = minimum_phase if self.config.minimum_phase else torch.exp
        spectrum = self._stft(pulses) * response(pulse_filter).transpose(1, 2)
        spectrum = spectrum + self._stft(noise) * noise_filter.exp().transpose(1, 2)
        return self._overlap_add(spectrum)

    def infer(
        self,
        content: torch.Tensor,
        f0_hz: torch.Tensor,
        speaker: torch.Tensor,
        *,
        noise_scale: float = 0.66666,
        generator: torch.Generator | None = None,
    ) -> torch.Tensor:
        return self(content, f0_hz, speaker, generator)

    def _stft(self, sound: torch.Tensor) -> torch.Tensor:  # -> (batch, BINS, frames)
        pad = (N_FFT - self.hop_length) // 2
        mode = "reflect" if sound.shape[1] > pad else "constant"  # a frame or two
        padded = F.pad(sound[:, None], (pad, pad), mode)[:, 0]
        return torch.stft(
            padded, N_FFT, self.hop_length, N_FFT, self.window, center=False, return_complex=True
        )

    def _overlap_add(self, spectrum: torch.Tensor) -> torch.Tensor:
        frames = torch.fft.irfft(spectrum, n=N_FFT, dim=1) * self.window[None, :, None]
        count, pad = spectrum.shape[-1], (N_FFT - self.hop_length) // 2
        length = (count - 1) * self.hop_length + N_FFT

        def add(columns: torch.Tensor) -> torch.Tensor:
            return F.fold(columns, (1, length), (1, N_FFT), stride=(1, self.hop_length))[:, 0, 0]

        weight = add((self.window**2)[None, :, None].expand(1, N_FFT, count))
        sound = add(frames) / weight.clamp_min(1e-3)
        return sound[:, pad : pad + count * self.hop_length]


def pulse_train(f0_hz: torch.Tensor, sample_rate: int, hop_length: int) -> torch.Tensor:
    """Return band-limited pulses (batch, frames * hop_length) at f0; zero where unvoiced.

    One sinc pulse a period, all harmonics in phase and of equal strength up to Nyquist.
    """
    f0 = f0_hz.float().repeat_interleave(hop_length, dim=1)
    cycle = torch.cumsum(f0.double() / sample_rate, dim=1)
    cycle = (cycle - torch.round(cycle)).float()  # -0.5 .. 0.5, 0 at a pulse
    strength = torch.sqrt(f0.clamp_min(LOWEST_F0_HZ) / REFERENCE_F0_HZ) * PULSE_LEVEL
    return torch.sinc(cycle * sample_rate / (f0 + 1e-3)) * (f0 > 0) * strength


def minimum_phase(log_magnitude: torch.Tensor) -> torch.Tensor:
    """Return the complex minimum-phase response (..., BINS) of natural-log magnitudes.

    Folding the cepstrum onto positive quefrencies: Oppenheim & Schafer, Discrete-Time Signal
    Processing, ch. 13.
    """
    cepstrum = torch.fft.irfft(log_magnitude, n=N_FFT)
    fold = torch.zeros(N_FFT, device=cepstrum.device)
    fold[0] = fold[N_FFT // 2] = 1
    fold[1 : N_FFT // 2] = 2
    response = torch.fft.rfft(cepstrum * fold)
    return torch.polar(response.real.exp(), response.imag)  # quicker than a complex exp
