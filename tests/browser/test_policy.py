"""The Content-Security-Policy permits what the page does and blocks injected markup."""

from pathlib import Path

import pytest

pytest.importorskip("playwright", reason="playwright is not installed")
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
INJECTED = """(address) => {
  window.ran = 0;
  const box = document.createElement('div');
  document.body.append(box);
  box.innerHTML = `<img src="${address}/x.png" onerror="window.ran = 1">`;
  const script = document.createElement('script');
  script.textContent = 'window.ran = 2';
  box.append(script);
}"""


def test_the_page_breaks_no_rule_of_its_own_and_markup_can_do_nothing(
    fake_address: str, open_page, tmp_path: Path
) -> None:
    page = open_page(fake_address)
    messages, asked = [], []
    page.on("console", lambda message: messages.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    page.wait_for_selector(".mk-rec-button")
    for name in ("clean", "report", "train", "convert", "record"):
        page.locator(f"#tab-{name}-button").click()
        page.wait_for_timeout(200)
    assert not [text for text in messages if "Content Security Policy" in text], messages
    assert all(url.startswith((fake_address, "data:", "blob:")) for url in asked)

    page.evaluate(INJECTED, "https://elsewhere.example")
    page.wait_for_timeout(500)
    assert page.evaluate("window.ran") == 0
    assert any("Content Security Policy" in text for text in messages)
    # The reason why a file whose name contains markup is refused shows it as text.
    bad = tmp_path / "<img src=x onerror=alert(1)>.wav"
    bad.write_text("<html>")
    page.locator("#upload input[type=file]").set_input_files([str(bad)])
    expect(page.locator("#takes .mk-refused")).to_contain_text("not a sound file")
    assert page.locator("#takes img").count() == 0
