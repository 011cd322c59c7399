"""Training as a job: start, stop and resume it; the owner's trainings on disk."""

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rvc.errors import Cancelled, MissingAssetError, RVCError, TrainingError
from rvc.messages import Message, joined
from rvc.ui.conversion import own_library
from rvc.ui.jobs import Busy, Job
from rvc.ui.studio import Studio
from rvc.ui.texts import message
from rvc.ui.training_log import TrainingLog

if TYPE_CHECKING:
    from rvc.quality import QualityReport
    from rvc.training.listing import Training
    from rvc.training.options import TrainingOptions

PUBLIC_TRAIN_MINUTES, PUBLIC_TRAIN_STEPS = 30, 3000  # of one training on a public page
PUBLIC_TRAININGS = 5  # on disk, of one visitor
MORE_MINUTES = 10.0  # that a finished training is continued by, unless a number is given


class Begun(TrainingError):
    """A training of this name is there already, and can be resumed or continued."""

    def __init__(self, training: "Training") -> None:
        key = "train_begun_done" if training.state == "done" else "train_begun"
        standing = training.standing
        super().__init__(
            message(key, name=training.name, step=standing.step, total=standing.total_steps)
        )
        self.training = training


def start_training(studio: Studio, owner: str, options: "TrainingOptions") -> Job:
    """Train on the segments that the owner's report keeps; with `options.resume`, from disk.

    One training at a time in this process; on a public page others wait their turn. Raises Busy;
    Begun where a training of that name can be resumed; or RVCError when there is no report, when a
    public page does not train for so long, when the name is taken or is trained by another program,
    or when nothing can be written.
    """
    if studio.public:
        check_public(options)
    busy = studio.jobs.live("train")
    if busy is not None and not studio.public:
        raise Busy(message("train_busy"))
    session, home = studio.session(owner), training_home(studio, owner)
    if not options.resume:
        _check_free(studio, owner, options.name)
        if session.report is None:
            raise RVCError(message("train_no_material"))
    from rvc.training.folder import check_startable

    check_startable(home, options.name)  # by another program, on a full disk
    report = None if options.resume else session.report
    job = studio.jobs.start(
        "train", owner, lambda job: _work(studio, job, report), queue=studio.public,
        data=_log(studio, owner, options),
    )  # fmt: skip
    if job.data.progress is not None:
        job.fraction = job.data.progress.fraction
    return job


def _log(studio: Studio, owner: str, options: "TrainingOptions") -> TrainingLog:
    """Return the log a training begins with: a resumed one's stands where it was."""
    from rvc.training.listing import find_training
    from rvc.training.options import TrainingProgress

    if not options.resume:
        return TrainingLog(options)
    old = studio.jobs.latest("train", owner)
    if old is not None and old.data.options.name == options.name and old.data.progress is not None:
        log = replace(old.data, options=options, voice=None)
    else:
        log = TrainingLog(options)
    training = find_training(training_home(studio, owner), options.name)
    if training is None:
        return log
    at, total = training.standing, options.steps or training.standing.total_steps
    fraction = at.fraction * (at.total_steps / total if at.total_steps < total else 1.0)
    log.best_step = at.best_step
    log.progress = TrainingProgress(
        "resumed", fraction, message("stage_starting"), step=at.step, total_steps=total,
        eta_seconds=(total - at.step) * at.seconds_per_step, best_step=at.best_step,
    )  # fmt: skip
    return log


def _check_free(studio: Studio, owner: str, name: str) -> None:
    """Raise Begun for a training that can go on, RVCError for a name that is taken."""
    from rvc.training.listing import find_training, trainings

    home, library = training_home(studio, owner), own_library(studio, owner)
    training = find_training(home, name)
    if training is not None and training.resumable and training.state != "running":
        raise Begun(training)
    if name in library:
        raise RVCError(message("train_voice_there", name=name))
    if studio.public and len(trainings(home)) >= PUBLIC_TRAININGS:
        raise RVCError(message("train_too_many", most=PUBLIC_TRAININGS))


def resume_training(
    studio: Studio, owner: str, name: str = "", *, minutes: float | None = None
) -> Job:
    """Resume the owner's training `name`, or the one that was last stopped.

    With `minutes`, it goes on for so many more; a finished one always does, by MORE_MINUTES unless
    they are given. Raises RVCError when there is none, else as `start_training`.
    """
    from rvc.training.listing import find_training
    from rvc.training.options import TrainingOptions

    training = find_training(training_home(studio, owner), name) if name else None
    training = training or (None if name else resumable(studio, owner))
    if training is None or not training.resumable:
        raise RVCError(message("train_idle"))
    if training.state == "done" and minutes is None:
        minutes = MORE_MINUTES
    steps = None if minutes is None else training.steps_after(minutes)
    options = TrainingOptions(training.name, training.preset, steps=steps, resume=True)
    return start_training(studio, owner, options)


def training_home(studio: Studio, owner: str) -> Path:
    """Return the folder of the owner's trainings and voices."""
    return studio.workspace.folder(owner) if studio.public else studio.engine.weights


def own_trainings(studio: Studio, owner: str) -> "list[Training]":
    """Return the owner's trainings on disk, the one saved last first."""
    from rvc.training.listing import trainings

    job = studio.jobs.latest("train", owner)
    running = job.data.options.name if job is not None and job.live else None
    return [
        replace(each, state="running") if each.name == running else each
        for each in trainings(training_home(studio, owner))
    ]


def rename_own(studio: Studio, owner: str, name: str, new: str) -> None:
    """Rename a training of the owner together with its voice; raise RVCError if it cannot be."""
    from rvc.training.listing import rename_training

    job = studio.jobs.latest("train", owner)
    new = rename_training(training_home(studio, owner), name, new)
    if job is not None and job.data.options.name == name:
        job.data.rename(new, own_library(studio, owner).path(new))


def delete_own(studio: Studio, owner: str, name: str) -> None:
    """Delete a training of the owner; its voice stays. Raise RVCError if it cannot be."""
    from rvc.training.listing import delete_training

    delete_training(training_home(studio, owner), name)
    job = studio.jobs.latest("train", owner)
    if job is not None and job.data.options.name == name and not job.live:
        studio.jobs.drop("train", owner)


def resumable(studio: Studio, owner: str) -> "Training | None":
    """Return the training that was stopped or interrupted last, if there is any."""
    stopped = (each for each in own_trainings(studio, owner) if each.state == "stopped")
    return next(stopped, None)


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


def _work(studio: Studio, job: Job, report: "QualityReport | None") -> Path | None:
    """Run the job: read the generator to its end, or until its stage is "stopped"."""
    steps = train_steps(studio, job.owner, report, job.data.options, job)
    for progress in steps:
        job.data.add(progress)
        job.fraction, job.message = progress.fraction, progress.message
        if progress.stage == "stopped":
            if not job.stop_requested:
                job.message = joined([public_limit(), progress.message])
            raise Cancelled()
        if job.stop_requested and progress.stage in ("preflight", "features"):  # nothing yet
            steps.close()
            job.message = message("train_nothing_yet")
            raise Cancelled()
    return job.data.voice


def train_steps(
    studio: Studio,
    owner: str,
    report: "QualityReport | None",
    options: "TrainingOptions",
    job: Job,
) -> Any:
    """Return the engine's generator; on a public page the voice is saved in its owner's folder."""
    home = training_home(studio, owner) if studio.public else None

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
        raise RVCError(public_limit())


def public_limit() -> Message:
    return message("train_limit", minutes=PUBLIC_TRAIN_MINUTES, steps=PUBLIC_TRAIN_STEPS)
