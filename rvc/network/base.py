"""Interface of all synthesizers, for training, voices and conversion."""

import numpy as np
import torch
from torch import nn

from rvc.audio import FRAMES_PER_SECOND


class Synthesizer(nn.Module):
    """(content, f0, speaker) -> sound.

    sample_rate: of the sound, Hz.  hop_length: samples a frame of 10 ms.
    content_channels: width of a content frame.  uses_f0: False for voices trained without pitch.
    speakers: rows of the speaker table.
    """

    sample_rate: int
    content_channels: int
    uses_f0: bool
    speakers: int

    @property
    def hop_length(self) -> int:
        return self.sample_rate // FRAMES_PER_SECOND

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
        """Return sound (batch, frames * hop_length) float32.

        content: (batch, frames, content_channels); f0_hz: (batch, frames), 0 where unvoiced;
        speaker: (batch,) rows of the speaker table. `noise_scale` scales the noise of the prior, if
        there is one; all random numbers come from `generator`, so a seed reproduces the sound.
        `phase`: phase of the pitch cycle at the start, 0 to 1, so that a piece continues another.
        """
        raise NotImplementedError


@torch.inference_mode()
def speak(
    synthesizer: Synthesizer,
    content: np.ndarray,
    f0_hz: np.ndarray,
    *,
    seed: int,
    speaker: int = 0,
    phase: float = 0.0,
) -> np.ndarray:
    """Return sound (frames * hop_length,) float32 of one speaker.

    content: (frames, content_channels); f0_hz: (frames,); speaker, phase: as in `infer`. The same
    seed gives the same sound.
    """
    device = next(synthesizer.parameters()).device
    sound = synthesizer.infer(
        torch.from_numpy(content.astype(np.float32))[None].to(device),
        torch.from_numpy(f0_hz)[None].float().to(device),
        torch.tensor([speaker], device=device),
        generator=torch.Generator(device).manual_seed(seed),
        phase=phase,
    )
    return sound[0].float().cpu().numpy()
