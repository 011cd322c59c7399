"""Which requests are served: those of the page's own origin, and only with the key if there is one.

A browser sends `Origin` with everything that changes something and `Sec-Fetch-Site` with
everything; programs on the command line send neither and pass when their Host is allowed.
"""

import hmac
import ipaddress
import os
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.middleware import Middleware
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as ASGIMessage

from rvc.messages import Message, languages

Headers = list[tuple[bytes, bytes]]

LOOPBACK = ("localhost", "127.0.0.1", "::1", "[::1]")
PAGE_PATHS = ("", "/")
KEY_BYTES = 24
KEY_HEADER, KEY_FIELD, KEY_COOKIE = "x-moksori-key", "key", "moksori_key"
# Gradio requests this from itself while it starts, without a key; the answer holds no data.
STARTUP_PATH = "/gradio_api/startup-events"
FILE_PATHS = ("/gradio_api/file", "/file")
SPACE_PARENTS = "https://huggingface.co https://*.hf.space"

FOREIGN = Message("Refused: this request comes from another website.")
NO_KEY = Message(
    "This page opens only with its key. Use the whole address that was printed where Moksori was "
    "started, with ?key=... at its end.",
)


def on_space() -> bool:
    """Return whether this runs as a Hugging Face Space."""
    return bool(os.environ.get("SPACE_ID"))


def loopback(host: str) -> bool:
    """Return whether a server bound to `host` is reachable from this machine alone."""
    if host in LOOPBACK:
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def new_key() -> str:
    """Return a random key for an address."""
    return secrets.token_urlsafe(KEY_BYTES)


