"""Fifth tab: convert a recording to another voice."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.components import Component

from rvc.errors import RVCError
from rvc.ui import conversion
from rvc.ui.convert_view import result_html, result_none_html
from rvc.ui.page import INSTANT, JobArea, Page, Updates, wait_for
from rvc.ui.served import is_upload, served_copy, upload_folder
from rvc.ui.texts import message
from rvc.ui.visitor import Visitor
from rvc.ui.voice_panel import (
    VoiceChoice,
    VoiceManager,
    add_voice_choice,
    add_voice_manager,
    bind_voice_choice,
    bind_voice_manager,
)
from rvc.ui.widgets import WAVEFORM, html_area, player

if TYPE_CHECKING:
    from rvc.convert import ConversionOptions


@dataclass(frozen=True)
class OptionWidgets:
    """The widgets that a ConversionOptions is read from."""

    pitch: gr.Radio
    semitones: gr.Slider
    index_default: gr.Checkbox
    index_rate: gr.Slider
    protect: gr.Slider
    loudness_mix: gr.Slider

    @property
    def inputs(self) -> dict[str, Component]:
        """Return the widgets by the parameters of `conversion_options`."""
        return {
            "pitch": self.pitch,
            "semitones": self.semitones,
            "index_default": self.index_default,
            "index_rate": self.index_rate,
            "protect": self.protect,
            "loudness_mix": self.loudness_mix,
        }


@dataclass(frozen=True)
class ConvertTab:
    """The widgets of the tab that handlers read or change."""

    voice: VoiceChoice
    source: gr.Audio
    options: OptionWidgets
    go: gr.Button
    cancel: gr.Button
    result: gr.Audio
    facts: gr.HTML
    manager: VoiceManager


def add_convert_tab(words: gr.I18n) -> ConvertTab:
    """Return the widgets of the tab, added to the page being built."""
    gr.Markdown(words("convert_lead"), elem_classes="lead")
    with gr.Row(equal_height=False):
        with gr.Column(scale=1, min_width=300):
            voice = add_voice_choice(words)
            source = gr.Audio(
                label=words("source"), type="filepath", sources=["upload", "microphone"],
                interactive=True, waveform_options=WAVEFORM, buttons=[], elem_id="source",
            )  # fmt: skip
            options = _add_options(words)
            go = gr.Button(words("convert_go"), variant="primary", elem_id="convert-go")
            cancel = gr.Button(words("cancel"), visible=False, elem_id="convert-cancel")
        with gr.Column(scale=1, min_width=300):
            result = player(words("result"), "result")
            facts = html_area("convert-facts", min_height=64)
    with gr.Accordion(words("manage"), open=False):
        manager = add_voice_manager(words)
    return ConvertTab(
        voice=voice, source=source, options=options, go=go, cancel=cancel, result=result,
        facts=facts, manager=manager,
    )  # fmt: skip


def _add_options(words: gr.I18n) -> OptionWidgets:
    pitch = gr.Radio(
        [(words("pitch_auto"), "auto"), (words("pitch_manual"), "manual")], value="auto",
        label=words("pitch"), info=words("pitch_info"), elem_id="pitch",
    )  # fmt: skip
    semitones = gr.Slider(
        -24, 24, 0, step=0.5, label=words("semitones"), visible=False, elem_id="semitones"
    )
    with gr.Accordion(words("advanced"), open=False):
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
            0, 1, 1, step=0.05, label=words("loudness_mix"), info=words("loudness_mix_info"),
            elem_id="loudness-mix",
        )  # fmt: skip
    return OptionWidgets(pitch, semitones, index_default, index_rate, protect, loudness_mix)


def bind_convert_tab(page: Page, tab: ConvertTab) -> None:
    """Bind the tab's handlers."""
    _bind_options(page, tab.options)
    _bind_conversion(page, tab)
    bind_voice_choice(page, tab.voice)
    bind_voice_manager(page, tab.manager, tab.voice)


def _bind_options(page: Page, options: OptionWidgets) -> None:
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


def _bind_conversion(page: Page, tab: ConvertTab) -> None:
    studio = page.studio

    def show(visitor: Visitor, result: conversion.ConversionResult | None) -> Updates:
        if result is None or not result.path.is_file():
            return {tab.result: None, tab.facts: result_none_html(visitor)}
        copy = served_copy(studio, visitor.owner, result.path)
        return {tab.result: copy, tab.facts: result_html(visitor, result)}

    def arrive(visitor: Visitor, progress: gr.Progress) -> Updates:
        job = studio.jobs.latest("convert", visitor.owner)
        if job is None:
            return show(visitor, None)
        return show(visitor, wait_for(job, visitor, progress) if job.live else job.result)

    def convert(
        visitor: Visitor, voice: str, source: str | None, progress: gr.Progress, **options: Any
    ) -> Updates:
        if not source:
            raise RVCError(message("convert_no_source"))
        progress(0, desc=visitor.say("starting"))
        job = conversion.start_conversion(
            studio, visitor.owner, Path(source), voice, conversion_options(**options),
            allowed_root=upload_folder(),
        )  # fmt: skip
        return show(visitor, wait_for(job, visitor, progress))

    def note_upload(visitor: Visitor, source: str | None) -> None:
        """Note a chosen recording, so that it is deleted with everything else."""
        if source and is_upload(Path(source)):
            studio.workspace.note_copy(visitor.owner, Path(source).resolve())

    outputs = [tab.result, tab.facts]
    area = JobArea("convert", tab.cancel, tab.facts)
    source = {"source": tab.source}
    page.on(tab.source.change, note_upload, source, **INSTANT)
    page.on_job(area, page.arrived, arrive, outputs=outputs)
    inputs = {"voice": tab.voice.menu, **source, **tab.options.inputs}
    page.on_job(area, tab.go.click, convert, inputs, outputs)
    page.cancels(area)


def conversion_options(
    pitch: str,
    semitones: float | None,
    index_default: bool,
    index_rate: float | None,
    protect: float,
    loudness_mix: float,
) -> "ConversionOptions":
    """Return the options that the widgets' values stand for."""
    from rvc.convert import ConversionOptions

    return ConversionOptions(
        semitones=float(semitones or 0.0) if pitch == "manual" else "auto",
        index_rate=None if index_default or index_rate is None else float(index_rate),
        protect=float(protect),
        loudness_mix=float(loudness_mix),
    )
