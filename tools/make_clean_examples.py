"""Make the sounds of the page's "Why clean data?": a recording, and a voice trained on it.

    python -m tools.make_clean_examples WORK DATA_TEST weights/samples

WORK is the folder of a finished `benchmarks.clean_beats_much` with `--english DATA_TEST`, whose
target and source are synthetic voices (NOTICE). Writes why_NAME_recording.ogg and
why_NAME_voice.ogg for the clean recording, one with fan noise, one with echo, and the noisy one
cleaned. Deterministic.
"""

import argparse
from pathlib import Path

import numpy as np

from benchmarks.proof_conditions import Condition, Material, Shelf
from benchmarks.proof_voice import clean_files
from rvc.audio import Recording, load_audio, resample
from rvc.cleaning.level import loudness_lufs
from tools.make_sample_recording import SAMPLE_RATE, write_opus

TARGET, SOURCE = "kokoro_test_man", "kokoro_test_woman"
CLEAN, NOISE, ECHO = (
    Material(TARGET, (("", 5.0),), fault) for fault in ("", "fan 10 dB", "echo 0.6 s")
)
EXAMPLES = {  # name: the voice, and whether its recording is shown cleaned
    "clean": (Condition(CLEAN, "raw"), False),
    "noise": (Condition(NOISE, "raw"), False),
    "echo": (Condition(ECHO, "raw"), False),
    "cleaned": (Condition(NOISE, "cleaned"), True),
}
SECONDS = 5.0
LOUDNESS_LUFS = -23.0
BIT_RATE = 56_000


def main() -> None:
    """Write the eight files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path)
    parser.add_argument("english", type=Path)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    shelf = Shelf(Path(), arguments.english)
    total = 0
    for name, (condition, cleaned) in EXAMPLES.items():
        recording = shelf.recordings(condition.material)[0]
        if cleaned:
            recording = clean_files(arguments.work, shelf, condition.material)[0].aligned
        sounds = {"recording": excerpt(recording), "voice": converted(arguments.work, condition)}
        for side, sound in sounds.items():
            path = arguments.folder / f"why_{name}_{side}.ogg"
            write_opus(path, level(sound), bit_rate=BIT_RATE)
            total += path.stat().st_size
    print(f"{2 * len(EXAMPLES)} files, {total / 1000:.0f} kB")


def excerpt(recording: Recording) -> np.ndarray:
    """Return the first seconds (samples,) at SAMPLE_RATE."""
    first = recording.samples[: round(SECONDS * recording.sample_rate)]
    return resample(Recording(first, recording.sample_rate), SAMPLE_RATE).samples


def converted(work: Path, condition: Condition) -> np.ndarray:
    """Return a sentence of SOURCE converted with the voice, (samples,) at SAMPLE_RATE."""
    paths = sorted((work / "sounds" / condition.slug).glob(f"{SOURCE}*.wav"))
    return resample(load_audio(paths[0]), SAMPLE_RATE).samples


def level(samples: np.ndarray) -> np.ndarray:
    """Return the sound at LOUDNESS_LUFS, so that none is preferred for being louder."""
    gain = 10 ** ((LOUDNESS_LUFS - loudness_lufs(samples, SAMPLE_RATE)) / 20)
    return samples * np.float32(min(gain, 0.97 / max(np.abs(samples).max(), 1e-9)))


if __name__ == "__main__":
    main()
