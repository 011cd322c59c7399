"""Fifth tab: convert one recording or several to another voice; listen to the last results."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.components import Component

from rvc.errors import RVCError
from rvc.ui.blend_panel import BlendPanel, add_blend_panel, bind_blend_panel
from rvc.ui.conversion import remember_voice
from rvc.ui.convert_options import OptionWidgets, add_options, bind_options, conversion_options
from rvc.ui.converting import FORMATS, ConversionOrder, start_conversion
from rvc.ui.history import ResultArea, add_result_area, bind_history, shown_updates
from rvc.ui.page import INSTANT, JobArea, Page, Updates, wait_for
from rvc.ui.record_tab import FILE_TYPES
from rvc.ui.results import results
from rvc.ui.served import is_upload, upload_folder
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
from rvc.ui.widgets import WAVEFORM, go_and_cancel, html_area


@dataclass(frozen=True)
class SourceWidgets:
    """What to convert: one recording, several files, or both; whether they are songs; and the
    format of the results."""

    one: gr.Audio
    several: gr.File
    songs: gr.Checkbox
    format: gr.Dropdown

    @property
    def inputs(self) -> dict[str, Component]:
        return {
            "one": self.one, "several": self.several, "songs": self.songs, "format": self.format,
        }  # fmt: skip


@dataclass(frozen=True)
class ConvertTab:
    """The widgets of the tab that handlers read or change."""

    voice: VoiceChoice
    source: SourceWidgets
    options: OptionWidgets
    go: gr.Button
    cancel: gr.Button
    problem: gr.HTML
    result: ResultArea
    manager: VoiceManager
    blend: BlendPanel


def add_convert_tab(words: gr.I18n) -> ConvertTab:
    """Return the widgets of the tab, added to the page being built."""
    gr.Markdown(words("convert_lead"), elem_classes="lead")
    voice = add_voice_choice(words)
    with gr.Row(equal_height=False):
        with gr.Column(scale=1, min_width=300):
            one, several, songs = _add_sources(words)
            options = add_options(words)
            chosen = gr.Dropdown(
                [(name.upper(), name) for name in FORMATS], value="wav", label=words("format"),
                elem_id="format",
            )  # fmt: skip
            go, cancel = go_and_cancel(words, "convert")
            problem = html_area("convert-problem")
        with gr.Column(scale=1, min_width=300):
            result = add_result_area(words)
    with gr.Accordion(words("manage"), open=False):
        manager = add_voice_manager(words)
    blend = add_blend_panel(words)
    source = SourceWidgets(one, several, songs, chosen)
    return ConvertTab(voice, source, options, go, cancel, problem, result, manager, blend)


def _add_sources(words: gr.I18n) -> tuple[gr.Audio, gr.File, gr.Checkbox]:
    one = gr.Audio(
        label=words("source"), type="filepath", sources=["upload", "microphone"],
        interactive=True, waveform_options=WAVEFORM, buttons=[], elem_id="source",
    )  # fmt: skip
    with gr.Accordion(words("sources"), open=False, elem_id="several"):
        several = gr.File(
            label=words("sources_label"), file_count="multiple", file_types=FILE_TYPES, height=140,
            elem_id="sources",
        )  # fmt: skip
    songs = gr.Checkbox(False, label=words("songs"), info=words("songs_info"), elem_id="songs")
    return one, several, songs


def bind_convert_tab(page: Page, tab: ConvertTab) -> None:
    """Bind the tab's handlers."""
    bind_options(page, tab.options)
    _bind_conversion(page, tab)
    bind_history(page, tab.result)
    bind_voice_choice(page, tab.voice, tab.options.speaker)
    bind_voice_manager(page, tab.manager, tab.voice)
    bind_blend_panel(page, tab.blend, tab.voice)


def _bind_conversion(page: Page, tab: ConvertTab) -> None:
    studio = page.studio

    def arrive(visitor: Visitor, progress: gr.Progress) -> Updates:
        job = studio.jobs.latest("convert", visitor.owner)
        if job is not None and job.live:
            return shown_updates(page, tab.result, visitor, wait_for(job, visitor, progress))
        newest = next(iter(results(studio, visitor.owner)), None)
        return shown_updates(page, tab.result, visitor, newest)

    def convert(
        visitor: Visitor,
        voice: str | None,
        one: str | None,
        several: list[str] | None,
        format: str,
        progress: gr.Progress,
        **options: Any,
    ) -> Updates:
        uploads = tuple(map(Path, [*([one] if one else []), *(several or [])]))
        if not uploads:
            raise RVCError(message("convert_no_source"))
        if not voice:
            raise RVCError(message("voice_none"))
        progress(0, desc=visitor.say("starting"))
        songs = bool(options.pop("songs"))
        order = ConversionOrder(uploads, voice, conversion_options(**options), format, songs)
        job = start_conversion(studio, visitor.owner, order, allowed_root=upload_folder())
        remember_voice(studio, visitor.owner, voice)
        return shown_updates(page, tab.result, visitor, wait_for(job, visitor, progress))

    def note_upload(visitor: Visitor, one: str | None) -> None:
        """Note a chosen recording, so that it is deleted with everything else; a problem with the
        one before is not shown any more."""
        if one and is_upload(Path(one)):
            studio.workspace.note_copy(visitor.owner, Path(one).resolve())

    area = JobArea("convert", tab.cancel, tab.result.facts, tab.problem)
    one = {"one": tab.source.one}
    page.on(tab.source.one.change, note_upload, one, problem=tab.problem, **INSTANT)
    page.on_job(area, page.arrived, arrive, outputs=tab.result.outputs)
    inputs = {"voice": tab.voice.menu, **tab.source.inputs, **tab.options.inputs}
    page.on_job(area, tab.go.click, convert, inputs, tab.result.outputs)
    page.cancels(area)
