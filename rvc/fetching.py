"""Download one published file: resumed where it stopped, verified, then renamed into place.

Written with the standard library instead of `huggingface_hub`: the source may be a mirror or a
plain folder, a partial download resumes from a visible file, a proxy's sign-in page must not be
stored as a model, and `doctor` must work when packages do not. The hub's client takes 23 s to
notice that there is no network, reports progress through its own bars, and may download from
further hosts that a restricted network blocks.
"""

import hashlib
import http.client
import os
import re
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from rvc.errors import RVCError, StorageError
from rvc.files import remove_quietly, storage_error, sync_folder
from rvc.locks import Locked, locked
from rvc.messages import Message
from rvc.progress import Progress, no_progress
from rvc.proxies import ProxyError, opener

CHUNK_BYTES = 1 << 20
TIMEOUT_SECONDS = 20.0  # without a byte
TRIES = 4
PAUSE_SECONDS = 0.5  # before the second try; doubled for each further one
SPARE_BYTES = 50_000_000  # left free on the disk beside the file
RETRIED_STATUSES = {408, 425, 429, 500, 502, 503, 504}

_PAGE = re.compile(rb"\s*(<!doctype html|<html|<head|<\?xml)", re.IGNORECASE)


class FetchError(RVCError):
    """The file could not be downloaded; a valid partial file is kept."""


class _Interrupted(Exception):
    """A connection error that may succeed when retried. args[0]: Message, the reason."""


def fetch_file(
    source: str | Path,
    target: Path,
    *,
    size_bytes: int,
    sha256: str,
    progress: Progress = no_progress,
) -> Path:
    """Download `source`, an http(s) address or a local file, to `target`; return `target`.

    Data is appended to `target`.part, from which a later call resumes; it is renamed once its size
    and sha256 are verified. `progress` receives the fraction of this file, 0 to 1; an exception in
    it stops the download. One download runs at a time per folder, others wait. Raises FetchError.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _one_at_a_time(target.parent, progress):
            if not (target.is_file() and target.stat().st_size == size_bytes):
                part = target.with_name(target.name + ".part")
                _check_room(part, size_bytes)
                _fill(part, source, size_bytes, progress)
                _check_sha256(part, sha256)
                os.replace(part, target)
                sync_folder(target.parent)
    except (OSError, StorageError) as error:
        reason = (storage_error(error, target) if isinstance(error, OSError) else error).text
        raise FetchError(
            "{name} could not be written: {reason}",
            name=target.name,
            reason=reason,
        ) from error
    return target


def fetch_small(source: str | Path, *, max_bytes: int) -> bytes:
    """Return the content of a small file at an address or path; raises FetchError."""
    try:
        if isinstance(source, Path):
            content = source.read_bytes()
        else:
            with _requested(source, 0) as response:
                content = response.read(max_bytes + 1)
    except _Interrupted as interruption:
        raise FetchError(
            "The download stopped: {reason}. Try again; it resumes where it stopped.",
            reason=interruption.args[0],
        ) from interruption
    except (OSError, http.client.HTTPException) as error:
        raise FetchError("{name} is not there.", name=Path(str(source)).name) from error
    if _PAGE.match(content):
        raise _web_page()
    if len(content) > max_bytes:
        raise _wrong_file()
    return content


def file_sha256(path: Path) -> str:
    """Return the sha256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _one_at_a_time(folder: Path, progress: Progress) -> Iterator[None]:
    """Hold the folder's download lock; report to `progress` while another process holds it."""
    waiting = Message("Another download is running.")
    with ExitStack() as held:
        while True:
            try:
                held.enter_context(locked(folder / ".fetching.lock", wait_seconds=1))
                break
            except Locked:
                progress(0.0, waiting)
        yield


def _check_room(part: Path, size_bytes: int) -> None:
    have = part.stat().st_size if part.exists() else 0
    free = shutil.disk_usage(part.parent).free
    if free < size_bytes - have + SPARE_BYTES:
        need = (size_bytes - have + SPARE_BYTES) / 1e6
        raise FetchError(
            "The disk is too full: {need:.0f} MB are needed and {megabytes:.0f} MB are free.",
            need=need,
            megabytes=free / 1000000.0,
        )


