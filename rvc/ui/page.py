"""What the handlers of every tab share, and the one way to bind a handler to an event."""

import inspect
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from types import MappingProxyType
from typing import Any, Unpack

import gradio as gr
from gradio.blocks import Block
from gradio.components import Component
from gradio.events import Dependency

from rvc.errors import Cancelled, RVCError
from rvc.files import storage_errors
from rvc.messages import language_code, languages
from rvc.ui.blocks import MESSAGE_TITLE, page_error
from rvc.ui.events import (  # noqa: F401  # the tabs take all of them from here
    HEAVY,
    HIDDEN,
    INSTANT,
    EventSettings,
    JobArea,
)
from rvc.ui.html import problem_html
from rvc.ui.jobs import Job
from rvc.ui.studio import Studio
from rvc.ui.texts import TEXTS, message, tr
from rvc.ui.undo_view import undo_html
from rvc.ui.visitor import Visitor

Event = Callable[..., Dependency]  # such as `button.click`
Updates = dict[Block, object]  # {widget: its new value}; other widgets stay as they are
Handler = Callable[..., Updates | None]  # (visitor, named values) -> updates
Inputs = Mapping[str, Component]  # {parameter of the handler: widget whose value it gets}

POLL_SECONDS = 0.2  # between two looks at a job whose progress is shown
NO_INPUTS: Inputs = MappingProxyType({})
# The language is read from the document when the event happens.
LANGUAGE_JS = "(_, ...values) => [document.documentElement.lang || 'en', ...values]"
CONFIRM_JS = """(_, token, sure, ...values) => {
  const code = document.documentElement.lang || 'en';
  const questions = %s;
  const question = questions[code.split('-')[0]] || questions.en;
  return [code, token, confirm(question.replace('{0}', values[0])), ...values];
}"""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Page:
    """The studio and the widgets outside of all tabs.

    `token`: the owner's token as the browser keeps it. `language`: a hidden field. `timer`: ticks
    while the page is open. `undo`: what was deleted just now. These lie at the top level, because
    children of an unopened tab do not exist in the browser. `arrived`: the event of a page that was
    opened or reloaded, once its owner is known. `restored`: the event of something deleted that was
    brought back.
    """

    studio: Studio
    token: gr.BrowserState
    language: gr.Textbox
    timer: gr.Timer
    tab_bar: gr.Tabs
    tabs: Mapping[str, gr.Tab]
    arrived: Event
    undo: gr.HTML
    restored: Event

    def on(
        self,
        event: Event,
        handle: Handler,
        inputs: Inputs = NO_INPUTS,
        outputs: Sequence[Block] = (),
        *,
        problem: gr.HTML | None = None,
        **settings: Unpack[EventSettings],
    ) -> Dependency:
        """Bind `handle(visitor, **values)` to an event.

        A handler with a parameter `progress` or `event` gets gr.Progress or gr.EventData in it.
        What goes wrong is shown in `problem` until the handler succeeds, and marks nothing else;
        without it, as a message that passes. Not for programs: those have endpoints of their own in
        rvc.ui.api.
        """
        defaults: EventSettings = {"show_progress": "minimal", "js": LANGUAGE_JS}
        return event(
            self._handler(handle, tuple(inputs), bool(outputs), problem),
            [self.language, self.token, *inputs.values()],
            [*outputs, *([] if problem is None else [problem])],
            api_visibility="private",
            **{**defaults, **settings},
        )

    def on_confirmed(
        self,
        event: Event,
        handle: Handler,
        inputs: Inputs = NO_INPUTS,
        outputs: Sequence[Block] = (),
        *,
        question: str,
        problem: gr.HTML | None = None,
    ) -> Dependency:
        """Bind as `on` does; the browser first asks the text `question`, and may answer no.

        {0} in the question is the value of the first input. A press counts even while an earlier
        answer is on its way: the question keeps two of them apart.
        """

        def confirmed(visitor: Visitor, sure: bool, **values: Any) -> Updates | None:
            return handle(visitor, **values) if sure is True else None

        questions = json.dumps({code: TEXTS[question].in_language(code) for code in languages()})
        sure = gr.Checkbox(False, visible=False)
        return self.on(
            event, confirmed, {"sure": sure, **inputs}, outputs, problem=problem,
            js=CONFIRM_JS % questions, trigger_mode="multiple",
        )  # fmt: skip

    def on_job(
        self,
        area: JobArea,
        event: Event,
        handle: Handler,
        inputs: Inputs = NO_INPUTS,
        outputs: Sequence[Block] = (),
    ) -> Dependency:
        """Bind a handler that waits for a job; the area's cancel button is shown meanwhile.

        Handlers of an arriving page wait in a queue of their own, so that a reloaded page does not
        take the places of those who press a button.
        """

        def show_cancel(visitor: Visitor) -> Updates:
            return {area.cancel: gr.Button(visible=True)}

        def hide_cancel(visitor: Visitor) -> Updates:
            return {area.cancel: gr.Button(visible=False)}

        def arrive(visitor: Visitor, **values: Any) -> Updates:
            """Show, besides, what ended the last job."""
            updates = handle(visitor, **values) or {}
            job = self.studio.jobs.latest(area.kind, visitor.owner)
            if area.problem is None or job is None or job.error is None:
                return updates
            return {**updates, area.problem: problem_html(visitor.read(job.error))}

        settings = area.settings
        if event is self.arrived:
            settings["concurrency_id"] = f"arrive-{area.kind}"
            arrive.__signature__ = inspect.signature(handle)  # type: ignore[attr-defined]
        began = self.on(event, show_cancel, outputs=[area.cancel], **INSTANT)
        work = arrive if event is self.arrived else handle
        ended = self.on(began.then, work, inputs, outputs, problem=area.problem, **settings)
        return self.on(ended.then, hide_cancel, outputs=[area.cancel], **INSTANT)

    def cancels(self, area: JobArea) -> None:
        """Let the area's cancel button stop the visitor's job."""

        def stop(visitor: Visitor) -> None:
            job = self.studio.jobs.latest(area.kind, visitor.owner)
            if job is not None and job.live:
                job.stop()

        self.on(area.cancel.click, stop, queue=False)

    def leads_to(self, button: gr.Button, tab: str) -> None:
        """Let a button open another tab."""
        button.click(lambda: gr.Tabs(selected=tab), None, self.tab_bar, api_visibility="private")

    def deletes(self, deletion: Dependency) -> None:
        """Show what the handler of `deletion` deleted, with a button that brings it back."""

        def show(visitor: Visitor) -> Updates:
            return {self.undo: undo_html(self.studio, visitor)}

        self.on(deletion.then, show, outputs=[self.undo], **INSTANT)

    def opened(self, tab: str) -> Event:
        """Return the event of a tab that is opened."""
        return self.tabs[tab].select

    def visitor(self, token: str | None, language: str | None) -> Visitor:
        """Return the visitor with this token; raise RVCError for one the server never made."""
        owner = self.studio.workspace.owner(token)
        if owner is None:
            raise RVCError(message("reload_page"))
        return Visitor(owner, language_code(language or ""))

    def _handler(
        self,
        handle: Handler,
        names: tuple[str, ...],
        has_outputs: bool,
        problem: gr.HTML | None,
    ) -> Callable[..., Any]:
        """Return `handle` as Gradio calls it: (event, progress, language, token, *values)."""
        wanted = inspect.signature(handle).parameters

        def handler(
            event: gr.EventData,
            progress: gr.Progress = gr.Progress(),  # noqa: B008
            *values: Any,
        ) -> Any:
            extra = {"event": event, "progress": progress}
            extra = {name: value for name, value in extra.items() if name in wanted}
            language, token, *rest = values
            language = language if language and isinstance(language, str) else "en"
            cleared: Updates = {} if problem is None else {problem: ""}
            try:
                with storage_errors():
                    named = dict(zip(names, rest, strict=True))
                    updates = handle(self.visitor(token, language), **named, **extra)
            except Cancelled:
                notify(gr.Info, tr(language, "stopped"))
                updates = None
            except Exception as error:
                if problem is None or isinstance(error, gr.Error):
                    raise _page_error(error, language) from error
                return {problem: problem_html(_error_text(error, language))}
            return {**cleared, **(updates or {})} or (gr.skip() if has_outputs else None)

        return handler


