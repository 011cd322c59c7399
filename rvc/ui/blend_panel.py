"""Blend the chosen voice with another one, in the fifth tab."""

from dataclasses import dataclass

import gradio as gr

from rvc.errors import RVCError
from rvc.ui import conversion, voice_making
from rvc.ui.page import HIDDEN, Page, Updates, notify
from rvc.ui.texts import message
from rvc.ui.visitor import Visitor
from rvc.ui.voice_panel import VoiceChoice, voice_updates
from rvc.ui.widgets import html_area


@dataclass(frozen=True)
class BlendPanel:
    """The widgets of the panel."""

    second: gr.Dropdown
    share: gr.Slider
    name: gr.Textbox
    go: gr.Button
    problem: gr.HTML


def add_blend_panel(words: gr.I18n) -> BlendPanel:
    """Return the widgets of the panel, added to the page being built."""
    with gr.Accordion(words("blend"), open=False, elem_id="blend"):
        gr.Markdown(words("blend_lead"), elem_classes="hint")
        with gr.Row():
            second = gr.Dropdown(
                [], label=words("blend_second"), elem_id="blend-second", min_width=240
            )
            share = gr.Slider(
                0, 100, 50, step=5, label=words("blend_share"), elem_id="blend-share", min_width=280
            )
            name = gr.Textbox(
                "", label=words("blend_name"), elem_id="blend-name", max_lines=1, min_width=240
            )
        go = gr.Button(words("blend_go"), elem_id="blend-go")
        problem = html_area("blend-problem")
    return BlendPanel(second, share, name, go, problem)


def bind_blend_panel(page: Page, panel: BlendPanel, choice: VoiceChoice) -> None:
    """Bind the panel's handlers."""
    studio = page.studio

    def offer(visitor: Visitor, chosen: str | None, second: str | None) -> Updates:
        others = [
            each.name for each in conversion.voices(studio, visitor.owner) if each.name != chosen
        ]
        value = second if second in others else next(iter(others), None)
        return {panel.second: gr.Dropdown(others, value=value)}

    def blend(
        visitor: Visitor, chosen: str | None, second: str | None, share: float, name: str
    ) -> Updates:
        if not chosen or not second:
            raise RVCError(message("blend_two"))
        made = voice_making.blend(
            studio, visitor.owner, (chosen, second), float(share) / 100, str(name or "")
        )
        notify(gr.Success, visitor.say("blend_done", name=made))
        return {panel.name: "", **voice_updates(page, choice, visitor, made)}

    both = {"chosen": choice.menu, "second": panel.second}
    page.on(choice.menu.change, offer, both, [panel.second], **HIDDEN)
    inputs = {**both, "share": panel.share, "name": panel.name}
    page.on(panel.go.click, blend, inputs, [panel.name, *choice.outputs], problem=panel.problem)
