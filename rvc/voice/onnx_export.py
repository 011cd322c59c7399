"""Export an RVC voice's network as ONNX, for programs that run it without torch."""

import importlib.util
import warnings
from pathlib import Path

import torch
from torch import Tensor, nn

from rvc.errors import VoiceError
from rvc.files import storage_error, storage_errors, temporary_folder, write_atomically
from rvc.label import ai_label
from rvc.network.base import Synthesizer
from rvc.network.lite import LiteConfig
from rvc.network.synthesizer import PRIOR_NOISE_SCALE
from rvc.voice.voice import Voice, build_synthesizer

OPSET = 17
TRACED_FRAMES = 32  # of the example that is traced; the exported network takes any number
INPUTS = ("content", "f0_hz", "speaker")
OUTPUT = "sound"


class _Inference(nn.Module):
    """The conversion pass of a synthesizer as `forward`, with a fixed scale of the noise."""

    def __init__(self, synthesizer: Synthesizer, noise_scale: float) -> None:
        super().__init__()
        self.synthesizer = synthesizer
        self.noise_scale = noise_scale

    def forward(self, content: Tensor, f0_hz: Tensor, speaker: Tensor) -> Tensor:
        return self.synthesizer.infer(content, f0_hz, speaker, noise_scale=self.noise_scale)


def export_onnx(voice: Voice, target: Path, *, noise_scale: float = PRIOR_NOISE_SCALE) -> Path:
    """Write the voice's network to `target`, an .onnx file; return the path.

    Inputs: content (1, frames, channels) float32, f0_hz (1, frames) float32, speaker (1,) int64;
    output: sound (1, frames * hop_length) float32. A frame is 10 ms. Noise is drawn inside, so that
    two runs differ; with `noise_scale` 0 there is none. The metadata name the voice, its rate and
    content encoder, and say that it makes AI-generated sound.

    Raises VoiceError for a lite voice, and without the package `onnx`; StorageError if `target`
    cannot be written.
    """
    if isinstance(voice.config, LiteConfig):
        raise VoiceError(
            "'{name}' is a lite voice, which cannot be exported as ONNX: it computes with complex "
            "numbers. Choose an RVC voice (v1 or v2).",
            name=voice.name,
        )
    if importlib.util.find_spec("onnx") is None:
        raise VoiceError(
            'An export as ONNX needs one more package: pip install "onnx>=1.17"',
        )
    network = _Inference(build_synthesizer(voice, plain=True), noise_scale).eval()
    with temporary_folder() as folder, storage_errors():
        path = folder / "voice.onnx"
        _export(network, voice, path)
        content = _with_metadata(path, voice)
    try:
        return write_atomically(target, content)
    except OSError as error:
        raise storage_error(error, target) from error


def _export(network: nn.Module, voice: Voice, path: Path) -> None:
    frames = TRACED_FRAMES
    example = (
        torch.zeros(1, frames, voice.content_channels),
        torch.full((1, frames), 200.0),
        torch.zeros(1, dtype=torch.int64),
    )
    with warnings.catch_warnings():  # about constants of the trace: widths and layers, not frames
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            example,
            str(path),
            input_names=list(INPUTS),
            output_names=[OUTPUT],
            dynamic_axes={"content": {1: "frames"}, "f0_hz": {1: "frames"}, OUTPUT: {1: "samples"}},
            opset_version=OPSET,
            dynamo=False,
        )


def _with_metadata(path: Path, voice: Voice) -> bytes:
    """Return the exported file's bytes with what a program must know about the voice."""
    import onnx

    model = onnx.load(path)
    facts = {
        **ai_label(voice.name),
        "voice": voice.name,
        "sample_rate": str(voice.sample_rate),
        "version": voice.version,
        "content_encoder": voice.content_encoder,
        "speakers": str(voice.speakers),
        "uses_f0": str(voice.uses_f0),
    }
    for key, value in facts.items():
        model.metadata_props.add(key=key, value=value)
    return model.SerializeToString()
