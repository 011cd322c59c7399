"""What a training says about itself, in words and in the voice's card."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Protocol

from rvc.errors import Text, TrainingError
from rvc.quality import QualityReport
from rvc.slicing import Slices
from rvc.training.checkpoint import has_checkpoint
from rvc.training.options import TrainingOptions
from rvc.voice import VoiceLibrary
from rvc.voice.files import check_own

PREPARED = 0.1  # of the whole bar; training takes the rest but the last hundredth
FINISHED = 0.99
LITTLE_SECONDS = 120.0  # of speech; under it the card says so
SHORT_REPORT = (
    *("schema", "verdict", "score", "usable_seconds", "total_seconds", "main_fault", "faults"),
    *("headline", "advice", "measures"),
)

INDEX = Text(
    "Building the search index and saving the voice", "검색 색인을 만들고 목소리를 저장하는 중"
)


OVERRULED = Text("You left it out.", "직접 제외한 구간입니다.")
UNFIT = Text("It would spoil the voice.", "목소리를 해칠 구간입니다.")


class RunState(Protocol):
    """What of `rvc.train.Run` is told."""

    total_steps: int
    batch_size: int
    halved: bool
    best: dict | None
    objective: object


def check_data(slices: Slices | None, options: TrainingOptions, least_seconds: float) -> None:
    """Raise TrainingError when there is nothing to train on."""
    if slices is None:
        raise TrainingError(
            f"There is no saved training called {options.name!r} to resume. Start a new one.",
            f"이어서 할 '{options.name}' 학습이 없습니다. 새로 시작하세요.",
        )
    seconds = sum(r.duration_seconds for r in slices.recordings if r.samples.any())
    if seconds < least_seconds:
        raise TrainingError(
            f"Only {seconds:.1f} s of clean speech: at least {least_seconds:.0f} s are "
            "needed to train at all, and five minutes for a good voice. Record more.",
            f"깨끗한 음성이 {seconds:.1f}초뿐입니다. 학습에는 최소 {least_seconds:.0f}초, "
            "좋은 목소리에는 5분이 필요합니다. 더 녹음하세요.",
        )


def check_free(options: TrainingOptions, library: VoiceLibrary, folder: Path) -> None:
    """Raise TrainingError when a new training would overwrite earlier work of the same name."""
    library.check_clash(options.name)
    if options.replace:
        check_own(library.path(options.name))
        return
    if options.name in library:
        raise TrainingError(
            f"There is a voice called {options.name!r} already. Choose another name, or delete "
            "that voice first.",
            f"'{options.name}' 목소리가 이미 있습니다. 다른 이름을 고르거나 그 목소리를 먼저 "
            "지우세요.",
        )
    if has_checkpoint(folder):
        raise TrainingError(
            f"A training called {options.name!r} was begun and not finished. Resume it, or choose "
            "another name.",
            f"'{options.name}' 학습이 끝나지 않은 채 남아 있습니다. 이어서 하거나 다른 이름을 "
            "고르세요.",
        )


def summary(report: QualityReport, slices: Slices) -> list[Text]:
    """Return minutes in and slices out, then all that is left out, by its reason, a line each."""
    count, usable = len(slices.recordings), slices.seconds
    lines = [
        Text(
            f"{_clock(report.total_seconds)} recorded, {count} slices of together "
            f"{_clock(usable)} to learn from.",
            f"녹음 {_clock(report.total_seconds)} 가운데 조각 {count}개, 모두 {_clock(usable)}을 "
            "배웁니다.",
        )
    ]
    out: dict[Text, list[float]] = {}
    for segment in report.segments:
        if not segment.used:
            reason = OVERRULED if segment.overruled else next(iter(segment.reasons), UNFIT)
            out.setdefault(reason, []).append(segment.duration_seconds)
    for _, seconds, reason in slices.left_out:
        out.setdefault(reason, []).append(seconds)
    for reason, seconds in sorted(out.items(), key=lambda item: -sum(item[1])):
        lines.append(
            Text(
                f"Left out: {len(seconds)} ({_clock(sum(seconds))}). {reason.en}",
                f"제외 {len(seconds)}개({_clock(sum(seconds))}): {reason.ko}",
            )
        )
    judged = sum(segment.duration_seconds for segment in report.segments)
    pauses = report.total_seconds - judged
    if pauses >= 1:
        lines.append(
            Text(
                f"Left out: pauses between the segments ({_clock(pauses)}).",
                f"제외: 구간 사이의 쉼({_clock(pauses)}).",
            )
        )
    return lines


def _clock(seconds: float) -> str:
    return f"{round(seconds) // 60}:{round(seconds) % 60:02d}"


def facts(slices: Slices, report: dict[str, object] | None) -> dict[str, object]:
    """Return what the card says about the data: the report in short, and what was left out.

    Whole, a report of an hour would make a card that nobody can read.
    """
    seconds_out = sum(seconds for _, seconds, _ in slices.left_out)
    told: dict[str, object] = {
        "report": short_report(report or {}),
        "slices": len(slices.recordings),
        "left_out": {"pieces": len(slices.left_out), "seconds": round(seconds_out, 2)},
    }
    if slices.seconds < LITTLE_SECONDS:
        told["warning"] = (
            f"Made from only {slices.seconds:.0f} s of speech; five minutes make a better voice. / "
            f"음성 {slices.seconds:.0f}초만으로 만들었습니다. 5분이면 더 좋은 목소리가 됩니다."
        )
    return told


def short_report(report: dict[str, object]) -> dict[str, object]:
    """Return the report's JSON with files and segments counted instead of listed."""
    short = {key: report[key] for key in SHORT_REPORT if key in report}
    if "files" in report:
        short["files"] = len(report["files"])
    decisions = [segment["decision"] for segment in report.get("segments", ())]
    if decisions:
        short["segments"] = {name: decisions.count(name) for name in sorted(set(decisions))}
    return short


