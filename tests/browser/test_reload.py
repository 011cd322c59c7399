"""What a reload of the page, or another visit, brings back, and what it leaves alone."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("playwright", reason="playwright is not installed")
from playwright.sync_api import Page, Route, expect
from test_page import delete_takes, make_report, open_tab, start_training, upload

pytestmark = pytest.mark.browser


def test_a_chosen_language_stays(fake_address: str, open_page) -> None:
    page = open_page(fake_address)
    page.locator("nav button[data-code=ko]").click()
    expect(page.locator(".mk-tagline")).to_contain_text("목소리")
    page.reload()
    expect(page.locator("#tab-record-button")).to_have_text("녹음")
    open_tab(page, "train")
    page.locator("#train-start").click()  # an error, in the page's language, beside the button
    expect(page.locator("#train-problem")).to_contain_text("동의")
    page.locator("#train-name input, #train-name textarea").fill("kept")
    page.locator("#train-length input[value=minutes]").check()
    page.locator("#train-amount input").fill("7")
    page.locator("#train-consent input").check()
    expect(page.locator("#train-problem .mk-problem")).to_have_count(0)  # it is mended
    page.locator("nav button[data-code=en]").click()
    expect(page.locator(".mk-tagline")).to_contain_text("Train a voice")
    expect(page.locator("#train-start")).to_be_visible()  # the same tab, the same values
    expect(page.locator("#train-name input, #train-name textarea")).to_have_value("kept")
    expect(page.locator("#train-length input[value=minutes]")).to_be_checked()
    expect(page.locator("#train-amount input")).to_have_value("7")
    expect(page.locator("#train-consent input")).to_be_checked()


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
    section = page.locator("#train-status section")
    expect(section).to_contain_text(re.compile(r"[1-9]\d*/3000"))  # something was learned
    page.locator("#train-stop").click()
    expect(section).to_have_attribute("data-state", "stopped")
    expect(section).to_contain_text(re.compile(r"[1-9]\d*/3000"))
    stopped_at = int(re.search(r"(\d+)/3000", section.inner_text()).group(1))
    page.reload()
    expect(section).to_have_attribute("data-state", "stopped")

    start_training(page, "another", 5)
    expect(section).to_have_attribute("data-state", "done")
    page.reload()
    expect(section).to_have_attribute("data-state", "done")
    page.locator("#train-name input, #train-name textarea").fill("reloaded")
    page.locator("#train-start").click()  # a name that is stopped: an offer, not an error
    expect(page.locator("#train-problem")).to_contain_text(f"stopped at step {stopped_at} of 3000")
    page.locator("#train-problem [data-act=resume]").click()
    expect(section).to_have_attribute("data-state", "running")
    expect(page.locator("#train-problem .mk-problem")).to_have_count(0)
    expect(section).to_contain_text(re.compile(rf"(?!\b{stopped_at}/)\d+/3000"))
    page.locator("#train-stop").click()
    expect(section).to_have_attribute("data-state", "stopped")
    rows = page.locator("#trainings li")
    page.wait_for_selector("#trainings li[data-training=reloaded]")
    listed = rows.count()  # another test may have left one
    name = rows.first.get_attribute("data-training")
    rows.locator("[data-act=delete]").first.click()
    expect(rows).to_have_count(listed - 1)
    expect(page.locator("#undo li").first).to_contain_text(name)  # not what was deleted before
    page.locator("#undo [data-act=undo]").first.click()
    expect(rows).to_have_count(listed)
    open_tab(page, "record")
    delete_takes(page)


def test_who_presses_something_before_the_page_has_arrived_stays_there(
    fake_address: str, open_page, speech_file: Path
) -> None:
    page = open_page(fake_address)
    delete_takes(page)
    upload(page, speech_file)
    make_report(page)
    start_training(page, "early", 5)
    expect(page.locator("#train-status section")).to_have_attribute("data-state", "done")
    open_tab(page, "record")
    delete_takes(page)
    let_arrive = hold_arrival(page)
    page.reload()
    page.locator("#try-voice").click()
    convert = page.locator("#tab-convert-button")
    expect(convert).to_have_attribute("aria-selected", "true")
    voice = page.locator("#voice input").input_value()
    open_tab(page, "train")
    page.locator("#train-name input, #train-name textarea").fill("new")
    open_tab(page, "convert")
    let_arrive()
    page.wait_for_function("window.moksoriReady")
    expect(convert).to_have_attribute("aria-selected", "true")
    open_tab(page, "train")
    expect(page.locator("#train-length input[value=steps]")).to_be_checked()  # brought back
    expect(page.locator("#train-name input, #train-name textarea")).to_have_value("new")
    open_tab(page, "convert")
    expect(page.locator("#voice input")).to_have_value(voice)
    open_tab(page, "record")  # where the next visit begins


def hold_arrival(page: Page) -> Callable[[], None]:
    """Let the page wait for what the server says when it arrives, until the result is called."""
    held: list[Route] = []
    waiting = True

    def answer(route: Route) -> None:
        held.append(route)
        if not waiting:
            route.continue_()

    def let_arrive() -> None:
        nonlocal waiting
        assert held, "the page arrived before it was used"
        waiting = False
        for route in held:
            route.continue_()

    page.route("**/gradio_api/run/**", answer)
    return let_arrive
