"""The page as a whole: header, five tabs, the visitor's own data."""

from html import escape
from typing import Any

import gradio as gr

from rvc.files import storage_error
from rvc.messages import in_every_language, languages
from rvc.ui.api import build_api
from rvc.ui.blocks import SpokenBlocks, remember_config, shown
from rvc.ui.clean_tab import build_clean_tab
from rvc.ui.convert_tab import build_convert_tab
from rvc.ui.page import Page, Visitor, told
from rvc.ui.record_tab import asset, build_record_tab
from rvc.ui.report_tab import build_report_tab
from rvc.ui.studio import Studio
from rvc.ui.texts import LANGUAGE_NAME, tr
from rvc.ui.train_tab import build_train_tab
from rvc.ui.workspace import KEPT_DAYS, Workspace

TABS = ("record", "clean", "report", "train", "convert")
CACHE_LIFE = (3600, 6 * 3600)  # look every hour, delete served copies after six


def build_ui(engine: Any, workspace: Workspace) -> gr.Blocks:
    """The page over one Engine. Loads no network and makes no folder.

    The Studio that holds its jobs is `demo.studio`.
    """
    studio = Studio(engine, workspace)
    with SpokenBlocks(
        title="Moksori", analytics_enabled=False, delete_cache=CACHE_LIFE, fill_width=False
    ) as demo:
        page = Page(studio)
        page.html(
            html_template=asset("header.html"),
            js_on_load=asset("header.js"),
            words={code: tr(code, "tagline") for code in languages()},
            names={code: LANGUAGE_NAME.in_language(code) for code in languages()},
            elem_id="header",
        )
        page.arrived = demo.load(
            lambda token: _enter(studio, token), page.token, page.token,
            show_progress="hidden", api_visibility="private", queue=False,
        ).then  # fmt: skip
        with gr.Tabs(elem_id="tabs", overflow_behavior="wrap") as page.tabs:
            tabs = {}
            for name in TABS:
                tabs[name] = gr.Tab(page.words(f"tab_{name}"), id=name, elem_id=f"tab-{name}")
                page.opened[name] = tabs[name].select
            with tabs["record"]:
                build_record_tab(page)
            with tabs["clean"]:
                cleaning = build_clean_tab(page)
            with tabs["report"]:
                build_report_tab(page, cleaning)
            with tabs["train"]:
                build_train_tab(page)
            with tabs["convert"]:
                build_convert_tab(page)
        _build_data(page)
        build_api(page)
        page.on(page.arrived, lambda visitor: _open_tab(studio, visitor), [], [page.tabs])
    demo.studio = studio
    remember_config(demo)
    return demo


def _enter(studio: Studio, token: str | None) -> str:
    """The token this browser goes by; a new one when it has none the server knows."""
    if not studio.public:
        return "local"
    if studio.workspace.owner(token):
        return token
    try:
        return studio.workspace.new_token()
    except OSError as error:  # before the visitor's language is known
        text = storage_error(error).text
        raise shown(in_every_language(text, " ")) from error


def _open_tab(studio: Studio, visitor: Visitor) -> Any:
    """A page opened while a training runs shows the training."""
    job = studio.jobs.latest("train", visitor.owner)
    return gr.Tabs(selected="train") if job is not None and job.live else gr.skip()


def _build_data(page: Page) -> None:
    """What is kept of the visitor, where, and how to delete it."""
    studio = page.studio
    key = "data_public" if studio.public else "data_local"
    with gr.Accordion(page.words("data_title"), open=False, elem_id="your-data"):
        about = page.html()
        remove = gr.Button(
            page.words("data_delete"), variant="stop", size="sm", elem_id="delete-data"
        )

    def tell(visitor: Visitor) -> str:
        texts = (visitor.say(key, days=KEPT_DAYS), visitor.say("ai_note"))
        return "".join(f'<p class="hint">{escape(text)}</p>' for text in texts)

    def delete(visitor: Visitor, agreed: bool) -> None:
        if agreed is True:
            studio.forget(visitor.owner)
            told(gr.Success, visitor.say("data_deleted"))

    page.on(page.arrived, tell, [], [about], show_progress="hidden")
    page.on_sure(remove.click, delete, question="data_sure").then(
        None, js="() => { setTimeout(() => location.reload(), 600); }"
    )
