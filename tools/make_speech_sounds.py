"""Make `weights/pretrained/speech_sounds.safetensors`: the sounds of speech as content features.

    PYTHONPATH=. python tools/make_speech_sounds.py DATA [--output FILE]

DATA is what tools/pretrain_data.py makes: one folder of clips per voice. Content tokens of all
voices, each voice's mean taken out, are reduced to `CHANNELS` numbers and clustered by k-means.
A cluster is a sound of speech in its surroundings; voices and languages share them (measured: 0.60
bit of a token's cluster tells the voice, of 3.5). Kept: the projection, the clusters' centres, how
often each occurs, whether it is voiced, and how many an ordinary reading meets in how many minutes.
No token of any recording is kept.
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
    """Return clips of one voice in any order, end to end, at the encoder's rate."""
    paths = sorted(folder.glob("*.flac"))
    sounds, wanted = [], MINUTES_EACH * 60 * SAMPLE_RATE
    for index in rng.permutation(len(paths)):
        sounds.append(resample(load_audio(paths[index]), SAMPLE_RATE).samples)
        if sum(map(len, sounds)) >= wanted:
            break
    return Recording(np.concatenate(sounds), SAMPLE_RATE, folder.name)


def hear(voice: Recording, encoder: ContentEncoder) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return content (tokens, 512) of the speaking moments, voiced (tokens,), brightness in Hz."""
    content = encoder.encode(voice)[::2]
    active = active_tokens(voice)[: len(content)]
    voiced = estimate_f0(voice).voiced[::2]
    frames = voice.samples[: len(active) * TOKEN].reshape(-1, TOKEN)
    power = np.abs(np.fft.rfft(frames * np.hanning(TOKEN))) ** 2
    hz = np.fft.rfftfreq(TOKEN, 1 / SAMPLE_RATE)
    bright = (power @ hz) / (power.sum(1) + 1e-12)
    return content[: len(active)][active], voiced[: len(active)][active], bright[active]


def principal(tokens: np.ndarray) -> np.ndarray:
    """Return the projection (512, CHANNELS) onto the widest directions, channels scaled alike."""
    scale = tokens.std(0) + 1e-6
    _, vectors = np.linalg.eigh(np.cov((tokens / scale).T))
    return vectors[:, ::-1][:, :CHANNELS] / scale[:, None]


def cluster(points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return SOUNDS centres of (points, channels) by k-means; an empty one moves to a point."""
    centres = points[rng.choice(len(points), SOUNDS, replace=False)].copy()
    for _ in range(ROUNDS):
        belongs = nearest(points, centres)
        for sound in range(SOUNDS):
            own = points[belongs == sound]
            centres[sound] = own.mean(0) if len(own) else points[rng.integers(len(points))]
    return centres


def ordinary_curve(heard: list[np.ndarray], frequency: np.ndarray) -> np.ndarray:
    """Return (minutes, share, filled) rows: the middle of what voices meet in so many minutes.

    `heard`: each voice's sounds, (tokens,). share: of speech, sounds met often enough; filled: the
    same with those met too seldom counted in part.
    """
    rows = []
    for minutes in MINUTES:
        count = round(minutes * 60 * TOKENS_PER_SECOND)
        counts = [np.bincount(h[:count], minlength=SOUNDS) for h in heard if len(h) >= count]
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
    voices = {name: hear(read(arguments.data / name, rng), encoder) for name in names}
    some = np.concatenate([
        tokens[rng.choice(len(tokens), min(CLUSTERED_TOKENS, len(tokens)), replace=False)]
        - tokens.mean(0)
        for tokens, *_ in voices.values()
    ])  # fmt: skip
    projection = principal(some)
    centres = cluster(some @ projection, rng)
    heard = {n: nearest((t - t.mean(0)) @ projection, centres) for n, (t, *_) in voices.items()}
    shares = [np.bincount(h, minlength=SOUNDS) / len(h) for h in heard.values()]
    everything = np.concatenate(list(heard.values()))
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
        "ordinary": ordinary_curve([rank[heard[name]] for name in readers], frequency),
    }
    origin = {"source": "speech of " + ", ".join(names), "licence": "CC-BY-SA-3.0"}
    save_file(table, arguments.output, metadata=origin)
    told = sum(float((s[s > 0] * np.log2(s[s > 0] / np.mean(shares, 0)[s > 0])).sum())
               for s in shares) / len(shares)  # fmt: skip
    print(f"{arguments.output}: {arguments.output.stat().st_size} bytes; a token's sound tells "
          f"{told:.2f} bit of the voice\n{table['ordinary']}")  # fmt: skip


if __name__ == "__main__":
    main()
