"""Voice: a trained network's weights, their configuration, index and card."""

from dataclasses import dataclass, field, replace
from functools import lru_cache

import torch

from rvc.embedders import encoder_name
from rvc.errors import VoiceError
from rvc.index import FeatureIndex
from rvc.messages import Message
from rvc.network.base import Synthesizer
from rvc.network.config import CONTENT_CHANNELS, RVCConfig
from rvc.network.fast_hifigan import fast_decoder
from rvc.network.layers import fold_weight_norm
from rvc.network.lite import LiteConfig, LiteSynthesizer
from rvc.network.synthesizer import RVCSynthesizer
from rvc.untrusted.pickles import damaged_voice

# Version of a voice -> name of the content encoder it was trained on (rvc.content's names).
ENCODERS = {"v1": "contentvec-v1", "v2": "contentvec", "lite": LiteConfig.encoder}
OLDER_LITE_ENCODERS = ("whisper-tiny",)
# Applio's spellings of the encoder that v1 and v2 voices mean.
CONTENTVEC_SPELLINGS = {"", "contentvec", "contentvec_base", "hubert", "hubert_base"}


@dataclass(frozen=True, eq=False)
class Voice:
    """weights: a state dict under the community's keys, without `enc_q`, float16 or float32.
    version: "v1", "v2" or "lite". embedder: the content encoder, "" for the version's own.
    card: plain values, with `f0_median_hz` for the pitch shift. notes: remarks about the files."""

    name: str
    config: RVCConfig | LiteConfig
    weights: dict[str, torch.Tensor]
    version: str
    uses_f0: bool
    sample_rate: int
    index: FeatureIndex | None = None
    card: dict[str, object] = field(default_factory=dict)
    notes: tuple[Message, ...] = ()
    embedder: str = ""

    @property
    def content_encoder(self) -> str:
        """Return the name of the content encoder this voice was trained on."""
        if isinstance(self.config, LiteConfig):
            return self.config.encoder
        return self.embedder or ENCODERS[self.version]

    @property
    def content_channels(self) -> int:
        return self.config.content_channels

    @property
    def speakers(self) -> int:
        return self.config.speakers


def build_synthesizer(
    voice: Voice, device: str | torch.device = "cpu", *, plain: bool = False
) -> Synthesizer:
    """Return the voice's network in float32 on `device`, in evaluation mode.

    On a processor, RVC's decoder is replaced by one that computes the same faster; `plain` keeps
    the original, for an export.
    """
    weights = {name: value.float() for name, value in voice.weights.items()}
    if isinstance(voice.config, LiteConfig):
        synthesizer = _network(voice.config)
        synthesizer.load_state_dict(weights)
    else:  # initialising 27 million weights would take longer than a conversion
        with torch.device("meta"):
            synthesizer = _network(voice.config)
        synthesizer.load_state_dict(weights, assign=True)
        fold_weight_norm(synthesizer)
        if torch.device(device).type == "cpu" and not plain:
            synthesizer.dec = fast_decoder(synthesizer.dec)
    return synthesizer.eval().requires_grad_(False).to(device)


def _network(config: RVCConfig | LiteConfig) -> Synthesizer:
    if isinstance(config, LiteConfig):
        return LiteSynthesizer(config)
    return RVCSynthesizer(config, with_posterior=False)


def voice_from_fields(
    name: str, fields: dict[str, object], weights: dict[str, torch.Tensor]
) -> Voice:
    """Return the voice of a file's fields and weights; raises VoiceError unless they match.

    Version, f0 and number of speakers are inferred from the weights; fields may be missing, but
    their values must be ones that trainers write.
    """
    _check_fields(fields)
    config = (
        _lite_config(fields) if fields.get("version") == "lite" else _rvc_config(fields, weights)
    )
    known = _known_weights(config, weights)
    return Voice(
        name=name,
        config=config,
        weights=known,
        version="lite" if isinstance(config, LiteConfig) else config.version,
        uses_f0=isinstance(config, LiteConfig) or config.uses_f0,
        sample_rate=config.sample_rate,
        notes=_left_out(len(weights) - len(known)),
        embedder="" if isinstance(config, LiteConfig) else _embedder(fields),
    )


def _left_out(count: int) -> tuple[Message, ...]:
    if count == 0:
        return ()
    return (
        Message(
            "{count} weights of the file are unknown and were left out.",
            count=count,
        ),
    )


