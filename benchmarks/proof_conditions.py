"""Conditions of benchmarks/clean_beats_much.py: recordings with real and planted faults.

A `Material` is what a person would have recorded: files of one target speaker in one state. A
`Condition` is a voice to train: a material, how it is treated, and the seed of the training.
"""

import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks import corruptions, faults
from rvc.audio import Recording, load_audio

READER = "deeply_a"  # of rooms/
CLEAN_ROOM = "AnechoicChamber"
MORE = "DanceStudio more"  # the sentences that only the dance studio has
GAP_SECONDS = 0.5  # between sentences
LONG_PAUSE_EVERY = 2  # sentences

Spoil = Callable[[np.ndarray, int, np.random.Generator], np.ndarray]


def _click_and_pause(voice: np.ndarray, rate: int, rng: np.random.Generator) -> np.ndarray:
    """Return the voice with 90 clicks a minute and 1.5 to 6 s of silence about every 10 s."""
    clicking = corruptions.clicks(voice, rate, rng)
    parts = np.array_split(clicking, max(1, round(len(voice) / rate / 10)))
    return faults.with_pauses(parts, rate, -70.0, rng)[0]


FAULTS: dict[str, Spoil] = {
    "fan 10 dB": corruptions.fan,
    "echo 0.6 s": corruptions.echo,
    "phone": corruptions.phone,
    "clicks": _click_and_pause,
    "clipping": corruptions.clipping,
}


@dataclass(frozen=True)
class Material:
    """Files of one speaker. `takes`: (room, "" for a speaker of one room; minutes), one a file.

    `fault`: a key of FAULTS that is planted in every file, with another seed in each.
    """

    target: str
    takes: tuple[tuple[str, float], ...]
    fault: str = ""

    @property
    def name(self) -> str:
        takes = " + ".join(f"{room} {minutes:g}".strip() for room, minutes in self.takes)
        return f"{self.target} {takes} {self.fault}".strip()


@dataclass(frozen=True)
class Condition:
    """A voice to train. `treatment`: "raw" (everything as recorded), "cleaned" (every segment of
    the cleaned sound) or "selected" (what the report keeps of it, as the program trains)."""

    material: Material
    treatment: str
    seed: int = 0

    @property
    def name(self) -> str:
        return f"{self.material.name} {self.treatment} {self.seed}"

    @property
    def slug(self) -> str:
        """The name of its files."""
        kept = (symbol if symbol.isalnum() else "-" for symbol in self.name)
        return "-".join(part for part in "".join(kept).split("-") if part)


def _room(*takes: tuple[str, float]) -> Material:
    return Material(READER, takes)


def _one(target: str, minutes: float, fault: str = "", files: int = 1) -> Material:
    return Material(target, (("", minutes),) * files, fault)


ANECHOIC = _room((CLEAN_ROOM, 5))
DANCE_5 = _room(("DanceStudio", 5))
DANCE_20 = _room(("DanceStudio", 5), (MORE, 15))
FLAT = _room(("AirbnbStudio", 5))
MIXTURE = _room((CLEAN_ROOM, 5), (MORE, 15))


def reference(target: str) -> Condition:
    """Return the condition that others of the target are compared with: five clean minutes."""
    return Condition(ANECHOIC if target == READER else _one(target, 5), "selected")


def conditions(lone: str, english: str | None) -> list[Condition]:
    """Return every condition, the most important first.

    `lone`: the Korean speaker with planted faults; `english`: the same, None to leave it out.
    """
    fan, pair = "fan 10 dB", ((ANECHOIC, "selected"), (DANCE_20, "raw"))
    again = [Condition(*each, seed) for seed in (1, 2) for each in pair]
    others = [fault for fault in FAULTS if fault not in (fan, "echo 0.6 s")]
    voice = _english(english) if english else []
    return [
        *(Condition(*each) for each in (pair[0], (DANCE_5, "raw"), (DANCE_5, "selected"))),
        reference(lone),
        *_planted(lone, fan, ("raw", "selected")),
        Condition(*pair[1]),
        *again,
        *_planted(lone, fan, ("cleaned",)),
        Condition(_one(lone, 1), "selected"),
        Condition(FLAT, "selected"),
        *_planted(lone, "echo 0.6 s", ("raw", "selected")),
        Condition(_one(lone, 2), "selected"),
        Condition(DANCE_20, "selected"),
        *voice[:4],
        *(each for fault in others for each in _planted(lone, fault, ("raw", "selected"))),
        Condition(MIXTURE, "selected"),
        Condition(MIXTURE, "raw"),
        Condition(_one(lone, 5, fan, files=4), "raw"),
        Condition(FLAT, "raw"),
        *(Condition(DANCE_20, "selected", seed) for seed in (1, 2)),
        *(Condition(_one(lone, 5, fault), "cleaned") for fault in ("echo 0.6 s", *others)),
        *voice[4:],
    ]


