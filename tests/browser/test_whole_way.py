"""The whole workflow over the real program, from a recording to a converted sentence."""

from pathlib import Path

import pytest

pytest.importorskip("playwright", reason="playwright is not installed")
from playwright.sync_api import Page, expect

from rvc.audio import Recording, load_audio, rms_db, save_audio

pytestmark = pytest.mark.browser
PATIENCE_MS = 300_000  # includes loading every network
STEPS = 24  # a curve needs two rows of ten
SILENT_DB = -50.0
REMEMBER_WHAT_PLAYS = """() => {  // the players' sounds are not part of the document
  const play = HTMLMediaElement.prototype.play;
  window.playing = [];
  HTMLMediaElement.prototype.play = function () {
    window.playing.push(this);
    return play.call(this);
  };
}"""


def test_from_a_recording_to_a_converted_sentence(
    real_address: str, open_page, speech_like, tmp_path: Path
) -> None:
    expect.set_options(timeout=PATIENCE_MS)
    speech = save_audio(tmp_path / "speech.wav", Recording(speech_like(24.0), 24_000))
    source = save_audio(tmp_path / "source.wav", Recording(speech_like(4.0, seed=5), 24_000))
    page = open_page(real_address)
    page.evaluate(REMEMBER_WHAT_PLAYS)
    page.set_default_timeout(PATIENCE_MS)

    page.locator("#upload input[type=file]").set_input_files(str(speech))
    page.wait_for_selector("#takes li")

    page.locator("#next-clean").click()
    page.locator("#clean-go").click()
    page.wait_for_selector("#clean-details .mk-repairs li")
    page.locator("#clean-player .mk-go").click()
    for side in ("removed", "before", "after"):
        page.locator(f"#clean-player [data-side={side}]").click()
        page.wait_for_function("window.playing.at(-1).currentTime > 0.1")
    assert page.evaluate("new Set(window.playing.filter((sound) => !sound.paused)).size") == 1

    page.locator("#next-report").click()
    page.wait_for_selector("#segments li")
    expect(page.locator("#report-headline .mk-verdict")).to_be_visible()
    for _ in range(
        page.locator("#segments [data-act=keep]").count()
    ):  # synthetic speech may get any verdict
        left = page.locator("#segments [data-act=keep]").count()
        page.locator("#segments [data-act=keep]").first.click()
        expect(page.locator("#segments [data-act=keep]")).to_have_count(left - 1)

    page.locator("#next-train").click()
    page.locator("#train-name input, #train-name textarea").fill("browser voice")
    page.locator("#train-length input[value=steps]").check()
    page.locator("#train-amount input").fill(str(STEPS))
    page.locator("#train-start").click()
    expect(page.locator("#train-problem")).to_contain_text("owner")  # consent is asked for
    page.locator("#train-consent input").check()
    page.locator("#train-start").click()
    expect(page.locator("#train-status section")).to_have_attribute("data-state", "done")
    page.wait_for_selector("#train-curves .mk-card path")

    page.locator("#next-convert").click()
    expect(page.locator("#voice input")).to_have_value("browser voice")
    page.locator("#source input[type=file]").set_input_files(str(source))
    page.wait_for_selector("#source .waveform-container")
    page.locator("#convert-go").click()
    page.wait_for_selector("#convert-facts .mk-chart")
    with page.expect_download() as download:
        page.locator("#result a[download], #result button[aria-label='Download']").first.click()
    result = load_audio(Path(download.value.path()))
    assert result.duration_seconds == pytest.approx(4.0, abs=0.02)
    assert rms_db(result.samples) > SILENT_DB
    page.locator("#result button[aria-label='Play']").click()
    page.wait_for_function("window.playing.some((sound) => sound.currentTime > 0.3)")
    speak_live(page)


def speak_live(page: Page) -> None:
    """Let the chosen voice speak what the microphone plays, and stop."""
    page.get_by_text("Speak live", exact=False).first.click()
    page.locator("#live-start").click()
    expect(page.locator("#live-status")).to_have_attribute("data-kind", "good")
    page.wait_for_function("document.querySelector('[data-pieces]')?.dataset.pieces > 5")
    page.locator("#live-stop").click()
    expect(page.locator("#live-status")).not_to_have_attribute("data-kind", "good")
    expect(page.locator("#live-problem [role=alert]")).to_have_count(0)
