"""Messages: templates with values, rendered in every language that has a catalogue."""

import ast
import json
import pickle
import re
import shutil
import string
import subprocess
import sys
from gettext import GNUTranslations
from pathlib import Path

import numpy as np
import pytest

from rvc import messages
from rvc.errors import AudioError, Cancelled, RVCError

pytest.importorskip("babel")
from rvc.messages import LOCALE_DIR, Message, in_every_language, joined, languages
from tools import catalogue

ROOT = Path(__file__).parents[1]
HANGUL = re.compile("[\uac00-\ud7a3\u3131-\u318e]")
SECONDS = Message("{seconds:.3g} s", seconds=2.5)


def _entries(code: str) -> dict[str, str]:
    path = catalogue.po_path(code).with_suffix(".mo")
    with path.open("rb") as file:
        return {k: v for k, v in GNUTranslations(file)._catalog.items() if k}


def _fields(text: str) -> list[tuple[str, str]]:
    parsed = string.Formatter().parse(text)
    return sorted((name, spec or "") for _, name, spec, _ in parsed if name is not None)


def test_the_catalogues_are_up_to_date() -> None:
    command = [sys.executable, "-m", "tools.catalogue", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("code", languages()[1:])
def test_every_message_is_translated_with_the_same_fields(code: str) -> None:
    translated = _entries(code)
    templates = {entry.id for entry in catalogue.extracted() if entry.id}
    assert templates == set(translated) and len(templates) > 500
    for template, text in translated.items():
        assert text.strip(), template
        assert {name for name, _ in _fields(text)} == {name for name, _ in _fields(template)}, text


def test_korean_stands_in_the_catalogue_alone() -> None:
    sources = [*(ROOT / "rvc").rglob("*.py"), *(ROOT / "rvc" / "ui" / "assets").iterdir()]
    assert not [path for path in sources if HANGUL.search(path.read_text(encoding="utf-8"))]
    assert HANGUL.search(Message("Cancel").in_language("ko"))


def test_a_third_language_is_one_more_catalogue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locale = tmp_path / "locale"
    shutil.copytree(LOCALE_DIR, locale)
    (locale / "eo" / "LC_MESSAGES").mkdir(parents=True)
    text = catalogue.po_path("ko").read_text(encoding="utf-8").replace("취소", "Nuligi")
    (locale / "eo" / "LC_MESSAGES" / "moksori.po").write_text(text, encoding="utf-8")
    with (locale / "eo" / "LC_MESSAGES" / "moksori.mo").open("wb") as file:
        po = locale / "eo" / "LC_MESSAGES" / "moksori.po"
        catalogue.write_mo(file, catalogue.read_po(po.open("rb"), locale="eo"))
    monkeypatch.setattr(messages, "LOCALE_DIR", locale)
    for cached in (messages.languages, messages.catalogue):
        cached.cache_clear()
    try:
        assert languages() == ("en", "eo", "ko")
        assert Message("Cancel").in_language("eo-001") == "Nuligi"
        assert in_every_language(Message("Cancel")) == "Cancel / Nuligi / 취소"
    finally:
        monkeypatch.undo()
        for cached in (messages.languages, messages.catalogue):
            cached.cache_clear()


@pytest.mark.parametrize("tag", ["ko", "ko-KR", "ko_KR.UTF-8", "KO", "ko.UTF-8"])
def test_tags_of_a_language(tag: str) -> None:
    assert SECONDS.in_language(tag) == "2.5초"


@pytest.mark.parametrize("tag", ["en", "fr-FR", "C", "", "kok"])
def test_other_languages_read_english(tag: str) -> None:
    assert SECONDS.in_language(tag) == "2.5 s" == str(SECONDS)


def test_values_may_be_messages() -> None:
    outer = Message("Left out: {reason}", reason=joined(["a.wav", SECONDS], ": "))
    assert str(outer) == "Left out: a.wav: 2.5 s"
    assert outer.in_language("ko") == "제외: a.wav: 2.5초"


def test_braces_in_a_value_stay() -> None:
    text = Message("Left out: {reason}", reason="{reason} {0} {x.__class__}")
    assert str(text) == "Left out: {reason} {0} {x.__class__}"


def test_equal_messages_are_one_key() -> None:
    same = Message("{seconds:.3g} s").with_values(seconds=2.5)
    assert same == SECONDS and len({same, SECONDS, Message("Cancel")}) == 2
    assert joined([same]) == joined([SECONDS]) != joined([SECONDS], ", ")


def test_messages_and_errors_travel_between_processes() -> None:
    outer = Message("Left out: {reason}", reason=joined([SECONDS, "x", np.float32(1.5)]))
    for text in (outer, joined([outer, "y"], ", ")):
        assert pickle.loads(pickle.dumps(text)) == text
        again = Message.from_json(json.loads(json.dumps(text.to_json())))
        assert again.in_language("ko") == text.in_language("ko")
    error = pickle.loads(pickle.dumps(AudioError(outer)))
    assert type(error) is AudioError and error.text == outer and str(error) == str(outer)
    assert pickle.loads(pickle.dumps(Cancelled())).text == Cancelled().text


@pytest.mark.parametrize(
    "data",
    [
        None,
        "Cancel",
        ["Cancel", "취소"],
        {"template": "Words of its own", "values": {}},
        {"template": "Cancel"},
        {"template": "Left out: {reason}", "values": {"reason": ["a"]}},
        {"separator": " ", "parts": [{"template": "Words of its own", "values": {}}]},
    ],
)
def test_what_is_no_message_is_refused(data: object) -> None:
    with pytest.raises(ValueError):
        Message.from_json(data)


def test_an_error_takes_a_template_or_a_message() -> None:
    assert str(RVCError("{name} is not there.", name="a")) == "a is not there."
    assert RVCError(SECONDS).text is SECONDS


def test_templates_get_exactly_the_values_they_name() -> None:
    names, checked = {"Message", *catalogue.error_names()}, 0
    for path in (ROOT / "rvc").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Name(id=name), args=[ast.Constant(value=str(text))], keywords=given
                ) if name in names and (given or name != "Message"):
                    fields = {field for field, _ in _fields(text)}
                    assert {each.arg for each in given} == fields, (path.name, text)
                    checked += bool(fields)
    assert checked > 100
