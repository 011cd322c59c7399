"""A notice when long work has ended while the page is not looked at."""

import json

import gradio as gr

from rvc.messages import languages
from rvc.ui.jobs import Job
from rvc.ui.page import INSTANT, Page, Updates
from rvc.ui.texts import tr
from rvc.ui.visitor import Visitor
from rvc.ui.widgets import asset

WORKS = ("clean", "report", "train", "convert", "fetch")  # kinds of jobs
WORDS = ("notice_leave", "notice_ask")


def add_notice() -> gr.HTML:
    """Return the line that offers notices, added to the page being built.

    Its value is what `jobs_json` returns; its script asks for a new one every few seconds, because
    Gradio's timers stand still while a page is hidden.
    """
    return gr.HTML(
        "",
        apply_default_css=False,
        html_template=asset("notice.html"),
        js_on_load=asset("notice.js"),
        words={code: {key: tr(code, key) for key in WORDS} for code in languages()},
        elem_id="notice",
    )


def bind_notice(page: Page, notice: gr.HTML) -> None:
    """Keep the notice's value up to date."""

    def look(visitor: Visitor, known: str | None) -> Updates:
        found = jobs_json(page, visitor)
        return {} if found == known else {notice: found}

    page.on(notice.look, look, {"known": notice}, [notice], **INSTANT)


def jobs_json(page: Page, visitor: Visitor) -> str:
    """Return the visitor's latest jobs as JSON: id, whether it runs, what to say of its end."""
    found = [page.studio.jobs.latest(kind, visitor.owner) for kind in WORKS]
    return json.dumps(
        [
            {"id": job.id, "live": job.live, "text": _end(visitor, job)}
            for job in found
            if job is not None
        ]
    )


def _end(visitor: Visitor, job: Job) -> str:
    """Return what to say of a job that ended; nothing of one that the visitor stopped."""
    if job.state not in ("done", "failed"):
        return ""
    return visitor.say(f"notice_{job.state}", work=visitor.say(f"notice_work_{job.kind}"))