def as_dict(options: TrainingOptions) -> dict[str, object]:
    return asdict(options)


def read_facts(folder: Path) -> dict[str, object]:
    """Return the facts about the data that were written when the training began."""
    return json.loads((folder / "job.json").read_text(encoding="utf-8"))["facts"]


def fraction(step: int, total_steps: int) -> float:
    return PREPARED + (FINISHED - PREPARED) * min(1.0, step / total_steps)


def training(run: RunState, data: object) -> Text:
    """The sentence under the bar."""
    step, total = run.objective.step_number, run.total_steps
    epoch = step // data.batches_per_epoch(run.batch_size)
    en = f"Step {step} of {total}, epoch {epoch + 1}"
    ko = f"{total}단계 중 {step}단계, {epoch + 1}번째 에포크"
    if run.halved:
        en += f". Memory ran out, so the batch was made smaller: {run.batch_size}"
        ko += f". 메모리가 모자라 배치를 {run.batch_size}(으)로 줄였습니다"
    return Text(en, ko)


def saved(run: RunState) -> Text:
    """What the held-out score says at a save."""
    step, best = run.objective.step_number, run.best["step"]
    if best == step:
        return Text(
            f"Step {step}: saved. This is the closest to your voice so far.",
            f"{step}단계: 저장했습니다. 지금까지 가운데 목소리에 가장 가깝습니다.",
        )
    return Text(
        f"Step {step}: saved. The best so far is still step {best}.",
        f"{step}단계: 저장했습니다. 아직 {best}단계가 가장 좋습니다.",
    )


def stopped(step: int) -> Text:
    return Text(
        f"Stopped at step {step}. Everything is saved: resume whenever you like.",
        f"{step}단계에서 멈췄습니다. 모두 저장되어 언제든 이어서 할 수 있습니다.",
    )


def done(run: RunState) -> Text:
    step, best = run.objective.step_number, run.best["step"]
    if step < run.total_steps:
        return Text(
            f"Done: the voice stopped getting closer at step {best}, so training ended early.",
            f"완료: {best}단계 이후로 더 가까워지지 않아 일찍 끝냈습니다.",
        )
    return Text(
        f"Done: {step} steps; the voice of step {best} was closest and is the one saved.",
        f"완료: {step}단계를 마쳤고, 가장 가까웠던 {best}단계의 목소리를 저장했습니다.",
    )


def out_of_memory() -> TrainingError:
    return TrainingError(
        "The graphics card has too little memory even for the smallest batch. Close other programs "
        "that use it, or train with the preset lite.",
        "가장 작은 배치에도 그래픽 카드 메모리가 부족합니다. 카드를 쓰는 다른 프로그램을 닫거나 "
        "lite 프리셋으로 학습하세요.",
    )


def unstable() -> TrainingError:
    return TrainingError(
        "The training became unstable three times and was stopped. The best voice so far is kept: "
        "resume to finish it, and look in the report for damaged passages.",
        "학습이 세 번 불안정해져 멈췄습니다. 지금까지의 가장 좋은 상태는 남아 있습니다. 보고서에서 "
        "손상된 구간을 확인한 뒤 이어서 학습하세요.",
    )
