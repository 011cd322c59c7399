"""Limits on simultaneous requests: one joins the queue at a time, and slow uploads are ended.

The page, its files and event streams pass at once. Requests that make the server work wait in line,
those of pages and those of programs separately.
"""

import asyncio
import shutil
import tempfile
import time
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import gradio.route_utils
from gradio.utils import get_upload_folder
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as ASGIMessage

from rvc.files import remove_quietly
from rvc.messages import Message
from rvc.ui.guard import refuse

API = "/gradio_api/"
UPLOAD_PATH = f"{API}upload"
QUEUE_PATHS = (f"{API}queue/join", f"{API}call/")  # these return at once, the work comes later
MAX_BODY_BYTES = 4_000_000  # of a request that carries values; files are uploads
BODY_SECONDS = 20.0  # until such a request is there
MAX_WAITING = 500  # requests that wait for their turn; more are refused
PAUSE_SECONDS = 0.005  # between two turns, for everything else
PIECE_BYTES = 65_536
SLOW_BYTES_PER_SECOND = 1_000  # an upload below this on average is ended,
SLOW_AFTER_SECONDS = 60.0  # but not before it had this long
FREE_BYTES_LEAST = 500_000_000  # an upload that would leave less on the disk is refused

BUSY = Message(
    "Too many requests at once; please try again in a minute.",
)
TOO_LARGE = Message("This request is too large.")
TOO_SLOW = Message("This arrived too slowly; please try again.")
DISK_FULL = Message(
    "The disk is almost full; delete something and try again.",
)

_parts: ContextVar[list[Path]] = ContextVar("files of the upload under way")


class GateMiddleware:
    """Let requests that make the server work pass one at a time. `most_bytes`: of one upload."""

    def __init__(self, app: ASGIApp, most_bytes: int) -> None:
        self.app = app
        self.most_bytes = most_bytes
        self._turns = {path: asyncio.Lock() for path in QUEUE_PATHS}
        self._waiting = 0
        self._arriving = 0  # bytes of uploads that are under way, as they announced themselves

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        works = scope["type"] == "http" and scope["method"] not in ("GET", "HEAD", "OPTIONS")
        if not works:
            await self.app(scope, receive, send)
        elif scope["path"].rstrip("/") == UPLOAD_PATH:
            await self._upload(scope, receive, send)
        else:
            await self._in_turn(scope, receive, send)

    async def _in_turn(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait for the whole request, then, if it joins the queue, for its turn."""
        if self._waiting >= MAX_WAITING:
            await refuse(scope, send, 503, BUSY)
            return
        self._waiting += 1
        try:
            body = await _whole(receive)
            if isinstance(body, Message):
                await refuse(scope, send, 413 if body is TOO_LARGE else 408, body)
                return
            received = _replayed(body, receive)
            lane = next((p for p in QUEUE_PATHS if scope["path"].startswith(p)), None)
            if lane is None:
                await self.app(scope, received, send)
                return
            async with self._turns[lane]:
                await self.app(scope, received, send)
                await asyncio.sleep(PAUSE_SECONDS)
        finally:
            self._waiting -= 1

    async def _upload(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse an upload that the disk cannot hold, and end one that is too slow."""
        size = _announced(scope)
        size = self.most_bytes if size is None else size
        if _free_bytes() - self._arriving - size < FREE_BYTES_LEAST:
            await refuse(scope, send, 507, DISK_FULL)
            return
        self._arriving += size
        parts: list[Path] = []
        _parts.set(parts)
        try:
            await self.app(scope, _not_crawling(receive), send)
        except _Crawls:
            await refuse(scope, send, 408, TOO_SLOW)
        finally:
            self._arriving -= size
            for part in parts:  # a whole upload has been renamed
                remove_quietly(part)


def _noted_temporary_file(*values: Any, **named: Any) -> Any:
    """A NamedTemporaryFile, which the upload that is under way will delete."""
    file = tempfile.NamedTemporaryFile(*values, **named)  # noqa: SIM115 - Gradio closes it
    _parts.get([]).append(Path(file.name))
    return file


def _free_bytes() -> int:
    """Room on the disk where uploads arrive: their folder, or the one it is going to be made in."""
    folder = Path(get_upload_folder()).absolute()
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free


def gate(most_bytes: int) -> Middleware:
    """Return the middleware as Starlette takes it."""
    # Gradio does not delete the files of an interrupted upload.
    gradio.route_utils.NamedTemporaryFile = _noted_temporary_file
    return Middleware(GateMiddleware, most_bytes=most_bytes)


async def _whole(receive: Receive) -> bytes | Message:
    """Return the request's body, or what is wrong with it: TOO_LARGE or TOO_SLOW."""
    body, until = bytearray(), time.monotonic() + BODY_SECONDS
    while True:
        try:
            async with asyncio.timeout(until - time.monotonic()):
                message = await receive()
        except TimeoutError:
            return TOO_SLOW
        body += message.get("body", b"")
        if len(body) > MAX_BODY_BYTES:
            return TOO_LARGE
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            return bytes(body)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives the body that was read already, then what follows."""
    first = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> ASGIMessage:
        return first.pop() if first else await receive()

    return again


class _Crawls(Exception):
    """An upload is too slow."""


def _not_crawling(receive: Receive) -> Receive:
    """Return a `receive` that raises _Crawls for an upload that is too slow.

    It joins what arrives to pieces of PIECE_BYTES, each of which costs the server a thread.
    """
    began, got = time.monotonic(), 0

    async def received() -> ASGIMessage:
        nonlocal got
        piece = bytearray()
        while True:
            allowed = SLOW_AFTER_SECONDS + got / SLOW_BYTES_PER_SECOND
            try:
                async with asyncio.timeout(began + allowed - time.monotonic()):
                    message = await receive()
            except TimeoutError:
                raise _Crawls from None
            if message["type"] != "http.request":
                return message
            piece += message.get("body", b"")
            got += len(message.get("body", b""))
            more = message.get("more_body", False)
            if not more or len(piece) >= PIECE_BYTES:
                return {"type": "http.request", "body": bytes(piece), "more_body": more}

    return received


def _announced(scope: Scope) -> int | None:
    """Return Content-Length, where there is a usable one."""
    for name, value in scope["headers"]:
        if name.lower() == b"content-length" and value.isdigit():
            return int(value)
    return None
