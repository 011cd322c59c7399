"""Values of the wrong kind at every endpoint: one sentence each, never a bare null or a trace."""

import json
import re
import urllib.request
from collections.abc import Iterator

import gradio as gr
import pytest
from plain_sentences import JARGON
from ui_fake import FakeEngine

from rvc.ui.build import build_ui
from rvc.ui.remember import fits
from rvc.ui.serving import launch_settings
from rvc.ui.workspace import Workspace

PATIENCE_SECONDS = 60
HUGE = "9" * 400
# JSON as it is sent: NaN and numbers beyond any float are none in the standard, and are sent too.
WRONG = (
    "5", "-1.5", "NaN", "Infinity", HUGE, "1e999", "true", "null", "[]", '[1, [2, [3]]]', "{}",
    '{"a": {"b": null}}', '"\\ud800"', '"<img src=x onerror=alert(1)>"', '"../../etc/passwd"',
    json.dumps("x" * 100_000), '{"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}',
    '{"path": 5, "meta": 7}',
    '{"url": "http://127.0.0.1:1/x.wav", "meta": {"_type": "gradio.FileData"}}',
    '{"__type__": "update", "value": 3}',
)  # fmt: skip
CONVERSION = [
    '"mine"', '"auto"', "null", "0.33", "1.0", '""', '"auto"', "0", '"wav"', "0", "0",
]  # fmt: skip
GOOD = {
    "clean": ["null", '"standard"', "true", "false", '""'],
    "convert": ["null", *CONVERSION],
    "convert_many": ["null", *CONVERSION],
    "report": ['""'],
    "train_start": ['"mine"', '"auto"', '"steps"', "5", "false", "false", '""'],
    "train_status": ['""'],
    "train_stop": ['""'],
    "voices": ['""'],
}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("page")
    demo = build_ui(FakeEngine(folder / "weights"), Workspace(folder / "work"))
    settings = launch_settings(port=None)
    _, address, _ = demo.queue(max_size=8).launch(**settings, prevent_thread_lock=True, quiet=True)
    yield address
    demo.close()


def answer(address: str, name: str, values: list[str]) -> tuple[str, object]:
    """("complete" or "error", its data) of a call with these values, written as JSON."""
    where = f"{address}gradio_api/call/{name}"
    body = f'{{"data": [{", ".join(values)}]}}'.encode()
    request = urllib.request.Request(where, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answered:
        event = json.load(answered)["event_id"]
    with urllib.request.urlopen(f"{where}/{event}", timeout=PATIENCE_SECONDS) as answered:
        text = answered.read().decode()
    kind, data = re.search(r"^event: (complete|error)\ndata: (.*)$", text, re.M).groups()
    return kind, json.loads(data)


def test_the_table_above_names_every_endpoint(address: str) -> None:
    with urllib.request.urlopen(f"{address}gradio_api/info", timeout=PATIENCE_SECONDS) as answered:
        known = json.load(answered)["named_endpoints"]
    assert {f"/{name}" for name in GOOD} == set(known)


@pytest.mark.parametrize("name", GOOD)
def test_every_wrong_value_gets_a_sentence(address: str, name: str) -> None:
    for place in range(len(GOOD[name])):
        for wrong in WRONG:
            values = [*GOOD[name]]
            values[place] = wrong
            kind, data = answer(address, name, values)
            if kind == "complete":
                continue
            sentence = data.get("error") if isinstance(data, dict) else data
            assert isinstance(sentence, str) and sentence[-1] == ".", (place, wrong[:50], data)
            assert not JARGON.search(sentence), (place, wrong[:50], sentence)
            assert "\n" not in sentence and len(sentence) < 300


@pytest.mark.parametrize("name", GOOD)
def test_too_few_and_too_many_values_get_a_sentence(address: str, name: str) -> None:
    kind, data = answer(address, name, [])
    assert kind == "complete" or data["error"].endswith(".")
    kind, data = answer(address, name, GOOD[name] * 3)
    assert kind == "complete" or data["error"].endswith(".")


def test_numbers_for_texts_are_named(address: str) -> None:
    kind, data = answer(address, "voices", ["5"])
    assert kind == "error" and data["error"] == "The value of 'token' must be a text."
    kind, data = answer(
        address, "train_start", [*GOOD["train_start"][:3], "NaN", "true", "false", '""']
    )
    assert kind == "error" and "'amount' must be a number" in data["error"]


def test_what_a_browser_kept_is_checked() -> None:
    radio, group = gr.Radio([("A", "a")]), gr.CheckboxGroup([("A", "a")])
    number, text, box = gr.Number(1, minimum=0), gr.Textbox(), gr.Checkbox()
    good = {radio: ["a"], group: [[], ["a"]], number: [0, 2.5], text: ["", "x"], box: [True]}
    wrong = [json.loads(each) for each in WRONG if each not in ("true", "[]")]
    for widget, values in good.items():
        assert all(fits(widget, value) for value in values)
        assert not any(fits(widget, each) for each in wrong if not _plain(widget, each)), widget
    assert not fits(gr.File(), "x")


def _plain(widget: object, value: object) -> bool:
    """Return whether a value that is wrong elsewhere is right for this widget."""
    if isinstance(widget, gr.Textbox):
        return isinstance(value, str) and len(value) <= 200
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(widget, gr.Number) and is_number and value >= 0
