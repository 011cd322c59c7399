"""Gains and costs of cleaning: known faults are added to clean speech and removed again.

    python benchmarks/cleaning.py --clips VOICE_FOLDER VOICE_FOLDER ... [--seed 0] [--json OUT.json]

Every folder is one voice; its recordings (raw .g722 too, as Debian's asterisk-core-sounds has them)
are joined into clips of nine seconds. Needs pesq, Resemblyzer and speechmos besides the program.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import faults
import numpy as np
import soxr
from cleaning_judges import judged, measured, ovrl, pesq_wb

from rvc.audio import Recording, load_audio
from rvc.cleaning import Cleaned, CleaningOptions, clean
from rvc.cleaning.trim import KEPT_PAUSE_SECONDS

RATE = 24_000  # Hz, of the cleaned sound
CLIP_SECONDS = 9.01
HOP = RATE // 100


# ---- the clips ----------------------------------------------------------------------------------


def read(path: Path) -> np.ndarray:
    if path.suffix != ".g722":
        recording = load_audio(path)
        return soxr.resample(recording.samples, recording.sample_rate, RATE)
    import av  # headerless, so the format must be named

    with av.open(str(path), format="g722") as container:
        frames = [frame.to_ndarray()[0] for frame in container.decode(audio=0)]
    return soxr.resample(np.concatenate(frames).astype(np.float32) / 32768, 16_000, RATE)


def clips(folder: Path, count: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Return `count` clips of nine seconds of one voice, of different recordings."""
    paths = sorted(path for path in folder.iterdir() if path.suffix in {".g722", ".wav", ".flac"})
    paths = [path for path in paths if path.stat().st_size > 16_000]
    sounds = [read(paths[index]) for index in rng.permutation(len(paths))[: 12 * count]]
    joined = np.concatenate([sound for sound in sounds if np.abs(sound).max() > 0.05])
    size = round(CLIP_SECONDS * RATE)
    return [joined[start : start + size] for start in range(0, count * size, size)]


def cleaned(sound: np.ndarray, strength: str = "standard") -> Cleaned:
    return clean(Recording(sound.astype(np.float32), RATE), CleaningOptions(strength))


# ---- the faults ---------------------------------------------------------------------------------


def conditions(others: list[np.ndarray]) -> dict[str, Callable]:
    """Return functions (voice, rng) -> faulty voice, by name."""

    def noise(make: Callable, snr_db: float) -> Callable:
        return lambda voice, rng: faults.at_snr(voice, make(len(voice), rng), snr_db)

    return {
        "pink 10": noise(faults.pink, 10),
        "pink 20": noise(faults.pink, 20),
        "white 10": noise(faults.white, 10),
        "fan 10": noise(lambda n, rng: faults.fan(n, RATE, rng), 10),
        "babble 10": noise(lambda n, rng: faults.babble(others, n, rng), 10),
        "hum 10": noise(lambda n, rng: faults.hum(n, RATE, rng.choice([50.0, 60.0]), rng), 10),
        "echo 0.6 s": lambda voice, rng: faults.echo(voice, RATE, 0.6, rng),
    }


