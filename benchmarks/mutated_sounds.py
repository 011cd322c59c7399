"""Decode damaged audio files: count those read, refused with a message, and other outcomes.

    python benchmarks/mutated_sounds.py [--count 300] [--seed 0] [--here]

Every file is a tone of 1.5 s in one of two dozen containers, damaged in one of seven ways. The same
seed gives the same files. `--here` decodes in this process instead of a confined child, which does
not contain a crash of the libraries.
"""

import argparse
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from rvc.audio import load_audio
from rvc.errors import AudioError
from rvc.untrusted import sound

RATE, SECONDS = 48_000, 1.5
KINDS = (
    ("wav", "pcm_s16le"), ("wav", "adpcm_ms"), ("w64", "pcm_s24le"), ("flac", "flac"),
    ("ogg", "libopus"), ("ogg", "flac"), ("mp3", "libmp3lame"), ("ipod", "aac"), ("mp4", "aac"),
    ("mov", "pcm_s16le"), ("webm", "libopus"), ("matroska", "flac"), ("aiff", "pcm_s16be"),
    ("au", "pcm_s16be"), ("caf", "pcm_s16le"), ("wv", "wavpack"), ("tta", "tta"), ("ac3", "ac3"),
    ("mpegts", "aac"), ("mpeg", "mp2"), ("avi", "libmp3lame"), ("flv", "aac"),
    ("asf", "libmp3lame"), ("adts", "aac"),
)  # fmt: skip
HEAD_BYTES = 512


def seeds(folder: Path) -> list[bytes]:
    """Return a valid file of every kind."""
    times = np.arange(round(SECONDS * RATE)) / RATE
    samples = (8_000 * np.sin(2 * np.pi * 220 * times)).astype(np.int16)[None]
    found = []
    for container, codec in KINDS:
        path = folder / f"{container}-{codec}"
        with av.open(str(path), "w", format=container) as output:
            stream = output.add_stream(codec, rate=RATE, layout="mono")
            frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
            frame.sample_rate, frame.pts = RATE, 0
            output.mux([*stream.encode(frame), *stream.encode(None)])
        found.append(path.read_bytes())
    return found


def mutations(others: list[bytes]) -> list[Callable[[bytearray, np.random.Generator], bytearray]]:
    """Return the functions that damage a file."""

    def cut(content, rng):
        return content[: int(rng.integers(1, len(content)))]

    def cut_in_head(content, rng):
        return content[: int(rng.integers(1, HEAD_BYTES))]

    def flip(content, rng):
        for place in rng.integers(0, len(content), int(rng.integers(1, 60))):
            content[place] ^= 1 << int(rng.integers(8))
        return content

    def flip_in_head(content, rng):
        for place in rng.integers(4, min(len(content), HEAD_BYTES), int(rng.integers(1, 12))):
            content[place] = int(rng.integers(256))
        return content

    def change_sizes(content, rng):
        for place in rng.integers(4, min(len(content), HEAD_BYTES) - 8, int(rng.integers(1, 4))):
            size = int(rng.choice([0, 1, 2**16, 2**31 - 1, 2**31, 2**32 - 1, 2**32 - 9]))
            content[place : place + 4] = size.to_bytes(4, str(rng.choice(["big", "little"])))
        return content

    def splice(content, rng):
        other = others[int(rng.integers(len(others)))]
        first, second = int(rng.integers(len(content))), int(rng.integers(len(other)))
        return content[:first] + other[second:]

    def leave_out(content, rng):
        first, length = int(rng.integers(len(content))), int(rng.integers(1, 4_000))
        repeated = content[first : first + length] * int(rng.integers(0, 4))
        return content[:first] + repeated + content[first + length :]

    return [cut, cut_in_head, flip, flip_in_head, change_sizes, splice, leave_out]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--here", action="store_true")
    arguments = parser.parse_args()
    if arguments.here:
        sound.APART = False
    rng, outcomes, slowest = np.random.default_rng(arguments.seed), Counter(), 0.0
    with tempfile.TemporaryDirectory() as name:
        path, whole = Path(name) / "a", seeds(Path(name))
        ways = mutations(whole)
        for number in range(arguments.count):
            content = bytearray(whole[number % len(whole)])
            path.write_bytes(ways[int(rng.integers(len(ways)))](content, rng))
            began = time.monotonic()
            try:
                load_audio(path)
                outcome = "read"
            except AudioError as error:
                outcome = f"refused: {error}"
            except Exception:
                outcome = "EXCEPTION"
                traceback.print_exc()
            outcomes[outcome] += 1
            slowest = max(slowest, time.monotonic() - began)
    for outcome, count in outcomes.most_common():
        print(f"{count:5d}  {outcome}")
    print(f"exceptions other than AudioError: {outcomes['EXCEPTION']} of {arguments.count}")
    print(f"slowest: {slowest:.2f} s")


if __name__ == "__main__":
    main()
