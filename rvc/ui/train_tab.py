"""Fourth tab: one training and how far it is. The page polls the job, which outlives the page."""

import json
import time
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.blocks import Block

from rvc.ui.page import HIDDEN, INSTANT, JobArea, Page, Updates, wait_for
from rvc.ui.served import served_copy
from rvc.ui.train_view import (
    begun_html,
    curves_html,
    expect_html,
    material_html,
    preset_note,
    status_html,
)
from rvc.ui.train_widgets import NoteWidgets, ProgressWidgets, TrainTab
from rvc.ui.training import Begun, resumable, resume_training, start_fetch, start_training
from rvc.ui.training_form import TrainingForm, training_options
from rvc.ui.trainings_list import bind_trainings, progress_outputs
from rvc.ui.visitor import Visitor

if TYPE_CHECKING:
    from rvc.training.listing import Training

AMOUNTS = {"minutes": 10, "epochs": 100, "steps": 700}
# In the browser, so that no answer overwrites a number that is typed at once.
AMOUNT_JS = "(length) => (%s)[length] ?? 10"
LIVE_SECONDS, IDLE_SECONDS = 1, 5  # between two ticks of the timer
CLOCK_SECONDS = 2  # between two drawings of an unchanged job, for the elapsed time


def bind_train_tab(page: Page, tab: TrainTab) -> None:
    """Bind the tab's handlers."""
    _bind_training(page, tab)
    bind_trainings(page, tab, lambda visitor: _updates(page, tab.progress, visitor))
    _bind_notes(page, tab)
    _bind_fetch(page, tab)
    page.leads_to(tab.progress.onward, "convert")


def _bind_training(page: Page, tab: TrainTab) -> None:
    studio, shown = page.studio, tab.progress

    def look(visitor: Visitor, drawn: str) -> Updates:
        fingerprint = _fingerprint(page, visitor)
        if fingerprint == drawn:
            return {}
        return {**_updates(page, shown, visitor), shown.drawn: fingerprint}

    def begin(visitor: Visitor, **form: Any) -> Updates:
        try:
            start_training(studio, visitor.owner, training_options(studio, TrainingForm(**form)))
        except Begun as error:
            return {shown.problem: begun_html(visitor, error)}
        return _updates(page, shown, visitor)

    def check(visitor: Visitor, problem: str, **form: Any) -> Updates:
        """Look again at a form that had a fault: what is mended is not shown any more."""
        if problem:
            training_options(studio, TrainingForm(**form))
        return {}

    def resume(visitor: Visitor) -> Updates:
        resume_training(studio, visitor.owner)
        return _updates(page, shown, visitor)

    def stop(visitor: Visitor) -> Updates:
        job = studio.jobs.latest("train", visitor.owner)
        if job is not None and job.live:
            job.stop()
        return _updates(page, shown, visitor)

    outputs: list[Block] = [*progress_outputs(shown), page.timer]
    drawn, problem = {"drawn": shown.drawn}, shown.problem
    page.on(page.timer.tick, look, drawn, outputs, **INSTANT)
    page.on(page.arrived, look, drawn, outputs, **INSTANT)
    page.on(shown.start.click, begin, tab.form.inputs, outputs, problem=problem)
    page.on(shown.resume.click, resume, outputs=outputs, problem=problem)
    page.on(shown.stop.click, stop, outputs=outputs, problem=problem, **INSTANT)
    inputs = {"problem": problem, **tab.form.inputs}
    for field in (tab.form.name, tab.form.length, tab.form.amount, tab.form.consent):
        page.on(field.change, check, inputs, problem=problem, **INSTANT)


def _bind_notes(page: Page, tab: TrainTab) -> None:
    """Show what would be trained on, the chosen preset and the expected time."""
    form, notes = tab.form, tab.notes

    def describe(visitor: Visitor, preset: str) -> Updates:
        material = material_html(page.studio, visitor)
        return {notes.material: material, **_preset_updates(page, notes, visitor, preset)}

    def expect(visitor: Visitor, **choices: Any) -> Updates:
        return {notes.expect: expect_html(page.studio, visitor, TrainingForm(**choices))}

    def show_amount(visitor: Visitor, length: str) -> Updates:
        """Show the number of a length, also of one that a reloaded page brought back."""
        return {form.amount: gr.Number(visible=length in AMOUNTS)}

    for event in (page.opened("train"), form.preset.input):
        outputs = [notes.material, notes.preset, notes.fetch]
        page.on(event, describe, {"preset": form.preset}, outputs, **HIDDEN)
    for event in (
        page.opened("train"), form.preset.input, form.length.input, form.amount.input
    ):  # fmt: skip
        page.on(
            event, expect, form.choices, [notes.expect], show_progress="hidden",
            concurrency_id="expect", trigger_mode="always_last",
        )  # fmt: skip
    chosen = {"length": form.length}
    form.length.input(None, form.length, form.amount, js=AMOUNT_JS % json.dumps(AMOUNTS))
    page.on(form.length.change, show_amount, chosen, [form.amount], **INSTANT)


