"""Tests that need a browser: the microphone, languages, widths, reloads. Over a fake engine."""

import re
from pathlib import Path

import pytest

pytest.importorskip("playwright", reason="playwright is not installed")
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
PATIENCE_MS = 60_000
PHONE = {"width": 390, "height": 844}
LEAVE = "window.dispatchEvent(new Event('beforeunload', {cancelable: true}))"
ASSETS = Path(__file__).parents[2] / "rvc" / "ui" / "assets"
HEAR = """const reading = readingOf('x'.repeat(45)), room = roomLevel();
  return levels.flatMap(([db, seconds]) => Array(Math.round(25 * seconds)).fill(db))
    .some((db) => reading.hear(db, room(db)));"""
TABS = {
    "record": "#upload",
    "clean": "#clean-go",
    "report": "#report-go",
    "train": "#train-start",
    "convert": "#convert-go",
}


def open_tab(page: Page, name: str) -> None:
    page.locator(f"#tab-{name}-button").click()
    page.wait_for_selector(TABS[name])


def delete_takes(page: Page) -> None:
    page.wait_for_selector("#takes li, #takes .mk-empty")
    while left := page.locator("#takes li").count():
        page.locator("#takes [data-act=delete], #takes [data-act=dismiss]").first.click()
        expect(page.locator("#takes li")).to_have_count(left - 1)


def upload(page: Page, *files: Path) -> None:
    page.locator("#upload input[type=file]").set_input_files([str(file) for file in files])
    expect(page.locator("#takes li").last).to_contain_text(files[-1].name)


def make_report(page: Page) -> None:
    open_tab(page, "report")
    earlier = "document.querySelectorAll('#segments li').forEach((e) => { e.dataset.old = ''; })"
    page.evaluate(earlier)
    page.locator("#report-go").click()
    # The button is shown while the work lasts, on a fast machine too briefly to be seen.
    page.wait_for_selector("#report-cancel:visible, #segments li:not([data-old]):visible")
    page.wait_for_selector("#report-cancel", state="hidden")
    page.wait_for_selector("#segments li")


def start_training(page: Page, name: str, steps: int) -> None:
    open_tab(page, "train")
    page.locator("#train-name input, #train-name textarea").fill(name)
    page.locator("#train-length input[value=steps]").check()
    page.locator("#train-amount input").fill(str(steps))
    page.locator("#train-consent input").check()
    page.locator("#train-start").click()
    expect(page.locator("#train-status h2")).to_contain_text(name)  # no earlier training's


def test_recording_is_untouched_by_the_browser(fake_address: str, open_page) -> None:
    page = open_page(fake_address)
    delete_takes(page)
    page.locator(".mk-rec-button").click()
    expect(page.locator(".mk-rec-button")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".mk-clock")).to_have_text(re.compile(r"0:(0[2-9]|[1-5]\d)"))
    assert int(page.locator(".mk-level").get_attribute("aria-valuenow")) > -60
    assert not page.evaluate(LEAVE)  # the browser asks before the recording is lost
    page.locator(".mk-rec-button").click()
    take = page.locator("#takes li")
    expect(take).to_have_count(1)
    expect(page.locator(".mk-hint")).to_contain_text("Saved")  # once the server has it
    assert page.evaluate(LEAVE)
    expect(take).to_contain_text("without any processing")  # by the browser's settings
    settings = page.evaluate("window.moksoriMicrophone[0]")
    for processing in ("autoGainControl", "noiseSuppression", "echoCancellation"):
        assert settings[processing] is False
    delete_takes(page)


@pytest.mark.parametrize(
    "levels, read",  # (dB, seconds) one after another; a sentence of three seconds
    [
        ([(-60, 1), (-20, 3), (-60, 1)], True),
        ([(-60, 1), (-20, 1.2), (-60, 0.5), (-20, 1.2), (-60, 1)], True),
        ([(-35, 1), (-15, 3), (-36, 1)], True),  # a noisy room
        ([(-60, 1), (-20, 3), (-60, 0.5)], False),  # perhaps it goes on
        ([(-60, 1), (-20, 0.5), (-60, 3)], False),  # a cough
        ([(-40, 20)], False),  # no more than the room
    ],
)
def test_a_sentence_was_read(chromium, levels: list[tuple[float, float]], read: bool) -> None:
    script = (ASSETS / "reading.js").read_text(encoding="utf-8")
    page = chromium.new_page()
    heard = page.evaluate(f"(levels) => {{ {script} {HEAR} }}", levels)
    page.close()
    assert heard == read


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
    expect(page.locator("#tab-train-button")).to_have_text("학습" if korean else "Train")


