"""The identity that speakers of two languages reach in the second one.

    python -m benchmarks.identity_limits DATA DATA_TEST

A conversion from another language is scored against recordings of the target in its own
(benchmarks/voice_quality.py). Here the same score is given to speech that was not converted: of the
woman who reads both the English and the Spanish asterisk sounds, and of every Kokoro voice that
reads Korean and English, against English by other speakers. DATA comes from tools.pretrain_data and
tools.pretrain_kokoro, DATA_TEST from `tools.pretrain_data --test-dir`.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks import judges
from benchmarks import voice_material as material
from benchmarks.voice_material import SAMPLE_RATE, Clip

CLIPS = 24  # of each speaker and language
ENGLISH, SPANISH = "asterisk_en", "asterisk_es"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("test", type=Path)
    arguments = parser.parse_args()
    rng = np.random.default_rng(0)
    sources = embeddings(material.english_sources(arguments.test, rng))
    spanish = embeddings(some(material.read_clips(arguments.data / SPANISH), rng))
    english = embeddings(some(material.read_clips(arguments.data / ENGLISH), rng))
    print(f"{SPANISH}, speaking English:", rounded(judges.identity(sources, english, spanish)))
    scores = [
        score["identity"] for score in kokoro_identities(sorted(arguments.data.glob("kokoro_*")))
    ]
    if scores:
        quartiles = np.percentile(scores, [0, 25, 50, 75, 100]).round(2).tolist()
        print(f"{len(scores)} Kokoro voices in Korean, speaking English:", quartiles)


def kokoro_identities(folders: Sequence[Path]) -> list[dict[str, float]]:
    """Return the identity of every voice's English against its Korean; sources: all others."""
    voices = [material.read_clips(folder) for folder in folders]
    korean, english = (
        [embeddings(reads(clips, language)[:CLIPS]) for clips in voices]
        for language in ("ko", "en")
    )
    return [
        judges.identity(np.concatenate(english[:i] + english[i + 1 :]), english[i], korean[i])
        for i in range(len(folders))
    ]


def reads(clips: Sequence[Clip], language: str) -> list[Clip]:
    """Return the clips of a Kokoro voice in a language."""
    return [clip for clip in clips if clip.name.endswith(f"_{language}")]


def some(clips: list[Clip], rng: np.random.Generator) -> list[Clip]:
    """Return CLIPS of the clips."""
    return [clips[i] for i in rng.permutation(len(clips))[:CLIPS]]


def embeddings(clips: Sequence[Clip]) -> np.ndarray:
    """Return the speaker embeddings (clips, 256) at one level."""
    sounds = [judges.at_judge_rate(clip.samples, SAMPLE_RATE) for clip in clips]
    return np.stack([judges.speaker_at_level(sound) for sound in sounds])


def rounded(scores: dict[str, float]) -> dict[str, float]:
    """Return the scores to two places."""
    return {name: round(value, 2) for name, value in scores.items()}


if __name__ == "__main__":
    main()
