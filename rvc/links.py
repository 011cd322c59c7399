"""Download a file of unknown size from a link that a person typed: only from the hub, bounded.

Only addresses of Hugging Face, or of the hub that MOKSORI_HUB or HF_ENDPOINT names, are opened, and
every redirect is checked in the same way, so that a link can reach no other machine.
"""

import http.client
import os
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from rvc.assets import HUB, HUB_VARIABLE, check_online
from rvc.errors import RVCError
from rvc.fetching import CHUNK_BYTES, TIMEOUT_SECONDS, FetchError, is_page, web_page
from rvc.files import remove_quietly, storage_errors
from rvc.messages import Message
from rvc.progress import Progress, no_progress
from rvc.proxies import ProxyError, opener

HOSTS = ("huggingface.co", "hf.co")  # and their subdomains, which hold large files
MAX_LINK_LETTERS = 2000
_KEPT = "/%:@!$&'()*+,;=~"  # of a path: what is escaped stays so, as in refs%2Fpr%2F1


def file_link(text: str, suffixes: tuple[str, ...]) -> str:
    """Return the address of the file that a link of the hub means.

    A link to the page of a file (`/blob/`) becomes one to the file itself (`/resolve/`). Raises
    FetchError for any other host, and for what is no link to a file with one of `suffixes`.
    """
    text = text.strip()
    if len(text) > MAX_LINK_LETTERS or not allowed(text):
        raise FetchError(
            "Only links to {host} are opened, such as https://{host}/OWNER/NAME/resolve/main/"
            "voice.zip.",
            host=_host(_hub()) or HOSTS[0],
        )
    parts = urlsplit(text)
    path = parts.path
    if "/resolve/" not in path:
        path = path.replace("/blob/", "/resolve/", 1)
    if not unquote(path).lower().endswith(suffixes) or "/resolve/" not in path:
        raise FetchError(
            "The link must lead to one file that ends with {suffixes}: open the file's page there "
            "and copy its address.",
            suffixes=", ".join(suffixes),
        )
    return urlunsplit((parts.scheme, parts.netloc, quote(path, safe=_KEPT), "", ""))


def allowed(url: str) -> bool:
    """Return whether an address may be opened: https at HOSTS, or the hub that is set."""
    try:
        parts, hub = urlsplit(url), urlsplit(_hub())
        if parts.username is not None or parts.password is not None:
            return False
        if (parts.scheme, parts.hostname, parts.port) == (hub.scheme, hub.hostname, hub.port):
            return parts.hostname is not None
        host = parts.hostname or ""
        known = any(host == each or host.endswith(f".{each}") for each in HOSTS)
        return known and parts.scheme == "https" and parts.port in (None, 443)
    except ValueError:  # a port or a host that is none
        return False


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # brackets that hold no address
        return ""


def link_name(url: str) -> str:
    """Return the name of the file that an address means, without unprintable characters."""
    name = unquote(urlsplit(url).path).rsplit("/", 1)[-1]
    return "".join(letter if letter.isprintable() else " " for letter in name)


def fetch_link(
    url: str, target: Path, *, most_bytes: int, progress: Progress = no_progress
) -> Path:
    """Download `url`, an address of `file_link`, to `target`; return `target`.

    Raises FetchError for a redirect elsewhere, a web page, more than `most_bytes`, or if downloads
    are switched off; nothing is left then.
    """
    check_online()
    name = link_name(url)
    try:
        with storage_errors(), _opened(url) as response, target.open("wb") as file:
            whole = _check_offered(response, most_bytes)
            while chunk := _read(response):
                if file.tell() == 0 and is_page(chunk):
                    raise web_page()
                file.write(chunk)
                if file.tell() > most_bytes:
                    raise _too_big(most_bytes)
                share = min(1.0, file.tell() / whole) if whole else 0.5
                progress(share, Message("Downloading {name}", name=name))
            if file.tell() < whole:
                raise FetchError("The download ended early. Try again.")
    except BaseException:
        remove_quietly(target)
        raise
    return target


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follow a redirect only to an address that may be opened."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):  # type: ignore[no-untyped-def]
        if not allowed(newurl):
            raise FetchError(
                "The link leads on to another website ({host}), which is not opened.",
                host=_host(newurl)[:80] or "?",
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


@contextmanager
def _opened(url: str) -> Iterator[http.client.HTTPResponse]:
    headers = {"User-Agent": "moksori", "Accept-Encoding": "identity"}
    request = urllib.request.Request(url, headers=headers)
    try:
        response = opener(_Redirects()).open(request, timeout=TIMEOUT_SECONDS)
    except RVCError as error:
        if isinstance(error, ProxyError):
            raise FetchError(error.text) from error
        raise
    except urllib.error.HTTPError as error:
        error.close()
        raise FetchError(
            "The server does not provide the file (it answered {code}). A private or gated file "
            "must be downloaded in the browser and imported from there.",
            code=error.code,
        ) from error
    except (OSError, http.client.HTTPException, ValueError) as error:  # ValueError: a redirect's
        raise FetchError("The server cannot be reached. Check the connection.") from error
    with response:
        yield response


def _check_offered(response: http.client.HTTPResponse, most_bytes: int) -> int:
    """Return the bytes that the server announces, 0 if it does not; raise FetchError if unfit."""
    if "text/html" in response.headers.get("Content-Type", ""):
        raise web_page()
    offered = response.headers.get("Content-Length") or ""
    if not re.fullmatch("[0-9]{1,18}", offered):
        return 0
    if int(offered) > most_bytes:
        raise _too_big(most_bytes)
    return int(offered)


def _read(response: http.client.HTTPResponse) -> bytes:
    try:
        return response.read(CHUNK_BYTES)
    except (OSError, http.client.HTTPException) as error:
        raise FetchError("The download ended early. Try again.") from error


def _too_big(most_bytes: int) -> FetchError:
    return FetchError(
        "The file is too big: {limit_megabytes} MB at most.", limit_megabytes=most_bytes // 10**6
    )


def _hub() -> str:
    """Return the address of the hub in use; a folder in its place is no address."""
    hub = os.environ.get(HUB_VARIABLE) or os.environ.get("HF_ENDPOINT") or HUB
    return hub if hub.startswith(("http://", "https://")) else HUB