def click_places(voice: np.ndarray, rng: np.random.Generator, *, speaking: bool) -> np.ndarray:
    """Return twelve places at least 160 ms apart, all inside speech or all in pauses.

    That is eighty a minute; closer ones would lie in each other's context, unlike real mouth
    clicks.
    """
    frames = np.sqrt(np.square(voice[: len(voice) // HOP * HOP].reshape(-1, HOP)).mean(1))
    loud = np.percentile(frames, 95)
    smooth = np.convolve(frames, np.ones(7) / 7, "same")
    fitting = smooth > 0.25 * loud if speaking else smooth < 0.03 * loud
    chosen: list[int] = []
    for frame in rng.permutation(np.flatnonzero(fitting[6:-6]) + 6):
        if all(abs(frame - other) >= 16 for other in chosen):
            chosen.append(int(frame))
        if len(chosen) == 12:
            break
    return np.array(sorted(chosen), int) * HOP


def clicks_cut(voice: np.ndarray, places: np.ndarray, rng: np.random.Generator) -> float:
    """Return the percentage of added clicks that cleaning attenuates by at least 10 dB."""
    if not len(places):
        return float("nan")
    faulty = faults.with_clicks(voice, RATE, places, 0.15, rng)
    plain, result = cleaned(voice), cleaned(faulty)
    left = result.aligned.samples / result.gain - plain.aligned.samples / plain.gain
    added = faulty - voice
    spans = [slice(max(0, at - HOP // 2), at + HOP * 3 // 2) for at in places]
    cuts = [np.square(left[s]).sum() < 0.1 * np.square(added[s]).sum() for s in spans]
    return float(100 * np.mean(cuts))


def blocks_lost(voice: np.ndarray, level_db: float) -> float:
    """Return the percentage of 50 ms blocks of faint speech that lose more than 6 dB."""
    scale = 10 ** (level_db / 20) / np.sqrt(np.square(voice).mean())
    faint = np.round(voice * scale * 32768) / 32768
    result = cleaned(faint).aligned.samples
    result = result * (faint @ result) / (result @ result)
    size = RATE // 20
    powers = [
        np.square(x[: len(x) // size * size].reshape(-1, size)).mean(1) for x in (faint, result)
    ]
    speaking = powers[0] > np.percentile(powers[0], 95) * 1e-3
    return float(100 * np.mean(powers[1][speaking] < powers[0][speaking] / 4))


def trimming(parts: list[np.ndarray], floor_db: float, rng: np.random.Generator) -> tuple:
    """Return percentages: speech kept, pauses removed, and removable pause time removed.

    0.3 s of every pause (0.15 s of the last one) should be kept, so that words do not run together.
    """
    sound, pause = faults.with_pauses(parts, RATE, floor_db, rng)
    kept = np.zeros(len(sound), bool)
    for part in cleaned(sound).speech:
        kept[round(part.start_seconds * RATE) : round(part.end_seconds * RATE)] = True
    voice = np.concatenate(
        [np.square(p[: len(p) // HOP * HOP].reshape(-1, HOP)).mean(1) for p in parts]
    )
    threshold = np.percentile(voice, 95) * 1e-4
    energy = np.convolve(np.square(sound), np.ones(HOP) / HOP, "same")
    speaking = ~pause & (energy > max(threshold, 4 * 10 ** (floor_db / 10)))
    surplus = pause.sum() - (len(parts) - 0.5) * KEPT_PAUSE_SECONDS * RATE
    removed = (~kept[pause]).sum()
    return (
        float(100 * kept[speaking].mean()),
        float(100 * removed / pause.sum()),
        float(min(100, 100 * removed / surplus)),
    )


# ---- the table ----------------------------------------------------------------------------------


Note = Callable[[str, float], None]


@dataclass(frozen=True)
class Voice:
    """Two clips of one speaker, clips of others for babble, and the start of its seeds."""

    clips: list[np.ndarray]
    others: list[np.ndarray]
    seed: tuple[int, ...]

    def rng(self, purpose: int) -> np.random.Generator:
        return np.random.default_rng([*self.seed, purpose])


def bench_faults(voice: Voice, note: Note) -> None:
    clip = voice.clips[0]
    for name, spoil in conditions(voice.others).items():
        faulty = spoil(clip, voice.rng(0))
        before = measured(clip, faulty, RATE)
        after = measured(clip, cleaned(faulty).aligned.samples, RATE)
        for measure in before:
            note(f"{name}: {measure} gain", after[measure] - before[measure])
            note(f"{name}: {measure} after", after[measure])


def bench_clean(voice: Voice, note: Note) -> None:
    for clip in voice.clips:
        after = measured(clip, cleaned(clip).aligned.samples, RATE)
        note("clean: ovrl loss", ovrl(judged(clip, RATE)) - after.pop("ovrl"))
        for measure, value in after.items():
            note(f"clean: {measure}", value)


def bench_faint(voice: Voice, note: Note) -> None:
    for clip in voice.clips:
        note("clean at -55 dBFS: blocks lost %", blocks_lost(clip, -55))


def bench_clicks(voice: Voice, note: Note) -> None:
    for where, speaking in (("in pauses", False), ("in speech", True)):
        rng = voice.rng(1)
        places = click_places(voice.clips[0], rng, speaking=speaking)
        note(f"clicks {where} cut %", clicks_cut(voice.clips[0], places, rng))


def bench_again(voice: Voice, note: Note) -> None:
    faulty = conditions(voice.others)
    for name in ("pink 10", "echo 0.6 s", ""):
        sound = faulty[name](voice.clips[1], voice.rng(2)) if name else voice.clips[1]
        first = cleaned(sound).aligned.samples
        second = cleaned(first).aligned.samples
        note(
            f"again after {name or 'nothing'}: pesq",
            pesq_wb(judged(first, RATE), judged(second, RATE)),
        )


def bench_trimming(voice: Voice, note: Note) -> None:
    for index, floor_db in enumerate((-75, -60, -45)):
        parts = np.array_split(np.concatenate(voice.clips), 4)
        kept, gone, surplus_gone = trimming(parts, floor_db, voice.rng(3 + index))
        note("trimming: speech kept %", kept)
        note("trimming: pauses removed %", gone)
        note("trimming: pauses removed beyond the 0.3 s kept %", surplus_gone)


def bench_speed(voice: Voice, note: Note) -> None:
    sound = np.resize(np.concatenate(voice.clips), 120 * RATE)
    started = time.process_time()
    cleaned(sound + 0.003 * voice.rng(6).standard_normal(len(sound)))
    note("ten minutes of sound: minutes of one core", (time.process_time() - started) * 5 / 60)


BENCHES = {
    "faults": bench_faults,
    "clean": bench_clean,
    "faint": bench_faint,
    "clicks": bench_clicks,
    "again": bench_again,
    "trimming": bench_trimming,
    "speed": bench_speed,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clips", nargs="+", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--only", nargs="+", choices=BENCHES, default=list(BENCHES))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    rng = np.random.default_rng(arguments.seed)
    talkers = [clips(folder, 2, rng) for folder in arguments.clips]
    rows: dict[str, list[float]] = {}
    for name in arguments.only:
        for index, talker in enumerate(talkers):
            others = [other[1] for place, other in enumerate(talkers) if place != index] * 2
            voice = Voice(talker, others, (arguments.seed, index))
            BENCHES[name](voice, lambda figure, value: rows.setdefault(figure, []).append(value))
        print(f"{name} done", file=sys.stderr)
    print(f"{'figure':46} {'mean':>7} {'lowest':>7} {'highest':>7}")
    for name, values in rows.items():
        print(f"{name:46} {np.mean(values):7.2f} {np.min(values):7.2f} {np.max(values):7.2f}")
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