def test_a_phone_scrolls_never_sideways_and_to_what_is_refused(
    fake_address: str, open_page, tmp_path: Path
) -> None:
    page = open_page(fake_address, locale="ko-KR", **PHONE)
    delete_takes(page)
    for name in TABS:
        open_tab(page, name)
        page.wait_for_timeout(300)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], name
    open_tab(page, "record")
    (tmp_path / "page.wav").write_text("<html>")
    upload(page, tmp_path / "page.wav")
    expect(page.locator("#takes .mk-refused")).to_be_in_viewport(ratio=1)
    delete_takes(page)


def test_a_bad_file_is_named_and_the_good_one_kept_and_cut(
    fake_address: str, open_page, speech_file: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "<img src=x onerror=alert(1)>.wav"
    bad.write_text("<html>")
    page = open_page(fake_address)
    delete_takes(page)
    upload(page, bad, speech_file)
    refused = page.locator("#takes .mk-refused")
    expect(refused).to_contain_text("not a sound file")  # and says so beside its name
    expect(page.locator("#takes [data-take]")).to_have_count(1)
    assert page.locator("#takes img").count() == 0
    refused.locator("[data-act=dismiss]").click()
    expect(refused).to_have_count(0)
    page.locator("#takes [data-act=play]").click()
    page.wait_for_selector("#take-player .mk-go[aria-pressed=true]")
    length = page.locator("#takes [data-take] .mk-time")
    page.locator("#take-player [data-end='0']").fill("2")
    page.locator("#take-player [data-ends=cut]").click()
    expect(length).to_have_text("0:10")
    page.locator("#take-player [data-ends=whole]").click()
    expect(length).to_have_text("0:12")
    delete_takes(page)


def test_the_sample_leads_to_a_converted_sentence_in_eight_clicks(
    fake_address: str, open_page
) -> None:
    page = open_page(fake_address)
    page.set_default_timeout(3 * PATIENCE_MS)  # the sample's files are large
    expect.set_options(timeout=3 * PATIENCE_MS)
    delete_takes(page)
    presses = []

    def press(selector: str) -> None:
        presses.append(selector)
        page.locator(selector).click()

    press("#try-sample")
    here = page.locator("#strip [aria-current=step]")
    expect(here).to_have_attribute("data-step", "clean")
    press("#next-report")  # enabled as soon as the sample is cleaned
    expect(page.locator("#segments li").first).to_be_visible()
    listen_from_the_middle_of_the_timeline(page)
    press("#next-train")
    press("#train-consent input")
    press("#train-start")
    press("#next-convert")
    expect(page.locator("#voice input")).to_have_value("Sample voice")
    page.wait_for_selector("#source .waveform-container")
    press("#convert-go")
    page.wait_for_selector("#convert-facts .mk-chart")
    expect(page.locator("[role=tab][data-state=done]")).to_have_count(5)
    assert len(presses) <= 8
    page.locator("#tab-record-button").press("Enter")
    expect(here).to_have_attribute("data-step", "record")
    expect(page.locator("#takes li")).to_have_count(1)  # the list shows the sample by now
    delete_takes(page)

    page.reload()  # another visit: a finished voice and a sentence are one click away
    page.locator("#try-voice").click()
    expect(here).to_have_attribute("data-step", "convert")
    expect(page.locator("#voice input")).not_to_have_value("")
    page.wait_for_selector("#source .waveform-container")


def listen_from_the_middle_of_the_timeline(page: Page) -> None:
    """Click a chart of the report; its player plays from there."""
    chart = page.locator("#report-charts svg[data-seconds]").first
    box, seconds = chart.bounding_box(), float(chart.get_attribute("data-seconds"))
    chart.click(position={"x": box["width"] * 0.54, "y": box["height"] * 0.3})
    page.wait_for_selector("#report-player .mk-go[aria-pressed=true]")
    at = float(page.locator("#report-player .mk-picture").get_attribute("aria-valuenow"))
    assert 0.4 * seconds < at < 0.6 * seconds
    page.locator("#report-player .mk-go").click()


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
    page.reload()  # the report is kept, and can be listened to
    open_tab(page, "report")
    expect(page.locator("#segments li.mk-keep")).to_have_count(5)
    page.locator("#segments .mk-play").first.click()
    page.wait_for_selector("#report-player .mk-go[aria-pressed=true]")
    open_tab(page, "record")
    delete_takes(page)
