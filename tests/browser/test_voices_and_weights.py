"""Voices imported and exported through the page, and weights downloaded. Over a fake engine."""

import zipfile
from pathlib import Path

import pytest

pytest.importorskip("playwright", reason="playwright is not installed")
from lite_voice import lite_voice
from playwright.sync_api import Dialog, Page, Route, expect
from test_page import delete_takes, make_report, open_tab, upload

from rvc.voice import VoiceLibrary

pytestmark = pytest.mark.browser


def chosen_voice(page: Page):
    return page.locator("#voice input")


def delete_chosen(page: Page, *, sure: bool) -> None:
    """Press the delete button and answer the browser's question, which comes a moment later."""

    def decide(dialog: Dialog) -> None:
        dialog.accept() if sure else dialog.dismiss()

    page.once("dialog", decide)
    with page.expect_event("dialog"):
        page.locator("#delete-voice").click()


def test_a_voice_is_imported_exported_and_deleted(
    fake_address: str, open_page, tmp_path: Path
) -> None:
    folder = VoiceLibrary(tmp_path).save(lite_voice("From a friend"))
    page = open_page(fake_address)
    open_tab(page, "convert")
    page.get_by_text("Import, export", exact=False).first.click()
    files = [str(folder / f"From a friend.{suffix}") for suffix in ("pth", "index")]
    page.locator("#import-files input[type=file]").set_input_files(files)
    page.wait_for_selector("#import-files .file-preview")
    page.locator("#import-go").click()
    expect(page.locator("#manage-problem")).to_contain_text("owner")  # consent is asked for
    page.locator("#import-consent input").check()
    page.locator("#import-go").click()
    expect(chosen_voice(page)).to_have_value("From a friend")
    expect(page.locator("#gallery")).to_contain_text("180 Hz")

    page.locator("#export-voice").click()
    with page.expect_download() as download:
        page.locator("#exported a").first.click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert {Path(name).suffix for name in archive.namelist()} >= {".pth", ".index"}

    held: list[Route] = []  # a slow connection: the first answer is still on its way at the second
    page.route("**/queue/join*", lambda route: held.append(route))
    delete_chosen(page, sure=False)
    expect(chosen_voice(page)).to_have_value("From a friend")
    delete_chosen(page, sure=True)
    assert held
    page.unroute("**/queue/join*")  # which sends what was held
    expect(chosen_voice(page)).not_to_have_value("From a friend")
    page.reload()
    open_tab(page, "convert")
    expect(chosen_voice(page)).not_to_have_value("From a friend")


def test_weights_are_fetched_stopped_and_refused_in_the_page(
    fake_address: str, open_page, speech_file: Path
) -> None:
    page = open_page(fake_address)
    delete_takes(page)
    upload(page, speech_file)
    make_report(page)
    open_tab(page, "train")
    expect(page.locator("#train-expect")).to_contain_text("0.9 GB of memory")
    expect(page.locator("#train-fetch")).to_be_hidden()
    page.locator("#train-preset input[value='48k']").check()
    page.locator("#train-fetch").click()
    expect(page.locator("#fetch-problem")).to_contain_text("choose the preset lite")
    expect(page.locator("#fetch-cancel")).to_be_hidden()

    page.locator("#train-preset input[value='40k']").check()
    expect(page.locator("#train-why")).to_contain_text("Needs 400 MB")
    page.locator("#train-fetch").click()
    expect(page.locator("#train-why")).to_contain_text("f0G40k.pth")  # its progress
    page.locator("#fetch-cancel").click()
    expect(page.locator("#fetch-cancel")).to_be_hidden()
    expect(page.locator("#train-fetch")).to_be_visible()
    page.locator("#train-fetch").click()
    expect(page.locator("#train-why")).to_contain_text("Ready.")
    expect(page.locator("#train-fetch")).to_be_hidden()
    open_tab(page, "record")
    delete_takes(page)
