"""What was deleted, at the bottom of the page and below the tabs, with buttons that undo it."""

import gradio as gr

from rvc.ui import undoing
from rvc.ui.page import HIDDEN, INSTANT, Page, Updates, event_data, notify
from rvc.ui.undo_view import deleted_html, undo_html
from rvc.ui.visitor import Visitor


def bind_undo(page: Page, listed: gr.HTML, mark: gr.Textbox) -> None:
    """Bind the buttons of `page.undo` and of `listed`, which holds all that can be brought back.

    `mark`: a hidden text that changes when something came back; the tabs listen to it.
    """
    studio = page.studio

    def show(visitor: Visitor) -> Updates:
        return {
            page.undo: undo_html(studio, visitor),
            listed: deleted_html(studio, visitor),
        }

    def choose(visitor: Visitor, event: gr.EventData) -> Updates:
        sent = event_data(event)
        act, number = sent.get("act"), str(sent.get("id", ""))
        if act == "hide":
            return {page.undo: ""}
        if act == "empty":
            undoing.empty(studio, visitor.owner)
            return show(visitor)
        if act != "undo":
            return {}
        entry = undoing.undo(studio, visitor.owner, number)
        notify(gr.Success, visitor.say("undo_done", name=entry.name))
        return {**show(visitor), mark: number}

    outputs = [page.undo, listed]
    page.on(page.arrived, show, outputs=outputs, **HIDDEN)
    page.on(page.undo.change, lambda visitor: {listed: deleted_html(studio, visitor)},
            outputs=[listed], **INSTANT)  # fmt: skip
    for area in (page.undo, listed):
        page.on(area.choose, choose, outputs=[*outputs, mark], **HIDDEN)
