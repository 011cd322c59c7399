"""The page as a whole: header, five tabs, and the visitor's own data."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import gradio as gr
from gradio.components import Component

from rvc.files import storage_error
from rvc.messages import in_every_language, languages
from rvc.ui.api import build_api
from rvc.ui.blocks import MoksoriBlocks, cache_config, page_error
from rvc.ui.clean_tab import CleanTab, add_clean_tab, bind_clean_tab
from rvc.ui.convert_tab import ConvertTab, add_convert_tab, bind_convert_tab
from rvc.ui.data_panel import DataPanel, add_data_panel, bind_data_panel
from rvc.ui.first_minute import bind_first_minute
from rvc.ui.html import problem_html
from rvc.ui.live_panel import LivePanel, add_live_panel, bind_live_panel
from rvc.ui.notice import add_notice, bind_notice
from rvc.ui.page import INSTANT, Page, Updates
from rvc.ui.record_tab import RecordTab, add_record_tab, bind_record_tab
from rvc.ui.remember import bind_memory
from rvc.ui.report_tab import ReportTab, add_report_tab, bind_report_tab
from rvc.ui.strip import add_strip, bind_strip
from rvc.ui.studio import Studio
from rvc.ui.texts import LANGUAGE_NAME, by_language, labels, tr
from rvc.ui.train_tab import bind_train_tab
from rvc.ui.train_widgets import TrainTab, add_train_tab
from rvc.ui.undo import bind_undo
from rvc.ui.visitor import Visitor
from rvc.ui.why import add_why_panel, bind_why_panel
from rvc.ui.widgets import asset, button_list
from rvc.ui.workspace import Workspace

if TYPE_CHECKING:
    from rvc.engine import Engine

TABS = ("record", "clean", "report", "train", "convert")
KEPT_OF_TRAINING = ("name", "preset", "length", "amount", "consent")
CACHE_LIFE = (3600, 6 * 3600)  # look every hour, delete served copies after six


@dataclass(frozen=True)
class Tabs:
    """The row of tabs with the widgets of each."""

    bar: gr.Tabs
    tabs: dict[str, gr.Tab]
    record: RecordTab
    clean: CleanTab
    report: ReportTab
    train: TrainTab
    convert: ConvertTab
    live: LivePanel


def build_ui(engine: "Engine", workspace: Workspace) -> MoksoriBlocks:
    """Return the page over one engine. Loads no network and makes no folder."""
    studio = Studio(engine, workspace)
    with MoksoriBlocks(
        studio, title="Moksori", analytics_enabled=False, delete_cache=CACHE_LIFE, fill_width=False
    ) as demo:
        words = gr.I18n(**by_language())
        token = gr.BrowserState("", storage_key="moksori_owner", secret="moksori")
        language = gr.Textbox(visible="hidden", elem_id="language")
        timer = gr.Timer(5)
        _add_header()
        notice = add_notice()
        strip = add_strip()
        arrival = demo.load(
            lambda kept: _enter(studio, kept), token, token,
            show_progress="hidden", api_visibility="private", queue=False,
        )  # fmt: skip
        tabs = _add_tabs(words, public=studio.public)
        why = add_why_panel(words)
        data = add_data_panel(words)
        undo, restored = button_list("undo"), gr.Textbox(visible="hidden", elem_id="restored")
        forms = gr.BrowserState(None, storage_key="moksori_forms", secret="moksori")
        page = Page(
            studio=studio, token=token, language=language, timer=timer, tab_bar=tabs.bar,
            tabs=tabs.tabs, arrived=arrival.then, undo=undo, restored=restored.change,
        )  # fmt: skip
        _bind(page, tabs, data)
        bind_why_panel(page, why)
        bind_notice(page, notice)
        bind_live_panel(page, demo.live, tabs.live, tabs.convert.voice.menu)
        made = (
            tabs.record.takes, tabs.clean.status, tabs.report.headline,
            tabs.train.progress.status, tabs.convert.result.facts,
        )  # fmt: skip
        bind_strip(page, strip, [each.change for each in made])
        bind_undo(page, data.deleted, restored)
        bind_memory(page, _forms(tabs), forms)
        build_api(page)
    cache_config(demo)
    return demo


def _add_header() -> None:
    gr.HTML(
        apply_default_css=False,
        html_template=asset("header.html"),
        js_on_load=asset("header.js") + asset("access.js"),
        words={code: tr(code, "tagline") for code in languages()},
        names={code: LANGUAGE_NAME.in_language(code) for code in languages()},
        labels={code: labels(code) for code in languages()},
        elem_id="header",
    )


def _add_tabs(words: gr.I18n, *, public: bool) -> Tabs:
    with gr.Tabs(elem_id="tabs", overflow_behavior="wrap") as bar:
        tabs = {name: gr.Tab(words(f"tab_{name}"), id=name, elem_id=f"tab-{name}") for name in TABS}
        with tabs["record"]:
            record = add_record_tab(words)
        with tabs["clean"]:
            clean = add_clean_tab(words)
        with tabs["report"]:
            report = add_report_tab(words)
        with tabs["train"]:
            train = add_train_tab(words, public=public)
        with tabs["convert"]:
            convert = add_convert_tab(words)
            live = add_live_panel(words)
    return Tabs(bar, tabs, record, clean, report, train, convert, live)


def _bind(page: Page, tabs: Tabs, data: DataPanel) -> None:
    bind_record_tab(page, tabs.record)
    convert = tabs.convert
    sample_added = bind_first_minute(
        page, tabs.record.first, tabs.train.form, convert.voice, convert.source.one
    )
    bind_clean_tab(page, tabs.clean, sample_added)
    bind_report_tab(page, tabs.report, tabs.clean)
    bind_train_tab(page, tabs.train)
    bind_convert_tab(page, tabs.convert)
    bind_data_panel(page, data)
    for kind, problem in (("clean", tabs.clean.problem), ("report", tabs.report.problem)):
        _bind_mending(page, tabs.record, kind, problem)


def _bind_mending(page: Page, record: RecordTab, kind: str, problem: gr.HTML) -> None:
    """Hide a problem with the recordings when they change; what ended a job stays."""

    def look_again(visitor: Visitor) -> Updates:
        job = page.studio.jobs.latest(kind, visitor.owner)
        if job is None or job.error is None:
            return {}
        return {problem: problem_html(visitor.read(job.error))}

    page.on(record.takes.change, look_again, problem=problem, **INSTANT)


def _forms(tabs: Tabs) -> dict[str, Component]:
    """Return the widgets whose values a reload keeps, by a name that stays the same."""
    train = {name: tabs.train.form.inputs[name] for name in KEPT_OF_TRAINING}
    convert = {**tabs.convert.options.inputs, "format": tabs.convert.source.format}
    parts = {"clean": tabs.clean.options.inputs, "train": train, "convert": convert}
    return {f"{tab}_{name}": w for tab, widgets in parts.items() for name, w in widgets.items()}


def _enter(studio: Studio, token: str | None) -> str:
    """Return the browser's token; a new one when the server did not make it."""
    if not studio.public:
        return "local"
    if token and studio.workspace.owner(token):
        return token
    try:
        return studio.workspace.new_token()
    except OSError as error:  # before the visitor's language is known
        text = storage_error(error).text
        raise page_error(in_every_language(text, " ")) from error
