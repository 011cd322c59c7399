"""The page for keyboards and screen readers. Over a fake engine."""

from pathlib import Path

import pytest

pytest.importorskip("playwright", reason="playwright is not installed")
from playwright.sync_api import Page, expect
from test_page import PHONE, TABS, delete_takes, make_report, open_tab, upload

pytestmark = pytest.mark.browser
LOOKS = (
    {"locale": "en-US", "scheme": "light", "width": 1280, "height": 900},
    {"locale": "ko-KR", "scheme": "dark", **PHONE},
)


def violations(page: Page) -> list[str]:
    """Return what axe finds on the page, each as (rule: element)."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is missing")
    found = axe.Axe().run(page).response["violations"]
    return [f"{each['id']}: {node['html'][:200]}" for each in found for node in each["nodes"]]


def test_axe_finds_nothing_on_any_tab(fake_address: str, open_page, speech_file: Path) -> None:
    page = open_page(fake_address)
    delete_takes(page)
    upload(page, speech_file)
    make_report(page)
    found = []
    for look in LOOKS:
        scheme = look["scheme"]
        size = {name: value for name, value in look.items() if name != "scheme"}
        page = open_page(fake_address, **size)
        page.emulate_media(color_scheme=scheme)
        for name in TABS:
            open_tab(page, name)
            page.wait_for_timeout(300)
            found += [f"{name}, {look['locale']}, {scheme}: {each}" for each in violations(page)]
    assert not found, "\n".join(found)
    open_tab(page, "record")
    delete_takes(page)


def test_the_keyboard_keeps_its_place(fake_address: str, open_page, speech_file: Path) -> None:
    page = open_page(fake_address, locale="ko-KR")
    delete_takes(page)
    upload(page, speech_file)
    upload(page, speech_file)
    expect(page.locator("#takes li")).to_have_count(2)
    page.locator("#tab-record-button").focus()
    for key, name in (("ArrowRight", "clean"), ("ArrowLeft", "record"), ("End", "convert")):
        page.keyboard.press(key)
        expect(page.locator(f"#tab-{name}-button")).to_be_focused()
        expect(page.locator(f"#tab-{name}-button")).to_have_attribute("aria-selected", "true")
    page.wait_for_selector(TABS["convert"])  # what Gradio leaves in English
    expect(page.locator("#source").get_by_role("button", name="마이크로 녹음")).to_be_visible()
    page.keyboard.press("Home")

    page.locator("#takes [data-act=delete]").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#takes li")).to_have_count(1)
    expect(page.locator("#takes [data-act=delete]")).to_be_focused()  # of the one that is left
    page.locator("#next-clean").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#tab-clean-button")).to_be_focused()
    open_tab(page, "record")
    delete_takes(page)
