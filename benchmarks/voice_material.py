"""Material of benchmarks/voice_quality.py: target voices and source sentences.

Korean material is the folder that is given with `--korean` (an `index.json` of
files, speakers, texts, rooms and sentiments); English material comes from
`tools.pretrain_data --test-dir`.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rvc.audio import Recording, load_audio, resample
from tools.pretrain_data import TEXTS

SAMPLE_RATE = 24_000
GAP_SECONDS = 0.5  # of silence, behind each clip of a recording
TARGET_SECONDS = 300.0
SENTENCE_SECONDS = (4.0, 8.0)  # of an English source
ENGLISH_SOURCES = ("librivox", "kokoro_test_man", "kokoro_test_woman")
ENGLISH_SENTENCES = 60
ENGLISH_HELD_OUT = 24  # clips of the target
MOODS = (-1, 0, 1)  # negative, neutral, positive
MOOD_SENTENCES = 6  # of each mood
EMOTION_ROOM, EMOTION_SPEAKER = "AnechoicChamber", "deeply_a"


@dataclass(frozen=True, eq=False)
class Clip:
    """A sentence: samples (n,) float32 at SAMPLE_RATE; `text` is empty where it is not known.

    `language`: of the judge of its words, "english" or "korean".
    """

    name: str
    samples: np.ndarray
    text: str = ""
    language: str = "english"


@dataclass(frozen=True, eq=False)
class Target:
    """A voice: its training clips, and held-out sentences."""

    name: str
    training: list[Clip]
    held_out: list[Clip]


def korean_target(folder: Path, speaker: str) -> Target:
    """Return the first five minutes of a speaker's clips as training, the rest as held out.

    `deeply_a` is the reader of `rooms/`, from the room without echo.
    """
    rows = [row for row in _index(folder) if row["speaker"] == speaker]
    rows = [row for row in rows if row.get("room") in (None, EMOTION_ROOM)]
    if not rows:
        raise SystemExit(f"No speaker {speaker!r} in {folder}/index.json.")
    training, held_out, seconds = [], [], 0.0
    for row in rows:
        (training if seconds < TARGET_SECONDS else held_out).append(_clip(folder, row))
        seconds += row["seconds"]
    return Target(speaker, training, held_out)


def korean_sources(folder: Path) -> list[Clip]:
    """Return every sentence of `sources/`."""
    return [_clip(folder, row) for row in _index(folder) if row["file"].startswith("sources/")]


def mood_sources(folder: Path) -> list[Clip]:
    """Return sentences in three moods, the longest of each."""
    rows = [row for row in _index(folder) if row.get("room") == EMOTION_ROOM]
    picked = []
    for mood in MOODS:
        own = sorted((r for r in rows if r["sentiment"] == mood), key=lambda row: -row["seconds"])
        picked += own[:MOOD_SENTENCES]
    return [_clip(folder, row) for row in picked]


def english_target(folder: Path, name: str, rng: np.random.Generator) -> Target:
    """Return TARGET_SECONDS of clips of a voice as training, and others as held out."""
    clips = read_clips(folder / name)
    order = [clips[i] for i in rng.permutation(len(clips))]
    training, seconds = [], 0.0
    for clip in order[ENGLISH_HELD_OUT:]:
        if seconds < TARGET_SECONDS:
            training.append(clip)
            seconds += len(clip.samples) / SAMPLE_RATE
    return Target(name, training, order[:ENGLISH_HELD_OUT])


def english_sources(folder: Path, rng: np.random.Generator) -> list[Clip]:
    """Return sentences of SENTENCE_SECONDS, distributed evenly over the speakers."""
    shortest, longest = (seconds * SAMPLE_RATE for seconds in SENTENCE_SECONDS)
    waiting = []
    for name in ENGLISH_SOURCES:
        fitting = [c for c in read_clips(folder / name) if shortest <= len(c.samples) <= longest]
        waiting.append([fitting[i] for i in rng.permutation(len(fitting))])
    picked: list[Clip] = []
    while len(picked) < ENGLISH_SENTENCES and any(waiting):
        picked += [clips.pop() for clips in waiting if clips]
    return picked[:ENGLISH_SENTENCES]


def read_clips(folder: Path) -> list[Clip]:
    """Return the clips of a folder in the order of their names, with their texts if it has them."""
    paths = sorted(folder.glob("*.flac"))
    if not paths:
        raise SystemExit(f"No clips in {folder}: run tools.pretrain_data with --test-dir first.")
    texts = folder / TEXTS
    said = json.loads(texts.read_text(encoding="utf-8")) if texts.exists() else {}
    return [Clip(f"{folder.name}_{p.stem}", _read(p), said.get(p.stem, "")) for p in paths]


def joined(clips: Iterable[Clip], name: str) -> Recording:
    """Return the clips, each with a gap behind it, as the recording that a person would bring."""
    gap = np.zeros(round(GAP_SECONDS * SAMPLE_RATE), np.float32)
    sound = np.concatenate([part for clip in clips for part in (clip.samples, gap)])
    return Recording(sound, SAMPLE_RATE, name)


def _index(folder: Path) -> list[dict[str, object]]:
    return json.loads((folder / "index.json").read_text(encoding="utf-8"))


def _clip(folder: Path, row: dict[str, object]) -> Clip:
    name = str(row["file"]).replace("/", "_").removesuffix(".flac")
    return Clip(name, _read(folder / str(row["file"])), str(row["text"]), "korean")


def _read(path: Path) -> np.ndarray:
    return resample(load_audio(path), SAMPLE_RATE).samples
