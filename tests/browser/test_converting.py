"""Many files at once, the list of results, the gallery and notices. Over a fake engine."""

import re
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("playwright", reason="playwright is not installed")
from playwright.sync_api import expect
from test_page import delete_takes, make_report, open_tab, start_training, upload

from rvc.audio import load_audio

pytestmark = pytest.mark.browser
HIDE = """() => {  // another tab is in front, and notifications are allowed
  window.told = [];
  window.Notification = class {
    constructor(title, options) { window.told.push(options.body); }
    static get permission() { return 'granted'; }
  };
  Object.defineProperty(document, 'hidden', {configurable: true, get: () => true});
  document.dispatchEvent(new Event('visibilitychange'));
}"""
SHOW = """() => {
  Object.defineProperty(document, 'hidden', {configurable: true, get: () => false});
  document.dispatchEvent(new Event('visibilitychange'));
}"""


def test_a_trained_voice_converts_many_files_and_the_results_stay(
    fake_address: str, open_page, speech_file: Path, tmp_path: Path
) -> None:
    page = open_page(fake_address)
    delete_takes(page)
    upload(page, speech_file)
    make_report(page)
    start_training(page, "for many", 400)
    page.wait_for_selector("#train-status section[data-state=running]")
    title = page.title()
    page.evaluate(HIDE)
    page.wait_for_function("window.told.length > 0")  # the training has ended meanwhile
    assert page.evaluate("window.told") == ["Training: done"]
    expect(page).to_have_title(re.compile("^Training: done"))
    page.evaluate(SHOW)
    expect(page).to_have_title(title)

    open_tab(page, "convert")
    chosen = page.locator("#gallery .mk-chosen")
    expect(chosen).to_have_attribute("data-voice", "for many")
    expect(page.locator("#voice input")).to_have_value("for many")
    (tmp_path / "page.wav").write_text("<html>")
    second = tmp_path / "second.wav"
    second.write_bytes(speech_file.read_bytes())
    page.locator("#several button").first.click()
    files = [str(file) for file in (speech_file, tmp_path / "page.wav", second)]
    page.locator("#sources input[type=file]").set_input_files(files)
    page.wait_for_selector("#sources .file-preview")
    page.locator("#convert-go").click()
    facts = page.locator("#convert-facts")
    expect(facts).to_contain_text("Converted: 2 of 3.")
    expect(facts.locator(".mk-warn").first).to_contain_text("page.wav: This is not a sound file")
    with page.expect_download() as download:
        facts.locator("[data-act=download]").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert archive.namelist() == ["speech (for many).wav", "second (for many).wav"]

    page.reload()
    open_tab(page, "convert")
    row = page.locator("#history li").first
    expect(row).to_contain_text("speech.wav and 2 more")
    expect(chosen).to_have_attribute("data-voice", "for many")
    row.locator("[data-act=play]").click()
    page.wait_for_selector("#result .waveform-container")
    page.locator("#convert-facts .mk-pieces [data-act=play]").last.click()
    expect(page.locator("#convert-facts .mk-pieces [aria-current]")).to_contain_text("second.wav")
    with page.expect_download() as download:
        page.locator("#result a[download], #result button[aria-label='Download']").first.click()
    assert load_audio(Path(download.value.path())).duration_seconds == pytest.approx(12, abs=0.02)

    rows = page.locator("#history li").count()
    row.locator("[data-act=delete]").click()
    expect(page.locator("#history li")).to_have_count(rows - 1)
    page.locator("#history [data-act=restore]").click()
    expect(page.locator("#history li")).to_have_count(rows)
    open_tab(page, "record")
    delete_takes(page)