def _fill(part: Path, source: str | Path, size_bytes: int, progress: Progress) -> None:
    """Download `part` up to `size_bytes`; resume where it stopped after a connection error."""
    for attempt in range(TRIES):
        have = part.stat().st_size if part.exists() else 0
        if have == size_bytes:
            return
        if have > size_bytes:
            part.unlink()
        try:
            with _opened(source, part, size_bytes) as stream:
                _append(stream, part, size_bytes, progress)
            return
        except _Interrupted as interruption:
            if attempt == TRIES - 1:
                reason = interruption.args[0]
                raise FetchError(
                    "The download stopped: {reason}. Try again; it resumes where it stopped.",
                    reason=reason,
                ) from interruption
        time.sleep(PAUSE_SECONDS * 2**attempt)


@contextmanager
def _opened(source: str | Path, part: Path, size_bytes: int) -> Iterator[BinaryIO]:
    """Open `source` at the end of `part`; delete `part` if the source cannot be resumed."""
    if isinstance(source, Path):
        if not source.is_file():
            raise FetchError("{name} is not there.", name=source.name)
        if source.stat().st_size != size_bytes:
            raise _wrong_file()
        part.unlink(missing_ok=True)
        with source.open("rb") as stream:
            yield stream
        return
    have = part.stat().st_size if part.exists() else 0
    with _requested(source, have) as response:
        if "text/html" in response.headers.get("Content-Type", ""):
            raise _web_page()
        _check_offered_size(response, size_bytes)
        if response.status != 206:  # the server cannot resume: restart
            part.unlink(missing_ok=True)
        yield response


def _requested(url: str, start: int) -> http.client.HTTPResponse:
    headers = {"User-Agent": "moksori", "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    try:
        request = urllib.request.Request(url, headers=headers)
        return opener().open(request, timeout=TIMEOUT_SECONDS)
    except ProxyError as error:
        raise FetchError(error.text) from error
    except urllib.error.HTTPError as error:
        error.close()
        if error.code in RETRIED_STATUSES:
            busy = Message("the server answered {code}", code=error.code)
            raise _Interrupted(busy) from error
        raise FetchError(
            "The server does not provide the file (it answered {code}).",
            code=error.code,
        ) from error
    except ValueError as error:
        raise FetchError(
            "The address of the hub (MOKSORI_HUB or HF_ENDPOINT) is not an address.",
        ) from error
    except (OSError, http.client.HTTPException) as error:
        raise _Interrupted(Message("the server cannot be reached")) from error


def _check_offered_size(response: http.client.HTTPResponse, size_bytes: int) -> None:
    """Refuse a file of another size before it is downloaded."""
    offered = response.headers.get("Content-Length")
    if response.status == 206:
        offered = response.headers.get("Content-Range", "").rpartition("/")[2]
    if offered and offered.isdigit() and int(offered) != size_bytes:
        raise _wrong_file()


def _append(stream: BinaryIO, part: Path, size_bytes: int, progress: Progress) -> None:
    """Append `stream` to `part` until it holds `size_bytes`."""
    with part.open("ab") as file:
        while True:
            try:
                chunk = stream.read(CHUNK_BYTES)
            except (OSError, http.client.HTTPException) as error:
                raise _Interrupted(Message("the connection broke")) from error
            if not chunk:
                break
            if file.tell() == 0 and _PAGE.match(chunk):
                raise _web_page()
            file.write(chunk)
            if file.tell() > size_bytes:
                raise _wrong_file()
            progress(file.tell() / size_bytes, _progress_text(part, file.tell(), size_bytes))
        file.flush()
        os.fsync(file.fileno())
        if file.tell() < size_bytes:
            raise _Interrupted(Message("the connection ended early"))


def _progress_text(part: Path, have: int, size_bytes: int) -> Message:
    name, done, whole = part.name.removesuffix(".part"), have / 1e6, size_bytes / 1e6
    return Message(
        "Fetching {name}: {done:.0f} of {whole:.0f} MB",
        name=name,
        done=done,
        whole=whole,
    )


def _check_sha256(part: Path, sha256: str) -> None:
    """Delete `part` and raise FetchError unless its contents are the published ones."""
    if file_sha256(part) != sha256:
        remove_quietly(part)
        raise _wrong_file()


def _web_page() -> FetchError:
    return FetchError(
        "A web page arrived instead of the file, perhaps a proxy's or a sign-in page. Open a "
        "browser, sign in to the network and try again.",
    )


def _wrong_file() -> FetchError:
    return FetchError(
        "What arrived is not the published file (its size or checksum differs), so it was not "
        "kept. Try again.",
    )
