"""RVC's synthesizer: VITS (Kim et al. 2021) from content instead of text, any version and rate."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from rvc.network.base import Synthesizer
from rvc.network.config import RVCConfig
from rvc.network.encoders import PosteriorEncoder, PriorEncoder
from rvc.network.flow import Flow
from rvc.network.layers import frame_mask, gaussian
from rvc.network.mrf_hifigan import MRFHiFiGAN
from rvc.network.nsf_hifigan import HiFiGAN, NSFHiFiGAN
from rvc.network.refinegan import RefineGAN

PRIOR_NOISE_SCALE = 0.66666  # as in other RVC programs


class Inference(NamedTuple):
    """All stages of an inference: (batch, channels, frames), and waveform (batch, samples)."""

    prior_mean: Tensor
    prior_log_std: Tensor
    flow_output: Tensor
    waveform: Tensor


class TrainingOutput(NamedTuple):
    """Inputs of the losses of VITS; all (batch, channels, frames) but the first two.

    waveform: (batch, 1, segment_frames * hop_length), the decoded segment; slice_starts: (batch,)
    its first frames. flowed is the posterior's sample mapped to the prior. mask: (batch, 1,
    frames), ones up to each item's length.
    """

    waveform: Tensor
    slice_starts: Tensor
    flowed: Tensor
    posterior_log_std: Tensor
    prior_mean: Tensor
    prior_log_std: Tensor
    posterior_mean: Tensor
    mask: Tensor


class RVCSynthesizer(Synthesizer):
    """Content, f0 and speaker -> sound, compatible with the community's voice files.

    The attribute names `enc_p enc_q flow dec emb_g`, and all names under them, are keys of those
    files and must not change. `with_posterior` False omits `enc_q`, which voice files do not
    contain and conversion does not need.
    """

    def __init__(self, config: RVCConfig, *, with_posterior: bool = True) -> None:
        super().__init__()
        self.config = config
        self.sample_rate = config.sample_rate
        self.content_channels = config.content_channels
        self.uses_f0 = config.uses_f0
        self.speakers = config.speakers
        self.enc_p = PriorEncoder(config)
        self.enc_q = PosteriorEncoder(config) if with_posterior else None
        self.flow = Flow(config)
        self.dec = _decoder(config)
        self.emb_g = nn.Embedding(config.speakers, config.speaker_channels)

    @torch.no_grad()
    def infer(
        self,
        content: Tensor,
        f0_hz: Tensor,
        speaker: Tensor,
        *,
        noise_scale: float = PRIOR_NOISE_SCALE,
        generator: torch.Generator | None = None,
        phase: float = 0.0,
    ) -> Tensor:
        """Return sound; see `Synthesizer.infer`. noise_scale 0 also removes the sine's noise."""
        stages = self.infer_stages(
            content, f0_hz, speaker, noise_scale=noise_scale, generator=generator, phase=phase
        )
        return stages.waveform

    @torch.no_grad()
    def infer_stages(
        self,
        content: Tensor,
        f0_hz: Tensor,
        speaker: Tensor,
        *,
        noise_scale: float = PRIOR_NOISE_SCALE,
        generator: torch.Generator | None = None,
        phase: float = 0.0,
    ) -> Inference:
        """Return the prior, the output of the flow and the waveform; arguments as in `infer`."""
        mask = content.new_ones(len(content), 1, content.shape[1])
        condition = self.emb_g(speaker)[:, :, None]  # (batch, speaker_channels, 1)
        mean, log_std = self.enc_p(content, f0_hz, mask)
        sample = mean
        if noise_scale > 0:
            sample = mean + noise_scale * log_std.exp() * gaussian(mean, generator)
        latent = self.flow(sample, mask, condition, reverse=True)
        noise = noise_scale > 0
        waveform = self.dec(latent, f0_hz, condition, noise=noise, generator=generator, phase=phase)
        return Inference(mean, log_std, latent, waveform[:, 0].float())

    def forward_training(
        self,
        content: Tensor,
        f0_hz: Tensor,
        spectrogram: Tensor,
        speaker: Tensor,
        *,
        segment_frames: int,
        lengths: Tensor | None = None,
        generator: torch.Generator | None = None,
    ) -> TrainingOutput:
        """Run one pass of VITS training: posterior, flow, prior and a decoded random segment.

        content (batch, frames, channels); f0_hz (batch, frames); spectrogram (batch, bins,
        frames); speaker (batch,); lengths (batch,) in frames, all full when None. Items shorter
        than a segment start at 0 and include padding.
        """
        if self.enc_q is None:
            raise ValueError("a network without the posterior encoder cannot be trained")
        batch, frames = f0_hz.shape
        if lengths is None:
            lengths = torch.full((batch,), frames, device=f0_hz.device)
        mask = frame_mask(lengths, frames)
        condition = self.emb_g(speaker)[:, :, None]
        prior_mean, prior_log_std = self.enc_p(content, f0_hz, mask)
        latent, mean, log_std = self.enc_q(spectrogram, mask, condition, generator)
        flowed = self.flow(latent, mask, condition)
        starts = random_starts(lengths, segment_frames, generator)
        waveform = self.dec(
            segments(latent, starts, segment_frames),
            segments(f0_hz[:, None], starts, segment_frames)[:, 0],
            condition,
            generator=generator,
        )
        return TrainingOutput(
            waveform, starts, flowed, log_std, prior_mean, prior_log_std, mean, mask
        )

    # `forward` is the training pass, so that wrappers of a module's call apply to it.
    forward = forward_training


def _decoder(config: RVCConfig) -> HiFiGAN | MRFHiFiGAN | RefineGAN:
    if config.decoder == "mrf":
        return MRFHiFiGAN(config)
    if config.decoder == "refinegan":
        return RefineGAN(config)
    return NSFHiFiGAN(config) if config.uses_f0 else HiFiGAN(config)


def random_starts(
    lengths: Tensor, segment_frames: int, generator: torch.Generator | None = None
) -> Tensor:
    """Return a uniform random start for each length such that the segment fits, else 0."""
    device = lengths.device if generator is None else generator.device
    places = (lengths - segment_frames + 1).clamp_min(1)
    uniform = torch.rand(lengths.shape, generator=generator, device=device).to(lengths.device)
    return (uniform * places).long().clamp_max(places - 1)


def segments(x: Tensor, starts: Tensor, length: int) -> Tensor:
    """Return (batch, channels, length) of x (batch, channels, time), from each item's start.

    For a waveform, pass starts and length times hop_length.
    """
    indexes = starts[:, None] + torch.arange(length, device=x.device)
    return x.gather(2, indexes[:, None].expand(-1, x.shape[1], -1))
