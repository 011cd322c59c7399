"""A plain fp32 conversion with the same networks as ours, for comparison.

It is what RVC programs do: the whole recording in one piece, every layer as torch offers it, the
weight norm recomputed at each call. High-pass, f0 and encoder weights are those of our conversion,
so that both do the same work.
"""

import copy
from dataclasses import dataclass

import numpy as np
import torch

from rvc.audio import Recording, frame_count, resample
from rvc.content import ContentEncoder, ContentVec
from rvc.convert import _high_pass
from rvc.f0 import estimate_f0, repair_f0
from rvc.network.base import Synthesizer, speak
from rvc.network.synthesizer import RVCSynthesizer
from rvc.voice import Voice

PAD_SECONDS = 1.0  # of mirrored sound that RVC-WebUI adds on both sides of its input on a processor


@dataclass(frozen=True, eq=False)
class PlainPipeline:
    """`encoder` and `synthesizer` with the weights of ours; `padded`: as RVC-WebUI pads."""

    encoder: ContentEncoder
    synthesizer: Synthesizer
    padded: bool = False

    @torch.inference_mode()
    def __call__(self, recording: Recording) -> np.ndarray:
        """Return the converted sound (samples,) float32."""
        rate = recording.sample_rate
        pad = round(PAD_SECONDS * rate) if self.padded else 0
        padded = np.pad(recording.samples, pad, "reflect")
        source = _high_pass(Recording(padded, rate))
        content = self._content(source)
        f0_hz = repair_f0(estimate_f0(source)).f0.hz
        sound = speak(self.synthesizer, content, f0_hz, seed=0)
        skip = round(PAD_SECONDS * self.synthesizer.sample_rate) if self.padded else 0
        return sound[skip : len(sound) - skip]

    def _content(self, source: Recording) -> np.ndarray:
        if not isinstance(self.encoder, ContentVec):
            return self.encoder.encode(source)
        frames = frame_count(len(source.samples), source.sample_rate)
        samples = np.pad(resample(source, 16_000).samples, (40, 360))
        hidden = self.encoder.hubert(torch.from_numpy(samples)[None]).last_hidden_state[0]
        return np.repeat(hidden.numpy(), 2, axis=0)[:frames]


def plain_synthesizer(voice: Voice) -> Synthesizer:
    """Return the voice's network with its weight norm, as training uses it."""
    if voice.version == "lite":
        from rvc.voice import build_synthesizer

        return build_synthesizer(voice)
    synthesizer = RVCSynthesizer(copy.copy(voice.config), with_posterior=False)
    synthesizer.load_state_dict({name: value.float() for name, value in voice.weights.items()})
    return synthesizer.eval().requires_grad_(False)
