"""First tab: record with the browser's processing off, or upload; play, cut and delete takes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.blocks import Block

from rvc.errors import RVCError
from rvc.formats import SUFFIXES
from rvc.messages import LOCALE_DIR, SOURCE_LANGUAGE, languages
from rvc.ui.first_minute import FirstMinute, add_first_minute
from rvc.ui.page import EventSettings, Page, Updates, event_data
from rvc.ui.record_view import PROCESSING, takes_html
from rvc.ui.served import upload_folder
from rvc.ui.sound_player import Listening, Side, address, sound_player
from rvc.ui.sounds import speech_ends, whole_sound
from rvc.ui.takes import cut_take, dismiss, find_take, listening_copy, refuse
from rvc.ui.texts import TEXTS, message, tr
from rvc.ui.visitor import Visitor
from rvc.ui.widgets import asset, button_list, html_area
from rvc.ui.workspace import Take

FILE_TYPES = ["audio", "video", *SUFFIXES]  # a browser does not know the type of every suffix


@dataclass(frozen=True)
class Prompt:
    """A sentence to read aloud. `mood`: calm, lively, question, tender or firm."""

    mood: str
    text: str


@dataclass(frozen=True)
class RecordTab:
    """The widgets of the tab that handlers read or change."""

    first: FirstMinute
    recorder: gr.HTML
    upload: gr.File
    problem: gr.HTML
    takes: gr.HTML
    player: gr.HTML
    onward: gr.Button

    @property
    def listed(self) -> list[Block]:
        """Return the widgets that follow the list of recordings."""
        return [self.takes, self.first.row]


def add_record_tab(words: gr.I18n) -> RecordTab:
    """Return the widgets of the tab, added to the page being built."""
    first = add_first_minute(words)
    gr.Markdown(words("record_lead"), elem_classes="lead")
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=300):
            gr.Markdown(words("record_here"), elem_classes="step")
            recorder = gr.HTML(
                None,
                apply_default_css=False,
                html_template=asset("recorder.html"),
                js_on_load=asset("reading.js") + asset("recorder.js"),
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
        first=first,
        recorder=recorder,
        upload=upload,
        problem=html_area("takes-problem"),
        takes=button_list("takes"),
        player=sound_player("take-player"),
        onward=gr.Button(words("next_clean"), variant="primary", elem_id="next-clean"),
    )


def bind_record_tab(page: Page, tab: RecordTab) -> None:
    """Bind the tab's handlers."""

    def show(visitor: Visitor) -> Updates:
        return _list_updates(page, tab, visitor)

    page.on(page.arrived, show, outputs=tab.listed)
    page.on(page.opened("record"), show, outputs=tab.listed, show_progress="hidden")
    _bind_adding(page, tab)
    _bind_list(page, tab)
    page.leads_to(tab.onward, "clean")


def _list_updates(page: Page, tab: RecordTab, visitor: Visitor) -> Updates:
    takes = page.studio.takes(visitor.owner)
    html = takes_html(visitor, takes, page.studio.session(visitor.owner))
    return {tab.takes: html, tab.first.row: gr.Row(visible=not takes)}


def _bind_adding(page: Page, tab: RecordTab) -> None:
    """Keep what is uploaded or recorded; what cannot be kept is listed with the reason."""
    studio = page.studio

    def add_files(visitor: Visitor, paths: list[str] | None) -> Updates:
        for path in map(Path, paths or []):
            try:
                studio.add_take(visitor.owner, path, path.name, allowed_root=upload_folder())
            except RVCError as error:  # one bad file does not stop the others
                refuse(studio, visitor.owner, path.name, error)
        return {tab.upload: None, **_list_updates(page, tab, visitor)}

    def add_recording(visitor: Visitor, event: gr.EventData) -> Updates:
        sent = event_data(event)
        number = len(studio.takes(visitor.owner)) + 1
        name = visitor.say("take_name", number=number)
        answer: dict[str, Any] = {"id": str(sent.get("id", "")), "kept": True, "text": ""}
        try:
            studio.add_take(
                visitor.owner,
                Path(str(sent.get("path", ""))),
                name,
                allowed_root=upload_folder(),
                microphone=microphone_facts(sent.get("settings")),
            )
        except RVCError as error:
            refuse(studio, visitor.owner, name, error)
            answer |= {"kept": False, "text": visitor.read(error.text)}
        return {tab.recorder: answer, **_list_updates(page, tab, visitor)}

    page.on(tab.upload.upload, add_files, {"paths": tab.upload}, [tab.upload, *tab.listed])
    page.on(tab.recorder.saved, add_recording, outputs=[tab.recorder, *tab.listed])


