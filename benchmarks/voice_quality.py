"""Quality of trained voices: train on five minutes of unseen speakers, convert, score.

    python -m benchmarks.voice_quality WORK --korean KOREAN --target lmy
    python -m benchmarks.voice_quality WORK --english DATA_TEST --target asterisk_it
    python -m benchmarks.voice_quality WORK --korean KOREAN --target lmy --index-rate 0 --label r0

Training and conversion use the program's own functions: clean, report, train, convert. KOREAN is a
folder of real Korean speech with an index.json (benchmarks/voice_material.py), DATA_TEST comes from
`tools.pretrain_data --test-dir`. The voice, every converted clip and every score are stored under
WORK/<target>; an interrupted run resumes there. The same seed, machine and steps give the same
scores (with --minutes the number of steps depends on the machine's load).
"""

import argparse
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch

from benchmarks import judges
from benchmarks import voice_material as material
from benchmarks.sound_errors import sound_errors
from benchmarks.voice_material import SAMPLE_RATE, Clip, Target
from benchmarks.voice_table import print_table
from rvc import assets
from rvc.audio import Recording, load_audio, resample, save_audio
from rvc.convert import ConversionOptions
from rvc.engine import Engine
from rvc.files import write_json
from rvc.slicing import Slices
from rvc.train import TrainingOptions, TrainingRun, train

VOICE = "bench"
SILENCE_SECONDS = 2.0
LOUDNESS_FRAME = 320  # samples at the judges' rate: 20 ms
JUDGES: dict[str, Callable[[np.ndarray], object]] = {
    "distillmos": judges.distillmos,
    "dnsmos": lambda samples: judges.dnsmos(samples)["ovrl"],
    "speaker": lambda samples: judges.speaker_embedding(samples).tolist(),
    "speaker_at_level": lambda samples: judges.speaker_at_level(samples).tolist(),
    "korean": judges.transcribe_korean,
    "english": judges.transcribe,
}


