"""Second tab: clean all takes, and hear before, after and what was removed at equal loudness."""

from dataclasses import fields, replace
from html import escape
from typing import Any

import gradio as gr

from rvc.cleaning.options import STRENGTHS, CleaningOptions
from rvc.ui.page import HEAVY, Page, Visitor, served, wait_for
from rvc.ui.studio import CleanTake
from rvc.ui.texts import TEXTS, clock

# Switches of CleaningOptions: its fields that may be True, False or by measure.
REPAIRS = tuple(f.name for f in fields(CleaningOptions) if f.type == bool | None)


def build_clean_tab(page: Page) -> dict[str, Any]:
    """Add the tab; returns the widgets that hold its options, for the report's shortcut."""
    words = page.words
    gr.Markdown(words("clean_lead"), elem_classes="lead")
    with gr.Row(equal_height=True):
        strength = gr.Radio(
            [(words(f"strength_{name}"), name) for name in STRENGTHS],
            value="standard",
            label=words("strength"),
            info=words("strength_info"),
            elem_id="strength",
            scale=3,
        )
        trim = gr.Checkbox(True, label=words("trim"), elem_id="trim", scale=1, min_width=200)
    with gr.Accordion(words("repairs_more"), open=False):
        allowed = gr.CheckboxGroup(
            [(words(f"repair_{name}"), name) for name in REPAIRS],
            value=list(REPAIRS),
            label=words("repairs_allowed"),
            info=words("repairs_info"),
            elem_id="repairs-allowed",
        )
    with gr.Row():
        go = gr.Button(words("clean_go"), variant="primary", elem_id="clean-go", scale=3)
        cancel = gr.Button(
            words("cancel"), visible=False, elem_id="clean-cancel", scale=1, min_width=120
        )
    status = page.html(elem_id="clean-status", min_height=64)
    with gr.Column(visible=False, elem_id="clean-results") as results:
        which = gr.Dropdown([], label=words("clean_which"), elem_id="clean-which")
        with gr.Row():
            players = [
                page.player(f"clean_{name}", elem_id=f"clean-{name}", min_width=260)
                for name in ("before", "after", "removed")
            ]
        gr.Markdown(words("clean_loudness"), elem_classes="hint")
        details = page.html(elem_id="clean-details")
        original = gr.Button(words("clean_original"), elem_id="clean-original")
        onward = gr.Button(words("next_report"), variant="primary", elem_id="next-report")
    options = [strength, trim, allowed]
    _bind(page, options, [go, cancel, original, which], [status, results, which, *players, details])
    return {"options": options, "onward": onward}


def _bind(page: Page, options: list[Any], controls: list[Any], outputs: list[Any]) -> None:
    studio = page.studio
    go, cancel, original, which = controls
    status, shown = outputs[0], outputs[3:]

    def show(visitor: Visitor, chosen: str | None = None) -> list[Any]:
        takes = studio.cleaned(visitor.owner)
        head = status_html(visitor, page, takes)
        if not takes:
            return [head, gr.Column(visible=False), gr.skip(), *[None] * 3, ""]
        current = next((each for each in takes if each.take.id == chosen), takes[0])
        choices = [(each.take.name, each.take.id) for each in takes]
        menu = gr.Dropdown(choices, value=current.take.id, visible=len(takes) > 1)
        return [head, gr.Column(visible=True), menu, *one_take(page, visitor, current)]

    def arrive(visitor: Visitor, progress: gr.Progress) -> list[Any]:
        job = studio.jobs.latest("clean", visitor.owner)
        if job is not None and job.live:
            wait_for(job, visitor, progress)
        return show(visitor)

    def clean(visitor: Visitor, *values: Any, progress: gr.Progress) -> list[Any]:
        progress(0, desc=visitor.say("starting"))
        job = studio.clean(visitor.owner, cleaning_options(*values))
        wait_for(job, visitor, progress)
        return show(visitor)

    def use_original(visitor: Visitor, chosen: str, progress: gr.Progress) -> list[Any]:
        options = replace(CleaningOptions(strength="off"), trim=False)
        wait_for(studio.clean(visitor.owner, options, only=chosen), visitor, progress)
        return show(visitor, chosen)

    def choose(visitor: Visitor, chosen: str) -> list[Any]:
        takes = [each for each in studio.cleaned(visitor.owner) if each.take.id == chosen]
        return one_take(page, visitor, takes[0]) if takes else [gr.skip()] * 4

    on_status = {"show_progress": "full", "show_progress_on": [status]} | HEAVY
    again = on_status | {"concurrency_id": "arrive-clean"}
    page.on_long(page.arrived, arrive, [], outputs, cancel=cancel, **again)
    page.on_long(go.click, clean, options, outputs, cancel=cancel, **on_status)
    page.stops(cancel, "clean")
    page.on(original.click, use_original, [which], outputs, **on_status)
    page.on(which.input, choose, [which], shown)
    page.on(page.opened["clean"], show, [which], outputs, show_progress="hidden")


