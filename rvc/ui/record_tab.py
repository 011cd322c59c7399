"""First tab: record with the browser's processing off, or upload; hear and delete what is there."""

from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

import gradio as gr

from rvc.errors import RVCError
from rvc.formats import SUFFIXES
from rvc.messages import LOCALE_DIR, SOURCE_LANGUAGE, joined, languages
from rvc.ui.page import CHOOSE_JS, Page, Visitor, sent_with, served, told, uploads
from rvc.ui.texts import TEXTS, clock, message, tr
from rvc.ui.workspace import Take, shown_name

WANTED_SECONDS = 5 * 60
FILE_TYPES = ["audio", "video", *SUFFIXES]  # a browser does not know the type of every suffix
PROCESSING = {
    "autoGainControl": "processing_agc",
    "noiseSuppression": "processing_ns",
    "echoCancellation": "processing_ec",
}


def build_record_tab(page: Page) -> None:
    """Add the tab's widgets and handlers to the page being built."""
    words, studio = page.words, page.studio
    recorder, upload = _sources(page)
    gr.Markdown(words("takes_title"), elem_classes="step")
    takes = page.html(js_on_load=CHOOSE_JS, elem_id="takes")
    player = page.player(
        "take_player", visible=False, autoplay=True, buttons=[], elem_id="take-player"
    )
    onward = gr.Button(words("next_clean"), variant="primary", elem_id="next-clean")

    def show(visitor: Visitor) -> str:
        return takes_html(visitor, studio.takes(visitor.owner))

    def add_files(visitor: Visitor, paths: list[str] | None) -> tuple[Any, str]:
        for path in paths or []:
            name = Path(path).name
            try:
                studio.add_take(visitor.owner, Path(path), name, allowed_root=uploads())
            except RVCError as error:  # one bad file does not stop the others
                problem = visitor.read(error.text)
                name = shown_name(name)
                told(gr.Warning, visitor.say("take_problem", name=name, problem=problem))
        return None, show(visitor)

    def add_recording(visitor: Visitor, event: gr.EventData) -> str:
        sent = sent_with(event)
        number = len(studio.takes(visitor.owner)) + 1
        studio.add_take(
            visitor.owner,
            Path(str(sent.get("path", ""))),
            visitor.say("take_name", number=number),
            allowed_root=uploads(),
            microphone=microphone_facts(sent.get("settings")),
        )
        return show(visitor)

    def choose(visitor: Visitor, event: gr.EventData) -> tuple[str, Any]:
        sent = sent_with(event)
        chosen = [take for take in studio.takes(visitor.owner) if take.id == sent.get("id")]
        if sent.get("act") == "delete" and chosen:
            studio.delete_take(visitor.owner, chosen[0].id)
            return show(visitor), gr.Audio(None, visible=False)
        if not chosen:
            return show(visitor), gr.skip()
        return show(visitor), gr.Audio(
            served(studio, visitor.owner, chosen[0].path), visible=True, label=chosen[0].name
        )

    page.on(page.arrived, show, [], [takes])
    page.on(upload.upload, add_files, [upload], [upload, takes])
    page.on(recorder.saved, add_recording, [], [takes])
    page.on(takes.choose, choose, [], [takes, player])
    onward.click(lambda: gr.Tabs(selected="clean"), None, page.tabs, api_visibility="private")


def _sources(page: Page) -> tuple[gr.HTML, gr.File]:
    """The recorder and the upload, side by side."""
    words = page.words
    gr.Markdown(words("record_lead"), elem_classes="lead")
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=300):
            gr.Markdown(words("record_here"), elem_classes="step")
            recorder = page.html(
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
    return recorder, upload


def asset(name: str) -> str:
    """The text of a file that travels with this package."""
    return files("rvc.ui").joinpath("assets", name).read_text(encoding="utf-8")


def prompts(language: str) -> list[str]:
    """Return the sentences to read aloud, with many different sounds, calm and lively in turn."""
    path = LOCALE_DIR / language / "prompts.txt"
    if not path.is_file():
        path = LOCALE_DIR / SOURCE_LANGUAGE / "prompts.txt"
    return path.read_text(encoding="utf-8").splitlines()


def recorder_words() -> dict[str, dict[str, Any]]:
    """Words of the recorder's script by language, with the sentences to read."""
    keys = [key for key in TEXTS if key.startswith("rec_")]
    return {
        code: {key: tr(code, key) for key in keys} | {"prompts": prompts(code)}
        for code in languages()
    }


def microphone_facts(settings: object) -> dict[str, Any]:
    """What a browser says of its processing, reduced to what we ask: it may send anything."""
    settings = settings if isinstance(settings, dict) else {}
    facts = {key: settings.get(key) for key in (*PROCESSING, "sampleRate")}
    return {key: value for key, value in facts.items() if isinstance(value, bool | int)}


def takes_html(visitor: Visitor, takes: list[Take]) -> str:
    """The list of takes with a bar towards five minutes."""
    if not takes:
        return f'<p class="mk-empty">{escape(visitor.say("takes_none"))}</p>'
    seconds = sum(take.duration_seconds for take in takes)
    key = "takes_total_one" if len(takes) == 1 else "takes_total"
    total = visitor.say(key, count=len(takes), time=clock(seconds))
    left = WANTED_SECONDS - seconds
    advice = (
        visitor.say("takes_enough") if left <= 0 else visitor.say("takes_more", time=clock(left))
    )
    share = min(100.0, 100 * seconds / WANTED_SECONDS)
    rows = "".join(_row(visitor, take) for take in takes)
    return (
        f'<div class="mk-meter"><i style="width:{share:.1f}%"></i></div>'
        f'<p class="mk-sum"><b>{escape(total)}</b> {escape(advice)}</p>'
        f'<ul class="mk-list">{rows}</ul>'
    )


def _row(visitor: Visitor, take: Take) -> str:
    name, play = escape(take.name), escape(visitor.say("take_play"))
    notes = [visitor.read(note) for note in take.notes] + _microphone_notes(visitor, take)
    small = "".join(f"<small>{escape(note)}</small>" for note in notes)
    return (
        f'<li data-take="{escape(take.id)}">'
        f'<button class="mk-play" data-act="play" data-id="{escape(take.id)}" '
        f'aria-label="{play}: {name}">▶</button>'
        f'<span class="mk-name">{name}{small}</span>'
        f'<span class="mk-time">{clock(take.duration_seconds)}</span>'
        f'<button class="mk-quiet" data-act="delete" data-id="{escape(take.id)}" '
        f'aria-label="{escape(visitor.say("take_delete"))}: {name}">'
        f"{escape(visitor.say('take_delete'))}</button></li>"
    )


def _microphone_notes(visitor: Visitor, take: Take) -> list[str]:
    if take.microphone is None:
        return []
    kept = [key for field, key in PROCESSING.items() if take.microphone.get(field) is True]
    if not kept:
        return [visitor.say("take_raw")]
    what = joined([message(key) for key in kept], ", ")
    return [visitor.say("take_processed", what=what)]
