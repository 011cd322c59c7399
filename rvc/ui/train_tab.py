"""Fourth tab: one training, told live; the page only looks, the job belongs to the process."""

import time
from html import escape
from typing import Any

import gradio as gr

from rvc.errors import RVCError
from rvc.ui.charts import line_chart, sparkline
from rvc.ui.jobs import Job
from rvc.ui.page import Page, Visitor, served
from rvc.ui.texts import TEXTS, both, clock
from rvc.ui.training import (
    LENGTHS,
    TrainingLog,
    length_options,
    resumable,
    resume_training,
    start_training,
)

PRESETS = ("auto", "lite", "32k", "40k", "48k")
AMOUNTS = {"minutes": 10, "epochs": 100, "steps": 1500}
LIVE_SECONDS, IDLE_SECONDS = 1, 5
CONSENT = "The person who trained it confirmed: own voice, or the owner agreed."


def build_train_tab(page: Page) -> None:
    words = page.words
    gr.Markdown(words("train_lead"), elem_classes="lead")
    material = page.html(elem_id="train-material")
    with gr.Row(equal_height=False):
        name = gr.Textbox(
            label=words("train_name"), info=words("train_name_info"), max_length=60,
            elem_id="train-name", scale=2, min_width=240,
        )  # fmt: skip
        with gr.Column(scale=3, min_width=300):
            preset = gr.Radio(
                [(words("preset_auto") if p == "auto" else p, p) for p in PRESETS],
                value="auto", label=words("train_preset"), elem_id="train-preset",
            )  # fmt: skip
            why = page.html(elem_id="train-why")
    with gr.Row(equal_height=True):
        length = gr.Radio(
            [(words(f"length_{name}"), name) for name in LENGTHS], value="auto",
            label=words("train_length"), elem_id="train-length", scale=4,
        )  # fmt: skip
        amount = gr.Number(
            10, label=words("train_amount"), visible=False, minimum=0, elem_id="train-amount",
            scale=1, min_width=120,
        )  # fmt: skip
    consent = gr.Checkbox(False, label=words("train_consent"), elem_id="train-consent")
    with gr.Row():
        start = gr.Button(words("train_start"), variant="primary", elem_id="train-start")
        stop = gr.Button(words("train_stop"), elem_id="train-stop", interactive=False)
        resume = gr.Button(words("train_resume"), elem_id="train-resume", visible=False)
    status = page.html(elem_id="train-status")
    curves = page.html(elem_id="train-curves")
    with gr.Row(visible=False) as previews:
        spoken = page.player("preview_now", elem_id="train-preview")
        recorded = page.player("preview_original", buttons=[], elem_id="train-original")
    onward = gr.Button(
        words("next_convert"), variant="primary", visible=False, elem_id="next-convert"
    )
    form = [name, preset, length, amount, consent]
    buttons = [start, stop, resume]
    views = [status, curves, previews, spoken, recorded, *buttons, onward, page.timer]
    _bind(page, form, [material, why], views)
    onward.click(lambda: gr.Tabs(selected="convert"), None, page.tabs, api_visibility="private")


def _bind(page: Page, form: list[Any], notes: list[Any], views: list[Any]) -> None:
    studio = page.studio
    (_, preset, length, amount, _), (start, stop, resume) = form, views[5:8]
    seen = gr.State("")  # what this page has drawn, so that an unchanged job costs nothing

    def look(visitor: Visitor, drawn: str) -> list[Any]:
        drawing = fingerprint(page, visitor)
        if drawing == drawn:
            return [gr.skip()] * (len(views) + 1)
        return [*view(page, visitor), drawing]

    def begin(visitor: Visitor, *values: Any) -> list[Any]:
        start_training(studio, visitor.owner, training_options(visitor, page, *values))
        return [*view(page, visitor), ""]

    def go_on(visitor: Visitor) -> list[Any]:
        resume_training(studio, visitor.owner)
        return [*view(page, visitor), ""]

    def halt(visitor: Visitor) -> list[Any]:
        job = studio.jobs.latest("train", visitor.owner)
        if job is not None and job.live:
            job.stop()
        return [*view(page, visitor), ""]

    def describe(visitor: Visitor, chosen: str) -> list[str]:
        return [material_html(page, visitor), why_html(page, visitor, chosen)]

    outputs, quiet = [*views, seen], {"show_progress": "hidden", "queue": False}
    page.on(page.timer.tick, look, [seen], outputs, **quiet)
    page.on(page.arrived, look, [seen], outputs, **quiet)
    page.on(start.click, begin, form, outputs)
    page.on(resume.click, go_on, [], outputs)
    page.on(stop.click, halt, [], outputs, **quiet)
    page.on(page.opened["train"], describe, [preset], notes, show_progress="hidden")
    page.on(preset.input, describe, [preset], notes, show_progress="hidden")
    length.change(
        lambda kind: gr.Number(AMOUNTS.get(kind, 10), visible=kind != "auto"),
        length, amount, show_progress="hidden", api_visibility="private", queue=False,
    )  # fmt: skip


