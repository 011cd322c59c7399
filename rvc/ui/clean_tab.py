"""Second tab: clean all recordings; compare before, after and what was removed in one player."""

from dataclasses import dataclass, fields, replace
from typing import Any

import gradio as gr
from gradio.components import Component

from rvc.cleaning.options import STRENGTHS, CleaningOptions
from rvc.ui.clean_view import details_html, status_html
from rvc.ui.page import HIDDEN, Event, JobArea, Page, Updates, wait_for
from rvc.ui.sound_player import Listening, cleaned_sides, sound_player
from rvc.ui.studio import CleanTake
from rvc.ui.visitor import Visitor
from rvc.ui.widgets import go_and_cancel, html_area

# Fields of CleaningOptions that may be True, False, or None for "as measured".
REPAIRS = tuple(f.name for f in fields(CleaningOptions) if f.type == bool | None)


@dataclass(frozen=True)
class CleaningWidgets:
    """The widgets that a CleaningOptions is read from."""

    strength: gr.Radio
    trim: gr.Checkbox
    allowed: gr.CheckboxGroup

    @property
    def inputs(self) -> dict[str, Component]:
        """Return the widgets by the parameters of `cleaning_options`."""
        return {"strength": self.strength, "trim": self.trim, "allowed": self.allowed}


@dataclass(frozen=True)
class TakeWidgets:
    """The widgets that show one cleaned recording."""

    player: gr.HTML
    details: gr.HTML

    @property
    def all(self) -> list[Component]:
        return [self.player, self.details]


@dataclass(frozen=True)
class CleanTab:
    """The widgets of the tab that handlers read or change."""

    options: CleaningWidgets
    go: gr.Button
    cancel: gr.Button
    problem: gr.HTML
    status: gr.HTML
    results: gr.Column
    which: gr.Dropdown
    take: TakeWidgets
    original: gr.Button
    onward: gr.Button


def add_clean_tab(words: gr.I18n) -> CleanTab:
    """Return the widgets of the tab, added to the page being built."""
    gr.Markdown(words("clean_lead"), elem_classes="lead")
    options = _add_options(words)
    go, cancel = go_and_cancel(words, "clean")
    problem = html_area("clean-problem")
    status = html_area("clean-status", min_height=64)
    with gr.Column(visible=False, elem_id="clean-results") as results:
        return CleanTab(
            options=options,
            go=go,
            cancel=cancel,
            problem=problem,
            status=status,
            results=results,
            which=gr.Dropdown([], label=words("clean_which"), elem_id="clean-which"),
            take=_add_take(words),
            original=gr.Button(words("clean_original"), elem_id="clean-original"),
            onward=gr.Button(words("next_report"), variant="primary", elem_id="next-report"),
        )


def _add_options(words: gr.I18n) -> CleaningWidgets:
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
    return CleaningWidgets(strength, trim, allowed)


def _add_take(words: gr.I18n) -> TakeWidgets:
    player = sound_player("clean-player")
    gr.Markdown(words("clean_loudness"), elem_classes="hint")
    return TakeWidgets(player, html_area("clean-details"))


def bind_clean_tab(page: Page, tab: CleanTab, sample_added: Event) -> None:
    """Bind the tab's handlers; the sample is cleaned as soon as it was added."""
    studio = page.studio

    def show(visitor: Visitor, chosen: str | None = None) -> Updates:
        return _updates(page, tab, visitor, chosen)

    def arrive(visitor: Visitor, progress: gr.Progress) -> Updates:
        job = studio.jobs.latest("clean", visitor.owner)
        if job is not None and job.live:
            wait_for(job, visitor, progress)
        return show(visitor)

    def clean(
        visitor: Visitor,
        strength: str,
        trim: bool,
        allowed: list[str] | None,
        progress: gr.Progress,
    ) -> Updates:
        progress(0, desc=visitor.say("starting"))
        job = studio.clean(visitor.owner, cleaning_options(strength, trim, allowed))
        wait_for(job, visitor, progress)
        return show(visitor)

    def clean_sample(visitor: Visitor, progress: gr.Progress, **options: Any) -> Updates:
        if not studio.takes(visitor.owner):  # the sample could not be added, and that is said there
            return {}
        return clean(visitor, progress=progress, **options)

    def use_original(visitor: Visitor, chosen: str, progress: gr.Progress) -> Updates:
        options = replace(CleaningOptions(strength="off"), trim=False)
        wait_for(studio.clean(visitor.owner, options, only=chosen), visitor, progress)
        return show(visitor, chosen)

    def choose(visitor: Visitor, chosen: str) -> Updates:
        takes = [each for each in studio.cleaned(visitor.owner) if each.take.id == chosen]
        return _take_updates(page, tab, visitor, takes[0]) if takes else {}

    outputs = [tab.status, tab.results, tab.which, *tab.take.all]
    which = {"chosen": tab.which}
    area = JobArea("clean", tab.cancel, tab.status, tab.problem)
    page.on_job(area, page.arrived, arrive, outputs=outputs)
    page.on_job(area, tab.go.click, clean, tab.options.inputs, outputs)
    page.on_job(area, sample_added, clean_sample, tab.options.inputs, outputs)
    page.cancels(area)
    page.on(tab.original.click, use_original, which, outputs, problem=tab.problem, **area.settings)
    page.on(tab.which.input, choose, which, tab.take.all, problem=tab.problem)
    page.on(page.opened("clean"), show, which, outputs, **HIDDEN)


def cleaning_options(strength: str, trim: bool, allowed: list[str] | None) -> CleaningOptions:
    """Return the options; a repair that is not ticked is off, the others run as measured."""
    off: dict[str, Any] = {name: False for name in REPAIRS if name not in (allowed or [])}
    return replace(CleaningOptions(strength=strength, trim=bool(trim)), **off)


def _updates(page: Page, tab: CleanTab, visitor: Visitor, chosen: str | None) -> Updates:
    """Return what the tab shows: its status, and the chosen cleaned recording or the first."""
    studio = page.studio
    takes = studio.cleaned(visitor.owner)
    status = status_html(visitor, studio, takes)
    if not takes:
        return {
            tab.status: status,
            tab.results: gr.Column(visible=False),
            tab.take.player: None,
            tab.take.details: "",
        }
    current = next((each for each in takes if each.take.id == chosen), takes[0])
    choices = [(each.take.name, each.take.id) for each in takes]
    return {
        tab.status: status,
        tab.results: gr.Column(visible=True),
        tab.which: gr.Dropdown(choices, value=current.take.id, visible=len(takes) > 1),
        **_take_updates(page, tab, visitor, current),
    }


def _take_updates(page: Page, tab: CleanTab, visitor: Visitor, each: CleanTake) -> Updates:
    listening = Listening(
        each.take.id,
        each.take.name,
        each.cleaned.original.duration_seconds,
        cleaned_sides(page.studio, visitor, each),
    )
    return {
        tab.take.player: listening.for_browser(),
        tab.take.details: details_html(visitor, each),
    }