def _bind_list(page: Page, tab: RecordTab) -> None:
    """Let the list play and delete recordings, and the player cut their ends."""
    studio = page.studio

    def choose(visitor: Visitor, event: gr.EventData) -> Updates:
        sent = event_data(event)
        if sent.get("act") == "dismiss":
            dismiss(studio, visitor.owner, sent.get("id"))
            return _list_updates(page, tab, visitor)
        take = find_take(studio, visitor.owner, sent.get("id"))
        if sent.get("act") == "delete":
            studio.delete_take(visitor.owner, take.id)
            return {**_list_updates(page, tab, visitor), tab.player: None}
        return {tab.player: _listening(page, visitor, take, play=True)}

    def show(visitor: Visitor) -> Updates:
        return _list_updates(page, tab, visitor)

    def change_ends(visitor: Visitor, event: gr.EventData) -> Updates:
        sent = event_data(event)
        take = find_take(studio, visitor.owner, sent.get("id"))
        if sent.get("act") == "find":
            found = speech_ends(whole_sound(take))
            return {tab.player: _listening(page, visitor, take, found=found)}
        cut = _ends(sent) if sent.get("act") == "cut" else None
        take = cut_take(studio, visitor.owner, take.id, cut)
        return {**_list_updates(page, tab, visitor), tab.player: _listening(page, visitor, take)}

    outputs = [tab.player, *tab.listed]
    on_player: EventSettings = {"show_progress_on": [tab.player]}
    page.deletes(
        page.on(tab.takes.choose, choose, outputs=outputs, problem=tab.problem, **on_player)
    )
    page.on(page.restored, show, outputs=list(tab.listed))
    page.on(tab.player.ends, change_ends, outputs=outputs, problem=tab.problem, **on_player)


def _listening(
    page: Page,
    visitor: Visitor,
    take: Take,
    *,
    found: tuple[float, float] | None = None,
    play: bool = False,
) -> dict[str, Any]:
    """Return what the player holds of one recording. `found`: ends that are only proposed."""
    from rvc.ui.spectrogram import spectrograms

    whole = whole_sound(take)
    copy = listening_copy(page.studio, visitor.owner, take, whole)
    ends = take.cut or (0.0, whole.duration_seconds)
    side = Side("original", address(page.studio, visitor, copy), spectrograms(whole)[0])
    listening = Listening(
        take.id, take.name, whole.duration_seconds, (side,), ends=ends, found=found,
        at=ends[0] if play else None, until=ends[1] if play and take.cut else None,
    )  # fmt: skip
    return listening.for_browser()


def _ends(sent: dict[str, Any]) -> tuple[float, float]:
    """Return the two ends that a browser sent; raise RVCError for anything else."""
    ends = sent.get("start"), sent.get("end")
    if not all(isinstance(end, int | float) and not isinstance(end, bool) for end in ends):
        raise RVCError(message("reload_page"))
    return float(ends[0]), float(ends[1])  # type: ignore[arg-type]  # checked above


def prompts(language: str) -> list[Prompt]:
    """Return the sentences to read aloud, in the order of tools/choose_prompts.py."""
    path = LOCALE_DIR / language / "prompts.txt"
    if not path.is_file():
        path = LOCALE_DIR / SOURCE_LANGUAGE / "prompts.txt"
    lines = path.read_text(encoding="utf-8").splitlines()
    return [Prompt(*line.split("\t")) for line in lines]


def recorder_words() -> dict[str, dict[str, Any]]:
    """Return the recorder's texts by language, with the sentences to read."""
    keys = [key for key in TEXTS if key.startswith("rec_")]
    return {
        code: {key: tr(code, key) for key in keys}
        | {"prompts": [[prompt.mood, prompt.text] for prompt in prompts(code)]}
        for code in languages()
    }


def microphone_facts(settings: object) -> dict[str, bool | int]:
    """Return the settings of a browser's microphone that we use; a browser may send anything."""
    settings = settings if isinstance(settings, dict) else {}
    facts = {key: settings.get(key) for key in (*PROCESSING, "sampleRate")}
    return {key: value for key, value in facts.items() if isinstance(value, bool | int)}
