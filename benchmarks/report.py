"""Accuracy of the quality report: faults added to clean speech, known truths, one table.

    PYTHONPATH=. python benchmarks/report.py --clips FOLDER [--seed 0] [--clips-each 2]
                                             [--rate 16000] [--json OUT.json]

FOLDER holds one folder per speaker with clean recordings (wav, flac, or raw .g722 as in Debian's
asterisk-core-sounds, whose English and Mexican voices are one speaker); they are joined into clips
of nine seconds. Rows: `--only faults snr voices f0 time` picks some.
"""

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import corruptions
import numpy as np
from clips import cut_clips, cut_utterance, read_voices

from rvc.audio import Recording
from rvc.cleaning import clean
from rvc.f0 import F0, estimate_f0, find_jumps, repair_f0
from rvc.f0.curve import runs
from rvc.quality import assess
from rvc.quality.noise import snr_db, split_noise
from rvc.quality.other_voice import own_voices

OWN_UTTERANCES, FOREIGN_UTTERANCES, DRAWS = 17, 3, 5
ROWS = ("faults", "snr", "voices", "f0", "time")


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    figure: str
    bar: str
    value: str
    reached: bool


def added(
    voices: dict[str, Recording], each: int, rng: np.random.Generator
) -> Iterator[tuple[str, str, str, Recording]]:
    """Yield (voice, added fault, expected name, sound); "none" for the clean clip."""
    for name, voice in voices.items():
        others, rate = _others(voices, name), voice.sample_rate
        for clip in cut_clips(voice, each, rng):
            made = [("clean", "none", clip)]
            made += [("babble", "noise", corruptions.babble(clip, rate, rng, others))]
            for added_name, (corrupt, fault) in corruptions.FAULTS.items():
                made.append((added_name, fault, corrupt(clip, rate, rng)))
            for kind, fault, samples in made:
                yield name, kind, fault, Recording(samples, rate, f"{name}-{kind}")


def _others(voices: dict[str, Recording], name: str) -> list[np.ndarray]:
    return [voice.samples for other, voice in voices.items() if other != name]


def bench_faults(voices: dict[str, Recording], each: int, rng: np.random.Generator) -> list[Row]:
    """Measure the named faults of every clip, cleaned and assessed by itself."""
    right, wrong, on_clean = [], [], []
    for voice, name, fault, sound in added(voices, each, rng):
        report = assess(clean(sound))
        print(f"  {voice[:16]:16s} {name:9s} {','.join(report.faults) or '-':24s}", flush=True)
        if fault == "none":
            on_clean.append(len(report.faults))
            continue
        right.append(report.main_fault == fault)
        if not right[-1]:
            wrong.append(f"{voice[:5]}:{name}>{report.main_fault}")
    share, extra = float(np.mean(right)), float(np.mean(on_clean))
    return [
        Row(
            f"true fault named first (of {len(right)}; wrong: {' '.join(wrong) or 'none'})",
            ">= .90", f"{share:.2f}", share >= 0.9,
        ),
        Row(f"faults per clean clip (of {len(on_clean)})", "<= .10", f"{extra:.2f}", extra <= 0.1),
    ]  # fmt: skip


def bench_snr(voices: dict[str, Recording], each: int, rng: np.random.Generator) -> list[Row]:
    """Measure the error of the SNR for pink noise, a fan and babble at 5 to 30 dB."""
    errors = []
    for name, voice in voices.items():
        others, rate = _others(voices, name), voice.sample_rate
        for clip in cut_clips(voice, each, rng):
            for snr in (5.0, 10.0, 15.0, 20.0, 25.0, 30.0):
                noisy = {
                    "pink": corruptions.pink(clip, rate, rng, snr),
                    "fan": corruptions.fan(clip, rate, rng, snr),
                    "babble": corruptions.babble(clip, rate, rng, others, snr),
                }
                for kind, samples in noisy.items():
                    found = snr_db(split_noise(Recording(samples, rate)))
                    errors.append((kind, snr, abs(found - snr)))
                    print(f"  {name[:16]:16s} {kind:7s} {snr:4.0f} {found:5.1f}", flush=True)
    mean = float(np.mean([error for *_, error in errors]))
    kinds = " ".join(
        f"{kind} {np.mean([e for k, _, e in errors if k == kind]):.1f}"
        for kind in ("pink", "fan", "babble")
    )
    return [Row(f"SNR mean error, 5-30 dB ({kinds})", "<= 1.5 dB", f"{mean:.2f} dB", mean <= 1.5)]


def bench_voices(
    voices: dict[str, Recording], rng: np.random.Generator, weights: Path | None
) -> list[Row]:
    """Measure detection of other voices: three of twenty utterances, five draws per owner."""
    from rvc.assets import weights_dir

    rows = []
    for shortest, longest in ((3.0, 6.0), (1.0, 3.0)):
        alarms, found = [], []
        for name, voice in voices.items():
            others = [sound for other, sound in voices.items() if other != name]
            own_low, other_low = [], []
            for draw in range(DRAWS):
                speakers = [voice] * OWN_UTTERANCES
                speakers += [others[(draw + i) % len(others)] for i in range(FOREIGN_UTTERANCES)]
                utterances = [cut_utterance(each, rng, shortest, longest) for each in speakers]
                found_voices = own_voices(utterances, weights or weights_dir())
                low = [own is not None and own.is_other for own in found_voices]
                own_low += low[:OWN_UTTERANCES]
                other_low += low[OWN_UTTERANCES:]
            print(f"  {name[:20]:20s} found {sum(other_low)} of {len(other_low)}, false alarms "
                  f"{sum(own_low)} of {len(own_low)}", flush=True)  # fmt: skip
            alarms, found = alarms + own_low, found + other_low
        share, what = float(np.mean(found)), f"utterances of {shortest:g} to {longest:g} s"
        barred = longest > 3  # the bar applies to utterances, not to single words
        rows += [
            Row(f"foreign voices found (of {len(found)} {what})", ">= 90 %" if barred else "-",
                f"{share:.0%}", share >= 0.9 or not barred),
            Row(f"false alarms (of {len(alarms)} {what})", "0" if barred else "-",
                f"{sum(alarms)}", not any(alarms) or not barred),
        ]  # fmt: skip
    return rows


