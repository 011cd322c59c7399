"""What every tab gets: the studio, the words, the visitor; and the one way to bind a handler."""

import functools
import hashlib
import inspect
import json
import logging
import secrets
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder

from rvc.errors import Cancelled, RVCError
from rvc.files import no_room, storage_errors, temporary_full
from rvc.messages import Message, language_code, languages
from rvc.ui.blocks import shown
from rvc.ui.jobs import Job
from rvc.ui.studio import Studio
from rvc.ui.texts import by_language, message, tr

LOOK_SECONDS = 0.2  # between two looks at a job somebody waits for
WAVEFORM = gr.WaveformOptions(
    waveform_color="#8fb5af", waveform_progress_color="#0f6e63", sample_rate=48_000
)
HEAVY = {"concurrency_id": "heavy", "concurrency_limit": 4}  # handlers that wait for a job
# The last value of every event is the page's language, read from the document when it happens.
LANGUAGE_JS = "(...a) => { a[a.length - 1] = document.documentElement.lang || 'en'; return a; }"
# A list of buttons in gr.HTML: whatever carries data-act tells the server that it was pressed.
CHOOSE_JS = """
element.addEventListener('click', (e) => {
  const b = e.target.closest('[data-act]');
  if (b && !b.disabled) trigger('choose', {act: b.dataset.act, id: b.dataset.id || ''});
});
"""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Visitor:
    """Who asks, and in which language to answer."""

    owner: str
    language: str

    def say(self, key: str, **values: object) -> str:
        return tr(self.language, key, **values)

    def read(self, text: Message) -> str:
        return text.in_language(self.language)


class Page:
    """The frame that tabs are built in.

    `token`: the owner's token as the browser keeps it; `language`: a hidden field; both are made at
    the top level, because what lies in an unopened tab does not exist. `arrived` is the event that
    every opened or reloaded page sends once its owner is known.
    """

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self.words = gr.I18n(**by_language())
        self.token = gr.BrowserState("", storage_key="moksori_owner", secret="moksori")
        self.language = gr.Textbox(visible="hidden", elem_id="language")
        self.timer = gr.Timer(5)
        self.tabs: gr.Tabs | None = None
        self.opened: dict[str, Callable[..., Any]] = {}
        self.arrived: Callable[..., Any] | None = None

    def html(self, value: str = "", **how: Any) -> gr.HTML:
        """Our own HTML, looked after by our own style sheet alone."""
        return gr.HTML(value, apply_default_css=False, **how)

    def player(self, key: str, **how: Any) -> gr.Audio:
        """A player of our own files, with a download."""
        settings = {"buttons": ["download"], "interactive": False} | how
        label = self.words(key)
        return gr.Audio(label=label, type="filepath", waveform_options=WAVEFORM, **settings)

    def on(
        self,
        event: Callable[..., Any],
        handle: Callable[..., Any],
        inputs: Sequence[Any] = (),
        outputs: Sequence[Any] = (),
        **how: Any,
    ) -> Any:
        """Bind `handle(visitor, *values)` to an event.

        A handler that names `progress` or `event` gets gr.Progress or gr.EventData under that name.
        Not for programs: those have endpoints of their own in rvc.ui.api.
        """
        settings = {"api_visibility": "private", "show_progress": "minimal", "js": LANGUAGE_JS}
        return event(
            self._plain(handle),
            [*inputs, self.token, self.language],
            list(outputs),
            **settings | how,
        )

    def on_sure(
        self,
        event: Callable[..., Any],
        handle: Callable[..., Any],
        inputs: Sequence[Any] = (),
        outputs: Sequence[Any] = (),
        *,
        question: str,
    ) -> Any:
        """As `on`, after the browser asked `question`; the answer is `handle`'s last value."""
        asked = json.dumps({code: tr(code, question) for code in languages()})
        script = (
            "(...a) => { const code = document.documentElement.lang || 'en'; "
            f"const asked = {asked}; a[a.length - 1] = code; "
            "a[a.length - 3] = confirm(asked[code.split('-')[0]] || asked.en); return a; }"
        )
        answer = gr.Checkbox(False, visible=False)
        return self.on(event, handle, [*inputs, answer], outputs, js=script)

    def on_long(
        self,
        event: Callable[..., Any],
        handle: Callable[..., Any],
        inputs: Sequence[Any] = (),
        outputs: Sequence[Any] = (),
        *,
        cancel: gr.Button,
        **how: Any,
    ) -> Any:
        """As `on`, with `cancel` to be seen exactly while the handler works."""
        quiet = {"show_progress": "hidden", "queue": False}
        first = self.on(event, lambda visitor: gr.Button(visible=True), [], [cancel], **quiet)
        work = self.on(first.then, handle, inputs, outputs, **how)
        return self.on(work.then, lambda visitor: gr.Button(visible=False), [], [cancel], **quiet)

    def stops(self, cancel: gr.Button, kind: str) -> None:
        """Let `cancel` stop the visitor's job of this kind."""

        def stop(visitor: Visitor) -> None:
            job = self.studio.jobs.latest(kind, visitor.owner)
            if job is not None and job.live:
                job.stop()

        self.on(cancel.click, stop, queue=False)

    def visitor(self, token: str | None, language: str | None) -> Visitor:
        """The visitor behind a token; raises RVCError for one the server never made."""
        owner = self.studio.workspace.owner(token)
        if owner is None:
            raise RVCError(message("reload_page"))
        return Visitor(owner, language_code(language or ""))

    def _plain(self, handle: Callable[..., Any]) -> Callable[..., Any]:
        """`handle` as Gradio calls it: (event, progress, *values, token, language)."""
        wants = inspect.signature(handle).parameters

        def handler(event: gr.EventData, progress=gr.Progress(), *values: Any) -> Any:  # noqa: B008
            extra = {"event": event, "progress": progress}
            extra = {name: value for name, value in extra.items() if name in wants}
            *own, token, language = values
            language = language if isinstance(language, str) else "en"
            with_words = functools.partial(tr, language or "en")
            try:
                with storage_errors():
                    return handle(self.visitor(token, language), *own, **extra)
            except Cancelled:
                told(gr.Info, with_words("stopped"))
                return gr.skip()
            except RVCError as error:
                raise shown(on_page(error.text.in_language(language or "en"))) from error
            except gr.Error:
                raise
            except Exception as error:
                _log.exception("a handler failed")
                raise shown(with_words("unexpected")) from error

        return handler


