"""Speaker embeddings: a unit vector of 256 dimensions that identifies the speaker.

The network is Resemble AI's speaker encoder (GE2E: Wan et al. 2018, "Generalized end-to-end loss
for speaker verification"); this implementation is tested against Resemblyzer.
"""

from functools import lru_cache
from pathlib import Path
from threading import Lock

import numpy as np
import torch
from safetensors.torch import load_file
from torch import nn

from rvc import assets
from rvc.audio import Recording, resample
from rvc.cleaning.level import active_db, frame_powers
from rvc.errors import AudioError
from rvc.mel import mel_filters

WEIGHTS_FILE = "speaker_encoder.safetensors"
SAMPLE_RATE = 16_000
N_FFT, HOP_LENGTH, N_MELS = 400, 160, 40
WINDOW_FRAMES, STEP_FRAMES = 160, 77  # windows of 1.6 s, 1.3 a second
MIN_COVERAGE = 0.75  # of the last window
CHANNELS = 256
ACTIVE_DBFS = -27.0  # level of speech: the network's input is power, not its logarithm
SILENT_DBFS = -100.0
PAUSE_DB, PAUSE_FRAMES = 40.0, 15  # frames this far below speech, and away from it, are removed
BATCH = 64

_LOCK = Lock()


class SpeakerEncoder(nn.Module):
    """Three LSTM layers over power mel frames; the last state, through ReLU, to unit length."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(N_MELS, CHANNELS, num_layers=3, batch_first=True)
        self.linear = nn.Linear(CHANNELS, CHANNELS)

    def forward(self, mel: torch.Tensor) -> torch.Tensor:
        """Return embeddings (batch, 256) of mel (batch, frames, 40)."""
        _, (hidden, _) = self.lstm(mel)
        return nn.functional.normalize(torch.relu(self.linear(hidden[-1])), dim=1)


def speaker_embedding(recording: Recording, weights: Path) -> np.ndarray:
    """Return the embedding of the speaker in `recording`, (256,) float32 of length 1.

    The cosine of two embeddings is the similarity of the voices: above 0.8 mostly one speaker,
    below 0.7 mostly two. `weights` is the weights folder. Raises MissingAssetError without the
    network's file, AudioError if the recording is silent.
    """
    return voice_direction(recording, weights)[0]


def voice_direction(recording: Recording, weights: Path) -> tuple[np.ndarray, float]:
    """Return `speaker_embedding` and the seconds of speech it is based on, without pauses."""
    samples = resample(recording, SAMPLE_RATE).samples
    level_db = active_db(frame_powers([samples], SAMPLE_RATE, 0.02))
    if level_db < SILENT_DBFS:
        raise AudioError("There is no voice in this recording.")
    samples = _without_pauses(samples, level_db) * np.float32(10 ** ((ACTIVE_DBFS - level_db) / 20))
    windows = _windows(len(samples))
    mel = _mel(np.pad(samples, (0, max(0, windows[-1] * HOP_LENGTH + 25_600 - len(samples)))))
    batch = torch.from_numpy(  # (windows, 160, 40)
        np.stack([mel[start : start + WINDOW_FRAMES] for start in windows])
    )
    network = load_speaker_encoder(weights)
    with torch.inference_mode():
        embeddings = torch.cat(
            [network(batch[at : at + BATCH]) for at in range(0, len(batch), BATCH)]
        )
    mean = embeddings.double().mean(0)
    return (mean / mean.norm()).float().numpy(), len(samples) / SAMPLE_RATE


def load_speaker_encoder(weights: Path) -> SpeakerEncoder:
    """Return the network, loaded once per file; raises MissingAssetError."""
    path = assets.resolve(WEIGHTS_FILE, weights=Path(weights))
    with _LOCK:
        return _load(path)


@lru_cache(maxsize=2)
def _load(path: Path) -> SpeakerEncoder:
    network = SpeakerEncoder()
    network.load_state_dict({name: tensor.float() for name, tensor in load_file(path).items()})
    return network.eval().requires_grad_(False)


def _without_pauses(samples: np.ndarray, level_db: float) -> np.ndarray:
    """Return `samples` without silence that is further than 150 ms from speech."""
    powers = frame_powers([samples], SAMPLE_RATE, HOP_LENGTH / SAMPLE_RATE)
    loud = powers > 10 ** ((level_db - PAUSE_DB) / 10)
    near = np.convolve(loud, np.ones(2 * PAUSE_FRAMES + 1), "same")[: len(loud)] > 0.5
    return samples[np.repeat(near, HOP_LENGTH)[: len(samples)]]


def _windows(samples: int) -> list[int]:
    """Return the first frames of windows over `samples`; the last is covered by MIN_COVERAGE."""
    frames = -(-(samples + 1) // HOP_LENGTH)
    starts = list(range(0, max(1, frames - WINDOW_FRAMES + STEP_FRAMES + 1), STEP_FRAMES))
    covered = (samples - starts[-1] * HOP_LENGTH) / (WINDOW_FRAMES * HOP_LENGTH)
    return starts[:-1] if covered < MIN_COVERAGE and len(starts) > 1 else starts


def _mel(samples: np.ndarray) -> np.ndarray:
    """Return power mel frames (frames, 40) float32, without logarithm, as in training."""
    padded = np.pad(samples, N_FFT // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, N_FFT)[::HOP_LENGTH]
    window = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(N_FFT) / N_FFT)).astype(np.float32)
    power = np.abs(np.fft.rfft(frames * window)).astype(np.float32) ** 2
    return power @ mel_filters(SAMPLE_RATE, N_FFT, N_MELS).T
