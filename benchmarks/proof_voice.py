"""One condition of benchmarks/clean_beats_much.py: report, training, conversion, judgement.

Every step is stored in WORK and found there again after an interruption.
"""

import json
import pickle
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from unittest.mock import patch

import numpy as np
import torch

from benchmarks import judges
from benchmarks.proof_conditions import Condition, Material, Shelf
from benchmarks.sound_errors import sound_errors
from benchmarks.voice_material import SAMPLE_RATE, Clip
from benchmarks.voice_quality import Judgements, word_rates
from rvc.audio import Recording, load_audio, resample, save_audio
from rvc.cleaning import Cleaned, Segment, clean
from rvc.cleaning.hum import find_hum
from rvc.convert import ConversionOptions, convert
from rvc.engine import Engine
from rvc.f0 import estimate_f0, repair_f0
from rvc.files import write_atomically, write_json
from rvc.quality import SegmentReport, TakeReport, report_json
from rvc.quality.bandwidth import bandwidth_hz, speech_spectrum
from rvc.quality.clicks import click_times
from rvc.quality.echo import room_sound, rooms_of
from rvc.quality.hum import hum_db
from rvc.quality.noise import snr_db, split_noise
from rvc.quality.stability import f0_faults_per_minute
from rvc.slicing import Slices, cut
from rvc.train import TrainingOptions, TrainingRun, train
from rvc.training.preflight import Speed
from rvc.voice import VoiceLibrary, build_synthesizer

assessing = import_module("rvc.quality.assess")  # the package's `assess` is its function
UNTIMED = Speed(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)  # nobody reads the estimate here
PAUSE_SECONDS = 0.5  # between converted sentences that are measured together


@dataclass(frozen=True, eq=False)
class Bench:
    """What all conditions share. `sources`: the sentences to convert, with their text."""

    work: Path
    weights: Path
    shelf: Shelf
    steps: int
    batch_size: int | None
    sources: dict[str, list[Clip]]  # by target

    def path(self, *names: str) -> Path:
        """Return a path under WORK whose folder exists."""
        path = self.work.joinpath(*names)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


# ---- the report ---------------------------------------------------------------------------------


def clean_files(work: Path, shelf: Shelf, material: Material) -> list[Cleaned]:
    """Return the cleaned files of a material; each is cleaned once for all materials."""
    cleaned = []
    for number in range(len(material.takes)):
        path = work / "cleaned" / f"{_file_name(material, number)}.pickle"
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            recording = shelf.recordings(material)[number]
            write_atomically(path, partial(pickle.dump, clean(recording)))
        cleaned.append(pickle.loads(path.read_bytes()))
    return cleaned


def report_of(bench: Bench, material: Material) -> dict[str, object]:
    """Return the report on a material as JSON; it is made once, and every file is measured once."""
    path = bench.path("reports", f"{material.name}.json")
    if not path.exists():
        measure = assessing._assess_take

        def measured(number: int, cleaned: Cleaned) -> tuple[TakeReport, list[SegmentReport]]:
            known = bench.path("measured", f"{_file_name(material, number)}.pickle")
            if not known.exists():
                take, segments = measure(number, cleaned)
                write_atomically(
                    known, partial(pickle.dump, (replace(take, cleaned=None), segments))
                )
            take, segments = pickle.loads(known.read_bytes())
            return replace(take, cleaned=cleaned), [replace(each, take=number) for each in segments]

        files = clean_files(bench.work, bench.shelf, material)
        with patch.object(assessing, "_assess_take", measured):
            report = assessing.assess(files, weights=bench.weights)
        kept = [
            {"take": s.take, "start": s.start_seconds, "end": s.end_seconds, "used": s.used}
            for s in report.segments
        ]
        write_json(path, report_json(report) | {"kept": kept})
    return json.loads(path.read_text())


def _file_name(material: Material, number: int) -> str:
    """Return a name that materials share where this file of theirs is the same."""
    if number and material.fault:  # the fault is planted with another seed
        return f"{material.name} {number}"
    return replace(material, takes=material.takes[number : number + 1]).name


# ---- the voice ----------------------------------------------------------------------------------


def slices_of(bench: Bench, condition: Condition) -> Slices:
    """Return what a condition trains on."""
    if condition.treatment == "raw":
        return cut([_whole(file) for file in bench.shelf.recordings(condition.material)])
    cleaned = clean_files(bench.work, bench.shelf, condition.material)
    if condition.treatment == "cleaned":
        return cut([(file, part) for file in cleaned for part in file.segments])
    kept = [row for row in report_of(bench, condition.material)["kept"] if row["used"]]
    return cut([(cleaned[row["take"]], Segment(row["start"], row["end"])) for row in kept])


def _whole(recording: Recording) -> tuple[Cleaned, Segment]:
    """Return a recording as it is, as if cleaning had changed nothing and cut nothing."""
    everything = Segment(0.0, recording.duration_seconds)
    parts = (everything,)
    return Cleaned(recording, recording, parts, parts, (), 1.0, False), everything


def train_voice(bench: Bench, condition: Condition, slices: Slices) -> None:
    """Train the voice of a condition unless it exists; features are extracted once."""
    home, name = bench.path("home"), condition.slug
    if name in VoiceLibrary(home):
        return
    options = TrainingOptions(
        name,
        steps=bench.steps,
        batch_size=bench.batch_size,
        save_steps=bench.steps,
        seed=condition.seed,
        consent="benchmark",
        replace=True,
    )
    run = TrainingRun.create(options, weights=bench.weights, home=home)
    for progress in train(slices, run, speed=lambda _: UNTIMED):
        if progress.held_out:
            print(condition.name, progress.step, progress.held_out, flush=True)


