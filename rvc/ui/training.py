"""Training as a job: its progress so far, and resuming a stopped or interrupted one."""

import contextlib
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rvc.errors import Cancelled, MissingAssetError, RVCError
from rvc.files import write_json
from rvc.messages import Message, joined
from rvc.ui.conversion import own_library
from rvc.ui.jobs import Busy, Job
from rvc.ui.studio import Studio
from rvc.ui.texts import message
from rvc.ui.workspace import read_json

if TYPE_CHECKING:
    from rvc.quality import QualityReport
    from rvc.training.options import TrainingOptions, TrainingProgress

PUBLIC_TRAIN_MINUTES, PUBLIC_TRAIN_STEPS = 30, 3000  # of one training on a public page
CURVE_POINTS = 400  # more than a screen can show; older ones are thinned evenly
STATE_FILE = "training.json"


@dataclass
class Curve:
    """A curve that never holds more than CURVE_POINTS points, its last one always among them."""

    points: list[tuple[int, float]] = field(default_factory=list)
    stride: int = 1
    seen: int = 0
    last: tuple[int, float] | None = None

    def add(self, step: int, value: float) -> None:
        if self.seen % self.stride == 0:
            self.points.append((step, value))
        self.seen += 1
        self.last = (step, value)
        if len(self.points) >= CURVE_POINTS:
            self.points = self.points[::2]
            self.stride *= 2

    def xy(self) -> tuple[list[int], list[float]]:
        points = list(self.points)
        if self.last and (not points or points[-1] != self.last):
            points.append(self.last)
        return [step for step, _ in points], [value for _, value in points]


@dataclass(eq=False)
class TrainingLog:
    """Everything a page shows of a training."""

    options: "TrainingOptions"
    progress: "TrainingProgress | None" = None
    losses: dict[str, Curve] = field(default_factory=dict)
    scores: dict[str, Curve] = field(default_factory=dict)
    preview: Path | None = None
    reference: Path | None = None
    voice: Path | None = None
    best_step: int = 0
    expected: Message | None = None  # time and memory, estimated before it started

    def add(self, progress: "TrainingProgress") -> None:
        self.progress = progress
        if progress.stage == "preflight":
            self.expected = progress.message
        self.best_step = progress.best_step or self.best_step
        for curves, values in ((self.losses, progress.losses), (self.scores, progress.held_out)):
            for name, value in (values or {}).items():
                curves.setdefault(name, Curve()).add(progress.step, float(value))
        self.preview = progress.preview or self.preview
        self.reference = progress.reference or self.reference
        self.voice = progress.voice or self.voice


def start_training(studio: Studio, owner: str, options: "TrainingOptions") -> Job:
    """Train on the segments that the owner's report keeps; with `options.resume`, from disk.

    One training at a time in this process; on a public page others wait their turn. Raises Busy,
    or RVCError when there is no report, when a public page does not train for so long, when
    another program trains the same name, or when nothing can be written.
    """
    if studio.public:
        check_public(options)
    session = studio.session(owner)
    if session.report is None and not options.resume:
        raise RVCError(message("train_no_material"))
    busy = studio.jobs.live("train")
    if busy is not None and not studio.public:
        raise Busy(message("train_busy"))
    from rvc.training.folder import check_startable

    check_startable(_home(studio, owner), options.name)  # by another program, on a full disk
    old = studio.jobs.latest("train", owner)
    log = TrainingLog(options)
    if options.resume and old is not None and old.data.options.name == options.name:
        log = replace(old.data, options=options, voice=None)
    report = None if options.resume else session.report
    return studio.jobs.start(
        "train", owner, lambda job: _work(studio, job, report), queue=studio.public, data=log
    )


def resume_training(studio: Studio, owner: str) -> Job:
    """Resume the owner's stopped, failed or interrupted training."""
    options = resumable(studio, owner)
    if options is None:
        raise RVCError(message("train_idle"))
    # As long as when it was started.
    resumed = replace(options, resume=True, minutes=None, steps=None, epochs=None)
    return start_training(studio, owner, resumed)


def _home(studio: Studio, owner: str) -> Path:
    """Return the folder of the owner's trainings and voices."""
    return studio.workspace.folder(owner) if studio.public else studio.engine.weights


