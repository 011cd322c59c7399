"""Third tab: the verdict, the charts, and every segment with a switch to overrule its decision."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.components import Component

from rvc.files import write_json
from rvc.ui.clean_tab import CleanTab, cleaning_options
from rvc.ui.page import HIDDEN, JobArea, Page, Updates, event_data, wait_for
from rvc.ui.report_view import charts_html, empty_html, headline_html, segments_html
from rvc.ui.served import served_copy
from rvc.ui.sound_player import Listening, Stretch, cleaned_sides, sound_player
from rvc.ui.visitor import Visitor
from rvc.ui.widgets import CHOOSE_JS, asset, go_and_cancel, html_area

if TYPE_CHECKING:
    from rvc.quality import QualityReport


@dataclass(frozen=True)
class ReportTab:
    """The widgets of the tab that handlers read or change."""

    go: gr.Button
    cancel: gr.Button
    problem: gr.HTML
    headline: gr.HTML
    results: gr.Column
    charts: gr.HTML
    segments: gr.HTML
    player: gr.HTML
    as_json: gr.DownloadButton
    as_html: gr.DownloadButton
    onward: gr.Button

    @property
    def outputs(self) -> list[Component | gr.Column]:
        """Return the widgets that show the report."""
        return [
            self.headline, self.results, self.player, self.charts, self.segments, self.as_json,
            self.as_html,
        ]  # fmt: skip


def add_report_tab(words: gr.I18n) -> ReportTab:
    """Return the widgets of the tab, added to the page being built."""
    gr.Markdown(words("report_lead"), elem_classes="lead")
    go, cancel = go_and_cancel(words, "report")
    problem = html_area("report-problem")
    headline = html_area("report-headline", min_height=64)
    with gr.Column(visible=False, elem_id="report-results") as results:
        sounds = sound_player("report-player")
        charts = gr.HTML(
            "", apply_default_css=False, elem_id="report-charts", js_on_load=asset("charts.js")
        )
        gr.Markdown(words("report_segments"), elem_classes="step")
        gr.Markdown(words("report_segments_info"), elem_classes="hint")
        segments = gr.HTML(
            "", apply_default_css=False, elem_id="segments",
            js_on_load=CHOOSE_JS + asset("charts.js"),
        )  # fmt: skip
        with gr.Row(equal_height=True):
            as_json = gr.DownloadButton(
                words("export_json"),  # type: ignore[arg-type]  # Gradio shows it as any button's
                elem_id="export-json",
            )
            as_html = gr.DownloadButton(
                words("export_html"),  # type: ignore[arg-type]  # Gradio shows it as any button's
                elem_id="export-html",
            )
        onward = gr.Button(words("next_train"), variant="primary", elem_id="next-train")
    return ReportTab(
        go=go, cancel=cancel, problem=problem, headline=headline, results=results, charts=charts,
        segments=segments, player=sounds, as_json=as_json, as_html=as_html, onward=onward,
    )  # fmt: skip


def bind_report_tab(page: Page, tab: ReportTab, cleaning: CleanTab) -> None:
    """Bind the tab's handlers; recordings that are not cleaned yet are cleaned with the options
    of the second tab, whose last button also makes the report."""
    studio = page.studio

    def show(visitor: Visitor) -> Updates:
        return _updates(page, tab, visitor)

    def arrive(visitor: Visitor, progress: gr.Progress) -> Updates:
        job = studio.jobs.latest("report", visitor.owner)
        if job is not None and job.live:
            wait_for(job, visitor, progress)
        return show(visitor)

    def assess(
        visitor: Visitor,
        strength: str,
        trim: bool,
        allowed: list[str] | None,
        progress: gr.Progress,
    ) -> Updates:
        progress(0, desc=visitor.say("starting"))
        job = studio.report(visitor.owner, cleaning_options(strength, trim, allowed))
        wait_for(job, visitor, progress)
        return {tab.player: None, **show(visitor)}

    def assess_if_needed(
        visitor: Visitor,
        strength: str,
        trim: bool,
        allowed: list[str] | None,
        progress: gr.Progress,
    ) -> Updates:
        session = studio.session(visitor.owner)
        if session.report is not None and not studio.report_stale(visitor.owner):
            return show(visitor)
        return assess(visitor, strength, trim, allowed, progress)

    def choose(visitor: Visitor, event: gr.EventData) -> Updates:
        sent = event_data(event)
        index = int(sent["id"]) if str(sent.get("id", "")).isdecimal() else -1
        if sent.get("act") in ("keep", "drop"):
            studio.overrule(visitor.owner, index, sent["act"])
        return show(visitor)

    def listen(visitor: Visitor, event: gr.EventData) -> Updates:
        return {tab.player: _listening(page, visitor, event_data(event))}

    area = JobArea("report", tab.cancel, tab.headline, tab.problem)
    options = cleaning.options.inputs
    page.on_job(area, page.arrived, arrive, outputs=tab.outputs)
    page.on_job(area, tab.go.click, assess, options, tab.outputs)
    page.on_job(area, cleaning.onward.click, assess_if_needed, options, tab.outputs)
    page.cancels(area)
    page.on(tab.segments.choose, choose, outputs=tab.outputs, problem=tab.problem, **HIDDEN)
    page.on(tab.player.wanted, listen, outputs=[tab.player], problem=tab.problem, **HIDDEN)
    page.on(page.opened("report"), show, outputs=tab.outputs, **HIDDEN)
    page.leads_to(cleaning.onward, "report")
    page.leads_to(tab.onward, "train")


def _updates(page: Page, tab: ReportTab, visitor: Visitor) -> Updates:
    """Return what the tab shows of the visitor's report."""
    studio = page.studio
    report = studio.session(visitor.owner).report
    if report is None:
        job = studio.jobs.latest("report", visitor.owner)
        if job is not None and job.live:
            return {}  # the handler that waits for it shows the report
        return {
            tab.headline: empty_html(visitor),
            tab.results: gr.Column(visible=False),
            tab.player: None,
            tab.charts: "",
            tab.segments: "",
            tab.as_json: None,
            tab.as_html: None,
        }
    return {
        tab.headline: headline_html(visitor, report, stale=studio.report_stale(visitor.owner)),
        tab.results: gr.Column(visible=True),
        tab.charts: charts_html(visitor, report),
        tab.segments: segments_html(visitor, report),
        **_export_updates(page, tab, visitor, report),
    }


