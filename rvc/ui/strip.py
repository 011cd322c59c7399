"""The steps on the row of tabs: which are done, what was made in them, and which comes next."""

from dataclasses import dataclass

import gradio as gr

from rvc.ui import conversion
from rvc.ui.html import render_for
from rvc.ui.page import Event, EventSettings, Page, Updates
from rvc.ui.studio import Studio
from rvc.ui.texts import clock
from rvc.ui.visitor import Visitor
from rvc.ui.widgets import asset

STEPS = ("record", "clean", "report", "train", "convert")
SETTINGS: EventSettings = {
    "show_progress": "hidden",
    "queue": False,
    "trigger_mode": "always_last",
}


@dataclass(frozen=True)
class Step:
    """One step. `fact`: a few words about what was made in it, or that it works; "" for nothing."""

    name: str
    done: bool
    fact: str = ""


def add_strip() -> gr.HTML:
    """Return the unseen list whose script marks the tabs, added to the page being built."""
    return gr.HTML("", apply_default_css=False, js_on_load=asset("strip.js"), elem_id="strip")


def bind_strip(page: Page, strip: gr.HTML, changes: list[Event]) -> None:
    """Draw the strip on arrival, when a tab is opened, and at any of `changes`."""

    def show(visitor: Visitor, drawn: str | None) -> Updates:
        html = strip_html(visitor, steps(page.studio, visitor))
        return {} if html == drawn else {strip: html}

    for event in (page.arrived, *map(page.opened, STEPS), *changes):
        page.on(event, show, {"drawn": strip}, [strip], **SETTINGS)


def strip_html(visitor: Visitor, found: list[Step]) -> str:
    """Return the list of steps; the first that is not done is the next one."""
    following = next((step.name for step in found if not step.done), "")
    return render_for(visitor, "strip.html", steps=found, following=following)


def steps(studio: Studio, visitor: Visitor) -> list[Step]:
    """Return the steps with what the visitor made in each."""
    owner = visitor.owner
    takes, report = studio.takes(owner), studio.session(owner).report
    cleaned, current = studio.cleaned(owner), not studio.report_stale(owner)
    seconds = sum(take.duration_seconds for take in takes)
    of = visitor.say("strip_of", done=len(cleaned), count=len(takes)) if cleaned else ""
    found = [
        Step("record", bool(takes), clock(seconds) if takes else ""),
        Step("clean", bool(takes) and len(cleaned) == len(takes), of),
        _report_step(visitor, report if current else None),
        _train_step(studio, visitor),
        _convert_step(studio, visitor),
    ]
    return [_working(studio, visitor, step) for step in found]


def _report_step(visitor: Visitor, report: object) -> Step:
    usable = getattr(report, "usable_seconds", None)
    if usable is None:
        return Step("report", False)
    return Step("report", True, visitor.say("strip_usable", time=clock(usable)))


def _train_step(studio: Studio, visitor: Visitor) -> Step:
    job = studio.jobs.latest("train", visitor.owner)
    if job is not None and job.state == "done":
        return Step("train", True, job.data.options.name)
    own = [voice.name for voice in conversion.voices(studio, visitor.owner) if not voice.demo]
    return Step("train", bool(own), visitor.say("strip_voices", count=len(own)) if own else "")


def _convert_step(studio: Studio, visitor: Visitor) -> Step:
    job = studio.jobs.latest("convert", visitor.owner)
    done = job is not None and job.state == "done"
    return Step("convert", done, visitor.say("strip_done") if done else "")


def _working(studio: Studio, visitor: Visitor, step: Step) -> Step:
    """Return the step with how far its job is while that runs."""
    job = studio.jobs.latest(step.name, visitor.owner)
    if job is None or not job.live:
        return step
    return Step(step.name, False, f"{job.fraction:.0%}")