def convert_sources(bench: Bench, engine: Engine, condition: Condition) -> list[dict[str, object]]:
    """Return [{"path", "semitones"}] of the converted sentences; those on disk are kept."""
    facts = bench.path("sounds", condition.slug, "conversions.json")
    if facts.exists():
        return json.loads(facts.read_text())
    voice = VoiceLibrary(bench.path("home")).load(condition.slug)
    synthesizer, encoder = build_synthesizer(voice), engine.encoder(voice.content_encoder)
    rows: list[dict[str, object]] = []
    for clip in bench.sources[condition.material.target]:
        sound = convert(
            Recording(clip.samples, SAMPLE_RATE), voice, ConversionOptions(),
            synthesizer=synthesizer, encoder=encoder,
        )  # fmt: skip
        path = save_audio(facts.with_name(f"{clip.name}.wav"), sound.recording)
        rows.append({"path": str(path), "semitones": sound.semitones})
    write_json(facts, rows)
    return rows


# ---- the judgement ------------------------------------------------------------------------------


def judge(bench: Bench, condition: Condition, rows: list[dict[str, object]]) -> dict[str, object]:
    """Return the scores of the converted sentences: means, and words by sentence."""
    target = condition.material.target
    clips = bench.sources[target]
    judged = Judgements(bench.path("judged", f"{condition.slug}.json"))
    judged.rows = judged_sources(bench, target) | judged.rows
    outputs = [resample(load_audio(row["path"]), SAMPLE_RATE).samples for row in rows]
    per_clip, vectors = [], []
    for clip, row, output in zip(clips, rows, outputs, strict=True):
        label = f"{clip.name} converted"
        scores = word_rates(clip, label, output, judged)
        scores |= {name: judged(name, label, output) for name in ("distillmos", "dnsmos")}
        pair = [judges.at_judge_rate(sound, SAMPLE_RATE) for sound in (clip.samples, output)]
        per_clip.append(scores | sound_errors(*pair, row["semitones"]))
        vectors.append(judged("speaker", label, output))
    means = {key: _mean([row[key] for row in per_clip]) for key in per_clip[0]}
    means["words_above_source"] = means["words"] - means["words_source"]
    by_sentence = {key: [row[key] for row in per_clip] for key in ("words", "dnsmos", "distillmos")}
    before = [judged.rows[f"speaker:{clip.name}"] for clip in clips]
    own = [judged.rows[key] for key in judged.rows if key.startswith(f"speaker:{target} ")]
    means |= judges.identity(*map(np.array, (before, vectors, own))) | faults_in(outputs)
    return means | {"by_sentence": by_sentence}


def judged_sources(bench: Bench, target: str) -> dict[str, object]:
    """Return the judgements of the sources and of the target's own clean sentences."""
    known = Judgements(bench.path("judged", "sources.json"))
    for clip in bench.sources[target]:
        known(clip.language, clip.name, clip.samples)
        known("speaker", clip.name, clip.samples)
    for number, recording in enumerate(bench.shelf.held_out(target)):
        known("speaker", f"{target} {number}", resample(recording, SAMPLE_RATE).samples)
    return known.rows


def faults_in(sounds: Sequence[np.ndarray]) -> dict[str, float | None]:
    """Return the report's own measures of (samples,) at SAMPLE_RATE, laid end to end."""
    gap = np.zeros(round(PAUSE_SECONDS * SAMPLE_RATE), np.float32)
    samples = np.concatenate([part for sound in sounds for part in (sound, gap)])
    recording = Recording(samples, SAMPLE_RATE)
    split = split_noise(recording)
    room = room_sound(split)
    rooms = rooms_of(lambda start, end: room[start:end], len(samples), SAMPLE_RATE)
    seconds, snr = recording.duration_seconds, snr_db(split)
    f0 = estimate_f0(recording)
    jumps, dropouts = f0_faults_per_minute(f0, repair_f0(f0), 0, seconds)
    return {
        "snr_db": snr,
        "srmr": rooms.srmr,
        "decay_seconds": rooms.decay_seconds(0, seconds),
        "clicks_per_minute": 60 * len(click_times(recording)) / seconds,
        "bandwidth_hz": bandwidth_hz(speech_spectrum(samples, SAMPLE_RATE), snr),
        "hum_db": hum_db(find_hum(samples, SAMPLE_RATE), 0, seconds),
        "f0_jumps_per_minute": jumps,
        "f0_dropouts_per_minute": dropouts,
    }


def run_condition(bench: Bench, condition: Condition) -> dict[str, object]:
    """Return the stored result of a condition, made first if there is none."""
    path = bench.path("results", f"{condition.slug}.json")
    if path.exists():
        return json.loads(path.read_text())
    torch.set_num_threads(1)
    result: dict[str, object] = {
        "name": condition.name,
        "target": condition.material.target,
        "material": condition.material.name,
        "treatment": condition.treatment,
        "seed": condition.seed,
        "steps": bench.steps,
    }
    slices = slices_of(bench, condition)
    result["trained_minutes"] = round(slices.seconds / 60, 2)
    if slices.seconds >= 20:  # less is refused: nothing of the recording is kept
        engine = Engine(bench.weights, device="cpu")
        train_voice(bench, condition, slices)
        result["outcome"] = judge(bench, condition, convert_sources(bench, engine, condition))
    write_json(path, result)
    return result


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None
