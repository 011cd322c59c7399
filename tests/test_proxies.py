"""Proxies: bypassed for this machine's own addresses, used for all others."""

import http.server
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from hub import CONTENT, Hub

from rvc.fetching import FetchError, fetch_file
from rvc.proxies import is_loopback, opener, spare_local_addresses, without_proxies

ROOT = Path(__file__).parents[1]
NAMES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        for spelt in (name, name.upper()):
            monkeypatch.setenv(spelt, "")  # restored after the test
            monkeypatch.delenv(spelt)


class Proxy(http.server.ThreadingHTTPServer):
    """A proxy that answers every request itself and records it."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Answer(http.server.BaseHTTPRequestHandler):
    server: Proxy

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT)

    def log_message(self, *_: object) -> None:
        pass


def _served(server: http.server.HTTPServer) -> Iterator[http.server.HTTPServer]:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    yield from _served(Proxy())


@pytest.fixture
def hub() -> Iterator[Hub]:
    yield from _served(Hub())


def fetch(url: str, target: Path) -> Path:
    import hashlib

    sha256 = hashlib.sha256(CONTENT).hexdigest()
    return fetch_file(url, target, size_bytes=len(CONTENT), sha256=sha256)


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"])
def test_weights_come_through_the_proxy(variable, proxy, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv(variable, proxy.url)
    spare_local_addresses()  # as the app does
    url = "http://hub.invalid/a.bin"
    assert fetch(url, tmp_path / "a.bin").read_bytes() == CONTENT
    assert proxy.asked == [url]


@pytest.mark.parametrize("proxy_url", ["http://127.0.0.1:9", "socks5://127.0.0.1:9"])
def test_a_mirror_on_this_machine_needs_no_proxy(proxy_url, hub, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("http_proxy", proxy_url)
    monkeypatch.setenv("ALL_PROXY", proxy_url)
    assert fetch(f"{hub.url}/a.bin", tmp_path / "a.bin").read_bytes() == CONTENT
    here = hub.url.replace("127.0.0.1", "localhost")
    assert opener().open(f"{here}/a.bin").status == 200


def test_a_socks_proxy_is_not_gone_around_in_silence(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5h://127.0.0.1:9")
    with pytest.raises(FetchError, match="SOCKS") as caught:
        fetch("https://hub.invalid/a.bin", tmp_path / "a.bin")
    assert "SOCKS" in caught.value.text.in_language("ko") and not list(tmp_path.glob("*.bin*"))


def test_which_addresses_are_this_machine() -> None:
    near = (
        "http://localhost:7860/",
        "http://127.0.0.2/a",
        "http://[::1]:80/",
        "http://a.localhost",
    )
    far = ("http://192.168.0.4/", "https://huggingface.co/", "http://localhost.example.com/", "x")
    assert all(map(is_loopback, near)) and not any(map(is_loopback, far))


def test_local_addresses_are_added_to_no_proxy(monkeypatch) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.invalid:3128")
    monkeypatch.setenv("no_proxy", "intranet.example, localhost")
    spare_local_addresses("192.168.0.4", "0.0.0.0")
    expected = "intranet.example,localhost,127.0.0.1,::1,192.168.0.4"
    assert os.environ["no_proxy"] == os.environ["NO_PROXY"] == expected
    assert urllib.request.proxy_bypass("localhost:7860")


def test_without_a_proxy_nothing_is_set(monkeypatch) -> None:
    """On Windows and macOS no_proxy alone would disable the proxy of the system's settings."""
    spare_local_addresses()
    assert "no_proxy" not in os.environ and "NO_PROXY" not in os.environ
    monkeypatch.setenv("NO_PROXY", "intranet.example")
    with without_proxies():
        assert os.environ["no_proxy"] == os.environ["NO_PROXY"] == "*"
    assert os.environ["NO_PROXY"] == "intranet.example" and "no_proxy" not in os.environ


@pytest.mark.parametrize(
    "proxies",
    [
        {"http_proxy": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9"},
        {"ALL_PROXY": "socks5://127.0.0.1:9", "no_proxy": ""},
    ],
)
def test_the_page_starts_behind_a_proxy(proxies, tmp_path) -> None:
    """Port 9 is closed: a request through the proxy would fail."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    line = [sys.executable, "app.py", "--port", str(port), "--workspace", str(tmp_path / "work")]
    page = subprocess.Popen(line, cwd=ROOT, env=os.environ | proxies, stderr=subprocess.PIPE)
    try:
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline and page.poll() is None:
            try:
                with opener().open(f"http://127.0.0.1:{port}/config", timeout=5) as answer:
                    assert answer.status == 200
                    break
            except OSError:
                time.sleep(0.5)
        else:
            pytest.fail(f"the page did not start: {page.stderr.read()[-2000:]}")
        time.sleep(2)  # Gradio requests its own page at its start, and exits on failure
        assert page.poll() is None
    finally:
        page.send_signal(signal.SIGTERM)
        page.communicate(timeout=60)
