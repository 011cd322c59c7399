"""Make the sounds of the page's "Why clean data?": one sentence clean, noisy, echoing, cleaned.

    python -m tools.make_clean_examples DATA_TEST weights/samples

DATA_TEST comes from `tools.pretrain_data --test-dir`; the voice is a synthetic one of it (NOTICE).
Writes why_NAME.ogg: the recording, the same with fan noise 10 dB below it, with an echo of 0.6 s,
and the noisy one cleaned by the program. Deterministic.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks import corruptions
from benchmarks.voice_material import SAMPLE_RATE, read_clips
from rvc.audio import Recording
from rvc.cleaning import clean
from rvc.cleaning.level import loudness_lufs
from tools.make_sample_recording import write_opus

VOICE = "kokoro_test_man"
SECONDS = 8.0
LOUDNESS_LUFS = -23.0
BIT_RATE = 56_000
SEED = 0

Spoil = Callable[[np.ndarray, int, np.random.Generator], np.ndarray]


def main() -> None:
    """Write the four files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("english", type=Path)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    total = 0
    for name, sound in examples(arguments.english).items():
        path = arguments.folder / f"why_{name}.ogg"
        write_opus(path, levelled(sound[: round(SECONDS * SAMPLE_RATE)]), BIT_RATE)
        total += path.stat().st_size
    print(f"{total / 1000:.0f} kB")


def examples(english: Path) -> dict[str, np.ndarray]:
    """Return (samples,) at SAMPLE_RATE by name; the faults begin before the excerpt does."""
    clips = [clip.samples for clip in read_clips(english / VOICE)[:6]]
    voice = np.concatenate(clips)[: round(24 * SAMPLE_RATE)]
    noisy, echoing = (
        spoil(voice, SAMPLE_RATE, np.random.default_rng(SEED)).astype(np.float32)
        for spoil in (corruptions.fan, corruptions.echo)
    )
    cleaned = clean(Recording(noisy, SAMPLE_RATE)).aligned.samples
    return {"clean": voice, "noise": noisy, "echo": echoing, "cleaned": cleaned}


def levelled(samples: np.ndarray) -> np.ndarray:
    """Return the sound at LOUDNESS_LUFS, so that none is preferred for being louder."""
    gain = 10 ** ((LOUDNESS_LUFS - loudness_lufs(samples, SAMPLE_RATE)) / 20)
    return samples * np.float32(min(gain, 0.97 / max(np.abs(samples).max(), 1e-9)))


if __name__ == "__main__":
    main()