def _planted(target: str, fault: str, treatments: tuple[str, ...]) -> Iterator[Condition]:
    for treatment in treatments:
        yield Condition(_one(target, 5, fault), treatment)


def _english(target: str) -> list[Condition]:
    """Return the conditions of an English voice."""
    fan, room = "fan 10 dB", "echo 0.6 s"
    others = [fault for fault in FAULTS if fault not in (fan, room)]
    return [
        reference(target),
        *_planted(target, fan, ("raw", "selected", "cleaned")),
        *_planted(target, room, ("raw", "selected", "cleaned")),
        *(Condition(_one(target, minutes), "selected") for minutes in (1, 2, 10)),
        *(each for fault in others for each in _planted(target, fault, ("raw", "selected"))),
        Condition(_one(target, 10, fan, files=2), "raw"),
    ]


@dataclass(frozen=True)
class Shelf:
    """Where the sentences are. `korean`: folder with index.json; `english`: folder of
    tools.pretrain_data. `seed`: chooses the sentences, the same ones in every room."""

    korean: Path
    english: Path | None
    seed: int = 0

    def recordings(self, material: Material) -> list[Recording]:
        """Return the files of a material at the rate of their sentences."""
        return [
            self._recording(material, number, room, minutes)
            for number, (room, minutes) in enumerate(material.takes)
        ]

    def held_out(self, target: str) -> list[Recording]:
        """Return the target's clean sentences that no material contains, thirty at most."""
        room = CLEAN_ROOM if target == READER else ""
        longest = 10.0 if self._is_english(target) else 5.0
        paths = self._sentences(target, room)
        used = _first(paths, longest * 60)
        return [load_audio(path) for path, _ in paths[len(used) :]][:30]

    def _recording(self, material: Material, number: int, room: str, minutes: float) -> Recording:
        chosen = _first(self._sentences(material.target, room), minutes * 60)
        sounds = [load_audio(path) for path, _ in chosen]
        rate = sounds[0].sample_rate
        gap = np.zeros(round(GAP_SECONDS * rate), np.float32)
        voice = np.concatenate([part for sound in sounds for part in (sound.samples, gap)])
        if material.fault:
            rng = np.random.default_rng([self.seed, number, zlib.crc32(material.fault.encode())])
            voice = FAULTS[material.fault](voice, rate, rng).astype(np.float32)
        return Recording(voice, rate, f"{number + 1} {room}.wav")

    def _sentences(self, target: str, room: str) -> list[tuple[Path, float]]:
        """Return (file, seconds), mixed in the same way for every room."""
        if self._is_english(target):
            paths = sorted((self.english / target).glob("*.flac"))
            rows = [(path, load_audio(path).duration_seconds, path.name) for path in paths]
        else:
            rows = [
                (self.korean / row["file"], row["seconds"], f"{row['text']} {row.get('sentiment')}")
                for row in json.loads((self.korean / "index.json").read_text(encoding="utf-8"))
                if row["speaker"] == target and _is_of(row, room)
            ]
        if not rows:
            raise SystemExit(f"There are no sentences of {target!r} {room}.")
        rows.sort(key=lambda row: zlib.crc32(f"{self.seed} {row[2]}".encode()))
        return [(path, seconds) for path, seconds, _ in rows]

    def _is_english(self, target: str) -> bool:
        return self.english is not None and (self.english / target).is_dir()


def _is_of(row: dict[str, object], room: str) -> bool:
    """Return whether a row of the index is of `room`; MORE names its additional sentences."""
    if room == MORE:
        return row.get("room") == "DanceStudio" and bool(row.get("more"))
    return (row.get("room") or "") == room and not row.get("more")


def _first(sentences: list[tuple[Path, float]], seconds: float) -> list[tuple[Path, float]]:
    """Return sentences from the start until they last `seconds`."""
    chosen, total = [], 0.0
    for sentence in sentences:
        if total >= seconds:
            break
        chosen.append(sentence)
        total += sentence[1]
    return chosen
