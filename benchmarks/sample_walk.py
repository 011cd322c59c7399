"""The newcomer's way with the real engine: from "Try the sample" to a converted sentence.

    python -m benchmarks.sample_walk [--language en-US] [--width 1280]

Starts the program with empty folders and walks in headless Chromium, pressing only what a person
must press; the training is as long as the page proposes for the sample. Prints one JSON object:
seconds of every stage as the person waits for them, in all, and the clicks. Needs Chromium and the
packages of requirements-dev.txt.
"""

import argparse
import json
import shutil
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tools.page_pictures import BROWSERS, PATIENCE_MS, program

# (what to press, what is there when its work is done); stages by what they wait for
WAY = {
    "clean": ("#try-sample", "#next-report:not([disabled])"),
    "report": ("#next-report", "#segments li"),
    "to train": ("#next-train", "#train-start"),
    "consent": ("#train-consent input", "#train-consent input:checked"),
    "train": ("#train-start", "#train-status section[data-state=done]"),
    "to convert": ("#next-convert", "#source .waveform-container"),
    "convert": ("#convert-go", "#convert-facts .mk-chart"),
}


def main() -> None:
    """Walk and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--language", default="en-US")
    parser.add_argument("--width", type=int, default=1280)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=next(filter(None, map(shutil.which, BROWSERS)), None),
            args=["--no-sandbox", "--disable-gpu"],
        )
        with program(Path(folder)) as address:
            page = browser.new_page(
                locale=options.language, viewport={"width": options.width, "height": 900}
            )
            page.set_default_timeout(PATIENCE_MS)
            page.goto(address)
            page.wait_for_selector("#try-sample")
            seconds = walk(page)
        browser.close()
    print(json.dumps({"clicks": len(WAY), "total": round(sum(seconds.values()), 1), **seconds}))


def walk(page: Page) -> dict[str, float]:
    """Return the seconds of every stage."""
    seconds = {}
    for stage, (button, done) in WAY.items():
        began = time.perf_counter()
        page.locator(button).click()
        page.wait_for_selector(done)
        seconds[stage] = round(time.perf_counter() - began, 1)
    return seconds


if __name__ == "__main__":
    main()
