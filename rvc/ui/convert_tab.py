"""Fifth tab: say it, hear it in another voice; import, export and delete voices."""

from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from rvc.errors import RVCError
from rvc.ui import conversion
from rvc.ui.charts import pitch_chart
from rvc.ui.page import HEAVY, Page, Visitor, served, told, uploads, wait_for
from rvc.ui.texts import clock, message


def build_convert_tab(page: Page) -> None:
    words = page.words
    gr.Markdown(words("convert_lead"), elem_classes="lead")
    with gr.Row(equal_height=False):
        with gr.Column(scale=1, min_width=300):
            voice = gr.Dropdown([], label=words("voice"), elem_id="voice")
            card = page.html(elem_id="voice-card")
            source = page.player(
                "source", sources=["upload", "microphone"], interactive=True, buttons=[],
                elem_id="source",
            )  # fmt: skip
            pitch = gr.Radio(
                [(words("pitch_auto"), "auto"), (words("pitch_manual"), "manual")], value="auto",
                label=words("pitch"), info=words("pitch_info"), elem_id="pitch",
            )  # fmt: skip
            semitones = gr.Slider(
                -24, 24, 0, step=0.5, label=words("semitones"), visible=False, elem_id="semitones"
            )
            advanced = _advanced(page)
            go = gr.Button(words("convert_go"), variant="primary", elem_id="convert-go")
            cancel = gr.Button(words("cancel"), visible=False, elem_id="convert-cancel")
        with gr.Column(scale=1, min_width=300):
            result = page.player("result", elem_id="result")
            said = page.html(elem_id="convert-said", min_height=64)
    with gr.Accordion(words("manage"), open=False):
        manage = _manage(page)
    pitch.change(
        lambda kind: gr.Slider(visible=kind == "manual"), pitch, semitones,
        show_progress="hidden", api_visibility="private", queue=False,
    )  # fmt: skip
    form = [voice, source, pitch, semitones, *advanced]
    _bind_conversion(page, form, [go, cancel], [result, said])
    _bind_voices(page, [voice, card], manage)


def _advanced(page: Page) -> list[Any]:
    words = page.words
    with gr.Accordion(words("advanced"), open=False):
        own_rate = gr.Checkbox(True, label=words("index_default"), elem_id="index-default")
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
    own_rate.change(
        lambda own: gr.Slider(interactive=not own), own_rate, index_rate,
        show_progress="hidden", api_visibility="private", queue=False,
    )  # fmt: skip
    return [own_rate, index_rate, protect, loudness_mix]


def _manage(page: Page) -> dict[str, Any]:
    words = page.words
    with gr.Row(equal_height=False):
        with gr.Column(min_width=280):
            files = gr.File(
                label=words("import_label"), file_count="multiple",
                file_types=[".pth", ".index", ".zip"], elem_id="import-files", height=180,
            )  # fmt: skip
            agreed = gr.Checkbox(False, label=words("import_consent"), elem_id="import-consent")
            bring = gr.Button(words("import_go"), elem_id="import-go")
        with gr.Column(min_width=280):
            prepare = gr.Button(words("export_prepare"), elem_id="export-voice")
            exported = gr.File(label=words("export_file"), interactive=False, elem_id="exported")
            remove = gr.Button(words("delete_voice"), variant="stop", elem_id="delete-voice")
    return {
        "files": files, "agreed": agreed, "bring": bring,
        "prepare": prepare, "exported": exported, "remove": remove,
    }  # fmt: skip


def _bind_conversion(page: Page, form: list[Any], controls: list[Any], outputs: list[Any]) -> None:
    studio = page.studio
    go, cancel = controls

    def show(visitor: Visitor, spoken: conversion.ConversionResult | None) -> list[Any]:
        if spoken is None or not spoken.path.is_file():
            return [None, f'<p class="mk-empty">{escape(visitor.say("result_none"))}</p>']
        return [served(studio, visitor.owner, spoken.path), said_html(visitor, spoken)]

    def arrive(visitor: Visitor, progress: gr.Progress) -> list[Any]:
        job = studio.jobs.latest("convert", visitor.owner)
        if job is None:
            return show(visitor, None)
        return show(visitor, wait_for(job, visitor, progress) if job.live else job.result)

    def convert(visitor: Visitor, *values: Any, progress: gr.Progress) -> list[Any]:
        voice, source, *rest = values
        if not source:
            raise RVCError(message("convert_no_source"))
        progress(0, desc=visitor.say("starting"))
        job = conversion.start_conversion(
            studio, visitor.owner, Path(source), voice, conversion_options(*rest),
            allowed_root=uploads(),
        )  # fmt: skip
        return show(visitor, wait_for(job, visitor, progress))

    def note(visitor: Visitor, source: str | None) -> None:
        """Remember a chosen sound, so that it is deleted with everything else."""
        path = Path(str(source or "")).resolve()
        if source and path.is_relative_to(Path(uploads()).resolve()):
            studio.workspace.note_copy(visitor.owner, path)

    page.on(form[1].change, note, [form[1]], show_progress="hidden", queue=False)
    how = {"show_progress": "full", "show_progress_on": [outputs[1]]} | HEAVY
    again = how | {"concurrency_id": "arrive-convert"}
    page.on_long(page.arrived, arrive, [], outputs, cancel=cancel, **again)
    page.on_long(go.click, convert, form, outputs, cancel=cancel, **how)
    page.stops(cancel, "convert")


