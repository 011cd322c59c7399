"""HTML of the fourth tab: what would be trained on, how far a training is, its curves."""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from rvc.charts import line_chart, sparkline
from rvc.errors import MissingAssetError, RVCError
from rvc.ui.html import notes_html, problem_html, render_for
from rvc.ui.jobs import Job
from rvc.ui.studio import Studio
from rvc.ui.texts import TEXTS
from rvc.ui.training import MORE_MINUTES, Begun, own_trainings
from rvc.ui.training_form import TrainingForm, chosen_preset, length_options, own_base
from rvc.ui.training_log import TrainingLog
from rvc.ui.visitor import Visitor

if TYPE_CHECKING:
    from rvc.training.listing import Training

CHART_HEIGHT = 170


@dataclass(frozen=True)
class CurveCard:
    """A chart with its name; `latest`: its last value."""

    name: str
    latest: str
    chart: Markup


@dataclass(frozen=True)
class PresetNote:
    """What is shown below the presets; `fetchable`: the chosen one lacks weights to fetch."""

    html: str
    fetchable: bool


def material_html(studio: Studio, visitor: Visitor) -> str:
    """Return how much of the report will be trained on, and what is left out."""
    report = studio.session(visitor.owner).report
    if report is None:
        return notes_html(("mk-empty", visitor.say("train_no_material")))
    from rvc.slicing import cut
    from rvc.training.messages import summary

    kept = report.kept_segments()
    seconds = sum(segment.end_seconds - segment.start_seconds for _, segment in kept)
    lines = summary(report, cut(kept))
    return render_for(visitor, "train_material.html", seconds=seconds, count=len(kept), lines=lines)


def preset_note(studio: Studio, visitor: Visitor, chosen: str) -> PresetNote:
    """Return a sentence about the chosen preset; visitors of a public page fetch nothing."""
    if chosen == "auto":
        text = visitor.read(studio.engine.pick_preset()[1])
        return PresetNote(notes_html(("hint", text)), False)
    for preset in studio.engine.presets():
        if preset.name == chosen:
            kind = "hint" if preset.available else "mk-warn"
            text = visitor.read(preset.text)
            fetchable = preset.fetchable and not studio.public
            return PresetNote(notes_html((kind, text)), fetchable)
    return PresetNote("", False)


def expect_html(studio: Studio, visitor: Visitor, form: TrainingForm) -> str:
    """Return the time and memory a training would take; nothing while one runs or none can."""
    from rvc.training.options import TrainingOptions

    report = studio.session(visitor.owner).report
    if report is None or not report.kept_segments() or studio.jobs.live("train") is not None:
        return ""
    try:
        numbers = length_options(form.length, form.amount)
        base = own_base(studio, form)
        options = TrainingOptions("new", chosen_preset(form), base=base, **numbers)
        text = studio.engine.expect(report, options).text
    except MissingAssetError:
        return ""
    except RVCError as error:
        return notes_html(("mk-warn", visitor.read(error.text)))
    return notes_html(("hint", visitor.read(text)))


def status_html(
    visitor: Visitor, job: Job | None, *, busy: bool, interrupted: "Training | None"
) -> str:
    """Return the training's state, progress and last message.

    `busy`: another owner's training runs. `interrupted`: the one that was stopped last.
    """
    if busy:
        return notes_html(("mk-warn", visitor.say("train_busy")))
    if job is None and interrupted is not None:
        at = interrupted.standing
        text = visitor.say(
            "train_interrupted", name=interrupted.name, step=at.step, total=at.total_steps
        )
        return notes_html(("mk-empty", text))
    if job is None:
        return notes_html(("mk-empty mk-idle", visitor.say("train_idle")))
    log: TrainingLog = job.data
    stage = log.progress.stage if log.progress else "starting"
    shown_stage = f"stage_{stage}" if job.live and f"stage_{stage}" in TEXTS else ""
    return render_for(
        visitor,
        "train_status.html",
        job=job,
        name=log.options.name,
        progress=log.progress,
        percent=100 * job.fraction,
        stage=shown_stage,
        elapsed_seconds=time.monotonic() - job.started_at,
        text=_status_text(visitor, job),
        # From the first step on, its steps and the time left are measured ones.
        expected=log.expected if job.live and stage == "features" else None,
    )


def begun_html(visitor: Visitor, error: Begun) -> str:
    """Return that a training of this name is there, with a button that resumes or continues it."""
    done = error.training.state == "done"
    label = (
        visitor.say("train_continue_by", minutes=MORE_MINUTES)
        if done
        else visitor.say("train_resume")
    )
    act = "continue" if done else "resume"
    return problem_html(visitor.read(error.text), act=act, name=error.training.name, label=label)


def trainings_html(studio: Studio, visitor: Visitor) -> str:
    """Return a row for every training of the owner; empty without one."""
    from rvc.training.listing import when

    found = own_trainings(studio, visitor.owner)
    job = studio.jobs.live("train")
    rows = [
        {
            "training": each,
            "at": each.standing,
            "when": when(each.changed_at),
            "megabytes": each.size_bytes / 1e6,
        }
        for each in found
    ]
    if not rows:
        return ""
    busy = job is not None and not studio.public
    return render_for(visitor, "trainings.html", rows=rows, busy=busy, minutes=MORE_MINUTES)


def _status_text(visitor: Visitor, job: Job) -> str:
    if job.state == "waiting" and job.ahead:
        return visitor.say("queue_place", ahead=job.ahead)
    text = visitor.read(job.error or job.message)
    if job.state in ("done", "stopped") and job.data.voice is not None:
        text += " " + visitor.say("train_voice_ready", name=job.data.options.name)
    return text


def curves_html(visitor: Visitor, log: TrainingLog) -> str:
    """Return a small chart for every loss, and a large one for every held-out score."""
    if not log.losses and not log.scores:
        return ""
    return render_for(
        visitor,
        "train_curves.html",
        losses=_loss_cards(visitor, log),
        scores=_score_cards(visitor, log),
    )


def _loss_cards(visitor: Visitor, log: TrainingLog) -> list[CurveCard]:
    cards = []
    for name, curve in log.losses.items():
        steps, values = curve.xy()
        latest = f"{values[-1]:.3g}"
        caption = visitor.say(f"loss_{name}") if f"loss_{name}" in TEXTS else name
        cards.append(CurveCard(caption, latest, sparkline(steps, values, f"{caption}: {latest}")))
    return cards


def _score_cards(visitor: Visitor, log: TrainingLog) -> list[CurveCard]:
    best = log.best_step
    mark = (best, visitor.say("train_best", step=best)) if best else None
    cards = []
    for name, curve in log.scores.items():
        steps, values = curve.xy()
        caption = visitor.say(f"score_{name}") if f"score_{name}" in TEXTS else name
        chart = line_chart(
            {name: (steps, values)},
            label=f"{visitor.say('train_held_out')}: {caption}",
            x_label=visitor.say("train_step"),
            mark=mark,
            height=CHART_HEIGHT,
        )
        cards.append(CurveCard(caption, f"{values[-1]:.3g}", chart))
    return cards