class GuardMiddleware:
    """Refuse requests of foreign websites and, with `key`, those without it; set the policies.

    `names`: hosts at which a proxy may offer the page, besides the one a request is sent to.
    """

    def __init__(self, app: ASGIApp, names: tuple[str, ...] = (), key: str | None = None) -> None:
        self.app = app
        self.names = tuple(name.lower() for name in names)
        self.key = key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if self._foreign(scope, headers):
            await refuse(scope, send, 403, FOREIGN)
            return
        if self.key is not None and not self._has_key(scope, headers):
            if self._brings_key(scope):
                await self._keep_key(scope, send)
            else:
                await refuse(scope, send, 401, NO_KEY)
            return
        await self.app(scope, receive, _with_policies(scope, send))

    def _foreign(self, scope: Scope, headers: dict[bytes, str]) -> bool:
        origin = headers.get(b"origin")
        if origin is not None and not self._own(origin, headers.get(b"host", "")):
            return True
        if headers.get(b"sec-fetch-site", "none") in ("same-origin", "none"):
            return False
        # A link on another website may open the page, and a Space lies in a frame of one.
        shown_in = ("document", "iframe") if on_space() else ("document",)
        return not (
            scope.get("method") in ("GET", "HEAD")
            and scope["path"] in PAGE_PATHS
            and headers.get(b"sec-fetch-mode") == "navigate"
            and headers.get(b"sec-fetch-dest") in shown_in
        )

    def _own(self, origin: str, host: str) -> bool:
        """Return whether `origin` is the address the request was sent to, or that of our proxy."""
        place = _place(origin)
        if place is None:
            return False
        if place == _place(f"http://{host}"):
            return True
        name, port = place
        return port is None and any(_matches(name, allowed) for allowed in self.names)

    def _has_key(self, scope: Scope, headers: dict[bytes, str]) -> bool:
        method, path = scope.get("method"), scope["path"]
        if (method, path) == ("GET", STARTUP_PATH) or (method == "HEAD" and path in PAGE_PATHS):
            return True
        if self._right(headers.get(KEY_HEADER.encode(), "")):
            return True
        try:
            cookies = SimpleCookie(headers.get(b"cookie", ""))
        except CookieError:
            return False
        kept = cookies.get(_cookie(scope))
        return kept is not None and self._right(kept.value)

    def _brings_key(self, scope: Scope) -> bool:
        given = dict(parse_qsl(scope.get("query_string", b"").decode("latin-1")))
        page = scope.get("method") == "GET" and scope["path"] in PAGE_PATHS
        return page and self._right(given.get(KEY_FIELD, ""))

    def _right(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), (self.key or "").encode())

    async def _keep_key(self, scope: Scope, send: Send) -> None:
        """Put the key from the address into a cookie, and the address back without it."""
        query = parse_qsl(scope.get("query_string", b"").decode("latin-1"))
        rest = urlencode([(name, value) for name, value in query if name != KEY_FIELD])
        cookie = f"{_cookie(scope)}={self.key}; Path=/; HttpOnly; SameSite=Lax"
        headers = [
            (b"location", f"/?{rest}".rstrip("?").encode()),
            (b"set-cookie", cookie.encode()),
            (b"cache-control", b"no-store"),
        ]
        await send({"type": "http.response.start", "status": 303, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


@asynccontextmanager
async def outermost(app: Any) -> AsyncIterator[None]:
    """Put our guard outside all middleware that Gradio adds after it, during the lifespan.

    Gradio's own cross-origin headers name every website when the host is not localhost; from
    outside they are taken off, and a preflight is refused before Gradio grants it.
    """
    ours = [layer for layer in app.user_middleware if layer.cls is GuardMiddleware]
    others = [layer for layer in app.user_middleware if layer.cls is not GuardMiddleware]
    app.user_middleware = [*ours, *others]
    app.middleware_stack = app.build_middleware_stack()
    yield


def guard(names: tuple[str, ...], key: str | None) -> Middleware:
    """Return the middleware as Starlette takes it."""
    return Middleware(GuardMiddleware, names=names, key=key)


async def refuse(scope: Scope, send: Send, status: int, text: Message) -> None:
    """Send one sentence as plain text, in every language."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    body = "".join(f"{text.in_language(code)}\n" for code in languages()).encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"cache-control", b"no-store"),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def page_policy(nonce: str) -> str:
    """Return the page's Content-Security-Policy: nothing is fetched from or sent to other hosts.

    Gradio builds functions from text (`js=`, `js_on_load`), hence 'unsafe-eval'; inline scripts run
    only with the nonce, so markup that slipped in cannot bring any.
    """
    parents = f"'self' {SPACE_PARENTS}" if on_space() else "'self'"
    return "; ".join((
        "default-src 'self'",
        f"script-src 'self' 'nonce-{nonce}' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' data: blob:",
        "worker-src 'self' blob:",
        "frame-src 'self'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        f"frame-ancestors {parents}",
    ))  # fmt: skip


def with_nonces(page: bytes, nonce: str) -> bytes:
    """Return `page` with the nonce in each of its script tags; text inside scripts is unchanged."""
    parts, place = [], 0
    while (start := page.find(b"<script", place)) >= 0:
        name_end = start + len(b"<script")
        parts += [page[place:name_end], f' nonce="{nonce}"'.encode()]
        end = page.find(b"</script>", name_end)
        place = len(page) if end < 0 else end
        parts.append(page[name_end:place])
    return b"".join([*parts, page[place:]])


FILE_POLICY = b"default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"


def _with_policies(scope: Scope, send: Send) -> Callable[[ASGIMessage], Any]:
    """Return `send` without Gradio's cross-origin headers, with our policies."""

    async def sent(message: ASGIMessage) -> None:
        if message["type"] == "http.response.start":
            headers: Headers = [
                (name, value)
                for name, value in message.get("headers", [])
                if not name.lower().startswith(b"access-control-")
            ]
            headers += [
                (b"x-content-type-options", b"nosniff"),
                (b"referrer-policy", b"same-origin"),
                (b"cross-origin-resource-policy", b"same-origin"),
            ]
            if scope["path"].startswith(FILE_PATHS):
                headers.append((b"content-security-policy", FILE_POLICY))
            message = {**message, "headers": headers}
        await send(message)

    return sent


def _place(origin: str) -> tuple[str, int | None] | None:
    """Return (host, port or None for the default one) of an address; None for anything else."""
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    return parts.hostname, None if port in (80, 443) else port


def _matches(name: str, allowed: str) -> bool:
    if allowed.startswith("*."):
        return name.endswith(allowed[1:])
    return name == allowed


def _cookie(scope: Scope) -> str:
    """Return the cookie's name, with the port: cookies ignore ports, and names must not collide."""
    server = scope.get("server") or ("", 0)
    return f"{KEY_COOKIE}_{server[1]}"