def main() -> None:
    """Read the arguments; train unless the voice exists; convert, score, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path)
    parser.add_argument("--korean", type=Path, help="folder with index.json")
    parser.add_argument("--english", type=Path, help="folder of tools.pretrain_data --test-dir")
    parser.add_argument("--target", default="lmy", help="a Korean speaker or an English folder")
    parser.add_argument("--minutes", type=float, help="of training; without it and --steps: auto")
    parser.add_argument("--steps", type=int)
    parser.add_argument("--raw", action="store_true", help="train without clean and report")
    parser.add_argument("--from-scratch", action="store_true", help="without the base")
    parser.add_argument("--preset", default="lite")
    parser.add_argument("--index-rate", type=float)
    parser.add_argument("--sentences", type=int, default=1000, help="of each kind at most")
    parser.add_argument("--label", default="default", help="of these conversions under WORK")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    scores = bench(arguments)
    print_table(scores)
    if arguments.json:
        write_json(arguments.json, scores)


def bench(arguments: argparse.Namespace) -> dict[str, object]:
    """Return every score by section and name."""
    rng = np.random.default_rng(arguments.seed)
    target, sections = read_material(arguments, rng)
    folder = arguments.work / arguments.target
    engine = Engine(own_weights(folder, assets.weights_dir(arguments.weights)))
    scores: dict[str, object] = {"target": target.name}
    scores |= {"training": train_voice(engine, target, folder, arguments)}
    judged = Judgements(folder / "judgements.json")
    options = ConversionOptions(seed=arguments.seed, index_rate=arguments.index_rate)
    for name, clips in sections.items():
        sounds = convert_all(engine, clips, options, folder / arguments.label / name)
        scores[name] = score_section(clips, sounds, target, judged)
    scores["silence_db"] = silence_level(engine, next(iter(sections.values())), options)
    return scores


def read_material(
    arguments: argparse.Namespace, rng: np.random.Generator
) -> tuple[Target, dict[str, list[Clip]]]:
    """Return the target and the sentences to convert, by section."""
    sections: dict[str, list[Clip]] = {}
    english = arguments.english and (arguments.english / arguments.target).is_dir()
    if english:
        target = material.english_target(arguments.english, arguments.target, rng)
    elif arguments.korean:
        target = material.korean_target(arguments.korean, arguments.target)
        sections["korean"] = material.korean_sources(arguments.korean)
        sections["own"] = target.held_out
        if arguments.target != material.EMOTION_SPEAKER:
            sections["moods"] = material.mood_sources(arguments.korean)
    else:
        raise SystemExit("Give --korean or --english: the Korean rows are skipped without it.")
    if arguments.english:
        sections["english"] = material.english_sources(arguments.english, rng)
    if english:
        sections["own"] = target.held_out
    return target, {name: clips[: arguments.sentences] for name, clips in sections.items()}


def own_weights(folder: Path, shipped: Path) -> Path:
    """Return a weights folder to train in, with the shipped networks in it."""
    weights = folder / "weights"
    weights.mkdir(parents=True, exist_ok=True)
    if not (weights / "pretrained").exists():
        (weights / "pretrained").symlink_to(shipped.resolve() / "pretrained")
    return weights


def train_voice(
    engine: Engine, target: Target, folder: Path, arguments: argparse.Namespace
) -> dict[str, object]:
    """Train as a user would: clean one recording, assess it, train on the kept segments.

    An existing voice is used as it is. Returns steps and minutes, which are stored beside the
    voice.
    """
    facts = folder / "training.json"
    if facts.exists():
        return json.loads(facts.read_text())
    options = TrainingOptions(
        VOICE,
        preset=arguments.preset,
        minutes=arguments.minutes,
        steps=arguments.steps,
        from_scratch=arguments.from_scratch,
        seed=arguments.seed,
        consent="benchmark",
        replace=True,
    )
    began = time.monotonic()
    if arguments.raw:
        slices = Slices(tuple(Recording(clip.samples, SAMPLE_RATE) for clip in target.training))
        run = TrainingRun.create(options, weights=engine.weights, device=engine.device)
        steps = train(slices, run)
    else:
        recording = material.joined(target.training, "target.wav")
        report = engine.report([engine.clean(recording)])
        steps = engine.train(report, options)
    stages: dict[str, float] = {}
    first = last = None
    for progress in steps:
        stages.setdefault(progress.stage, (time.monotonic() - began) / 60)
        first, last = first or progress, progress
        if progress.held_out:
            print(f"{progress.step}/{progress.total_steps}", progress.held_out, flush=True)
    row = {"steps": last.step, "best_step": last.best_step}
    row |= {f"minutes_to_{name}": round(minutes, 2) for name, minutes in stages.items()}
    write_json(facts, row)
    return row


def convert_all(
    engine: Engine, clips: list[Clip], options: ConversionOptions, folder: Path
) -> dict[str, object]:
    """Return {"paths", "semitones", "speed"} of the converted clips; those on disk are kept."""
    folder.mkdir(parents=True, exist_ok=True)
    facts = folder / "conversions.json"
    paths = [folder / f"{clip.name}.wav" for clip in clips]
    if not facts.exists():
        engine.convert(Recording(clips[0].samples, SAMPLE_RATE), VOICE, options)  # loads networks
        seconds, began, semitones = 0.0, time.monotonic(), []
        for clip, path in zip(clips, paths, strict=True):
            converted = engine.convert(Recording(clip.samples, SAMPLE_RATE), VOICE, options)
            save_audio(path, converted.recording)
            semitones.append(converted.semitones)
            seconds += len(clip.samples) / SAMPLE_RATE
        write_json(facts, {"semitones": semitones, "speed": (time.monotonic() - began) / seconds})
    return json.loads(facts.read_text()) | {"paths": paths}


class Judgements:
    """Cache of all scores in one JSON file, by judge and clip."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows = json.loads(path.read_text()) if path.exists() else {}

    def __call__(self, judge: str, name: str, samples: np.ndarray) -> object:
        """Return the result of `judge` for (samples,) at SAMPLE_RATE, computed once per `name`."""
        key = f"{judge}:{name}"
        if key not in self.rows:
            self.rows[key] = JUDGES[judge](judges.at_judge_rate(samples, SAMPLE_RATE))
            write_json(self.path, self.rows)
        return self.rows[key]