def _bind_fetch(page: Page, tab: TrainTab) -> None:
    """Let a button fetch the weights that the chosen preset lacks."""
    notes = tab.notes

    def fetch(visitor: Visitor, preset: str, progress: gr.Progress) -> Updates:
        progress(0, desc=visitor.say("starting"))
        wait_for(start_fetch(page.studio, visitor.owner, preset), visitor, progress)
        return _preset_updates(page, notes, visitor, preset)

    area = JobArea("fetch", notes.cancel_fetch, notes.preset, notes.fetch_problem)
    inputs, outputs = {"preset": tab.form.preset}, [notes.preset, notes.fetch]
    page.on_job(area, notes.fetch.click, fetch, inputs, outputs)
    page.cancels(area)


def _preset_updates(page: Page, notes: NoteWidgets, visitor: Visitor, preset: str) -> Updates:
    note = preset_note(page.studio, visitor, preset)
    return {notes.preset: note.html, notes.fetch: gr.Button(visible=note.fetchable)}


def _fingerprint(page: Page, visitor: Visitor) -> str:
    """Return a text that changes whenever `_updates` would show something else."""
    job = page.studio.jobs.latest("train", visitor.owner)
    other = page.studio.jobs.live("train")
    if job is None or (not job.live and other is not None and other.owner != visitor.owner):
        stopped = resumable(page.studio, visitor.owner)
        return f"{other.id if other else ''}-{stopped.name if stopped else ''}"
    latest = job.data.progress
    stopped = None if job.live else resumable(page.studio, visitor.owner)
    elapsed = int(time.monotonic() - job.started_at) // CLOCK_SECONDS if job.live else 0
    parts = (
        job.id, job.state, job.ahead, str(job.message), latest.step if latest else 0,
        job.data.preview, elapsed, visitor.language, stopped.name if stopped else "",
    )  # fmt: skip
    return "|".join(map(str, parts))


def _updates(page: Page, shown: ProgressWidgets, visitor: Visitor) -> Updates:
    """Return all that the page shows of a training; what is drawn is forgotten."""
    studio = page.studio
    job, other = studio.jobs.latest("train", visitor.owner), studio.jobs.live("train")
    live, state = (job.live, job.state) if job is not None else (False, "")
    busy = other is not None and other.owner != visitor.owner and not live
    blocked = busy and not studio.public  # on a public page trainings queue up
    stopped = None if live else resumable(studio, visitor.owner)
    log = job.data if job is not None else None
    return {
        shown.status: status_html(visitor, job, busy=blocked, interrupted=stopped),
        shown.curves: curves_html(visitor, log) if log else "",
        **_preview_updates(page, shown, visitor),
        shown.start: gr.Button(interactive=not live and not blocked),
        shown.stop: gr.Button(interactive=live and state != "stopping"),
        shown.resume: _resume_button(visitor, stopped, blocked=blocked),
        shown.onward: gr.Button(visible=bool(log and log.voice and not live)),
        shown.drawn: "",
        page.timer: gr.Timer(LIVE_SECONDS if live or busy else IDLE_SECONDS),
    }


def _resume_button(visitor: Visitor, stopped: "Training | None", *, blocked: bool) -> gr.Button:
    """Return the button that resumes the training that was stopped last, and names it."""
    if stopped is None:
        return gr.Button(visible=False)
    label = visitor.say("train_resume_name", name=stopped.name)
    return gr.Button(label, visible=True, interactive=not blocked)


def _preview_updates(page: Page, shown: ProgressWidgets, visitor: Visitor) -> Updates:
    """Return the players of the latest preview and of the same sentence as recorded."""
    job = page.studio.jobs.latest("train", visitor.owner)
    if job is None or job.data.preview is None or not job.data.preview.is_file():
        return {shown.previews: gr.Row(visible=False), shown.preview: None, shown.original: None}
    reference = job.data.reference
    return {
        shown.previews: gr.Row(visible=True),
        shown.preview: served_copy(page.studio, visitor.owner, job.data.preview),
        shown.original: reference and served_copy(page.studio, visitor.owner, reference),
    }
