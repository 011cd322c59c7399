"""Below the tabs: what is kept of the visitor, where, and a button that deletes it."""

from dataclasses import dataclass

import gradio as gr

from rvc.ui import undoing
from rvc.ui.html import notes_html
from rvc.ui.page import HIDDEN, Page, Updates, notify
from rvc.ui.visitor import Visitor
from rvc.ui.widgets import button_list, html_area
from rvc.ui.workspace import KEPT_DAYS

RELOAD_JS = "() => { setTimeout(() => location.reload(), 600); }"


@dataclass(frozen=True)
class DataPanel:
    """The widgets of the panel."""

    about: gr.HTML
    deleted: gr.HTML
    remove: gr.Button


def add_data_panel(words: gr.I18n) -> DataPanel:
    """Return the widgets of the panel, added to the page being built."""
    with gr.Accordion(words("data_title"), open=False, elem_id="your-data"):
        about = html_area()
        deleted = button_list("deleted")
        remove = gr.Button(words("data_delete"), variant="stop", size="sm", elem_id="delete-data")
    return DataPanel(about, deleted, remove)


def bind_data_panel(page: Page, panel: DataPanel) -> None:
    """Bind the panel's handlers."""
    key = "data_public" if page.studio.public else "data_local"

    def describe(visitor: Visitor) -> Updates:
        texts = (visitor.say(key, days=KEPT_DAYS), visitor.say("ai_note"))
        return {panel.about: notes_html(*(("hint", text) for text in texts))}

    def delete(visitor: Visitor) -> None:
        undoing.empty(page.studio, visitor.owner)
        page.studio.forget(visitor.owner)
        notify(gr.Success, visitor.say("data_deleted"))

    page.on(page.arrived, describe, outputs=[panel.about], **HIDDEN)
    deleted = page.on_confirmed(panel.remove.click, delete, question="data_sure")
    deleted.then(None, js=RELOAD_JS)