def bench_f0(voices: dict[str, Recording], rng: np.random.Generator) -> list[Row]:
    """Measure detection and repair of octave slips of 20 to 120 ms, twice a second."""
    flagged, repaired, altered, jumps, minutes, frames = [], [], 0, 0, 0.0, 0
    for voice in voices.values():
        true = estimate_f0(voice)
        jumps += len(find_jumps(true))
        minutes += true.voiced.sum() / 6000
        untouched = repair_f0(true)
        altered += int(untouched.repaired.sum())
        frames += len(true.hz)
        slipped, slips = add_slips(true, rng)
        found = repair_f0(slipped)
        edges = [edge for start, stop in slips for edge in (start, stop)]
        for start, stop in slips:
            near = any(abs(jump - edge) <= 1 for jump in found.jumps for edge in (start, stop))
            flagged.append(near)
            cents = 1200 * np.abs(np.log2(found.f0.hz[start:stop] / true.hz[start:stop]))
            repaired.append(cents.max() < 50)
        print(f"  {len(slips)} slips, {len(edges)} edges", flush=True)
    flag, fixed, per_minute = float(np.mean(flagged)), float(np.mean(repaired)), jumps / minutes
    share = altered / frames
    return [
        Row(f"added jumps flagged (of {len(flagged)})", ">= 90 %", f"{flag:.0%}", flag >= 0.9),
        Row("jumps on clean speech", "<= 5 /min", f"{per_minute:.1f}", per_minute <= 5),
        Row("added jumps repaired within 50 cents", ">= 80 %", f"{fixed:.0%}", fixed >= 0.8),
        Row("true f0 altered", "<= 0.2 %", f"{share:.2%}", share <= 0.002),
    ]


def add_slips(f0: F0, rng: np.random.Generator) -> tuple[F0, list[tuple[int, int]]]:
    """Return the curve with octave slips in its voiced runs, and their places."""
    hz, slips = f0.hz.copy(), []
    for first, last in runs(f0.voiced):
        at = first + int(rng.integers(0, 50))
        while at + 14 < last:
            size = int(rng.integers(2, 13))
            factor = 2.0 if rng.random() < 0.5 else 0.5
            moved = hz[at : at + size] * factor
            if moved.min() >= 50 and moved.max() <= 1100:
                hz[at : at + size] = moved
                slips.append((at, at + size))
            at += size + int(rng.integers(20, 80))
    return replace(f0, hz=hz), slips


def bench_time(voices: dict[str, Recording], minutes: float) -> list[Row]:
    """Measure the processor time of one long recording with a little noise."""
    rate = next(iter(voices.values())).sample_rate
    joined = np.concatenate([voice.samples for voice in voices.values()])
    samples = np.resize(joined, round(minutes * 60 * rate)).astype(np.float32)
    samples += np.random.default_rng(0).standard_normal(len(samples)).astype(np.float32) * 0.002
    assess(clean(Recording(samples[: 5 * rate], rate)))  # load the networks
    begun = time.process_time()
    cleaned = clean(Recording(samples, rate))
    between = time.process_time()
    assess(cleaned)
    ended = time.process_time()
    scale = 10 / minutes / 60
    total = (ended - begun) * scale
    parts = f"cleaning {(between - begun) * scale:.1f}, report {(ended - between) * scale:.1f}"
    label = f"CPU time for ten minutes ({parts}; from {minutes:g} min)"
    return [Row(label, "<= 4 min", f"{total:.1f} min", total <= 4)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clips", type=Path, required=True)
    parser.add_argument("--clips-each", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rate", type=int, default=16_000, help="Hz that the clips are read at")
    parser.add_argument("--minutes", type=float, default=10.0, help="length of the timed sound")
    parser.add_argument("--only", nargs="+", choices=ROWS, default=list(ROWS))
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    voices = read_voices(arguments.clips, arguments.rate)
    if len(voices) < 2:
        raise SystemExit(
            "The benchmark needs two voices or more, each with half a minute of speech."
        )
    rows: list[Row] = []
    for name in arguments.only:
        rng = np.random.default_rng([arguments.seed, ROWS.index(name)])
        rows += {
            "faults": lambda rng=rng: bench_faults(voices, arguments.clips_each, rng),
            "snr": lambda rng=rng: bench_snr(voices, arguments.clips_each, rng),
            "voices": lambda rng=rng: bench_voices(voices, rng, arguments.weights),
            "f0": lambda rng=rng: bench_f0(voices, rng),
            "time": lambda: bench_time(voices, arguments.minutes),
        }[name]()
    print("\n| figure | bar | measured | |\n|---|---|---|---|")
    for row in rows:
        print(f"| {row.figure} | {row.bar} | {row.value} | {'yes' if row.reached else 'NO'} |")
    if arguments.json:
        arguments.json.write_text(json.dumps([vars(row) for row in rows], indent=1))


if __name__ == "__main__":
    main()
