"""Content features: the phonetic content of each frame, from a pre-trained speech encoder.

There are two networks. Whisper base (multilingual, shipped; Radford et al. 2022): `whisper-base-5`
is its encoder's fifth layer, the content of `lite`; `whisper-base` the fourth, the content of the
report and of older voices, which contains more of the speaker (benchmarks/encoders.py). ContentVec
(fetched; Qian et al. 2022), the content of RVC voices: layer 12 for v2, layer 9 through
`final_proj` for v1. Voices trained on another HuBERT name it; see `rvc.embedders`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional as F

from rvc import assets, embedders
from rvc._torchaudio import ensure_torchaudio
from rvc.audio import Recording, frame_count, resample
from rvc.mel import mel_filters

SAMPLE_RATE = 16_000
TOKEN_SAMPLES = SAMPLE_RATE // 50  # both encoders give 50 tokens a second
WINDOW_TOKENS = 500  # 10 s at a time
SHORTEST_TOKENS = 100  # shorter sound is padded with silence
CONTEXT_TOKENS = 50  # context on both sides of the kept tokens, discarded
ENCODERS = tuple(assets.ENCODER_FILES)

WHISPER_LAYERS = {"whisper-base-5": 5, "whisper-base": 4}
WHISPER_CHANNELS, WHISPER_HEADS = 512, 8
N_FFT, HOP_LENGTH, N_MELS = 400, 160, 80  # Whisper's log-mel front end
MEL_BLOCK = 6000  # frames transformed at once
LONG_FRAMES = 60_000  # ten minutes; the content of more is kept in half precision
DYNAMIC_RANGE = 8.0  # decades of power kept below the loudest mel bin
LEVEL_DBFS = -23.0  # level of loud frames, so that content is independent of volume
MAX_GAIN_DB = 40.0


class ContentEncoder(nn.Module):
    """Contract of both encoders: `encode` gives content on the 10 ms grid, for sound of any length.

    `name` is one of ENCODERS or a name of `rvc.embedders`; `channels` is the width of a frame.
    """

    name: str
    channels: int

    def encode(self, recording: Recording) -> np.ndarray:
        """Return content (frame_count, channels); frame i is centred at (i + 0.5) * 10 ms.

        It is float32, and float16 for more than LONG_FRAMES.

        Long recordings are encoded in windows of 10 s that overlap by a second on each side, so
        that no kept token lies near the edge of a window.
        """
        raise NotImplementedError

    @property
    def device(self) -> torch.device:
        return next(self.parameters()).device


class WhisperContent(ContentEncoder):
    """Whisper base's encoder up to one of its layers; 512 channels."""

    channels = WHISPER_CHANNELS

    def __init__(self, state: dict[str, torch.Tensor], name: str) -> None:
        """`state`: weights by transformers' WhisperEncoder names; `name`: of WHISPER_LAYERS."""
        super().__init__()
        self.name, layers = name, WHISPER_LAYERS[name]
        with torch.device("meta"):  # drawing random weights first would take longer than loading
            self.conv1 = nn.Conv1d(N_MELS, WHISPER_CHANNELS, 3, padding=1)
            self.conv2 = nn.Conv1d(WHISPER_CHANNELS, WHISPER_CHANNELS, 3, stride=2, padding=1)
            self.embed_positions = nn.Embedding(WINDOW_TOKENS, WHISPER_CHANNELS)
            self.layers = nn.ModuleList(WhisperLayer() for _ in range(layers))
        state = {key: state[key].float() for key in self.state_dict()}
        state["embed_positions.weight"] = state["embed_positions.weight"][:WINDOW_TOKENS]
        self.load_state_dict(state, strict=True, assign=True)

    @torch.inference_mode()
    def encode(self, recording: Recording) -> np.ndarray:
        frames = frame_count(len(recording.samples), recording.sample_rate)
        log_mel = _log_mel(_level(resample(recording, SAMPLE_RATE).samples))
        tokens = -(-frames // 2) + 1  # one more than there are pairs of frames, to interpolate to
        content = empty_content(frames, self.channels)
        known, at, done = content[:0].astype(np.float32), 0, 0  # tokens from `at` on
        for start, stop, first, last in _windows(tokens):
            mel = log_mel[:, 2 * start : 2 * stop]
            known = np.concatenate(
                [known[done // 2 - at :], self.hidden(mel, stop - start)[first:last]]
            )
            at = done // 2
            ready = min(frames, 2 * (at + len(known) - 1))  # frames between two known tokens
            content[done:ready] = _between_tokens(known, np.arange(done, ready) - 2 * at)
            done = ready
        return content

    def hidden(
        self, log_mel: np.ndarray, tokens: int, *, shortest: int = SHORTEST_TOKENS
    ) -> np.ndarray:
        """Return at least `tokens` tokens (tokens, channels) of log-mel frames (N_MELS, frames);
        fewer than `shortest` are padded with silence."""
        room = 2 * max(tokens, shortest) - log_mel.shape[1]
        padded = np.pad(log_mel, ((0, 0), (0, room)), constant_values=log_mel.min())
        mel = torch.from_numpy(padded)[None].to(self.device)
        x = F.gelu(self.conv2(F.gelu(self.conv1(mel)))).transpose(1, 2)
        x = x + self.embed_positions.weight[: x.shape[1]]
        for layer in self.layers:
            x = layer(x)
        return x[0].float().cpu().numpy()


class WhisperAttention(nn.Module):
    """Self-attention of Whisper over (batch, tokens, channels); keys have no bias."""

    def __init__(self) -> None:
        super().__init__()
        self.q_proj = nn.Linear(WHISPER_CHANNELS, WHISPER_CHANNELS)
        self.k_proj = nn.Linear(WHISPER_CHANNELS, WHISPER_CHANNELS, bias=False)
        self.v_proj = nn.Linear(WHISPER_CHANNELS, WHISPER_CHANNELS)
        self.out_proj = nn.Linear(WHISPER_CHANNELS, WHISPER_CHANNELS)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        heads = (p(x).unflatten(2, (WHISPER_HEADS, -1)).transpose(1, 2) for p in self._projections)
        mixed = F.scaled_dot_product_attention(*heads)  # (batch, heads, tokens, channels per head)
        return self.out_proj(mixed.transpose(1, 2).flatten(2))

    @property
    def _projections(self) -> tuple[nn.Module, nn.Module, nn.Module]:
        return self.q_proj, self.k_proj, self.v_proj


class WhisperLayer(nn.Module):
    """A pre-norm layer of attention and feed-forward; names are those of transformers."""

    def __init__(self) -> None:
        super().__init__()
        self.self_attn = WhisperAttention()
        self.self_attn_layer_norm = nn.LayerNorm(WHISPER_CHANNELS)
        self.fc1 = nn.Linear(WHISPER_CHANNELS, 4 * WHISPER_CHANNELS)
        self.fc2 = nn.Linear(4 * WHISPER_CHANNELS, WHISPER_CHANNELS)
        self.final_layer_norm = nn.LayerNorm(WHISPER_CHANNELS)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.self_attn(self.self_attn_layer_norm(x))
        return x + self.fc2(F.gelu(self.fc1(self.final_layer_norm(x))))


class ContentVec(ContentEncoder):
    """ContentVec in its HuBERT form, as RVC uses it; each token of 20 ms is repeated once.

    v2: last layer, 768 channels. v1: layer 9 through `final_proj`, 256 channels. Other encoders of
    HuBERT's form give their last layer, too.
    """

    def __init__(self, folder: Path, version: str) -> None:
        """`folder`: config.json and weights of a HuBERT; `version`: "v1" or "v2".

        Raises ValueError if weights are missing, and what transformers raises for damaged files.
        """
        super().__init__()
        ensure_torchaudio()
        from transformers import HubertConfig, HubertModel

        class HubertWithProjection(HubertModel):
            def __init__(self, config: HubertConfig) -> None:
                super().__init__(config)
                self.final_proj = nn.Linear(config.hidden_size, config.classifier_proj_size)

        loaded: Any = HubertWithProjection.from_pretrained(
            folder, local_files_only=True, output_loading_info=True
        )
        self.hubert: HubertWithProjection = loaded[0]
        report = loaded[1]
        optional = (
            ("masked_spec_embed",) if version == "v1" else ("masked_spec_embed", "final_proj")
        )
        missing = [name for name in report["missing_keys"] if not name.startswith(optional)]
        if missing or report["mismatched_keys"]:
            raise ValueError(f"{len(missing)} weights are missing")
        self.version = version
        self.name = "contentvec" if version == "v2" else "contentvec-v1"
        config = self.hubert.config
        self.channels = config.hidden_size if version == "v2" else config.classifier_proj_size

    @torch.inference_mode()
    def encode(self, recording: Recording) -> np.ndarray:
        frames = frame_count(len(recording.samples), recording.sample_rate)
        samples = resample(recording, SAMPLE_RATE).samples
        tokens = -(-frames // 2)
        # Token j receives samples 320 j .. 320 j + 400: 40 of padding centre it on its 20 ms.
        padded = np.pad(samples, (40, max(0, tokens * TOKEN_SAMPLES - len(samples)) + 40))
        content = empty_content(frames, self.channels)
        for start, stop, first, last in _windows(tokens):
            window = padded[start * TOKEN_SAMPLES : stop * TOKEN_SAMPLES + 80]
            hidden = self._layer(torch.from_numpy(window)[None].to(self.device))
            place = content[2 * (start + first) : 2 * (start + last)]
            place[:] = np.repeat(hidden[0, first:last].float().cpu().numpy(), 2, axis=0)[
                : len(place)
            ]
        return content

    def _layer(self, samples: torch.Tensor) -> torch.Tensor:
        """Return hidden states (1, tokens, channels) of samples (1, samples)."""
        if self.version == "v2":
            return self.hubert(samples).last_hidden_state
        hidden = self.hubert(samples, output_hidden_states=True).hidden_states[9]
        return self.hubert.final_proj(hidden)


def load_content_encoder(
    name: str, weights: Path, *, device: str | torch.device = "cpu", fetch: bool = False
) -> ContentEncoder:
    """Return the encoder called `name` (of ENCODERS or `rvc.embedders`) on `device`, ready to use.

    Raises MissingAssetError when its weights are not under `weights` and `fetch` is off or fails,
    VoiceError for files that are not such an encoder.
    """
    if name not in ENCODERS:
        return _other_encoder(name, weights).eval().requires_grad_(False).to(device)
    files = assets.ENCODER_FILES[name]
    *_, path = (assets.resolve(file, weights=weights, fetch=fetch) for file in files)
    encoder: ContentEncoder
    if name in WHISPER_LAYERS:
        encoder = WhisperContent(load_file(path), name)
    else:
        encoder = ContentVec(path.parent, "v2" if name == "contentvec" else "v1")
    return encoder.eval().requires_grad_(False).to(device)


def _other_encoder(name: str, weights: Path) -> ContentVec:
    folder = embedders.find_encoder(name, weights)
    try:  # transformers reads a pickle with torch's allow-list of tensors only
        encoder = ContentVec(folder, "v2")
    except Exception as error:  # damaged or hostile files may raise anything
        raise embedders.unfit_encoder(name) from error
    encoder.name = name
    return encoder


def _windows(tokens: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield (start, stop, first, last): a window of tokens, and the range of it that is kept."""
    kept = 0
    while kept < tokens:
        start = max(0, kept - CONTEXT_TOKENS)
        stop = min(start + WINDOW_TOKENS, tokens)
        last = stop if stop == tokens else stop - CONTEXT_TOKENS
        yield start, stop, kept - start, last - start
        kept = last


def empty_content(frames: int, channels: int) -> np.ndarray:
    """Return an array (frames, channels): float32, or float16 for more than LONG_FRAMES."""
    return np.empty((frames, channels), np.float16 if frames > LONG_FRAMES else np.float32)


def _log_mel(samples: np.ndarray) -> np.ndarray:
    """Return Whisper's log-mel (80, ceil(samples / 160) + 1) float32 of 16 kHz sound."""
    log = log10_mel(np.pad(samples, (N_FFT // 2, N_FFT // 2 + 2 * HOP_LENGTH)))
    return scaled_mel(log, log.max())


def log10_mel(padded: np.ndarray) -> np.ndarray:
    """Return the logarithm of mel power (80, frames) float32 of windows of (samples,) 16 kHz."""
    windows = np.lib.stride_tricks.sliding_window_view(padded, N_FFT)[::HOP_LENGTH]
    hann = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(N_FFT) / N_FFT)).astype(np.float32)
    filters = mel_filters(SAMPLE_RATE, N_FFT, N_MELS)
    mel = np.empty((N_MELS, len(windows)), np.float32)
    for start in range(0, len(windows), MEL_BLOCK):
        spectrum = np.fft.rfft(windows[start : start + MEL_BLOCK] * hann)
        power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
        mel[:, start : start + MEL_BLOCK] = filters @ power.T
    return np.log10(np.maximum(mel, 1e-10, out=mel), out=mel)


def scaled_mel(log: np.ndarray, loudest: float) -> np.ndarray:
    """Return the input of Whisper for logarithms of mel power whose maximum is `loudest`."""
    return ((np.maximum(log, np.float32(loudest - DYNAMIC_RANGE)) + 4) / 4).astype(np.float32)


def _level(samples: np.ndarray) -> np.ndarray:
    """Scale the loudest fifth of the frames to LEVEL_DBFS, with a gain of at most MAX_GAIN_DB."""
    frames = samples[: len(samples) // HOP_LENGTH * HOP_LENGTH].reshape(-1, HOP_LENGTH)
    power = np.mean(frames**2, axis=1)
    loud = np.mean(power[power >= np.quantile(power, 0.8)]) if len(power) else 0.0
    gain_db = min(LEVEL_DBFS - 10 * np.log10(loud + 1e-12), MAX_GAIN_DB)
    return samples * np.float32(10 ** (gain_db / 20))


def _between_tokens(tokens: np.ndarray, frames: np.ndarray) -> np.ndarray:
    """Interpolate tokens centred at j * 20 ms to the frames i centred at (i + 0.5) * 10 ms."""
    at = frames / 2 + 0.25
    left = at.astype(int)
    share = (at - left)[:, None].astype(np.float32)
    return tokens[left] * (1 - share) + tokens[left + 1] * share
