"""The `lite` synthesizer: a source-filter network whose spectrum a second stage refines.

It belongs to the DDSP family (Engel et al. 2020) and trains in minutes on two CPU cores. ConvNeXt
blocks (Liu et al. 2022) map a frame's content, f0 and speaker to two log-magnitude filters. One is
minimum-phase, like a vocal tract, and filters a band-limited pulse train at f0; the other filters
white noise, twice a frame, whose loudness may follow the pitch cycle. The refinement receives the
frame's hidden state and the log magnitude of the filtered sound, and multiplies every bin of the
spectrum by a complex gain.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from rvc.network.base import Synthesizer

ENCODERS = ("whisper-base-5", "whisper-base")  # of the content: today's, and that of older voices
CHOICES: dict[str, Sequence[object]] = {  # of a voice file's config
    "sample_rate": (16_000, 22_000, 24_000, 32_000, 40_000, 48_000),  # of an even hop_length
    "content_channels": (512,),  # both encoders have as many
    "kernel": range(1, 64, 2),  # an even one would make sound longer
    "encoder": ENCODERS,
}
N_FFT = 1024  # of the pulse filter and the refinement: 43 ms
BINS = N_FFT // 2 + 1
NOISE_N_FFT = 512  # of the noise filter, shorter for bursts
NOISE_BINS = NOISE_N_FFT // 2 + 1
NOISE_FILTERS = 2  # per frame, 5 ms apart
REFERENCE_F0_HZ = 150.0
LOWEST_F0_HZ = 50.0
LOG_RANGE = (-12.0, 8.0)  # of a filter's natural-log magnitude
FIRST_BIAS = (-4.0, -6.0)  # of the pulse and the noise filter before training: quiet speech
PULSE_LEVEL, NOISE_LEVEL = 0.5, 0.1
LOG_FLOOR, LOG_SCALE = 1e-4, 0.2  # of the refinement's input magnitudes


@dataclass(frozen=True)
class LiteConfig:
    """Shape of a LiteSynthesizer; stored as `config` in its `.pth`."""

    sample_rate: int = 24_000
    content_channels: int = 512
    channels: int = 256
    kernel: int = 7
    dilations: tuple[int, ...] = (1, 1, 2, 1, 2, 1)
    refinement_channels: int = 384
    refinement_blocks: int = 2
    speakers: int = 1
    encoder: str = ENCODERS[0]

    def to_dict(self) -> dict[str, object]:
        """Return the config as plain values, for the voice file."""
        return asdict(self) | {"dilations": list(self.dilations)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "LiteConfig":
        """Return the config of a voice file's plain values; older ones do not name their encoder.

        Raises KeyError, TypeError or ValueError for keys that are missing or unknown, and for
        values of which no network can be built cheaply.
        """
        config = cls(**{"encoder": ENCODERS[1], **values, "dilations": tuple(values["dilations"])})
        for part in fields(cls):
            if not _sane(part.name, getattr(config, part.name), part.default):
                raise ValueError(f"{part.name} cannot be {getattr(config, part.name)!r:.40}")
        return config


def _sane(name: str, value: Any, default: Any) -> bool:
    if name == "dilations":
        return len(value) <= 32 and all(type(each) is int and 1 <= each <= 64 for each in value)
    if type(value) is not type(default):
        return False
    if name in CHOICES:
        return value in CHOICES[name]
    return 1 <= value <= (32 if name == "refinement_blocks" else 4096)


@dataclass(frozen=True, eq=False)
class Filters:
    """Predicted filters of every frame.

    pulse: natural-log magnitudes (batch, frames, BINS). noise: (batch, frames * NOISE_FILTERS,
    NOISE_BINS). breath: (batch, frames), how far the noise follows the pitch cycle, 0 to 1.
    hidden: (batch, frames, channels), the state from which they are predicted.
    """

    pulse: torch.Tensor
    noise: torch.Tensor
    breath: torch.Tensor
    hidden: torch.Tensor


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


class Refinement(nn.Module):
    """Complex gains of a frame's spectrum from the hidden state and the spectrum's magnitudes."""

    def __init__(self, config: LiteConfig) -> None:
        super().__init__()
        channels = config.refinement_channels
        self.hidden = nn.Linear(config.channels, channels)
        self.magnitude = nn.Linear(BINS, channels, bias=False)
        self.blocks = nn.ModuleList(
            ResidualBlock(channels, 5, 1) for _ in range(config.refinement_blocks)
        )
        self.norm = nn.LayerNorm(channels)
        self.gain = nn.Linear(channels, 2 * BINS)
        nn.init.normal_(self.gain.weight, std=1e-3)
        nn.init.zeros_(self.gain.bias)

    def forward(self, hidden: torch.Tensor, spectrum: torch.Tensor) -> torch.Tensor:
        """Return `spectrum` (batch, BINS, frames) refined; hidden: (batch, frames, channels)."""
        magnitude = torch.log(spectrum.detach().abs() + LOG_FLOOR).transpose(1, 2)
        x = self.hidden(hidden) + self.magnitude(LOG_SCALE * magnitude)
        for block in self.blocks:
            x = block(x)
        real, imaginary = self.gain(self.norm(x)).float().transpose(1, 2).chunk(2, 1)
        return spectrum * torch.complex(1 + real, imaginary)


class LiteSynthesizer(Synthesizer):
    """Content, f0 and speaker -> sound; see the module's docstring."""

    uses_f0 = True
    window: torch.Tensor
    noise_window: torch.Tensor

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
        self.pulse = nn.Linear(config.channels, BINS)
        self.noise = nn.Linear(config.channels, NOISE_FILTERS * NOISE_BINS)
        self.breath = nn.Linear(config.channels, 1)
        self.refinement = Refinement(config)
        nn.init.normal_(self.emb_g.weight, std=0.1)
        for layer, bias in ((self.pulse, FIRST_BIAS[0]), (self.noise, FIRST_BIAS[1])):
            nn.init.normal_(layer.weight, std=0.01)
            nn.init.constant_(layer.bias, bias)
        self.register_buffer("window", torch.hann_window(N_FFT), persistent=False)
        self.register_buffer("noise_window", torch.hann_window(NOISE_N_FFT), persistent=False)

    def predict_filters(
        self, content: torch.Tensor, f0_hz: torch.Tensor, speaker: torch.Tensor
    ) -> Filters:
        """Return the filters of every frame; arguments as in `infer`."""
        voiced = (f0_hz > 0).to(content.dtype)
        log_f0 = torch.log(f0_hz.clamp_min(LOWEST_F0_HZ) / REFERENCE_F0_HZ) * voiced
        x = self.content(content) + self.pitch(torch.stack([log_f0, voiced], -1))
        x = x + self.emb_g(speaker)[:, None]
        for block in self.blocks:
            x = block(x)
        x = self.norm(x)
        noise = self.noise(x).float().clamp(*LOG_RANGE)
        return Filters(
            pulse=self.pulse(x).float().clamp(*LOG_RANGE),
            noise=noise.unflatten(2, (-1, NOISE_BINS)).flatten(1, 2),
            breath=torch.sigmoid(self.breath(x).float()[..., 0]),
            hidden=x,
        )

    def forward(
        self,
        content: torch.Tensor,
        f0_hz: torch.Tensor,
        speaker: torch.Tensor,
        generator: torch.Generator | None = None,
        phase: float = 0.0,
    ) -> torch.Tensor:
        """Return sound (batch, frames * hop_length); arguments as in `infer`."""
        filters = self.predict_filters(content, f0_hz, speaker)
        return self.apply_filters(filters, f0_hz, generator, phase)

    def apply_filters(
        self,
        filters: Filters,
        f0_hz: torch.Tensor,
        generator: torch.Generator | None = None,
        phase: float = 0.0,
    ) -> torch.Tensor:
        """Return the refined sound (batch, frames * hop_length) of `filters`."""
        pulses, cycle = pulse_train(f0_hz, self.sample_rate, self.hop_length, phase)
        noise = torch.randn(pulses.shape, generator=generator, device=pulses.device) * NOISE_LEVEL
        breath = (filters.breath * (f0_hz > 0)).repeat_interleave(self.hop_length, dim=1)
        noise = noise * (1 + breath * (cycle_loudness(cycle) - 1))
        hop = self.hop_length // NOISE_FILTERS
        noise = _stft(noise, self.noise_window, hop) * filters.noise.exp().transpose(1, 2)
        noise = _overlap_add(noise, self.noise_window, hop)
        spectrum = _stft(pulses, self.window, self.hop_length)
        spectrum = spectrum * minimum_phase(filters.pulse).transpose(1, 2)
        spectrum = spectrum + _stft(noise, self.window, self.hop_length)
        spectrum = self.refinement(filters.hidden, spectrum)
        return _overlap_add(spectrum, self.window, self.hop_length)

    def infer(
        self,
        content: torch.Tensor,
        f0_hz: torch.Tensor,
        speaker: torch.Tensor,
        *,
        noise_scale: float = 0.66666,
        generator: torch.Generator | None = None,
        phase: float = 0.0,
    ) -> torch.Tensor:
        return self(content, f0_hz, speaker, generator, phase)


