"""Generate `weights/pretrained/speech_sounds.safetensors`: clusters of content features.

    PYTHONPATH=. python tools/make_speech_sounds.py DATA [--output FILE]

DATA is the output of tools/pretrain_data.py: one folder of clips per voice. Content tokens of all
voices, with each voice's mean removed, are projected to `CHANNELS` dimensions and clustered by
k-means. A cluster is a speech sound in its context, shared by voices and languages (the mutual
information of cluster and voice is 0.60 of 3.5 bit). The file contains the projection, the centres,
their frequencies, whether they are voiced, and how many an ordinary reading covers by duration. It
contains no token of a recording.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file

from rvc.audio import Recording, load_audio, resample
from rvc.content import SAMPLE_RATE, ContentEncoder, load_content_encoder
from rvc.f0 import estimate_f0
from rvc.quality.variety import ENOUGH_TOKENS, TOKENS_PER_SECOND, active_tokens, nearest

SOUNDS, CHANNELS, ROUNDS = 256, 48, 30
MINUTES_EACH = 6.7  # of a voice
CLUSTERED_TOKENS = 6000  # of a voice
MINUTES = (0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0)  # of the curve of ordinary readings
TOKEN = SAMPLE_RATE // TOKENS_PER_SECOND
SEED = 0


def read(folder: Path, rng: np.random.Generator) -> Recording:
    """Return clips of one voice in random order, joined, at the encoder's rate."""
    paths = sorted(folder.glob("*.flac"))
    sounds, wanted = [], MINUTES_EACH * 60 * SAMPLE_RATE
    for index in rng.permutation(len(paths)):
        sounds.append(resample(load_audio(paths[index]), SAMPLE_RATE).samples)
        if sum(map(len, sounds)) >= wanted:
            break
    return Recording(np.concatenate(sounds), SAMPLE_RATE, folder.name)


def analyse(voice: Recording, encoder: ContentEncoder) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return content (tokens, 512) of active speech, voiced (tokens,) and brightness in Hz."""
    content = encoder.encode(voice)[::2]
    active = active_tokens(voice)[: len(content)]
    voiced = estimate_f0(voice).voiced[::2]
    frames = voice.samples[: len(active) * TOKEN].reshape(-1, TOKEN)
    power = np.abs(np.fft.rfft(frames * np.hanning(TOKEN))) ** 2
    hz = np.fft.rfftfreq(TOKEN, 1 / SAMPLE_RATE)
    bright = (power @ hz) / (power.sum(1) + 1e-12)
    return content[: len(active)][active], voiced[: len(active)][active], bright[active]


def principal(tokens: np.ndarray) -> np.ndarray:
    """Return the projection (512, CHANNELS) onto the principal components of scaled channels."""
    scale = tokens.std(0) + 1e-6
    _, vectors = np.linalg.eigh(np.cov((tokens / scale).T))
    return vectors[:, ::-1][:, :CHANNELS] / scale[:, None]


def cluster(points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return SOUNDS k-means centres of (points, channels); an empty one moves to a random point."""
    centres = points[rng.choice(len(points), SOUNDS, replace=False)].copy()
    for _ in range(ROUNDS):
        belongs = nearest(points, centres)
        for sound in range(SOUNDS):
            own = points[belongs == sound]
            centres[sound] = own.mean(0) if len(own) else points[rng.integers(len(points))]
    return centres


def ordinary_curve(sounds: list[np.ndarray], frequency: np.ndarray) -> np.ndarray:
    """Return rows (minutes, share, filled): the median coverage of voices by duration.

    `sounds`: each voice's clusters, (tokens,). share: frequency of the clusters that occur often
    enough; filled: the same with rarer ones counted in proportion.
    """
    rows = []
    for minutes in MINUTES:
        count = round(minutes * 60 * TOKENS_PER_SECOND)
        counts = [np.bincount(h[:count], minlength=SOUNDS) for h in sounds if len(h) >= count]
        if not counts:
            break
        share = [frequency[c >= ENOUGH_TOKENS].sum() for c in counts]
        filled = [frequency @ np.minimum(c / ENOUGH_TOKENS, 1) for c in counts]
        rows.append((minutes, np.median(share), np.median(filled)))
    return np.array(rows, np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    root = Path(__file__).parents[1]
    target = root / "weights" / "pretrained" / "speech_sounds.safetensors"
    parser.add_argument("data", type=Path)
    parser.add_argument("--voices", nargs="+", help="default: every folder")
    parser.add_argument("--ordinary", nargs="+", help="voices that read one language each")
    parser.add_argument("--output", type=Path, default=target)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    rng = np.random.default_rng(SEED)
    encoder = load_content_encoder("whisper-base", root / "weights")
    names = arguments.voices or sorted(p.name for p in arguments.data.iterdir() if p.is_dir())
    voices = {name: analyse(read(arguments.data / name, rng), encoder) for name in names}
    some = np.concatenate([
        tokens[rng.choice(len(tokens), min(CLUSTERED_TOKENS, len(tokens)), replace=False)]
        - tokens.mean(0)
        for tokens, *_ in voices.values()
    ])  # fmt: skip
    projection = principal(some)
    centres = cluster(some @ projection, rng)
    clusters = {n: nearest((t - t.mean(0)) @ projection, centres) for n, (t, *_) in voices.items()}
    shares = [np.bincount(h, minlength=SOUNDS) / len(h) for h in clusters.values()]
    everything = np.concatenate(list(clusters.values()))
    counts = np.maximum(np.bincount(everything, minlength=SOUNDS), 1)
    voiced, bright = (
        np.bincount(everything, np.concatenate([v[i] for v in voices.values()]), SOUNDS) / counts
        for i in (1, 2)
    )
    order = np.lexsort((bright, voiced < 0.5))  # voiced first, dark to bright
    frequency = np.mean(shares, axis=0)[order]
    rank = np.argsort(order)
    readers = arguments.ordinary or names
    table = {
        "projection": projection.astype(np.float16),
        "mean": np.mean([t.mean(0) for t, *_ in voices.values()], 0).astype(np.float16),
        "centres": centres[order].astype(np.float16),
        "frequency": frequency.astype(np.float32),
        "voiced": (voiced[order] >= 0.5).astype(np.uint8),
        "ordinary": ordinary_curve([rank[clusters[name]] for name in readers], frequency),
    }
    origin = {"source": "speech of " + ", ".join(names), "licence": "CC-BY-SA-3.0"}
    save_file(table, arguments.output, metadata=origin)
    bits = sum(float((s[s > 0] * np.log2(s[s > 0] / np.mean(shares, 0)[s > 0])).sum())
               for s in shares) / len(shares)  # fmt: skip
    print(f"{arguments.output}: {arguments.output.stat().st_size} bytes; mutual information of "
          f"cluster and voice: {bits:.2f} bit\n{table['ordinary']}")  # fmt: skip


if __name__ == "__main__":
    main()