def on_page(sentence: str) -> str:
    """`sentence` as Gradio's messages take it: they are HTML, and a file may have brought some."""
    return escape(sentence, quote=False)


def told(message: Callable[..., None], sentence: str) -> None:
    """Show a sentence by gr.Info, gr.Warning or gr.Success."""
    message(on_page(sentence))


def wait_for(job: Job, visitor: Visitor, progress: gr.Progress) -> Any:
    """Show a job's progress until it ends; its result, or the error that ended it.

    The page may go away meanwhile: the job does not mind, and the next page waits again.
    """
    while not job.wait(LOOK_SECONDS):
        progress(job.fraction, desc=standing(job, visitor))
    return job.outcome()


def standing(job: Job, visitor: Visitor) -> str:
    """The job's message; before it began, its place in the queue."""
    if job.state == "waiting" and job.ahead:
        return visitor.say("queue_place", ahead=job.ahead)
    return visitor.read(job.message) or visitor.say("starting")


def sent_with(event: gr.EventData) -> dict[str, Any]:
    """What an HTML component sent with its event; empty for anything else."""
    return event._data if isinstance(event._data, dict) else {}


def uploads() -> str:
    """Gradio's own folder: uploads arrive there, and what is shown is served from there."""
    return get_upload_folder()


def served(studio: Studio, owner: str, path: Path) -> str:
    """A copy of our file where Gradio serves files from; the workspace itself is never served.

    The copy lies in a folder of this owner's and this file's, and is deleted with all they have.
    Raises StorageError when there is no room for it.
    """
    facts = path.stat()
    what = f"{owner}/{path}/{facts.st_mtime_ns}/{facts.st_size}"
    folder = Path(uploads()) / hashlib.sha256(what.encode()).hexdigest()
    copy = folder / path.name
    if not copy.is_file():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            partial = folder / f".{secrets.token_hex(4)}.part"
            try:
                shutil.copyfile(path, partial)
                partial.replace(copy)
            finally:
                partial.unlink(missing_ok=True)
        except OSError as error:
            if no_room(error, Path(uploads())):
                raise temporary_full() from error
            raise
        studio.workspace.note_copy(owner, copy)
    return str(copy)
