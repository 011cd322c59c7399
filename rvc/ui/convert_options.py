"""The options of a conversion on the page."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.components import Component

from rvc.f0 import METHODS
from rvc.ui.page import INSTANT, Page, Updates
from rvc.ui.visitor import Visitor

if TYPE_CHECKING:
    from rvc.convert import ConversionOptions


UNVOICED = ("auto", "zero", "fill")  # of rvc.unvoiced, whose import takes seconds


@dataclass(frozen=True)
class OptionWidgets:
    """The widgets that a ConversionOptions is read from."""

    pitch: gr.Radio
    semitones: gr.Slider
    index_default: gr.Checkbox
    index_rate: gr.Slider
    protect: gr.Slider
    loudness_mix: gr.Slider
    f0_method: gr.Dropdown
    unvoiced: gr.Dropdown
    formant: gr.Slider
    autotune: gr.Slider
    speaker: gr.Slider

    @property
    def inputs(self) -> dict[str, Component]:
        """Return the widgets by the parameters of `conversion_options`."""
        return dict(vars(self))


def add_options(words: gr.I18n) -> OptionWidgets:
    """Return the widgets of the options, added to the page being built."""
    pitch = gr.Radio(
        [(words("pitch_auto"), "auto"), (words("pitch_manual"), "manual")], value="auto",
        label=words("pitch"), info=words("pitch_info"), elem_id="pitch",
    )  # fmt: skip
    semitones = gr.Slider(
        -24, 24, 0, step=0.5, label=words("semitones"), visible=False, elem_id="semitones"
    )
    speaker = gr.Slider(
        0, 1, 0, step=1, label=words("speaker"), info=words("speaker_info"), visible=False,
        elem_id="speaker",
    )  # fmt: skip
    with gr.Accordion(words("advanced"), open=False):
        return OptionWidgets(pitch=pitch, semitones=semitones, speaker=speaker, **_advanced(words))


def _advanced(words: gr.I18n) -> dict[str, Any]:
    """Return the widgets of the closed part by their names."""
    index_default = gr.Checkbox(True, label=words("index_default"), elem_id="index-default")
    index_rate = gr.Slider(
        0, 1, 0.75, step=0.05, label=words("index_rate"), info=words("index_rate_info"),
        interactive=False, elem_id="index-rate",
    )  # fmt: skip
    protect = gr.Slider(
        0, 0.5, 0.33, step=0.01, label=words("protect"), info=words("protect_info"),
        elem_id="protect",
    )  # fmt: skip
    loudness_mix = gr.Slider(
        0, 1, 0.8, step=0.05, label=words("loudness_mix"), info=words("loudness_mix_info"),
        elem_id="loudness-mix",
    )  # fmt: skip
    methods = ["auto", *(name for name in METHODS if name != "auto")]
    f0_method = gr.Dropdown(
        [(words("f0_auto") if name == "auto" else name, name) for name in methods],
        value="auto", label=words("f0_method"), info=words("f0_method_info"), elem_id="f0-method",
    )  # fmt: skip
    unvoiced = gr.Dropdown(
        [(words(f"unvoiced_{name}"), name) for name in UNVOICED], value="auto",
        label=words("unvoiced"), info=words("unvoiced_info"), elem_id="unvoiced",
    )  # fmt: skip
    formant = gr.Slider(
        -6, 6, 0, step=0.5, label=words("formant"), info=words("formant_info"), elem_id="formant"
    )
    autotune = gr.Slider(
        0, 1, 0, step=0.05, label=words("autotune"), info=words("autotune_info"),
        elem_id="autotune",
    )  # fmt: skip
    return {
        "index_default": index_default,
        "index_rate": index_rate,
        "protect": protect,
        "loudness_mix": loudness_mix,
        "f0_method": f0_method,
        "unvoiced": unvoiced,
        "formant": formant,
        "autotune": autotune,
    }


def bind_options(page: Page, options: OptionWidgets) -> None:
    """Show and enable the two sliders that depend on another widget."""

    def choose_pitch(visitor: Visitor, pitch: str) -> Updates:
        return {options.semitones: gr.Slider(visible=pitch == "manual")}

    def choose_index_rate(visitor: Visitor, default: bool) -> Updates:
        return {options.index_rate: gr.Slider(interactive=not default)}

    page.on(
        options.pitch.change, choose_pitch, {"pitch": options.pitch}, [options.semitones], **INSTANT
    )
    default = {"default": options.index_default}
    page.on(
        options.index_default.change, choose_index_rate, default, [options.index_rate], **INSTANT
    )


def conversion_options(**values: Any) -> "ConversionOptions":
    """Return the options that the widgets' values stand for."""
    from rvc.convert import ConversionOptions

    by_hand = values["pitch"] == "manual"
    index_rate = None if values["index_default"] else values["index_rate"]
    return ConversionOptions(
        semitones=float(values["semitones"] or 0.0) if by_hand else "auto",
        index_rate=None if index_rate is None else float(index_rate),
        protect=float(values["protect"]),
        loudness_mix=float(values["loudness_mix"]),
        f0_method=str(values["f0_method"]),
        unvoiced=str(values["unvoiced"]),
        speaker=int(values["speaker"] or 0),
        formant_semitones=float(values["formant"] or 0.0),
        autotune=float(values["autotune"] or 0.0),
    )