def _export_updates(
    page: Page, tab: ReportTab, visitor: Visitor, report: "QualityReport"
) -> Updates:
    """Return downloads of the report: as JSON, and as one self-contained page."""
    from rvc.quality import report_json
    from rvc.quality.html import render_html

    folder = page.studio.workspace.folder(visitor.owner, "report")
    as_json, as_html = folder / "report.json", folder / "report.html"
    write_json(as_json, report_json(report))
    as_html.write_text(render_html(report, visitor.language), encoding="utf-8")
    return {
        tab.as_json: served_copy(page.studio, visitor.owner, as_json),
        tab.as_html: served_copy(page.studio, visitor.owner, as_html),
    }


def _listening(page: Page, visitor: Visitor, sent: dict[str, Any]) -> dict[str, Any] | None:
    """Return what the player holds of the recording that a browser asked for, to be played."""
    session = page.studio.session(visitor.owner)
    number = int(sent["id"]) if str(sent.get("id", "")).isdecimal() else -1
    if session.report is None or not 0 <= number < len(session.report_of):
        return None
    each, at, until = session.report_of[number], _seconds(sent.get("at")), sent.get("until")
    return Listening(
        str(number),
        each.take.name,
        each.cleaned.original.duration_seconds,
        cleaned_sides(page.studio, visitor, each),
        stretches=[
            Stretch(piece.start_seconds, piece.end_seconds, piece.decision)
            for piece in session.report.segments
            if piece.take == number
        ],
        at=at,
        until=None if until is None else _seconds(until),
    ).for_browser()


def _seconds(sent: object) -> float:
    """Return a time that a browser sent; 0 for anything else."""
    numeric = isinstance(sent, int | float) and not isinstance(sent, bool)
    return max(0.0, float(sent)) if numeric else 0.0  # type: ignore[arg-type]  # checked above