def _stft(sound: torch.Tensor, window: torch.Tensor, hop_length: int) -> torch.Tensor:
    """Return the spectrum (batch, bins, samples / hop_length), frames centred on their hop."""
    n_fft = len(window)
    pad = (n_fft - hop_length) // 2
    mode = "reflect" if sound.shape[1] > pad else "constant"  # a frame or two
    padded = F.pad(sound[:, None], (pad, pad), mode)[:, 0]
    return torch.stft(padded, n_fft, hop_length, n_fft, window, center=False, return_complex=True)


def _overlap_add(spectrum: torch.Tensor, window: torch.Tensor, hop_length: int) -> torch.Tensor:
    """Return the sound (batch, frames * hop_length) of `spectrum`, the inverse of `_stft`."""
    n_fft = len(window)
    frames = torch.fft.irfft(spectrum.transpose(1, 2), n=n_fft) * window  # (batch, frames, n_fft)
    count, pad = frames.shape[1], (n_fft - hop_length) // 2
    weights = (window**2).expand(1, count, n_fft)
    sound = _added(frames, hop_length) / _added(weights, hop_length).clamp_min(1e-3)
    return sound[:, pad : pad + count * hop_length]


def _added(frames: torch.Tensor, hop_length: int) -> torch.Tensor:
    """Return the sum (batch, samples) of frames (batch, frames, n_fft) that overlap."""
    batch, count, n_fft = frames.shape
    hops = -(-n_fft // hop_length)
    sound = frames.new_zeros(batch, count + hops - 1, hop_length)
    for hop in range(hops):
        part = frames[..., hop * hop_length : (hop + 1) * hop_length]
        sound[:, hop : hop + count, : part.shape[2]] += part
    return sound.flatten(1)


def pulse_train(
    f0_hz: torch.Tensor, sample_rate: int, hop_length: int, phase: float = 0.0
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return band-limited pulses at f0 and the phase of the pitch cycle, both (batch, samples).

    There is one sinc pulse a period, with all harmonics in phase and of equal amplitude up to
    Nyquist; zero where unvoiced. The phase runs from -0.5 to 0.5; 0 is a pulse, `phase` the start.
    """
    f0 = f0_hz.float().repeat_interleave(hop_length, dim=1)
    cycle = torch.cumsum(f0.double() / sample_rate, dim=1) + phase
    cycle = (cycle - torch.round(cycle)).float()
    strength = torch.sqrt(f0.clamp_min(LOWEST_F0_HZ) / REFERENCE_F0_HZ) * PULSE_LEVEL
    return torch.sinc(cycle * sample_rate / (f0 + 1e-3)) * (f0 > 0) * strength, cycle


def cycle_loudness(cycle: torch.Tensor) -> torch.Tensor:
    """Return the gain of breath noise at a phase of the pitch cycle: a raised cosine squared."""
    return (0.5 + 0.5 * torch.cos(2 * torch.pi * cycle)) ** 2 / (35 / 128) ** 0.5


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
    return torch.polar(response.real.exp(), response.imag)  # faster than a complex exp