def start_fetch(studio: Studio, owner: str, preset: str) -> Job:
    """Fetch the published weights a preset lacks, in the background; stopping keeps whole files.

    Raises RVCError on a public page, whose owner decides what is on its disk.
    """
    if studio.public:
        raise RVCError(message("fetch_owner"))

    def work(job: Job) -> None:
        try:
            studio.engine.fetch_preset(preset, job.set_progress)
        except MissingAssetError as error:
            raise RVCError(joined([error.text, message("fetch_choice")])) from error

    return studio.jobs.start("fetch", owner, work, lane="fetch")


def resumable(studio: Studio, owner: str) -> "TrainingOptions | None":
    """Return the options of a stopped or interrupted training that can be resumed."""
    job = studio.jobs.latest("train", owner)
    if job is not None:
        began = job.data.progress is not None and job.data.progress.step > 0
        return job.data.options if job.state in ("stopped", "failed") and began else None
    facts = read_json(studio.workspace.root / owner / STATE_FILE)
    if facts.get("state") not in ("running", "stopped", "failed"):
        return None
    from rvc.training.folder import training_folder
    from rvc.training.options import TrainingOptions

    try:
        options = TrainingOptions(**facts["options"])
        begun = training_folder(_home(studio, owner), options.name).is_dir()
    except (TypeError, KeyError, RVCError):
        return None
    return options if begun and options.name not in own_library(studio, owner) else None


def _work(studio: Studio, job: Job, report: "QualityReport | None") -> Path | None:
    """Run the job: read the generator to its end, or until its stage is "stopped"."""
    _note(studio, job, "running")
    state = "failed"
    try:
        steps = train_steps(studio, job.owner, report, job.data.options, job)
        for progress in steps:
            job.data.add(progress)
            job.fraction, job.message = progress.fraction, progress.message
            if progress.stage == "stopped":
                state = "stopped"
                if not job.stop_requested:
                    raise public_limit()
                raise Cancelled()
            if job.stop_requested and progress.stage in ("preflight", "features"):  # nothing yet
                steps.close()
                state = "stopped"
                raise Cancelled()
        state = "done"
    finally:
        with contextlib.suppress(OSError):  # a full disk must not hide what ended the training
            _note(studio, job, state)
    return job.data.voice


def train_steps(
    studio: Studio,
    owner: str,
    report: "QualityReport | None",
    options: "TrainingOptions",
    job: Job,
) -> Any:
    """Return the engine's generator; on a public page the voice is saved in its owner's folder."""
    home = _home(studio, owner) if studio.public else None

    def stop() -> bool:
        return job.stop_requested or (studio.public and beyond_limit(job))

    return studio.engine.train(report, options, stop=stop, home=home)


def beyond_limit(job: Job) -> bool:
    """Return whether a training on a public page has reached its limit."""
    latest = job.data.progress
    steps = latest.step if latest is not None else 0
    minutes = (time.monotonic() - job.started_at) / 60
    return minutes >= PUBLIC_TRAIN_MINUTES or steps >= PUBLIC_TRAIN_STEPS


def check_public(options: "TrainingOptions") -> None:
    """Raise RVCError for a training longer than a public page's."""
    long = (options.minutes or 0) > PUBLIC_TRAIN_MINUTES
    if long or (options.steps or 0) > PUBLIC_TRAIN_STEPS:
        raise public_limit()


def public_limit() -> RVCError:
    return RVCError(message("train_limit", minutes=PUBLIC_TRAIN_MINUTES, steps=PUBLIC_TRAIN_STEPS))


def _note(studio: Studio, job: Job, state: str) -> None:
    path = studio.workspace.folder(job.owner) / STATE_FILE
    write_json(path, {"state": state, "options": asdict(job.data.options)})


def status(job: Job | None) -> dict[str, Any]:
    """Return a training in plain values, for programs."""
    if job is None:
        return {"state": "idle"}
    log: TrainingLog = job.data
    latest = log.progress
    return {
        "state": job.state,
        "name": log.options.name,
        "preset": log.options.preset,
        "stage": latest.stage if latest else "",
        "step": latest.step if latest else 0,
        "total_steps": latest.total_steps if latest else 0,
        "epoch": latest.epoch if latest else 0,
        "fraction": round(job.fraction, 4),
        "eta_seconds": round(latest.eta_seconds, 1) if latest else None,
        "best_step": log.best_step,
        "losses": _last(log.losses),
        "held_out": _last(log.scores),
        "message": str(job.error or job.message),
        "voice": log.voice.name if log.voice else None,
    }


def _last(curves: dict[str, Curve]) -> dict[str, float]:
    return {name: curve.last[1] for name, curve in curves.items() if curve.last}
