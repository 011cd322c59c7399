"""The list of the owner's trainings: resume, continue, rename, delete."""

from collections.abc import Callable

import gradio as gr
from gradio.blocks import Block

from rvc.errors import RVCError
from rvc.ui.page import HIDDEN, INSTANT, Page, Updates, event_data, notify
from rvc.ui.texts import message
from rvc.ui.train_view import trainings_html
from rvc.ui.train_widgets import ProgressWidgets, TrainTab
from rvc.ui.training import delete_own, own_trainings, rename_own, resume_training
from rvc.ui.visitor import Visitor

LEAST_MINUTES, MOST_MINUTES = 0.1, 1440.0


def progress_outputs(shown: ProgressWidgets) -> list[Block]:
    """Return the widgets that show a training, but for what went wrong when it was started."""
    return [widget for name, widget in vars(shown).items() if name != "problem"]


def bind_trainings(page: Page, tab: TrainTab, updates: Callable[[Visitor], Updates]) -> None:
    """Bind the list; `updates`: what the page shows of the running training."""
    studio, trainings, shown = page.studio, tab.trainings, tab.progress

    def show(visitor: Visitor) -> Updates:
        return {trainings.rows: trainings_html(studio, visitor), trainings.drawn: ""}

    def look(visitor: Visitor, drawn: str) -> Updates:
        fingerprint = _fingerprint(page, visitor)
        return {} if fingerprint == drawn else {**show(visitor), trainings.drawn: fingerprint}

    def resume(visitor: Visitor, name: str, minutes: str = "") -> Updates:
        resume_training(studio, visitor.owner, name, minutes=_minutes(minutes))
        return {**updates(visitor), **show(visitor), shown.problem: ""}

    def choose(visitor: Visitor, event: gr.EventData) -> Updates:
        sent = event_data(event)
        act, name, value = (str(sent.get(key, "")) for key in ("act", "id", "value"))
        if act in ("resume", "continue"):
            return resume(visitor, name, value if act == "continue" else "")
        if act == "rename" and value.strip() != name:
            rename_own(studio, visitor.owner, name, value.strip())
            notify(gr.Success, visitor.say("train_renamed", name=name, new=value.strip()))
        elif act == "delete":
            delete_own(studio, visitor.owner, name)
        return {**updates(visitor), **show(visitor)}

    outputs = [*progress_outputs(shown), page.timer, trainings.rows, trainings.drawn]
    drawn, looked_at = {"drawn": trainings.drawn}, [trainings.rows, trainings.drawn]
    page.on(page.timer.tick, look, drawn, looked_at, **INSTANT)
    page.on(page.arrived, look, drawn, looked_at, **INSTANT)
    page.on(page.restored, show, outputs=looked_at, **HIDDEN)
    page.on(page.opened("train"), show, outputs=looked_at, **HIDDEN)
    pressed = page.on(
        trainings.rows.choose, choose, outputs=[*outputs, shown.problem],
        problem=trainings.problem, **HIDDEN,
    )  # fmt: skip
    page.deletes(pressed)
    page.on(shown.problem.choose, choose, outputs=outputs, problem=shown.problem, **HIDDEN)


def _minutes(text: str) -> float | None:
    """Return a number of minutes; None for an empty text. Raises RVCError for anything else."""
    if not text.strip():
        return None
    try:
        minutes = float(text)
    except ValueError:
        minutes = -1.0
    if not LEAST_MINUTES <= minutes <= MOST_MINUTES:
        raise RVCError(message("train_minutes_range", least=LEAST_MINUTES, most=MOST_MINUTES))
    return minutes


def _fingerprint(page: Page, visitor: Visitor) -> str:
    """Return a text that changes whenever the list would show something else."""
    job = page.studio.jobs.live("train")
    rows = (
        (each.name, each.state, "" if each.state == "running" else each.changed_at)
        for each in own_trainings(page.studio, visitor.owner)
    )
    return f"{visitor.language} {job.id if job else ''} {list(rows)}"
