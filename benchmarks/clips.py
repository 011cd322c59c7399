"""Clean speech for the benchmarks: one folder per speaker, resampled and cut into clips."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from rvc.audio import Recording, load_audio, resample

CLIP_SECONDS = 9.0
LEAST_SECONDS = 30.0  # least duration of a usable voice
G722_RATE = 16_000


def read_voices(folder: Path, rate: int, seconds: float = 120.0) -> dict[str, Recording]:
    """Return up to `seconds` of every voice in `folder` of at least LEAST_SECONDS, by name."""
    folders = sorted(path for path in folder.iterdir() if path.is_dir())
    voices = {path.name: _read_voice(path, rate, seconds) for path in folders}
    return {name: v for name, v in voices.items() if v.duration_seconds >= LEAST_SECONDS}


def cut_clips(voice: Recording, count: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Return `count` clips of nine seconds from anywhere in `voice`, (samples,) each."""
    size = round(CLIP_SECONDS * voice.sample_rate)
    places = np.arange(0, len(voice.samples) - size + 1, size)
    return [voice.samples[at : at + size] for at in rng.permutation(places)[:count]]


def cut_utterance(
    voice: Recording, rng: np.random.Generator, shortest: float, longest: float
) -> Recording:
    """Return a piece of `shortest` to `longest` seconds from anywhere in `voice`."""
    size = round(rng.uniform(shortest, longest) * voice.sample_rate)
    at = int(rng.integers(0, len(voice.samples) - size))
    return replace(voice, samples=voice.samples[at : at + size])


def _read_voice(folder: Path, rate: int, seconds: float) -> Recording:
    """Return a voice's recordings joined, longest files first."""
    files = [p for p in folder.rglob("*") if p.suffix.lower() in (".wav", ".flac", ".g722")]
    sounds, have = [np.zeros(0, np.float32)], 0.0
    for path in sorted(files, key=lambda p: (-p.stat().st_size, p.name)):
        sounds.append(resample(_read(path), rate).samples)
        have += len(sounds[-1]) / rate
        if have >= seconds:
            break
    return Recording(np.concatenate(sounds)[: round(seconds * rate)], rate, folder.name)


def _read(path: Path) -> Recording:
    if path.suffix != ".g722":
        return load_audio(path)
    import av

    with av.open(str(path), format="g722") as file:
        frames = [frame.to_ndarray().ravel() for frame in file.decode(audio=0)]
    return Recording(np.concatenate(frames).astype(np.float32) / 32768, G722_RATE, path.name)
