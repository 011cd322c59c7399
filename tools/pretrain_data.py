"""Prepare the speech that the base of the `lite` preset is trained on, from installed packages.

    python -m tools.pretrain_data DATA --test-dir DATA_TEST

Writes DATA/<voice>/<clip>.flac (24 kHz, mono, 16 bit, trimmed, levelled, 1-12 s), DATA/data.json
(voice, language, licence, source, seconds, bandwidth) and a line in DATA/READY.txt per voice. The
held-out voices (the Italian speaker, LibriVox readers, synthetic voices) go to --test-dir, never to
DATA; where it is known what they say, a clip is one sentence, and texts.json has it. A finished
voice is not generated again; the same command resumes an interrupted run. Several runs with
different --voices may share a folder. tools/pretrain_sources.py and `--list` name the packages.
"""

import argparse
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from rvc.audio import Recording, resample
from rvc.errors import RVCError
from rvc.files import write_json
from tools.pretrain_clips import bandwidth_hz, level, pack, trim
from tools.pretrain_sources import VOICES, VoiceSource, package_version, prompts, texts

SAMPLE_RATE = 24_000
TEXTS = "texts.json"  # what the clips of a folder say


def main() -> None:
    """Read the arguments; generate each missing voice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--test-dir", type=Path, help="also generate the held-out voices, here")
    parser.add_argument("--voices", nargs="*", help="only these")
    parser.add_argument("--minutes", type=float, default=15.0, help="of each synthetic voice")
    parser.add_argument("--asterisk-dir", type=Path, help="sounds, if not where Debian puts them")
    parser.add_argument("--list", action="store_true", help="name the voices and stop")
    arguments = parser.parse_args()
    for source in VOICES:
        if arguments.list:
            print(source.name, source.language, source.package, source.licence, sep="\t")
            continue
        folder = arguments.test_dir if source.held_out else arguments.out
        if folder is None or (arguments.voices and source.name not in arguments.voices):
            continue
        if not (folder / source.name / "voice.json").exists():
            try:
                make_voice(folder, source, arguments.minutes * 60, arguments.asterisk_dir)
            except (RVCError, ImportError, OSError) as error:
                print(f"{source.name}: left out: {error}", flush=True)


def make_voice(folder: Path, source: VoiceSource, seconds: float, sounds: Path | None) -> None:
    """Write one voice's clips and add it to data.json and READY.txt."""
    part = folder / f".{source.name}.part"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    clips, said = [], {}
    for clip, text in voice_clips(source, seconds, sounds):
        name = f"{len(clips):04d}"
        write_flac(part / f"{name}.flac", clip)
        clips.append(clip)
        said |= {name: text} if text else {}
    if said:
        write_json(part / TEXTS, said)
    total = sum(map(len, clips)) / SAMPLE_RATE
    facts = {
        "voice": source.name,
        "language": source.language,
        "kind": source.kind,
        "licence": source.licence,
        "source": source.package,
        "version": package_version(source.package),
        "seconds": round(total, 1),
        "clips": len(clips),
        "bandwidth_hz": bandwidth_hz(clips, SAMPLE_RATE),
    }
    (part / "voice.json").write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n")
    shutil.rmtree(folder / source.name, ignore_errors=True)
    part.rename(folder / source.name)
    everything = [json.loads(p.read_text()) for p in sorted(folder.glob("*/voice.json"))]
    temporary = folder / f".data.{os.getpid()}.json"
    temporary.write_text(json.dumps(everything, ensure_ascii=False, indent=1) + "\n")
    temporary.replace(folder / "data.json")
    line = f"{source.name} {source.language} {len(clips)} clips {total / 60:.1f} minutes"
    with (folder / "READY.txt").open("a") as ready:
        ready.write(line + "\n")
    print(line, flush=True)


def voice_clips(
    source: VoiceSource, seconds: float, sounds: Path | None
) -> Iterator[tuple[np.ndarray, str]]:
    """Yield (clip, text), clips (samples,) at SAMPLE_RATE; a synthetic voice stops after `seconds`.

    Of a held-out voice whose text is known, a clip is one sentence; else the text is empty.
    """
    at_rate = (
        resample(Recording(samples, rate), SAMPLE_RATE).samples
        for samples, rate in prompts(source, sounds)
    )
    pairs: Iterator[tuple[np.ndarray, str]]
    if source.held_out and source.kind != "asterisk":
        trimmed = (trim(prompt, SAMPLE_RATE) for prompt in at_rate)
        pairs = zip(trimmed, texts(source), strict=False)
    else:
        pairs = ((clip, "") for clip in pack(at_rate, SAMPLE_RATE))
    generated = 0.0
    for clip, text in pairs:
        yield level(clip, SAMPLE_RATE), text
        generated += len(clip) / SAMPLE_RATE
        if source.kind == "synthetic" and generated >= seconds:
            return


def write_flac(path: Path, samples: np.ndarray) -> None:
    """Write (samples,) as 16-bit FLAC at SAMPLE_RATE."""
    import soundfile

    soundfile.write(path, samples, SAMPLE_RATE, subtype="PCM_16")


if __name__ == "__main__":
    main()
