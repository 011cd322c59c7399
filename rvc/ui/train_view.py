"""What the fourth tab shows: what would be trained on, how a training stands, its curves."""

import time
from dataclasses import dataclass
from html import escape
from typing import Any

from rvc.errors import MissingAssetError, RVCError
from rvc.ui.charts import line_chart, sparkline
from rvc.ui.jobs import Job
from rvc.ui.studio import Studio
from rvc.ui.texts import TEXTS, clock
from rvc.ui.training import TrainingLog
from rvc.ui.training_form import TrainingForm, chosen_preset, length_options, own_base
from rvc.ui.visitor import Visitor


def material_html(studio: Studio, visitor: Visitor) -> str:
    """Return how much of the report will be trained on."""
    report = studio.session(visitor.owner).report
    if report is None:
        return f'<p class="mk-empty">{escape(visitor.say("train_no_material"))}</p>'
    from rvc.slicing import cut
    from rvc.training.messages import summary

    kept = report.kept_segments()
    seconds = sum(segment.end_seconds - segment.start_seconds for _, segment in kept)
    text = visitor.say("train_material", time=clock(seconds), count=len(kept))
    lines = [visitor.read(line) for line in summary(report, cut(kept))]
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return (
        f'<p class="mk-sum mk-good">{escape(text)}</p><details class="hint">'
        f"<summary>{escape(visitor.say('train_left_out'))}</summary><ul>{items}</ul></details>"
    )


@dataclass(frozen=True)
class PresetNote:
    """What is shown below the presets; `fetchable`: the chosen one lacks weights to fetch."""

    html: str
    fetchable: bool


def preset_note(studio: Studio, visitor: Visitor, chosen: str) -> PresetNote:
    """Return a sentence about the chosen preset; visitors of a public page fetch nothing."""
    if chosen == "auto":
        text = visitor.read(studio.engine.pick_preset()[1])
        return PresetNote(f'<p class="hint">{escape(text)}</p>', False)
    for preset in studio.engine.presets():
        if preset.name == chosen:
            kind = "hint" if preset.available else "mk-warn"
            text = f'<p class="{kind}">{escape(visitor.read(preset.text))}</p>'
            return PresetNote(text, preset.fetchable and not studio.public)
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
    except RVCError as error:
        return "" if isinstance(error, MissingAssetError) else _warning(visitor.read(error.text))
    return f'<p class="hint">{escape(visitor.read(text))}</p>'


def _warning(sentence: str) -> str:
    return f'<p class="mk-warn">{escape(sentence)}</p>'


def status_html(visitor: Visitor, job: Job | None, *, busy: bool, interrupted: Any) -> str:
    """State, one bar over everything, step, epoch, time left, and the last message."""
    if busy:
        return f'<p class="mk-warn">{escape(visitor.say("train_busy"))}</p>'
    if job is None:
        if interrupted is not None:
            text = visitor.say("train_interrupted", name=interrupted.name)
            return f'<p class="mk-warn">{escape(text)}</p>'
        return f'<p class="mk-empty">{escape(visitor.say("train_idle"))}</p>'
    log: TrainingLog = job.data
    told = log.progress
    percent = 100 * job.fraction
    stage = told.stage if told else "starting"
    state = visitor.say(f"state_{job.state}")
    doing = f" · {visitor.say(f'stage_{stage}')}" if job.live and f"stage_{stage}" in TEXTS else ""
    facts = []
    if told and told.total_steps:
        facts.append(f"{visitor.say('train_step')} <b>{told.step}</b>/{told.total_steps}")
        facts.append(f"{visitor.say('train_epoch')} <b>{told.epoch + 1}</b>")
    if job.live:
        spent = clock(time.monotonic() - job.started_at)
        facts.append(f"<b>{spent}</b> {visitor.say('train_elapsed')}")
        if told and told.eta_seconds > 0:
            facts.append(f"<b>{clock(told.eta_seconds)}</b> {visitor.say('train_left')}")
    message = visitor.read(job.error) if job.error else visitor.read(job.message)
    if job.state == "waiting" and job.ahead:
        message = visitor.say("queue_place", ahead=job.ahead)
    if job.state == "done" and log.voice is not None:
        message += " " + visitor.say("train_voice_ready", name=log.options.name)
    expected = ""
    if job.live and log.expected is not None and stage != "preflight":
        expected = f'<p class="hint">{escape(visitor.read(log.expected))}</p>'
    kind = {"failed": "mk-warn", "done": "mk-good"}.get(job.state, "")
    return (
        f'<section class="mk-job" data-state="{job.state}" data-job="{job.id}">'
        f"<h3>{escape(log.options.name)} <small>{escape(state + doing)}</small></h3>"
        f'<div class="mk-bar" role="progressbar" aria-valuemin="0" aria-valuemax="100" '
        f'aria-valuenow="{percent:.0f}" aria-label="{escape(visitor.say("train_progress"))}">'
        f'<i style="width:{percent:.1f}%"></i></div>'
        f'<p class="mk-facts"><span><b>{percent:.0f}%</b></span>'
        f"{''.join(f'<span>{fact}</span>' for fact in facts)}</p>"
        f'<p class="{kind}">{escape(message)}</p>{expected}</section>'
    )


def curves_html(visitor: Visitor, log: TrainingLog) -> str:
    """The held-out score large, every named loss small."""
    if not log.losses and not log.scores:
        return ""
    parts = [
        f'<h3 class="mk-h">{escape(visitor.say("train_curves"))}</h3>'
        f'<p class="hint">{escape(visitor.say("train_curves_info"))}</p><div class="mk-cards">'
    ]
    for name, curve in log.losses.items():
        steps, values = curve.xy()
        parts.append(
            f'<figure class="mk-card"><figcaption>{escape(name)} <b>{values[-1]:.3g}</b>'
            f"</figcaption>{sparkline(steps, values, f'{name}: {values[-1]:.3g}')}</figure>"
        )
    parts.append("</div>")
    if log.scores:
        title = visitor.say("train_held_out")
        best = log.best_step
        mark = (best, visitor.say("train_best", step=best)) if best else None
        parts.append(f'<h3 class="mk-h">{escape(title)}</h3><div class="mk-cards mk-wide">')
        for name, curve in log.scores.items():
            chart = line_chart(
                {name: curve.xy()}, label=f"{title}: {name}", mark=mark, height=170,
                x_label=visitor.say("train_step"),
            )  # fmt: skip
            caption = visitor.say(f"score_{name}") if f"score_{name}" in TEXTS else name
            head = f"<figcaption>{escape(caption)}</figcaption>"
            parts.append(f'<figure class="mk-card">{head}{chart}</figure>')
        parts.append("</div>")
    return "".join(parts)
