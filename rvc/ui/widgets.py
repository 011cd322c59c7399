"""Widgets that several tabs make in the same way."""

from collections.abc import Sequence
from importlib.resources import files
from typing import Literal

import gradio as gr
from gradio.i18n import I18nData

WAVEFORM = gr.WaveformOptions(
    waveform_color="#8fb5af", waveform_progress_color="#0f6e63", sample_rate=48_000
)
# Lists of buttons in an html_area: pressing an element with data-act triggers the event `choose`;
# the text of an input beside the button goes with it.
CHOOSE_JS = """
element.addEventListener('click', (e) => {
  const b = e.target.closest('[data-act]');
  if (!b || b.disabled) return;
  const field = b.parentElement.querySelector('input');
  trigger('choose', {act: b.dataset.act, id: b.dataset.id || '', value: field ? field.value : ''});
});
"""


def asset(name: str) -> str:
    """Return the text of a file in `assets/`."""
    return files("rvc.ui").joinpath("assets", name).read_text(encoding="utf-8")


def html_area(elem_id: str | None = None, *, min_height: int | None = None) -> gr.HTML:
    """Return an area for our own HTML, styled by our style sheet alone."""
    return gr.HTML("", apply_default_css=False, elem_id=elem_id, min_height=min_height)


def go_and_cancel(words: gr.I18n, name: str) -> tuple[gr.Button, gr.Button]:
    """Return a row's button that starts the work `name`, and the hidden one that cancels it."""
    with gr.Row():
        go = gr.Button(words(f"{name}_go"), variant="primary", elem_id=f"{name}-go", scale=3)
        cancel = gr.Button(
            words("cancel"), visible=False, elem_id=f"{name}-cancel", scale=1, min_width=120
        )
    return go, cancel


def button_list(elem_id: str, *, min_height: int | None = None) -> gr.HTML:
    """Return an area for HTML whose elements with data-act trigger the event `choose`."""
    return gr.HTML(
        "", apply_default_css=False, elem_id=elem_id, js_on_load=CHOOSE_JS, min_height=min_height
    )


def player(
    label: I18nData,
    elem_id: str,
    *,
    buttons: Sequence[Literal["download"]] = ("download",),
    min_width: int = 160,
    hidden: bool = False,
) -> gr.Audio:
    """Return a player of our own files; a hidden one plays at once when it is shown."""
    return gr.Audio(
        label=label,
        elem_id=elem_id,
        type="filepath",
        interactive=False,
        waveform_options=WAVEFORM,
        buttons=list(buttons),
        min_width=min_width,
        visible=not hidden,
        autoplay=hidden,
    )
