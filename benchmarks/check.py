"""Accuracy of the input check of a conversion: one table of right and wrong warnings.

    PYTHONPATH=. python benchmarks/check.py --clips FOLDER [--music FOLDER] [--seed 0] [--each 3]
                                            [--rate 16000]

FOLDER holds one folder per speaker, as for benchmarks/report.py. `--music` holds music (wav, flac
or .g722, as Debian's asterisk-moh-opsound-g722 has it); without it there are no rows for music.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import corruptions
import numpy as np
from clips import cut_utterance, read_voices

from rvc.audio import Recording
from rvc.messages import Message
from rvc.quality.check import CLIPPED, ECHO, MUSIC, NOISE, TWO_VOICES, check_input

NAMES = {NOISE: "noise", MUSIC: "music", ECHO: "echo", CLIPPED: "clipped", TWO_VOICES: "two voices"}
MUSIC_SNRS_DB = (0.0, 5.0, 10.0)
TURNS_SECONDS = {"long turns": (4.0, 7.0), "short turns": (1.5, 3.0)}


def dialogue(
    voices: list[Recording], rng: np.random.Generator, turns: tuple[float, float]
) -> Recording:
    """Return about half a minute of two speakers in turns of `turns` seconds, 0.5 s apart."""
    pieces, rate, seconds = [], voices[0].sample_rate, 0.0
    while seconds < 25:
        turn = cut_utterance(voices[len(pieces) // 2 % 2], rng, *turns)
        pieces += [turn.samples, np.zeros(rate // 2, np.float32)]
        seconds += turn.duration_seconds
    return Recording(np.concatenate(pieces), rate)


def inputs(
    voices: dict[str, Recording], music: np.ndarray | None, each: int, rng: np.random.Generator
) -> Iterator[tuple[str, str, Message | None, Recording]]:
    """Yield (voice, kind, the expected first warning, sound)."""
    for name, voice in voices.items():
        others = [other for key, other in voices.items() if key != name]
        rate = voice.sample_rate
        for _ in range(each):
            clip = cut_utterance(voice, rng, 8, 25).samples
            made: list[tuple[str, Message | None, np.ndarray]] = [
                ("clean", None, clip),
                ("clean, 4 s", None, clip[: 4 * rate]),
                ("pink 8 dB", NOISE, corruptions.pink(clip, rate, rng, 8)),
                ("fan 8 dB", NOISE, corruptions.fan(clip, rate, rng, 8)),
                ("room 0.7 s", ECHO, corruptions.echo(clip, rate, rng, 0.7)),
                ("clipping 2 %", CLIPPED, corruptions.clipping(clip, rate, rng, 0.02)),
            ]
            for turns, seconds in TURNS_SECONDS.items():
                other = others[int(rng.integers(len(others)))]
                both = dialogue([voice, other], rng, seconds).samples
                made.append((f"two speakers, {turns}", TWO_VOICES, both))
            if music is not None:
                at = int(rng.integers(0, len(music) - len(clip)))
                for snr in MUSIC_SNRS_DB:
                    mixed = corruptions._mixed(clip, music[at : at + len(clip)], snr)
                    made.append((f"music, voice {snr:+.0f} dB", MUSIC, mixed))
            for kind, wanted, samples in made:
                yield name, kind, wanted, Recording(samples.astype(np.float32), rate)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clips", type=Path, required=True)
    parser.add_argument("--music", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--each", type=int, default=3)
    parser.add_argument("--rate", type=int, default=16_000)
    arguments = parser.parse_args()
    voices = read_voices(arguments.clips, arguments.rate)
    music = None
    if arguments.music:
        kept = read_voices(arguments.music, arguments.rate, 600).values()
        music = np.concatenate([each.samples for each in kept])
    rng = np.random.default_rng(arguments.seed)
    results: dict[str, list[tuple[bool, list[str]]]] = {}
    for name, kind, wanted, sound in inputs(voices, music, arguments.each, rng):
        found = [NAMES.get(text, str(text)) for text in check_input(sound)]
        right = not found if wanted is None else NAMES[wanted] in found
        results.setdefault(kind, []).append((right, found))
        print(f"  {name[:18]:18s} {kind:24s} {', '.join(found) or '-'}", flush=True)
    print("\n| input | inputs | right | also or instead |\n|---|---|---|---|")
    for kind, rows in results.items():
        extra = [word for right, found in rows for word in found if not right or len(found) > 1]
        counts = ", ".join(f"{word} {extra.count(word)}" for word in dict.fromkeys(extra))
        print(f"| {kind} | {len(rows)} | {np.mean([r for r, _ in rows]):.0%} | {counts or '-'} |")


if __name__ == "__main__":
    main()
