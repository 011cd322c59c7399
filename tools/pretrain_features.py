"""Content and f0 of the clips of tools/pretrain_data.py and tools/pretrain_kokoro.py, on disk.

    python -m tools.pretrain_features DATA FEATURES [--minutes 20]

Writes FEATURES/<voice>/<clip>.npz: samples (int16), f0 in Hz, and content of the clip itself and
of altered copies. Clips that have a file are skipped, so the same command adds what is new.
`read_pieces` returns them with one more copy: the content of another speaker's reading of the same
sentence, aligned in time, or of a noisy copy if there is none.
"""

import argparse
import json
import zlib
from pathlib import Path

import librosa
import numpy as np
import torch

from rvc.audio import Recording, load_audio, resample
from rvc.content import ContentEncoder, load_content_encoder
from rvc.dataset import Piece
from rvc.features import altered_content, extract
from rvc.network.lite import LiteConfig

RATE = LiteConfig.sample_rate
KOKORO = "kokoro_"
NOISE_SNR_DB = (8.0, 25.0)


def main() -> None:
    """Read the arguments; extract the missing features."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("features", type=Path)
    parser.add_argument("--minutes", type=float, default=20.0, help="of every voice, at most")
    parser.add_argument("--voices", nargs="*", help="only these folders of DATA")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    weights = Path(__file__).parents[1] / "weights"
    encoder = load_content_encoder(LiteConfig.encoder, weights)
    for folder in sorted(path for path in arguments.data.iterdir() if path.is_dir()):
        if folder.name.startswith(".") or (
            arguments.voices and folder.name not in arguments.voices
        ):
            continue
        seconds = 0.0
        for path in sorted(folder.glob("[0-9]*.flac")):
            if seconds > arguments.minutes * 60 or ".part" in path.name:
                continue
            cache = arguments.features / folder.name / f"{path.stem}.npz"
            seconds += clip_features(path, cache, encoder)
        print(folder.name, round(seconds / 60, 1), "minutes", flush=True)


def clip_features(path: Path, cache: Path, encoder: ContentEncoder) -> float:
    """Write the features of a clip unless they exist; return the clip's seconds."""
    if cache.exists():
        with np.load(cache) as stored:
            return len(stored["f0_hz"]) / 100
    cache.parent.mkdir(parents=True, exist_ok=True)
    recording = resample(load_audio(path), RATE)
    rng = np.random.default_rng(zlib.crc32(f"{path.parent.name}/{path.name}".encode()))
    features = extract(recording, encoder)
    copies = [altered_content(recording, encoder, rng)]
    if not path.parent.name.startswith(KOKORO):  # the others have parallel speech
        copies.append(encoder.encode(noisy_copy(recording, rng)))
    temporary = cache.with_suffix(".part.npz")
    np.savez(
        temporary,
        samples=(_whole_frames(recording, len(features.f0.hz)) * 32767).astype("i2"),
        f0_hz=features.f0.hz,
        content=np.stack([features.content, *copies]).astype("f2"),
    )
    temporary.replace(cache)
    return len(features.f0.hz) / 100


def noisy_copy(recording: Recording, rng: np.random.Generator) -> Recording:
    """Return the recording with noise of random colour (white to brown-ish) and level."""
    samples = recording.samples
    spectrum = np.fft.rfft(rng.standard_normal(len(samples)))
    tilt = rng.uniform(0.0, 0.8)  # 0: white, 0.5: pink
    noise = np.fft.irfft(spectrum / np.arange(1, len(spectrum) + 1) ** tilt, len(samples))
    snr = 10 ** (rng.uniform(*NOISE_SNR_DB) / 20)
    gain = np.std(samples) / (snr * np.std(noise) + 1e-9)
    return Recording((samples + gain * noise).astype(np.float32), recording.sample_rate)


def _whole_frames(recording: Recording, frames: int) -> np.ndarray:
    samples = recording.samples[: frames * recording.sample_rate // 100]
    return np.pad(samples, (0, frames * recording.sample_rate // 100 - len(samples))).clip(-1, 1)


def speaker_rows(path: Path, names: list[str]) -> dict[str, int]:
    """Return the speaker row of every voice; known voices keep theirs."""
    rows = json.loads(path.read_text()) if path.exists() else {}
    for name in names:
        rows.setdefault(name, len(rows))
    path.write_text(json.dumps(rows))
    return rows


def read_pieces(features: Path, rows: dict[str, int], groups: dict[str, int]) -> list[Piece]:
    """Return all clips as pieces of three contents each.

    `rows`: voices to read and their rows of the speaker table; `groups`: the group of every Kokoro
    voice (tools/pretrain_kokoro.py).
    """
    stored: dict[str, dict[str, dict[str, np.ndarray]]] = {}
    for name in rows:
        for path in sorted((features / name).glob("[0-9]*.npz")):
            if ".part" not in path.name:
                with np.load(path) as file:
                    stored.setdefault(name, {})[path.stem] = dict(file)
    pieces = []
    for name, clips in stored.items():
        for clip, arrays in clips.items():
            content = arrays["content"]
            if len(content) == 2:
                content = np.concatenate([content, _parallel(stored, groups, name, clip)[None]])
            samples = arrays["samples"].astype(np.float32) / 32767
            pieces.append(Piece(samples, content, arrays["f0_hz"], rows[name]))
    return pieces


def _parallel(
    stored: dict[str, dict[str, dict[str, np.ndarray]]],
    groups: dict[str, int],
    name: str,
    clip: str,
) -> np.ndarray:
    """Return the content (frames, channels) of another voice's reading of `clip`, time-aligned.

    The altered copy if no other voice of the group has that sentence.
    """
    own = stored[name][clip]["content"][0]
    others = [other for other in stored if other.startswith(KOKORO) and other != name]
    rng = np.random.default_rng(zlib.crc32(f"{name}/{clip}".encode()))
    others = [other for other in others if groups[other] == groups[name] and clip in stored[other]]
    if not others:
        return stored[name][clip]["content"][1]
    theirs = stored[others[rng.integers(len(others))]][clip]["content"][0]
    return aligned(own.astype(np.float32), theirs.astype(np.float32)).astype("f2")


def cosine_distances(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the distances (tokens, other tokens) of two arrays (tokens, channels)."""
    a, b = (x / (np.linalg.norm(x, axis=1, keepdims=True) + 1e-9) for x in (one, other))
    return 1 - a @ b.T


def aligned(own: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Return `theirs` (frames, channels) in the time of `own`, by dynamic time warping."""
    a, b = own[::2], theirs[::2]  # content comes at 50 a second
    _, path = librosa.sequence.dtw(C=cosine_distances(a - a.mean(0), b - b.mean(0)))
    own_tokens, their_tokens = path[::-1].T
    count = np.bincount(own_tokens)
    places = np.bincount(own_tokens, their_tokens) / count  # the mean of a token's matches
    at = 2 * np.interp(np.arange(len(own)) / 2, np.arange(len(places)), places)
    at = at.clip(0, len(theirs) - 1)
    left = np.minimum(at.astype(int), max(0, len(theirs) - 2))
    right = np.minimum(left + 1, len(theirs) - 1)
    share = (at - left)[:, None]
    return theirs[left] * (1 - share) + theirs[right] * share


if __name__ == "__main__":
    main()