def cleaning_options(strength: str, trim: bool, allowed: list[str] | None) -> CleaningOptions:
    """The widgets as options: an unticked repair is off, a ticked one goes by its measure."""
    off = {name: False for name in REPAIRS if name not in (allowed or [])}
    return CleaningOptions(strength=strength, trim=bool(trim), **off)


def status_html(visitor: Visitor, page: Page, takes: list[CleanTake]) -> str:
    """What there is to do, or what was done."""
    studio = page.studio
    waiting = studio.takes(visitor.owner)
    if not waiting:
        return _p(visitor.say("clean_nothing"), "mk-empty")
    if not takes:
        seconds = sum(take.duration_seconds for take in waiting)
        return _p(visitor.say("clean_waiting", count=len(waiting), time=clock(seconds)), "mk-sum")
    spoken = [each for each in takes if each.cleaned.speaks]
    before = sum(each.take.duration_seconds for each in spoken)
    after = sum(each.cleaned.recording.duration_seconds for each in spoken)
    text = visitor.say("clean_done", count=len(spoken), before=clock(before), after=clock(after))
    parts = [_p(text, "mk-sum mk-good")] if spoken else []
    parts += [
        _p(visitor.say("clean_no_speech", name=each.take.name), "mk-warn")
        for each in takes
        if not each.cleaned.speaks
    ]
    parts += [_p(visitor.read(p), "mk-warn") for p in studio.session(visitor.owner).problems]
    if studio.uncleaned(visitor.owner):
        parts.append(_p(visitor.say("clean_stale"), "mk-warn"))
    return "".join(parts)


def one_take(page: Page, visitor: Visitor, each: CleanTake) -> list[Any]:
    """Values of the three players and the details."""
    paths = (each.before, each.after, each.removed)
    copies = (served(page.studio, visitor.owner, path) for path in paths)
    return [*copies, details_html(visitor, each)]


def details_html(visitor: Visitor, each: CleanTake) -> str:
    """What each repair did, and the spectrograms."""
    rows = "".join(
        f'<li class="{"mk-did" if repair.ran else "mk-not"}">'
        f"<b>{escape(_name(visitor, repair.name))}</b> {escape(visitor.read(repair.text))}</li>"
        for repair in each.cleaned.repairs
    )
    pictures = "".join(
        f'<figure><figcaption>{escape(visitor.say(key))}</figcaption><img src="{picture}" '
        f'alt="{escape(visitor.say("spectrogram_alt", what=visitor.say(key)))}"></figure>'
        for key, picture in zip(("clean_before", "clean_after"), each.pictures, strict=True)
    )
    return (
        f'<h3 class="mk-h">{escape(visitor.say("clean_repairs"))}</h3>'
        f'<ul class="mk-repairs">{rows}</ul>'
        f'<h3 class="mk-h">{escape(visitor.say("clean_spectrograms"))}</h3>'
        f'<div class="mk-pair">{pictures}</div>'
    )


def _name(visitor: Visitor, repair: str) -> str:
    key = f"repair_{repair}"
    return visitor.say(key) if key in TEXTS else repair


def _p(text: str, kind: str) -> str:
    return f'<p class="{kind}">{escape(text)}</p>'
