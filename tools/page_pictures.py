"""Take the pictures of the documentation: every tab of the page, in every language.

    python -m tools.page_pictures                  # writes docs/images/<tab>.webp and <tab>.ko.webp
    python -m tools.page_pictures --width 390 --height 844 --dark --out pictures
    python -m tools.page_pictures --address http://127.0.0.1:7860/    # of a page that runs already

Starts the program with empty folders, goes the whole way with the first minute of the sample
recording (record, clean, report, a short training, convert) and takes the pictures afterwards.
Takes a few minutes on two cores. Needs Chromium and the packages of requirements-dev.txt.
"""

import argparse
import io
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from rvc.audio import Recording, load_audio, save_audio
from rvc.messages import SOURCE_LANGUAGE, languages

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "weights" / "samples" / "sample_recording.ogg"
SOURCE_SECONDS = (150.0, 156.0)  # of the sample recording: converted to a demo voice
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# A checkout's own voices are demos; the same in another folder are somebody's.
SHIPPED = ("rvc", "weights/pretrained", "weights/samples", "weights/voices")
TABS = ("record", "clean", "report", "train", "convert")
PATIENCE_MS = 600_000
START_SECONDS = 180
MOST_BYTES = 120_000  # of a picture
SETTLE_MS = 1500  # until a tab that was opened stands still
# What a page that is scrolled would cut in two, or what differs at every run.
QUIET_CSS = "footer, .toast-wrap { visibility: hidden !important; } * { caret-color: transparent; }"


def main() -> None:
    """Read the arguments and write the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "images")
    parser.add_argument("--width", type=int, default=1080)
    parser.add_argument("--height", type=int, default=1000, help="pictures are cut to it; 0: whole")
    parser.add_argument("--seconds", type=float, default=60.0, help="of the sample recording")
    parser.add_argument("--steps", type=int, default=120, help="of the training")
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--address", help="of a page that runs, and is shown as it is")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=next(filter(None, map(shutil.which, BROWSERS)), None),
            args=["--no-sandbox", "--disable-gpu"],
        )
        with (
            nullcontext(arguments.address)
            if arguments.address
            else program(Path(folder)) as address
        ):
            if not arguments.address:
                recording, source = cut_sample(Path(folder), arguments.seconds)
                page = browser.new_page()
                page.set_default_timeout(PATIENCE_MS)
                page.goto(address)
                go_the_whole_way(page, recording, source, arguments.steps)
            for language in languages():
                take_pictures(browser, address, language, arguments)
        browser.close()


def cut_sample(folder: Path, seconds: float) -> tuple[Path, Path]:
    """Return two files: the sample recording's first `seconds`, and a sentence to convert."""
    sample = load_audio(SAMPLE)
    rate, (start, end) = sample.sample_rate, SOURCE_SECONDS
    parts = {
        "recording.wav": sample.samples[: round(seconds * rate)],
        "sentence.wav": sample.samples[round(start * rate) : round(end * rate)],
    }
    recording, source = (
        save_audio(folder / name, Recording(samples, rate)) for name, samples in parts.items()
    )
    return recording, source


@contextmanager
def program(folder: Path) -> Iterator[str]:
    """Run a copy of the program over empty folders and the shipped weights; yield its address."""
    for name in SHIPPED:
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "app.py", folder)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "app.py", "--port", str(port)],
        cwd=folder,
        env=os.environ | {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1"},
    )
    address = f"http://127.0.0.1:{port}/"
    try:
        wait_until_up(address, process)
        yield address
    finally:
        process.terminate()
        process.wait(30)


def wait_until_up(address: str, process: subprocess.Popen) -> None:
    """Return when the page answers; raise RuntimeError if the program ends or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=10).close()
            return
        except OSError:
            time.sleep(0.3)
    raise RuntimeError("The page did not start.")


def go_the_whole_way(page: Page, recording: Path, source: Path, steps: int) -> None:
    """Record, clean, report, train and convert, as a person would."""
    page.locator("#upload input[type=file]").set_input_files(str(recording))
    page.wait_for_selector("#takes li")
    open_tab(page, "clean")
    page.locator("#clean-go").click()
    page.wait_for_selector("#clean-details .mk-repairs li")
    open_tab(page, "report")
    page.locator("#report-go").click()
    page.wait_for_selector("#segments li")
    open_tab(page, "train")
    page.locator("#train-name input, #train-name textarea").fill("My voice")
    page.locator("#train-length input[value=steps]").check()
    page.locator("#train-amount input").fill(str(steps))
    page.locator("#train-consent input").check()
    page.locator("#train-start").click()
    page.wait_for_selector("#train-status section[data-state=done]")
    open_tab(page, "convert")
    page.locator("#source input[type=file]").set_input_files(str(source))
    page.wait_for_selector("#source .waveform-container")
    page.locator("#convert-go").click()
    page.wait_for_selector("#convert-facts .mk-chart")


def open_tab(page: Page, name: str) -> None:
    page.locator(f"#tab-{name}-button").click()


def take_pictures(
    browser: Browser, address: str, language: str, arguments: argparse.Namespace
) -> None:
    """Write a picture of every tab in `language`."""
    page = browser.new_page(
        locale=language,
        viewport={"width": arguments.width, "height": arguments.height or 1000},
        color_scheme="dark" if arguments.dark else "light",
    )
    page.set_default_timeout(PATIENCE_MS)
    page.goto(address)
    page.wait_for_selector(".mk-rec-button")
    page.add_style_tag(content=QUIET_CSS)
    suffix = "" if language == SOURCE_LANGUAGE else f".{language}"
    for name in TABS:
        open_tab(page, name)
        page.wait_for_timeout(SETTLE_MS)
        shot = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
        if arguments.height:
            shot = shot.crop((0, 0, shot.width, min(shot.height, arguments.height)))
        path = arguments.out / f"{name}{suffix}.webp"
        path.write_bytes(small(shot))
        print(f"{path} ({path.stat().st_size // 1000} kB)")
    page.close()


def small(picture: Image.Image) -> bytes:
    """Return the picture as WebP of at most MOST_BYTES, at the best quality that fits."""
    for quality in range(90, 20, -10):
        written = io.BytesIO()
        picture.save(written, "WEBP", quality=quality, method=6)
        if written.tell() <= MOST_BYTES:
            break
    return written.getvalue()


if __name__ == "__main__":
    main()