def _error_text(error: Exception, language: str) -> str:
    """Return what the page says of an error; log one that is a bug."""
    if isinstance(error, RVCError):
        return error.text.in_language(language)
    _log.error("a handler failed", exc_info=error)
    return tr(language, "unexpected")


def _page_error(error: Exception, language: str) -> gr.Error:
    """Return the message of an error that passes."""
    return (
        error if isinstance(error, gr.Error) else page_error(escaped(_error_text(error, language)))
    )


def escaped(text: str) -> str:
    """Return `text` as Gradio's messages take it: as HTML, so that file names stay text."""
    return escape(text, quote=False)


def notify(show: Callable[..., None], text: str) -> None:
    """Show a text by gr.Info, gr.Warning or gr.Success, whose own titles are English."""
    show(escaped(text), title=MESSAGE_TITLE)


def wait_for(job: Job, visitor: Visitor, progress: gr.Progress) -> Any:
    """Show a job's progress until it ends; return its result, or raise what ended it.

    A page that is closed meanwhile leaves the job alone, and the next page waits for it again.
    """
    while not job.wait(POLL_SECONDS):
        progress(job.fraction, desc=progress_text(job, visitor))
    return job.outcome()


def progress_text(job: Job, visitor: Visitor) -> str:
    """Return the job's message; before it started, its place in the queue."""
    if job.state == "waiting" and job.ahead:
        return visitor.say("queue_place", ahead=job.ahead)
    return visitor.read(job.message) or visitor.say("starting")


def event_data(event: gr.EventData) -> dict[str, Any]:
    """Return what an HTML component sent with its event; an empty dict for anything else."""
    return event._data if isinstance(event._data, dict) else {}
