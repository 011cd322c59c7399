"""Errors stay beside what they are about until they are mended. Over a fake engine."""

import re
import shutil
from pathlib import Path

import pytest

pytest.importorskip("playwright", reason="playwright is not installed")
from playwright.sync_api import Page, expect
from test_page import delete_takes, open_tab, upload

pytestmark = pytest.mark.browser
RVC_VOICE = Path(__file__).parents[1] / "golden" / "v2_40k_f0.pth"


def stays(page: Page, area: str, text: str) -> None:
    """Expect a text in an area, also after a while, and no message that passes."""
    expect(page.locator(f"#{area} [role=alert]")).to_contain_text(re.compile(text))
    page.wait_for_timeout(1000)
    expect(page.locator(f"#{area} [role=alert]")).to_be_visible()
    expect(page.locator(".toast-body")).to_have_count(0)


def bring(page: Page, folder: Path, name: str) -> None:
    """Import a voice in the open Convert tab; ONNX holds no lite voice, so it is one of RVC."""
    if not page.locator("#import-go").is_visible():
        page.get_by_text("Import, export", exact=False).first.click()
    file = shutil.copy(RVC_VOICE, folder / f"{name}.pth")
    page.locator("#import-files input[type=file]").set_input_files(file)
    page.wait_for_selector("#import-files .file-preview")
    page.locator("#import-consent input").check()
    page.locator("#import-go").click()
    expect(page.locator("#voice input")).to_have_value(name)


def delete_voice(page: Page, name: str) -> None:
    page.locator(f'#gallery [data-id="{name}"]').first.click()
    expect(page.locator("#voice input")).to_have_value(name)
    page.locator("#delete-voice").click()
    expect(page.locator("#gallery")).not_to_contain_text(name)


def test_errors_of_every_tab_stay_until_they_are_mended(
    fake_address: str, open_page, speech_file: Path, tmp_path: Path
) -> None:
    page = open_page(fake_address)
    page.on("dialog", lambda dialog: dialog.accept())
    delete_takes(page)
    open_tab(page, "clean")
    page.locator("#clean-go").click()
    stays(page, "clean-problem", "[Rr]ecord")
    open_tab(page, "convert")
    bring(page, tmp_path, "Any voice")
    page.locator("#convert-go").click()
    stays(page, "convert-problem", "should be converted")
    open_tab(page, "record")
    upload(page, speech_file)
    open_tab(page, "clean")
    expect(page.locator("#clean-problem [role=alert]")).to_have_count(0)  # there is one now
    page.locator("#clean-go").click()
    page.wait_for_selector("#clean-details .mk-repairs li")
    expect(page.locator("#clean-problem [role=alert]")).to_have_count(0)
    open_tab(page, "convert")
    page.locator("#source input[type=file]").set_input_files(str(speech_file))
    page.wait_for_selector("#source .waveform-container")
    page.locator("#convert-go").click()
    page.wait_for_selector("#convert-facts .mk-chart")
    expect(page.locator("#convert-problem [role=alert]")).to_have_count(0)
    delete_voice(page, "Any voice")
    open_tab(page, "record")
    delete_takes(page)


def test_voices_are_blended_exported_as_onnx_and_refused_from_other_links(
    fake_address: str, open_page, tmp_path: Path
) -> None:
    page = open_page(fake_address)
    page.on("dialog", lambda dialog: dialog.accept())
    open_tab(page, "convert")
    for name in ("One half", "Other half"):
        bring(page, tmp_path, name)
    page.locator("#import-link textarea, #import-link input").fill("https://example.com/a.zip")
    page.locator("#import-consent input").check()
    page.locator("#import-go").click()
    stays(page, "manage-problem", "huggingface.co")

    page.locator("#blend button").first.click()
    page.locator("#blend-second input").click()
    page.get_by_role("option", name="One half").click()
    page.locator("#blend-name input, #blend-name textarea").fill("Both halves")
    page.locator("#blend-go").click()
    expect(page.locator("#voice input")).to_have_value("Both halves")

    page.locator("#export-onnx").click()
    with page.expect_download() as download:
        page.locator("#exported a").first.click()
    assert download.value.suggested_filename == "Both halves.onnx"
    expect(page.locator("#manage-problem [role=alert]")).to_have_count(0)
    for name in ("Both halves", "Other half", "One half"):
        delete_voice(page, name)
