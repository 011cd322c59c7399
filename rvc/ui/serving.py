"""How the page is served: middleware, limits, theme and language."""

import json
import logging
import os
import secrets
import time
from typing import Any

import gradio as gr
from fastapi.exceptions import RequestValidationError
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rvc.files import temporary_full
from rvc.messages import languages
from rvc.ui.blocks import WRONG_VALUE
from rvc.ui.gate import gate
from rvc.ui.guard import guard, on_space, outermost, page_policy, with_nonces
from rvc.ui.live_panel import live_route
from rvc.ui.texts import by_language
from rvc.ui.widgets import asset

_log = logging.getLogger(__name__)

LOCAL_UPLOAD_MB, PUBLIC_UPLOAD_MB = 500, 100
QUEUE_SIZE = 32
PAGE_SECONDS, PAGES_KEPT = 60.0, 8
ADDRESS_HEADERS = (b"host", b"x-forwarded-host", b"x-forwarded-proto", b"x-direct-url")
PUBLIC_SESSIONS = 200
FONTS = (
    "ui-sans-serif", "system-ui", "Apple SD Gothic Neo", "Malgun Gothic", "Noto Sans KR",
    "Noto Sans CJK KR", "sans-serif",
)  # fmt: skip
# Gradio takes its language from the browser when it starts; this overrides it before that.
LANGUAGE_SCRIPT = b"""<script>(() => {
  const codes = %s;
  const wanted = new URLSearchParams(location.search).get('lang');
  let kept = null;
  try {
    if (codes.includes(wanted)) localStorage.setItem('moksori_language', wanted);
    kept = localStorage.getItem('moksori_language');
  } catch { kept = wanted; }
  const code = kept || %s;
  if (codes.includes(code)) {
    Object.defineProperty(navigator, 'language', {get: () => code});
    Object.defineProperty(navigator, 'languages', {get: () => [code]});
  }
})();</script>"""


