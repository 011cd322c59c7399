"""A headless Chromium and the page it opens; the tests are skipped without it."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 120  # until the page answers, on a busy machine
PATIENCE_MS = 60_000
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
)


@pytest.fixture(scope="session")
def chromium(speech_file: Path) -> Iterator[object]:
    """Return a browser whose microphone plays the speech file."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = next(filter(None, map(shutil.which, NAMES)), None)
    with playwright.sync_playwright() as running:
        if found is None and not Path(running.chromium.executable_path).is_file():
            pytest.skip("no chromium: install it, or run `playwright install chromium`")
        flags = [*FLAGS, f"--use-file-for-fake-audio-capture={speech_file}"]
        browser = running.chromium.launch(executable_path=found, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium) -> Iterator[Callable[..., object]]:
    """Return open_page(address, locale="en-US", width=1200, height=900, **more) -> loaded page."""
    from playwright.sync_api import expect

    expect.set_options(timeout=PATIENCE_MS)
    contexts = []

    def opened(address: str, *, locale: str = "en-US", width: int = 1200, height: int = 900):
        context = chromium.new_context(
            locale=locale,
            permissions=["microphone"],
            viewport={"width": width, "height": height},
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(address)
        page.wait_for_selector(".mk-rec-button")
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def fake_address(chromium, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of the page over an engine without networks."""
    port, folder = free_port(), tmp_path_factory.mktemp("page")
    script = Path(__file__).with_name("serve.py")
    yield from serve([str(script), str(port), str(folder)], port)


@pytest.fixture(scope="session")
def real_address(
    chromium, tiny_weights: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Return the address of the program, with the shipped base and an empty library."""
    port, folder = free_port(), tmp_path_factory.mktemp("program")
    weights = folder / "weights"
    shutil.copytree(tiny_weights / "voices", weights / "voices")
    flags = ["--port", str(port), "--weights", str(weights), "--workspace", str(folder / "work")]
    yield from serve([str(ROOT / "app.py"), *flags], port)


def serve(arguments: list[str], port: int) -> Iterator[str]:
    """Start a server, wait until it answers, and end it afterwards."""
    environment = os.environ | {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1"}
    process = subprocess.Popen([sys.executable, *arguments], env=environment)
    address = f"http://127.0.0.1:{port}/"
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=10).close()
            break
        except OSError:
            time.sleep(0.3)
    else:
        process.kill()
        pytest.fail("the page did not start")
    yield address
    process.terminate()
    process.wait(30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
