"""What a reloaded page brings back: the open tab, and what was filled in.

The browser keeps it; changing the language reloads the page, too.
"""

from collections.abc import Mapping
from typing import Any

import gradio as gr
from gradio.components import Component

from rvc.ui.page import Page, Updates
from rvc.ui.visitor import Visitor

MOST_LETTERS = 200  # of a text
# Until the page has its earlier values, those it starts with are not kept.
KEEP_TAB_JS = "() => { if (window.moksoriReady) sessionStorage.setItem('moksori_tab', '%s'); }"
KEEP_FORMS_JS = """(kept, ...values) => {
  if (!window.moksoriReady) return kept;
  const names = %s;
  return Object.fromEntries(names.map((name, i) => [name, values[i]]));
}"""
# A person who pressed something meanwhile (moved.html notes it) stays where they are.
READY_JS = """(tab) => {
  window.moksoriReady = true;
  if (tab && !window.moksoriMoved) document.getElementById(`tab-${tab}-button`)?.click();
}"""
ARRIVE_JS = """(_, token, __, ...values) => [document.documentElement.lang || 'en', token,
  sessionStorage.getItem('moksori_tab') || '', ...values]"""


def bind_memory(page: Page, forms: Mapping[str, Component], kept: gr.BrowserState) -> None:
    """Bring the open tab and the widgets of `forms` back on a reload; `kept`: their values.

    `forms`: the widgets by a name that stays the same. Without a tab to go back to, a page that
    arrives while a training runs opens the training's tab. What was filled in before the page
    arrived stays.
    """

    def arrive(visitor: Visitor, tab: str, kept: object, **present: Any) -> Updates:
        job = page.studio.jobs.latest("train", visitor.owner)
        opened = tab if tab in page.tabs else "train" if job is not None and job.live else ""
        found = kept if isinstance(kept, dict) else {}
        updates: Updates = {
            widget: found[name]
            for name, widget in forms.items()
            if name in found and fits(widget, found[name]) and present[name] == started[name]
        }
        return {**updates, back: opened}

    tab, back = gr.Textbox(visible=False), gr.Textbox(visible="hidden")
    started = {name: getattr(widget, "value", None) for name, widget in forms.items()}
    outputs = [back, *forms.values()]
    inputs = {"tab": tab, "kept": kept, **forms}
    arrived = page.on(page.arrived, arrive, inputs, outputs, js=ARRIVE_JS, show_progress="hidden")
    arrived.then(None, back, js=READY_JS)
    for name, each in page.tabs.items():
        each.select(None, js=KEEP_TAB_JS % name)
    keep = KEEP_FORMS_JS % list(forms)
    for widget in forms.values():
        widget.change(None, [kept, *forms.values()], [kept], js=keep)  # type: ignore[attr-defined]


def fits(widget: Component, value: Any) -> bool:
    """Return whether a value that a browser kept is one that the widget can have."""
    choices = {choice for _, choice in getattr(widget, "choices", None) or ()}
    match widget:
        case gr.Checkbox():
            return isinstance(value, bool)
        case gr.CheckboxGroup():
            return isinstance(value, list) and all(
                isinstance(each, str) and each in choices for each in value
            )
        case gr.Radio() | gr.Dropdown():
            return isinstance(value, str) and value in choices
        case gr.Slider() | gr.Number():
            if isinstance(value, bool) or not isinstance(value, int | float):
                return False
            least, most = widget.minimum, widget.maximum
            return (least is None or value >= least) and (most is None or value <= most)
        case gr.Textbox():
            return isinstance(value, str) and len(value) <= MOST_LETTERS
    return False