class LanguageMiddleware:
    """Put our scripts first into the page, and the page under a Content-Security-Policy.

    Gradio takes 50 ms to write the page, which is the same for every visitor of one address: it is
    cached for PAGE_SECONDS. `language`: of a browser that never chose one.
    """

    def __init__(self, app: ASGIApp, language: str | None = None) -> None:
        self.app = app
        self._pages: dict[tuple | None, tuple[float, Message, bytes]] = {}
        script = LANGUAGE_SCRIPT % tuple(
            json.dumps(value).encode() for value in (languages(), language)
        )
        # Not Gradio's `head`: that is put in by a script, and has no nonce.
        ours = ("microphone.html", "one_player.html", "moved.html")
        self.script = script + "".join(map(asset, ours)).encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] not in ("", "/"):
            await self.app(scope, receive, send)
            return
        if scope["method"] == "HEAD":
            # Gradio checks with this whether it is up, and gives up after 3 s; on a busy machine
            # the first rendering of the page takes longer.
            headers = [(b"content-type", b"text/html; charset=utf-8")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return
        place = _address(scope)
        written, kept_start, kept_body = self._pages.get(place, (-PAGE_SECONDS, {}, b""))
        if time.monotonic() - written < PAGE_SECONDS:
            await self._send_page(send, kept_start, kept_body)
            return
        start: Message = {}
        parts: list[bytes] = []

        async def rewritten(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
                return
            parts.append(message.get("body", b""))
            if message.get("more_body"):
                return
            body = b"".join(parts)
            if place is not None and start["status"] == 200:
                if len(self._pages) >= PAGES_KEPT:
                    self._pages.clear()
                self._pages[place] = (time.monotonic(), dict(start), body)
            await self._send_page(send, start, body)

        # A compressed page could not be rewritten.
        kept = [(k, v) for k, v in scope["headers"] if k.lower() != b"accept-encoding"]
        await self.app({**scope, "headers": kept}, receive, rewritten)

    async def _send_page(self, send: Send, start: Message, body: bytes) -> None:
        headers = [(k, v) for k, v in start["headers"] if k.lower() != b"content-length"]
        if any(v.startswith(b"text/html") for k, v in headers if k.lower() == b"content-type"):
            nonce = secrets.token_urlsafe(16)
            body = body.replace(b"<head>", b"<head>" + self.script, 1)
            body = with_nonces(body, nonce)
            headers.append((b"content-security-policy", page_policy(nonce).encode()))
        headers.append((b"content-length", str(len(body)).encode()))
        await send({**start, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _address(scope: Scope) -> tuple | None:
    """Return what a page depends on; None for one that is not cached (any other query)."""
    query = scope.get("query_string", b"")
    if scope["method"] != "GET" or query not in (b"", b"lang=en", b"lang=ko"):
        return None
    headers = sorted((k, v) for k, v in scope["headers"] if k in ADDRESS_HEADERS)
    return (scope.get("scheme"), scope.get("root_path"), *headers)


def launch_settings(
    *,
    host: str = "127.0.0.1",
    port: int | None = None,
    public: bool = False,
    language: str | None = None,
    allowed_hosts: tuple[str, ...] = (),
    key: str | None = None,
) -> dict[str, Any]:
    """Return the arguments of `demo.launch`: no file of ours is served, a foreign Host is refused.

    `key`: what a browser must send in the address, or a program in a header.
    """
    if language is not None and language not in languages():
        language = None
    hosts = ["localhost", "127.0.0.1", "[::1]", *allowed_hosts]
    proxies = allowed_hosts
    if on_space():
        hosts.append("*.hf.space")
        proxies += tuple(filter(None, [os.environ.get("SPACE_HOST")]))
    upload_mb = PUBLIC_UPLOAD_MB if public else LOCAL_UPLOAD_MB
    if host not in ("0.0.0.0", "::", ""):
        hosts.append(host)
    middleware = [
        guard(proxies, key),
        Middleware(TrustedHostMiddleware, allowed_hosts=list(dict.fromkeys(hosts))),
        gate(upload_mb * 1_000_000),
        Middleware(LanguageMiddleware, language=language),
    ]
    return {
        "server_name": host,
        "server_port": port,
        "share": False,
        "i18n": gr.I18n(**by_language()),
        "theme": _theme(),
        "css": asset("style.css") + asset("gradio.css"),
        "app_kwargs": {
            "openapi_url": None,
            "middleware": middleware,
            "routes": [live_route()],
            "lifespan": outermost,
            "exception_handlers": {
                RequestValidationError: _not_understood,
                OSError: _disk_refused,
            },
        },
        "max_file_size": f"{upload_mb}mb",
        "show_error": False,
        "run_history": False,
        "enable_monitoring": False,
        "strict_cors": True,
        "mcp_server": False,
        "ssr_mode": False,
        "pwa": False,
        "footer_links": ["api", "settings"],
        "state_session_capacity": PUBLIC_SESSIONS if public else 1000,
    }


async def _not_understood(request: Request, error: Exception) -> JSONResponse:
    """Return the answer to a malformed request."""
    return JSONResponse({"detail": str(WRONG_VALUE)}, status_code=422)


async def _disk_refused(request: Request, error: Exception) -> PlainTextResponse:
    """Return the answer to an upload that finds no room; the page shows its text."""
    _log.warning("a request failed", exc_info=error)
    text = temporary_full().text
    language = request.headers.get("accept-language", "en")
    return PlainTextResponse(text.in_language(language), status_code=507)


def _theme() -> gr.themes.Base:
    """Return the theme: Monochrome, rounder, with the accent of the style sheet."""
    return gr.themes.Monochrome(
        font=FONTS, radius_size="md", spacing_size="md", neutral_hue="gray"
    ).set(
        button_primary_background_fill="#0f6e63",
        button_primary_background_fill_hover="#0b574e",
        button_primary_border_color="#0f6e63",
        button_primary_background_fill_dark="#58c9b7",
        button_primary_background_fill_hover_dark="#7dd8c9",
        button_primary_border_color_dark="#58c9b7",
        button_primary_text_color="#ffffff",
        button_primary_text_color_dark="#06231f",
        button_border_width="1px",
        slider_color="#0f6e63",
        slider_color_dark="#58c9b7",
        checkbox_background_color_selected="#0f6e63",
        checkbox_background_color_selected_dark="#0f6e63",
        checkbox_border_color_selected="#0f6e63",
        checkbox_border_color_selected_dark="#58c9b7",
        checkbox_label_background_fill_dark="transparent",
        checkbox_label_border_color="#c5ccd1",
        checkbox_label_border_color_dark="#4a555b",
        checkbox_label_border_width="1px",
        checkbox_label_border_width_dark="1px",
        checkbox_label_background_fill_selected="#e3f1ee",
        checkbox_label_background_fill_selected_dark="#16332f",
        checkbox_label_border_color_selected="#0f6e63",
        checkbox_label_border_color_selected_dark="#58c9b7",
        checkbox_label_text_color_selected="#1d2327",
        checkbox_label_text_color_selected_dark="#eef2f2",
        color_accent="#0f6e63",
        button_secondary_border_color="#c5ccd1",
        button_secondary_border_color_dark="#4a555b",
    )
