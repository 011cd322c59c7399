"""Proxies of the environment: requests to this machine go around them, others do not."""

import http.server
import os
import threading
import urllib.request

import httpx
import pytest

from rvc.proxies import VARIABLES, spare_local_addresses


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name in VARIABLES:  # set first, so that what the function sets is undone
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


@pytest.mark.parametrize("before", ["", "intranet.example"])
def test_the_page_is_reached_without_the_proxy_and_all_else_through_it(monkeypatch, before) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    if before:
        monkeypatch.setenv("no_proxy", before)
    spare_local_addresses("192.0.2.7")
    for host in ("localhost", "127.0.0.1", "192.0.2.7", *filter(None, [before])):
        assert urllib.request.proxy_bypass_environment(host), host
    assert not urllib.request.proxy_bypass_environment("huggingface.co")


def test_an_http_client_made_afterwards_reaches_this_machine(monkeypatch) -> None:
    """As Gradio does when it starts; the proxy of the environment does not answer."""

    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    server = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
    threading.Thread(target=server.handle_request, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/"
    with pytest.raises(httpx.ConnectError):
        httpx.head(address, timeout=5)
    spare_local_addresses("127.0.0.1")
    assert httpx.head(address, timeout=5).status_code == 200
    server.server_close()


def test_without_a_proxy_nothing_is_changed(monkeypatch) -> None:

    spare_local_addresses("192.0.2.7")
    assert not any(name in os.environ for name in VARIABLES)
