"""First tab: record with the browser's processing off, or upload; play and delete recordings."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from rvc.errors import RVCError
from rvc.formats import SUFFIXES
from rvc.messages import LOCALE_DIR, SOURCE_LANGUAGE, languages
from rvc.ui.page import Page, Updates, event_data, notify
from rvc.ui.record_view import PROCESSING, takes_html
from rvc.ui.served import served_copy, upload_folder
from rvc.ui.texts import TEXTS, tr
from rvc.ui.visitor import Visitor
from rvc.ui.widgets import asset, button_list, player
from rvc.ui.workspace import Take, shown_name

FILE_TYPES = ["audio", "video", *SUFFIXES]  # a browser does not know the type of every suffix


@dataclass(frozen=True)
class RecordTab:
    """The widgets of the tab that handlers read or change."""

    recorder: gr.HTML
    upload: gr.File
    takes: gr.HTML
    player: gr.Audio
    onward: gr.Button


def add_record_tab(words: gr.I18n) -> RecordTab:
    """Return the widgets of the tab, added to the page being built."""
    gr.Markdown(words("record_lead"), elem_classes="lead")
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=300):
            gr.Markdown(words("record_here"), elem_classes="step")
            recorder = gr.HTML(
                apply_default_css=False,
                html_template=asset("recorder.html"),
                js_on_load=asset("recorder.js"),
                words=recorder_words(),
                elem_id="recorder",
            )
        with gr.Column(scale=2, min_width=300):
            gr.Markdown(words("record_upload"), elem_classes="step")
            upload = gr.File(
                label=words("upload_label"),
                file_count="multiple",
                file_types=FILE_TYPES,
                height=230,
                elem_id="upload",
            )
    gr.Markdown(words("takes_title"), elem_classes="step")
    return RecordTab(
        recorder=recorder,
        upload=upload,
        takes=button_list("takes"),
        player=player(words("take_player"), "take-player", buttons=(), hidden=True),
        onward=gr.Button(words("next_clean"), variant="primary", elem_id="next-clean"),
    )


def bind_record_tab(page: Page, tab: RecordTab) -> None:
    """Bind the tab's handlers."""
    studio = page.studio

    def show(visitor: Visitor) -> Updates:
        return {tab.takes: takes_html(visitor, studio.takes(visitor.owner))}

    def add_files(visitor: Visitor, paths: list[str] | None) -> Updates:
        for path in map(Path, paths or []):
            try:
                studio.add_take(visitor.owner, path, path.name, allowed_root=upload_folder())
            except RVCError as error:  # one bad file does not stop the others
                problem = visitor.read(error.text)
                text = visitor.say("take_problem", name=shown_name(path.name), problem=problem)
                notify(gr.Warning, text)
        return {tab.upload: None, **show(visitor)}

    def add_recording(visitor: Visitor, event: gr.EventData) -> Updates:
        sent = event_data(event)
        number = len(studio.takes(visitor.owner)) + 1
        studio.add_take(
            visitor.owner,
            Path(str(sent.get("path", ""))),
            visitor.say("take_name", number=number),
            allowed_root=upload_folder(),
            microphone=microphone_facts(sent.get("settings")),
        )
        return show(visitor)

    def choose(visitor: Visitor, event: gr.EventData) -> Updates:
        sent = event_data(event)
        take = _take(page, visitor, sent.get("id"))
        if take is None:
            return show(visitor)
        if sent.get("act") == "delete":
            studio.delete_take(visitor.owner, take.id)
            return {**show(visitor), tab.player: gr.Audio(None, visible=False)}
        copy = served_copy(studio, visitor.owner, take.path)
        return {**show(visitor), tab.player: gr.Audio(copy, visible=True, label=take.name)}

    page.on(page.arrived, show, outputs=[tab.takes])
    page.on(tab.upload.upload, add_files, {"paths": tab.upload}, [tab.upload, tab.takes])
    page.on(tab.recorder.saved, add_recording, outputs=[tab.takes])
    page.deletes(page.on(tab.takes.choose, choose, outputs=[tab.takes, tab.player]))
    page.on(page.restored, show, outputs=[tab.takes])
    page.leads_to(tab.onward, "clean")


def _take(page: Page, visitor: Visitor, take_id: object) -> Take | None:
    takes = page.studio.takes(visitor.owner)
    return next((take for take in takes if take.id == take_id), None)


def prompts(language: str) -> list[str]:
    """Return the sentences to read aloud, with many different sounds, calm and lively in turn."""
    path = LOCALE_DIR / language / "prompts.txt"
    if not path.is_file():
        path = LOCALE_DIR / SOURCE_LANGUAGE / "prompts.txt"
    return path.read_text(encoding="utf-8").splitlines()


def recorder_words() -> dict[str, dict[str, Any]]:
    """Return the recorder's texts by language, with the sentences to read."""
    keys = [key for key in TEXTS if key.startswith("rec_")]
    return {
        code: {key: tr(code, key) for key in keys} | {"prompts": prompts(code)}
        for code in languages()
    }


def microphone_facts(settings: object) -> dict[str, bool | int]:
    """Return the settings of a browser's microphone that we use; a browser may send anything."""
    settings = settings if isinstance(settings, dict) else {}
    facts = {key: settings.get(key) for key in (*PROCESSING, "sampleRate")}
    return {key: value for key, value in facts.items() if isinstance(value, bool | int)}
