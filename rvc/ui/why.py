"""Below the tabs: why clean data, with measured figures and sounds to compare."""

import base64
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import gradio as gr
from markupsafe import Markup

from rvc.places import shipped_weights
from rvc.ui.html import render_for
from rvc.ui.page import HIDDEN, Page, Updates
from rvc.ui.visitor import Visitor
from rvc.ui.widgets import asset, html_area

FIGURES = "clean_beats_much.json"  # written by benchmarks/clean_beats_much.py
SOUNDS = ("clean", "noise", "echo", "cleaned")  # of tools/make_clean_examples.py


@dataclass(frozen=True)
class WhyPanel:
    """The widgets of the panel."""

    box: gr.Accordion
    about: gr.HTML


def add_why_panel(words: gr.I18n) -> WhyPanel:
    """Return the widgets of the panel, added to the page being built."""
    with gr.Accordion(words("why_title"), open=False, elem_id="why") as box:
        about = html_area("why-about", min_height=40)
    return WhyPanel(box, about)


def bind_why_panel(page: Page, panel: WhyPanel) -> None:
    """Bind the panel's handler: figures and sounds are sent when it is opened."""

    def describe(visitor: Visitor) -> Updates:
        return {panel.about: why_html(visitor)}

    page.on(panel.box.expand, describe, outputs=[panel.about], **HIDDEN)


def why_html(visitor: Visitor) -> Markup:
    """Return the figures of the benchmark and players of the examples."""
    return render_for(visitor, "why.html", figures=key_figures(), examples=examples())


@lru_cache(maxsize=1)
def key_figures() -> dict[str, Any]:
    """Return the figures as the benchmark wrote them."""
    figures: dict[str, Any] = json.loads(asset(FIGURES))
    return figures


@lru_cache(maxsize=1)
def examples() -> dict[str, str]:
    """Return the shipped sounds by name, as data URLs; without those whose file is missing."""
    paths = {name: shipped_weights() / "samples" / f"why_{name}.ogg" for name in SOUNDS}
    return {
        name: "data:audio/ogg;base64," + base64.b64encode(path.read_bytes()).decode()
        for name, path in paths.items()
        if path.is_file()
    }