def conversion_options(
    pitch: str,
    semitones: float | None,
    own_rate: bool,
    index_rate: float | None,
    protect: float,
    loudness_mix: float,
) -> Any:
    """The page's widgets as ConversionOptions."""
    from rvc.convert import ConversionOptions

    return ConversionOptions(
        semitones=float(semitones or 0.0) if pitch == "manual" else "auto",
        index_rate=None if own_rate or index_rate is None else float(index_rate),
        protect=float(protect),
        loudness_mix=float(loudness_mix),
    )


def said_html(visitor: Visitor, spoken: conversion.ConversionResult) -> str:
    """Why the pitch moved, warnings, and the pitch of both."""
    converted = spoken.converted
    seconds = converted.recording.duration_seconds
    took = visitor.say("result_took", time=clock(seconds), seconds=f"{spoken.took_seconds:.1f}")
    names = (visitor.say("f0_source"), visitor.say("f0_result"))
    title = visitor.say("f0_title")
    chart = pitch_chart(
        converted.f0_source, converted.f0_target, names=names, label=title,
        x_label=visitor.say("time_seconds"),
    )  # fmt: skip
    warnings = "".join(
        f'<p class="mk-warn">{escape(visitor.read(text))}</p>' for text in converted.warnings
    )
    return (
        f'<p class="mk-sum">{escape(visitor.read(converted.text))}</p>{warnings}'
        f'<p class="hint"><b class="mk-badge">{escape(visitor.say("result_ai"))}</b> '
        f"{escape(took)}</p>"
        f'<h3 class="mk-h">{escape(title)} <small>Hz</small></h3>{chart}'
    )


def _bind_voices(page: Page, shown: list[Any], manage: dict[str, Any]) -> None:
    studio, voice = page.studio, shown[0]

    def refresh(visitor: Visitor, chosen: str | None = None) -> list[Any]:
        known = conversion.voices(studio, visitor.owner)
        names = [each.name for each in known]
        job = studio.jobs.latest("train", visitor.owner)
        session = studio.session(visitor.owner)
        if job is not None and job.id != session.offered and job.data.options.name in names:
            chosen, session.offered = job.data.options.name, job.id  # a new voice, offered once
        current = chosen if chosen in names else next(iter(names), None)
        choices = [
            (visitor.say("voice_demo", name=each.name) if each.demo else each.name, each.name)
            for each in known
        ]
        return [gr.Dropdown(choices, value=current), card_html(visitor, known, current)]

    def tell(visitor: Visitor, chosen: str) -> str:
        return card_html(visitor, conversion.voices(studio, visitor.owner), chosen)

    def bring(visitor: Visitor, files: list[str] | None, agreed: bool) -> list[Any]:
        if not files:
            raise RVCError(message("import_none"))
        if not agreed:
            raise RVCError(message("train_consent_needed"))
        paths = [Path(file) for file in files]
        name = conversion.bring_voice(studio, visitor.owner, paths, allowed_root=uploads())
        told(gr.Success, visitor.say("import_done", name=name))
        return [None, False, *refresh(visitor, name)]

    def export(visitor: Visitor, chosen: str) -> str:
        return served(studio, visitor.owner, conversion.export(studio, visitor.owner, chosen))

    def delete(visitor: Visitor, chosen: str, agreed: bool) -> list[Any]:
        if agreed is not True:
            return [gr.skip()] * 2
        conversion.delete(studio, visitor.owner, chosen)
        told(gr.Success, visitor.say("delete_done", name=chosen))
        return refresh(visitor)

    page.on(page.arrived, refresh, [], shown, show_progress="hidden")
    page.on(page.opened["convert"], refresh, [voice], shown, show_progress="hidden")
    page.on(voice.input, tell, [voice], [shown[1]], show_progress="hidden")
    inputs = [manage["files"], manage["agreed"]]
    page.on(manage["bring"].click, bring, inputs, [*inputs, *shown])
    page.on(manage["prepare"].click, export, [voice], [manage["exported"]])
    page.on_sure(manage["remove"].click, delete, [voice], shown, question="delete_sure")


def card_html(visitor: Visitor, known: list[conversion.KnownVoice], name: str | None) -> str:
    """A line of facts about the chosen voice."""
    if not known:
        return f'<p class="mk-empty">{escape(visitor.say("voice_none"))}</p>'
    for voice in known:
        if voice.name == name:
            facts = [
                f"{escape(visitor.say(key))} <b>{escape(visitor.read(value))}</b>"
                for key, value in conversion.describe(voice)
            ]
            return f'<p class="hint">{" · ".join(facts)}</p>'
    return ""
