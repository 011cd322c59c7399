"""Tests that need a browser: the microphone, languages, widths, reloads. Over a fake engine."""

import re
from pathlib import Path

import pytest

pytest.importorskip("playwright", reason="playwright is not installed")
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
PATIENCE_MS = 60_000
PHONE = {"width": 390, "height": 844}
TABS = {
    "record": "#upload",
    "clean": "#clean-go",
    "report": "#report-go",
    "train": "#train-start",
    "convert": "#convert-go",
}


@pytest.fixture(autouse=True)
def _patience() -> None:
    expect.set_options(timeout=PATIENCE_MS)


def open_tab(page: Page, name: str) -> None:
    page.locator(f"#tab-{name}-button").click()
    page.wait_for_selector(TABS[name])


def delete_takes(page: Page) -> None:
    page.wait_for_selector("#takes li, #takes .mk-empty")
    while page.locator("#takes li").count():
        left = page.locator("#takes li").count()
        page.locator("#takes [data-act=delete]").first.click()
        expect(page.locator("#takes li")).to_have_count(left - 1)


def upload(page: Page, *files: Path) -> None:
    page.locator("#upload input[type=file]").set_input_files([str(file) for file in files])
    expect(page.locator("#takes li").last).to_contain_text(files[-1].name)


def make_report(page: Page) -> None:
    open_tab(page, "report")
    page.locator("#report-go").click()
    page.wait_for_selector("#segments li")


def start_training(page: Page, name: str, steps: int) -> None:
    open_tab(page, "train")
    page.locator("#train-name input, #train-name textarea").fill(name)
    page.locator("#train-length input[value=steps]").check()
    page.locator("#train-amount input").fill(str(steps))
    page.locator("#train-consent input").check()
    page.locator("#train-start").click()


def test_recording_is_untouched_by_the_browser(fake_address: str, open_page) -> None:
    page = open_page(fake_address)
    delete_takes(page)
    page.locator(".mk-rec-button").click()
    expect(page.locator(".mk-rec-button")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".mk-clock")).to_have_text("0:02")
    assert int(page.locator(".mk-level").get_attribute("aria-valuenow")) > -60
    page.locator(".mk-rec-button").click()
    take = page.locator("#takes li")
    expect(take).to_have_count(1)
    expect(take).to_contain_text("without any processing")  # by the browser's settings
    settings = page.evaluate("window.moksoriMicrophone[0]")
    for processing in ("autoGainControl", "noiseSuppression", "echoCancellation"):
        assert settings[processing] is False
    delete_takes(page)


@pytest.mark.parametrize(
    "locale, query, word",
    [
        ("ko-KR", "", "목소리를 학습하고"),
        ("en-US", "", "Train a voice"),
        ("fr-FR", "", "Train a voice"),
        ("en-US", "?lang=ko", "목소리를 학습하고"),
    ],
)
def test_language(fake_address: str, open_page, locale: str, query: str, word: str) -> None:
    page = open_page(fake_address + query, locale=locale)
    expect(page.locator(".mk-tagline")).to_contain_text(word)
    korean = word != "Train a voice"
    expect(page.locator("#tab-train-button")).to_have_text("4 · 학습" if korean else "4 · Train")


def test_a_chosen_language_stays(fake_address: str, open_page) -> None:
    page = open_page(fake_address)
    page.locator("nav button[data-code=ko]").click()
    expect(page.locator(".mk-tagline")).to_contain_text("목소리")
    page.reload()
    expect(page.locator("#tab-record-button")).to_have_text("1 · 녹음")
    open_tab(page, "train")
    page.locator("#train-start").click()  # an error, in the page's language
    expect(page.locator(".toast-body")).to_contain_text("동의")


def test_a_phone_never_scrolls_sideways(fake_address: str, open_page) -> None:
    page = open_page(fake_address, locale="ko-KR", **PHONE)
    for name in TABS:
        open_tab(page, name)
        page.wait_for_timeout(300)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], name


def test_a_bad_file_is_named_and_the_good_one_kept(
    fake_address: str, open_page, speech_file: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "<img src=x onerror=alert(1)>.wav"
    bad.write_text("<html>")
    page = open_page(fake_address)
    delete_takes(page)
    upload(page, bad, speech_file)
    expect(page.locator(".toast-body")).to_contain_text("not a sound file")
    expect(page.locator("#takes li")).to_have_count(1)
    assert page.locator(".toast-body img, #takes img").count() == 0
    page.locator("#takes [data-act=play]").click()
    page.wait_for_selector("#take-player .waveform-container")
    delete_takes(page)


def test_overruling_changes_what_is_trained(
    fake_address: str, open_page, speech_file: Path
) -> None:
    page = open_page(fake_address)
    delete_takes(page)
    upload(page, speech_file)
    make_report(page)
    expect(page.locator("#segments li.mk-keep")).to_have_count(6)
    page.locator("#segments [data-act=drop]").first.click()
    expect(page.locator("#segments li.mk-keep")).to_have_count(5)
    open_tab(page, "train")
    expect(page.locator("#train-material")).to_contain_text("5 segments")
    page.reload()  # the report is kept
    open_tab(page, "report")
    expect(page.locator("#segments li.mk-keep")).to_have_count(5)
    open_tab(page, "record")
    delete_takes(page)


def test_training_survives_a_reload(fake_address: str, open_page, speech_file: Path) -> None:
    page = open_page(fake_address)
    delete_takes(page)
    upload(page, speech_file)
    make_report(page)
    start_training(page, "reloaded", 3000)
    page.wait_for_selector("#train-curves .mk-card")
    job = page.locator("#train-status section").get_attribute("data-job")

    page.reload()
    page.wait_for_selector(".mk-header")
    expect(page.locator("#train-status section")).to_have_attribute("data-job", job)
    expect(page.locator("#train-start")).to_be_disabled()
    page.wait_for_selector("#train-curves .mk-card")

    other = open_page(fake_address)  # a second window of the machine shows it, too
    expect(other.locator("#train-status section")).to_have_attribute("data-job", job)

    page.goto("about:blank")
    page.goto(fake_address)
    page.locator("#train-stop").click()
    section = page.locator("#train-status section")
    expect(section).to_have_attribute("data-state", "stopped")
    stopped_at = int(re.search(r"(\d+)/3000", section.inner_text()).group(1))
    page.locator("#train-resume").click()
    expect(section).to_have_attribute("data-state", "running")
    expect(section).to_contain_text(re.compile(rf"(?!\b{stopped_at}/)\d+/3000"))
    page.locator("#train-stop").click()
    expect(section).to_have_attribute("data-state", "stopped")
    open_tab(page, "record")
    delete_takes(page)
