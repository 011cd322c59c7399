"""The part of the fifth tab for speaking live, and the address its sound goes to."""

from dataclasses import dataclass

import gradio as gr
from gradio.components import Component
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from rvc.errors import RVCError
from rvc.messages import languages
from rvc.ui.live_sessions import LiveSessions
from rvc.ui.page import Page, Updates
from rvc.ui.texts import tr
from rvc.ui.visitor import Visitor
from rvc.ui.widgets import asset, html_area

PATH = "/moksori/live/{session}"
WORDS = ("live_on", "live_off", "live_stopped", "live_denied", "live_insecure")
BEGIN_JS = "(session) => { window.moksoriLive?.begin(session); }"
ASK_JS = """async (_, token, __, ...values) => {
  const rate = await (window.moksoriLive?.open() ?? 0);
  return [document.documentElement.lang || 'en', token, rate, ...values];
}"""


@dataclass(frozen=True)
class LivePanel:
    """The widgets of the panel. `rate`: of the microphone, as the browser fills it in; `session`:
    the id the server gives."""

    semitones: gr.Slider
    auto_pitch: gr.Checkbox
    start: gr.Button
    stop: gr.Button
    rate: gr.Number
    session: gr.Textbox
    problem: gr.HTML


def add_live_panel(words: gr.I18n) -> LivePanel:
    """Return the widgets of the panel, added to the page being built."""
    with gr.Accordion(words("live_title"), open=False, elem_id="live"):
        gr.Markdown(words("live_lead"))
        gr.HTML(
            apply_default_css=False,
            html_template='<p class="mk-hint" role="status" id="live-status"></p>',
            js_on_load=asset("live.js"),
            words={code: {key: tr(code, key) for key in WORDS} for code in languages()},
            elem_id="live-sound",
        )
        with gr.Row():
            start = gr.Button(words("live_start"), variant="primary", elem_id="live-start")
            stop = gr.Button(words("live_stop"), elem_id="live-stop")
        problem = html_area("live-problem")
        auto_pitch = gr.Checkbox(True, label=words("live_auto_pitch"), elem_id="live-auto-pitch")
        semitones = gr.Slider(
            -24, 24, 0, step=0.5, label=words("semitones"), elem_id="live-semitones"
        )
    rate = gr.Number(0, visible="hidden", elem_id="live-rate")
    session = gr.Textbox("", visible="hidden", elem_id="live-session")
    return LivePanel(semitones, auto_pitch, start, stop, rate, session, problem)


def bind_live_panel(page: Page, live: LiveSessions, panel: LivePanel, voice: Component) -> None:
    """Bind the panel's handlers; `voice` holds the name of the voice."""

    def start(
        visitor: Visitor, rate: float, voice: str, auto_pitch: bool, semitones: float
    ) -> Updates:
        from rvc.convert import ConversionOptions

        if not rate:  # the browser has shown why there is no microphone
            return {panel.session: ""}
        pitch = "auto" if auto_pitch else float(semitones)
        options = ConversionOptions(semitones=pitch, index_rate=0.0)
        return {panel.session: live.start(visitor.owner, voice, options, int(rate))}

    def stop(visitor: Visitor, session: str) -> Updates:
        live.stop(session)
        return {panel.session: ""}

    inputs = {
        "rate": panel.rate,
        "voice": voice,
        "auto_pitch": panel.auto_pitch,
        "semitones": panel.semitones,
    }
    began = page.on(
        panel.start.click, start, inputs, [panel.session], problem=panel.problem, js=ASK_JS
    )
    ended = page.on(panel.stop.click, stop, {"session": panel.session}, [panel.session])
    for event in (began, ended):
        event.then(None, [panel.session], None, js=BEGIN_JS, api_visibility="private")


def live_route() -> Route:
    """Return the route that takes a piece of sound and answers with converted sound."""
    return Route(PATH, _answer, methods=["POST"])


async def _answer(request: Request) -> Response:
    live: LiveSessions = request.app.blocks.live
    session = request.path_params["session"]
    try:
        made = await run_in_threadpool(live.feed, session, await request.body())
    except RVCError as error:
        language = request.headers.get("accept-language", "en")
        return PlainTextResponse(error.text.in_language(language), status_code=409)
    if made is None:
        return PlainTextResponse("", status_code=404)
    headers = {"cache-control": "no-store"}
    return Response(made, media_type="application/octet-stream", headers=headers)
