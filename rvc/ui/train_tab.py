"""Fourth tab: one training, told live; the page only looks, the job belongs to the process."""

import time
from typing import Any

import gradio as gr

from rvc.errors import RVCError
from rvc.ui.page import HEAVY, Page, Visitor, served, wait_for
from rvc.ui.texts import message
from rvc.ui.train_view import (
    PRESETS,
    curves_html,
    expect_html,
    material_html,
    own_base,
    preset_notes,
    status_html,
)
from rvc.ui.training import (
    LENGTHS,
    length_options,
    resumable,
    resume_training,
    start_fetch,
    start_training,
)

AMOUNTS = {"minutes": 10, "epochs": 100, "steps": 700}
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
            with gr.Row():
                fetch = gr.Button(words("fetch_go"), visible=False, elem_id="train-fetch")
                cancel = gr.Button(words("cancel"), visible=False, elem_id="fetch-cancel")
    with gr.Row(equal_height=True):
        length = gr.Radio(
            [(words(f"length_{name}"), name) for name in LENGTHS], value="auto",
            label=words("train_length"), elem_id="train-length", scale=4,
        )  # fmt: skip
        amount = gr.Number(
            10, label=words("train_amount"), visible=False, minimum=0, elem_id="train-amount",
            scale=1, min_width=120,
        )  # fmt: skip
    own = _own_base(page)
    expect = page.html(elem_id="train-expect")
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
    form = [name, preset, length, amount, consent, *own]
    buttons = [start, stop, resume]
    views = [status, curves, previews, spoken, recorded, *buttons, onward, page.timer]
    _bind(page, form, views)
    _bind_notes(page, form, [material, why, fetch], expect)
    _bind_fetch(page, preset, [why, fetch], cancel)
    onward.click(lambda: gr.Tabs(selected="convert"), None, page.tabs, api_visibility="private")


def _own_base(page: Page) -> list[gr.File]:
    """Base files of the person's own; not for strangers."""
    words = page.words
    with (
        gr.Accordion(words("base_title"), open=False, visible=not page.studio.public),
        gr.Row(),
    ):
        return [
            gr.File(
                label=words(f"base_{part}"), file_types=kinds, elem_id=f"base-{part}", height=120
            )
            for part, kinds in (("g", [".pth", ".safetensors"]), ("d", [".pth"]))
        ]


def _bind(page: Page, form: list[Any], views: list[Any]) -> None:
    studio = page.studio
    start, stop, resume = views[5:8]
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

    outputs, quiet = [*views, seen], {"show_progress": "hidden", "queue": False}
    page.on(page.timer.tick, look, [seen], outputs, **quiet)
    page.on(page.arrived, look, [seen], outputs, **quiet)
    page.on(start.click, begin, form, outputs)
    page.on(resume.click, go_on, [], outputs)
    page.on(stop.click, halt, [], outputs, **quiet)


def _bind_notes(page: Page, form: list[Any], notes: list[Any], expect: Any) -> None:
    """What is said of the choices before anything starts."""
    _, preset, length, amount, _, *own = form

    def describe(visitor: Visitor, chosen: str) -> list[Any]:
        return [material_html(page, visitor), *preset_notes(page, visitor, chosen)]

    def foretell(visitor: Visitor, *values: Any) -> str:
        return expect_html(page, visitor, *values)

    quiet = {"show_progress": "hidden"}
    for event in (page.opened["train"], preset.input):
        page.on(event, describe, [preset], notes, **quiet)
    chosen = [preset, length, amount, *own]
    for event in (page.opened["train"], preset.input, length.input, amount.input):
        page.on(
            event, foretell, chosen, [expect],
            concurrency_id="foretell", trigger_mode="always_last", **quiet,
        )  # fmt: skip
    length.change(
        lambda kind: gr.Number(AMOUNTS.get(kind, 10), visible=kind != "auto"),
        length, amount, show_progress="hidden", api_visibility="private", queue=False,
    )  # fmt: skip


def _bind_fetch(page: Page, preset: Any, notes: list[Any], cancel: gr.Button) -> None:
    """Bring a preset's published weights, with progress, and a way to stop."""
    studio = page.studio

    def fetch(visitor: Visitor, chosen: str, progress: gr.Progress) -> list[Any]:
        progress(0, desc=visitor.say("starting"))
        wait_for(start_fetch(studio, visitor.owner, chosen), visitor, progress)
        return preset_notes(page, visitor, chosen)

    how = {"show_progress": "full", "show_progress_on": [notes[0]]} | HEAVY
    page.on_long(notes[1].click, fetch, [preset], notes, cancel=cancel, **how)
    page.stops(cancel, "fetch")


def training_options(
    visitor: Visitor,
    page: Page,
    name: str,
    preset: str,
    length: str,
    amount: float | None,
    consent: bool,
    *own: str | None,
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
        check_name(name.strip()),
        chosen,
        consent=CONSENT,
        base=own_base(page, own),
        **length_options(length, amount),
    )


def _error(key: str) -> RVCError:
    return RVCError(message(key))


def fingerprint(page: Page, visitor: Visitor) -> str:
    """Changes whenever `view` would draw something else."""
    job = page.studio.jobs.latest("train", visitor.owner)
    other = page.studio.jobs.live("train")
    if job is None or (not job.live and other is not None and other.owner != visitor.owner):
        return f"{other.id if other else ''}-{bool(resumable(page.studio, visitor.owner))}"
    told = job.data.progress
    spent = int(time.monotonic() - job.started_at) // 2 if job.live else 0  # the clock goes on
    parts = (
        job.id, job.state, job.ahead, str(job.message), told.step if told else 0, job.data.preview,
        spent,
    )  # fmt: skip
    return "|".join(map(str, parts)) + visitor.language


def view(page: Page, visitor: Visitor) -> list[Any]:
    """All that the page shows of a training, drawn from the job alone."""
    studio = page.studio
    job, other = studio.jobs.latest("train", visitor.owner), studio.jobs.live("train")
    live = job is not None and job.live
    busy = other is not None and other.owner != visitor.owner and not live
    waits = busy and not studio.public  # on a public page trainings queue up
    going_on = None if live else resumable(studio, visitor.owner)
    ready = job is not None and job.state == "done" and job.data.voice is not None
    log = job.data if job is not None else None
    preview, reference = (log.preview, log.reference) if log else (None, None)
    heard = preview is not None and preview.is_file()
    return [
        status_html(visitor, job, busy=waits, interrupted=going_on),
        curves_html(visitor, log) if log else "",
        gr.Row(visible=heard),
        served(studio, visitor.owner, preview) if heard else None,
        served(studio, visitor.owner, reference) if heard and reference else None,
        gr.Button(interactive=not live and not waits),
        gr.Button(interactive=live and job.state != "stopping"),
        gr.Button(visible=going_on is not None, interactive=not waits),
        gr.Button(visible=ready),
        gr.Timer(LIVE_SECONDS if live or busy else IDLE_SECONDS),
    ]