def score_section(
    clips: list[Clip], sounds: dict[str, object], target: Target, judged: Judgements
) -> dict[str, float]:
    """Return the mean scores of one section."""
    outputs = [resample(load_audio(path), SAMPLE_RATE).samples for path in sounds["paths"]]
    labels = [str(path) for path in sounds["paths"]]
    rows: list[dict[str, float | None]] = []
    for clip, label, output, shift in zip(clips, labels, outputs, sounds["semitones"], strict=True):
        row = word_rates(clip, label, output, judged)
        for judge in ("distillmos", "dnsmos"):
            row[f"{judge}_source"] = judged(judge, clip.name, clip.samples)
            row[judge] = judged(judge, label, output)
        pair = [judges.at_judge_rate(sound, SAMPLE_RATE) for sound in (clip.samples, output)]
        rows.append(row | sound_errors(*pair, shift) | loudness_correlation(*pair))
    scores = {key: _mean([row[key] for row in rows]) for key in rows[0]}
    scores["words_above_source"] = scores["words"] - scores["words_source"]
    scores["distillmos_against_source"] = scores["distillmos"] - scores["distillmos_source"]
    scores["dnsmos_against_source"] = scores["dnsmos"] - scores["dnsmos_source"]
    groups = (
        [(clip.name, clip.samples) for clip in clips],
        list(zip(labels, outputs, strict=True)),
        [(clip.name, clip.samples) for clip in target.held_out],
    )
    scores |= identities(groups, judged)
    return scores | {"real_time_factor": sounds["speed"]}


def identities(
    groups: Sequence[Sequence[tuple[str, np.ndarray]]], judged: Judgements
) -> dict[str, float]:
    """Return the identity of sources, outputs and target at one level, and `as_recorded`.

    groups: (name, samples) of the clips of each. The judge takes a louder clip for another speaker.
    """
    found = {}
    for judge in ("speaker", "speaker_at_level"):
        vectors = [np.array([judged(judge, *clip) for clip in clips]) for clips in groups]
        found[judge] = judges.identity(*vectors)
    as_recorded = found["speaker"]["identity"]
    return found["speaker_at_level"] | {"identity_as_recorded": as_recorded}


def word_rates(clip: Clip, label: str, output: np.ndarray, judged: Judgements) -> dict[str, float]:
    """Return error rates of source and output against the text: of jamo, or of English words.

    Without a text the output is compared with the judge's transcript of the source.
    """
    source, found = (
        str(judged(clip.language, *pair)) for pair in ((clip.name, clip.samples), (label, output))
    )
    reference = clip.text or source
    rate = judges.jamo_error_rate if clip.language == "korean" else judges.word_error_rate
    return {"words_source": rate(reference, source), "words": rate(reference, found)}


def loudness_correlation(source: np.ndarray, output: np.ndarray) -> dict[str, float]:
    """Return the correlation of the loudness curves in dB over the frames with speech."""
    length = min(len(source), len(output)) // LOUDNESS_FRAME * LOUDNESS_FRAME
    curves = [
        10 * np.log10(np.mean(x[:length].reshape(-1, LOUDNESS_FRAME) ** 2, axis=1) + 1e-9)
        for x in (source, output)
    ]
    speech = curves[0] > curves[0].max() - 40
    return {"loudness_correlation": float(np.corrcoef(*(c[speech] for c in curves))[0, 1])}


def silence_level(engine: Engine, clips: list[Clip], options: ConversionOptions) -> float:
    """Return the output level of digital silence between two sentences, in dB against speech."""
    gap = np.zeros(round(SILENCE_SECONDS * SAMPLE_RATE), np.float32)
    sound = np.concatenate([clips[0].samples, gap, clips[1].samples])
    output = resample(
        engine.convert(Recording(sound, SAMPLE_RATE), VOICE, options).recording, SAMPLE_RATE
    )
    margin, start = SAMPLE_RATE // 10, len(clips[0].samples)
    silence = output.samples[start + margin : start + len(gap) - margin]
    speech = np.concatenate([output.samples[:start], output.samples[start + len(gap) :]])
    powers = [np.mean(np.square(part, dtype=np.float64)) + 1e-12 for part in (silence, speech)]
    return float(10 * np.log10(powers[0] / powers[1]))


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None


if __name__ == "__main__":
    main()
