"""Use the environment's proxies, except for addresses of this machine."""

import os
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from urllib.parse import urlsplit

from rvc.errors import RVCError

LOOPBACK = ("localhost", "127.0.0.1", "::1")
VARIABLES = ("no_proxy", "NO_PROXY")  # libraries differ in which of them they read


@contextmanager
def without_proxies() -> Iterator[None]:
    """Keep HTTP clients that are created during the block from using a proxy."""
    before = {name: os.environ.get(name) for name in VARIABLES}
    os.environ.update(dict.fromkeys(VARIABLES, "*"))
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def spare_local_addresses(*hosts: str) -> None:
    """Exclude this machine and `hosts` from the environment's proxies.

    Changes no_proxy of this process, but only if the environment names a proxy: on Windows and
    macOS no_proxy alone would disable the proxy of the system's settings.
    """
    proxies = urllib.request.getproxies_environment()
    if not set(proxies) - {"no"}:
        return
    kept = [part.strip() for part in proxies.get("no", "").split(",") if part.strip()]
    wanted = [host.strip("[]") for host in (*LOOPBACK, *hosts) if host not in ("", "0.0.0.0", "::")]
    spared = ",".join(dict.fromkeys([*kept, *wanted]))
    os.environ.update(dict.fromkeys(VARIABLES, spared))


class ProxyError(RVCError):
    """A proxy that cannot be used."""


def opener(*handlers: urllib.request.BaseHandler) -> urllib.request.OpenerDirector:
    """Return urllib's opener with the system's proxies, ALL_PROXY too, but not for loopback.

    `handlers` are added to its own, and replace those of their kind.
    Opening an address that needs a SOCKS proxy raises ProxyError: the standard library does not
    support it, and bypassing a configured proxy would be wrong.
    """
    proxies = urllib.request.getproxies()
    shared = proxies.pop("all", None)
    if shared:
        proxies = {"http": shared, "https": shared} | proxies
    return urllib.request.build_opener(_AroundLoopback(proxies), *handlers)


class _AroundLoopback(urllib.request.ProxyHandler):
    """Choose the proxy of every request, redirects included."""

    def proxy_open(self, req: urllib.request.Request, proxy: str, type: str) -> object:
        if is_loopback(req.full_url) or urllib.request.proxy_bypass(req.host):
            return None
        if proxy.lower().startswith("socks"):
            raise ProxyError(
                "The proxy of this network is a SOCKS proxy, which downloads here cannot use. Name "
                "an HTTP proxy in https_proxy, or download the file by hand.",
            )
        return super().proxy_open(req, proxy, type)


def is_loopback(url: str) -> bool:
    """Return True for an address of this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