def training_options(
    visitor: Visitor,
    page: Page,
    name: str,
    preset: str,
    length: str,
    amount: float | None,
    consent: bool,
) -> Any:
    """The form as TrainingOptions; raises RVCError for what a person must still do."""
    from rvc.training.options import TrainingOptions
    from rvc.voice import check_name

    if not consent:
        raise _error("train_consent_needed")
    if not (name or "").strip():
        raise _error("train_name_needed")
    chosen = preset if preset in PRESETS else "auto"
    return TrainingOptions(
        check_name(name.strip()), chosen, consent=CONSENT, **length_options(length, amount)
    )


def _error(key: str) -> RVCError:
    return RVCError(both(key).en, both(key).ko)


def material_html(page: Page, visitor: Visitor) -> str:
    """What will be trained on."""
    report = page.studio.session(visitor.owner).report
    if report is None:
        return f'<p class="mk-empty">{escape(visitor.say("train_no_material"))}</p>'
    kept = report.kept_segments()
    seconds = sum(segment.end_seconds - segment.start_seconds for _, segment in kept)
    text = visitor.say("train_material", time=clock(seconds), count=len(kept))
    return f'<p class="mk-sum mk-good">{escape(text)}</p>'


def why_html(page: Page, visitor: Visitor, chosen: str) -> str:
    """One sentence about the chosen preset."""
    engine = page.studio.engine
    if chosen == "auto":
        return f'<p class="hint">{escape(visitor.read(engine.pick_preset()[1]))}</p>'
    for preset in engine.presets():
        if preset.name == chosen:
            kind = "hint" if preset.available else "mk-warn"
            return f'<p class="{kind}">{escape(visitor.read(preset.text))}</p>'
    return ""


def fingerprint(page: Page, visitor: Visitor) -> str:
    """Changes whenever `view` would draw something else."""
    job = page.studio.jobs.latest("train", visitor.owner)
    other = page.studio.jobs.live("train")
    if job is None or (other is not None and other.owner != visitor.owner):
        return f"{other.id if other else ''}-{bool(resumable(page.studio, visitor.owner))}"
    told = job.data.progress
    spent = int(time.monotonic() - job.started_at) // 2 if job.live else 0  # the clock goes on
    parts = (job.id, job.state, job.message.en, told.step if told else 0, job.data.preview, spent)
    return "|".join(map(str, parts)) + visitor.language


def view(page: Page, visitor: Visitor) -> list[Any]:
    """All that the page shows of a training, drawn from the job alone."""
    studio = page.studio
    job, other = studio.jobs.latest("train", visitor.owner), studio.jobs.live("train")
    busy = other is not None and other.owner != visitor.owner
    live = job is not None and job.live
    going_on = None if live else resumable(studio, visitor.owner)
    ready = job is not None and job.state == "done" and job.data.voice is not None
    log = job.data if job is not None else None
    preview, reference = (log.preview, log.reference) if log else (None, None)
    heard = preview is not None and preview.is_file()
    return [
        status_html(visitor, job, busy=busy, interrupted=going_on),
        curves_html(visitor, log) if log else "",
        gr.Row(visible=heard),
        served(preview) if heard else None,
        served(reference) if heard and reference else None,
        gr.Button(interactive=not live and not busy),
        gr.Button(interactive=live and job.state != "stopping"),
        gr.Button(visible=going_on is not None, interactive=not busy),
        gr.Button(visible=ready),
        gr.Timer(LIVE_SECONDS if live or busy else IDLE_SECONDS),
    ]


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
    if job.state == "done" and log.voice is not None:
        message += " " + visitor.say("train_voice_ready", name=log.options.name)
    kind = {"failed": "mk-warn", "done": "mk-good"}.get(job.state, "")
    return (
        f'<section class="mk-job" data-state="{job.state}" data-job="{job.id}">'
        f"<h3>{escape(log.options.name)} <small>{escape(state + doing)}</small></h3>"
        f'<div class="mk-bar" role="progressbar" aria-valuemin="0" aria-valuemax="100" '
        f'aria-valuenow="{percent:.0f}" aria-label="{escape(visitor.say("train_progress"))}">'
        f'<i style="width:{percent:.1f}%"></i></div>'
        f'<p class="mk-facts"><span><b>{percent:.0f}%</b></span>'
        f"{''.join(f'<span>{fact}</span>' for fact in facts)}</p>"
        f'<p class="{kind}">{escape(message)}</p></section>'
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
