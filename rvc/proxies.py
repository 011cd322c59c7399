"""Proxies of the environment: around them for this machine's own addresses, through them else."""

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
    """No HTTP client that is made while this lasts uses a proxy."""
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
    """Let requests to this machine, and to `hosts`, go around the environment's proxies.

    Changes no_proxy of this process; nothing when the environment names no proxy, because on
    Windows and macOS a no_proxy alone would hide the proxy of the system's settings.
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


def opener() -> urllib.request.OpenerDirector:
    """Return urllib's opener with the system's proxies, ALL_PROXY too, but not for loopback.

    Opening an address that only a SOCKS proxy leads to raises ProxyError: the standard library
    does not speak it, and going around the proxy is not what the person set it for.
    """
    proxies = urllib.request.getproxies()
    shared = proxies.pop("all", None)
    if shared:
        proxies = {"http": shared, "https": shared} | proxies
    return urllib.request.build_opener(_AroundLoopback(proxies))


class _AroundLoopback(urllib.request.ProxyHandler):
    """Asked for every request, redirects included."""

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
    """True for an address of this machine itself."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
