"""Training losses, one small function each; their names are the names in the log and the chart."""

from collections.abc import Iterable
from functools import reduce

import torch
from torch.nn import functional as F

from rvc.audio import FRAMES_PER_SECOND
from rvc.mel import log_mel, spectrogram

STFT_SIZES = (2048, 1024, 512, 256, 128)
LOG_FLOOR = 1e-4


def added(terms: Iterable[torch.Tensor]) -> torch.Tensor:
    """Return the sum of at least one term."""
    return reduce(torch.add, terms)


def multi_resolution_stft(target: torch.Tensor, output: torch.Tensor) -> dict[str, torch.Tensor]:
    """Return {"stft_log", "stft_convergence"}: means over five window sizes (Yamamoto et al. 2020).

    target, output: (batch, samples).
    """
    log, convergence = [], []
    for n_fft in STFT_SIZES:
        a, b = (spectrogram(x, n_fft=n_fft, hop_length=n_fft // 4) for x in (target, output))
        log.append(F.l1_loss(torch.log(b + LOG_FLOOR), torch.log(a + LOG_FLOOR)))
        norm = a.norm(dim=(1, 2)) + 1e-3
        convergence.append(((a - b).norm(dim=(1, 2)) / norm).mean())
    count = len(STFT_SIZES)
    return {"stft_log": added(log) / count, "stft_convergence": added(convergence) / count}


def mel_distance(
    target: torch.Tensor, output: torch.Tensor, *, sample_rate: int, n_fft: int, n_mels: int
) -> torch.Tensor:
    """Return the mean absolute difference of natural-log mels; sounds are (batch, samples)."""
    hop_length = sample_rate // FRAMES_PER_SECOND
    mel, output_mel = (
        log_mel(
            spectrogram(x, n_fft=n_fft, hop_length=hop_length),
            sample_rate=sample_rate,
            n_mels=n_mels,
        )
        for x in (target, output)
    )
    return F.l1_loss(mel, output_mel)


def kl_divergence(
    posterior_sample: torch.Tensor,
    posterior_log_std: torch.Tensor,
    *,
    prior_mean: torch.Tensor,
    prior_log_std: torch.Tensor,
    mask: torch.Tensor,
) -> torch.Tensor:
    """Return KL(posterior || prior) per frame, VITS eq. 4; `posterior_sample` is behind the flow.

    All (batch, channels, frames); mask (batch, 1, frames).
    """
    kl = prior_log_std - posterior_log_std - 0.5
    kl = kl + 0.5 * (posterior_sample - prior_mean) ** 2 * torch.exp(-2 * prior_log_std)
    return (kl * mask).sum() / mask.sum()


def discriminator_loss(real: list[torch.Tensor], fake: list[torch.Tensor]) -> torch.Tensor:
    """Return the least-squares loss of the discriminators' scores (Mao et al. 2017)."""
    pairs = zip(real, fake, strict=True)
    return added(((1 - r.float()) ** 2).mean() + (f.float() ** 2).mean() for r, f in pairs)


def adversarial_loss(fake: list[torch.Tensor]) -> torch.Tensor:
    """Return the least-squares loss of the output's scores against those of real sound."""
    return added(((1 - f.float()) ** 2).mean() for f in fake)


def feature_matching(
    real: list[list[torch.Tensor]], fake: list[list[torch.Tensor]]
) -> torch.Tensor:
    """Return the summed mean distance of the discriminators' inner features, times two."""
    return 2 * added(
        F.l1_loss(f.float(), r.float().detach())
        for real_maps, fake_maps in zip(real, fake, strict=True)
        for r, f in zip(real_maps, fake_maps, strict=True)
    )