def _check_fields(fields: dict[str, object]) -> None:
    """Raise VoiceError for an unknown version, or for fields of an unexpected type."""
    version = fields.get("version")
    if version is not None and not (isinstance(version, str) and version in ENCODERS):
        raise VoiceError(
            "This voice has an unknown version; only v1 and v2 voices of RVC and voices of this "
            "program work.",
        )
    kinds = {"sr": str | int | float, "f0": str | int, "embedder_model": str, "vocoder": str}
    for name, kind in kinds.items():
        if fields.get(name) is not None and not isinstance(fields[name], kind):
            raise damaged_voice()
    if str(fields.get("f0", 1)) not in ("0", "1", "True", "False", "None"):
        raise damaged_voice()
    if not _rate_text(str(fields.get("sr") or "")):
        raise damaged_voice()


def _rate_text(text: str) -> bool:
    """Return True if `text` is a sample rate as trainers write it: "", "40k", "40000.0"."""
    digits = text.lower().removesuffix(".0").removesuffix("k")
    return text == "" or (digits.isascii() and digits.isdigit() and len(digits) <= 6)


def _rvc_config(fields: dict[str, object], weights: dict[str, torch.Tensor]) -> RVCConfig:
    content, speakers = weights.get("enc_p.emb_phone.weight"), weights.get("emb_g.weight")
    if content is None or speakers is None or content.dim() != 2 or speakers.dim() != 2:
        raise damaged_voice()
    if content.shape[1] not in CONTENT_CHANNELS.values():
        raise VoiceError(
            "This voice expects content features of {channels} numbers, which no known "
            "encoder makes.",
            channels=content.shape[1],
        )
    values = fields.get("config")
    config = RVCConfig.from_list(
        values if isinstance(values, list) else [],
        content_channels=content.shape[1],
        uses_f0="enc_p.emb_pitch.weight" in weights,
        decoder=_decoder(weights),
    )
    return config.with_speakers(len(speakers))


def _embedder(fields: dict[str, object]) -> str:
    """Return the name of the encoder that a trainer wrote; "" for ContentVec."""
    written = str(fields.get("embedder_model") or "")
    if written.lower().replace("-", "_") in CONTENTVEC_SPELLINGS:
        return ""
    return encoder_name(written)


def _decoder(weights: dict[str, torch.Tensor]) -> str:
    """Return the decoder (of DECODERS) that has weights of these names."""
    parts = {name.split(".")[1] for name in weights if name.startswith("dec.")}
    if "mrfs" in parts:
        return "mrf"
    return "refinegan" if "upsample_conv_blocks" in parts else "hifigan"


def _lite_config(values: dict[str, object]) -> LiteConfig:
    encoder = values.get("embedder_model")
    if encoder in OLDER_LITE_ENCODERS:
        raise VoiceError(
            "This voice was made with an earlier version of the lite preset and does not fit this "
            "one. Train it again from its recording: that takes a few minutes and sounds better.",
        )
    table = values.get("config")
    if not isinstance(table, dict):
        raise damaged_voice()
    try:
        config = LiteConfig.from_dict(table)
    except (KeyError, TypeError, ValueError) as error:
        raise damaged_voice() from error
    if encoder and encoder != config.encoder:
        raise damaged_voice()
    return config


@lru_cache(maxsize=32)
def _expected_shapes(config: RVCConfig | LiteConfig) -> dict[str, torch.Size]:
    """Return the shape of every weight, from a network on the meta device."""
    with torch.device("meta"):
        return {name: value.shape for name, value in _network(config).state_dict().items()}


def _known_weights(
    config: RVCConfig | LiteConfig, weights: dict[str, torch.Tensor]
) -> dict[str, torch.Tensor]:
    """Return the weights that the network has; raises VoiceError unless all are there and fit."""
    expected = _expected_shapes(config)
    wrong = [name for name, shape in expected.items() if _shape(weights.get(name)) != shape]
    if wrong:
        raise VoiceError(
            "This voice file is damaged or of an unknown kind: {wrong} of its "
            "{expected} weights are missing or of a wrong size.",
            wrong=len(wrong),
            expected=len(expected),
        )
    return {name: weight for name, weight in weights.items() if name in expected}


def _shape(weight: torch.Tensor | None) -> torch.Size | None:
    return None if weight is None else weight.shape


def with_index(voice: Voice, index: FeatureIndex | None, *notes: Message) -> Voice:
    """Return the voice with another index, or None, and with further notes."""
    return replace(voice, index=index, notes=(*voice.notes, *notes))


def with_embedder(voice: Voice, name: str) -> Voice:
    """Return the voice with another content encoder; raises VoiceError for a lite voice."""
    if voice.version == "lite":
        raise VoiceError("A lite voice works with its own content encoder only.")
    return replace(voice, embedder=_embedder({"embedder_model": name}))
