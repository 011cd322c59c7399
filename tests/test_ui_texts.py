"""Every word of the page is there in both languages, and every key that is asked for exists."""

import re
import string
from pathlib import Path

import pytest

from rvc.ui.texts import TEXTS, by_language, clock, tr
from rvc.ui.texts.record import PROMPTS_EN, PROMPTS_KO

UI = Path(__file__).parents[1] / "rvc" / "ui"
SAME_IN_BOTH = {"take_problem"}  # nothing in it to translate


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("key", sorted(TEXTS))
def test_both_languages_are_there_and_take_the_same_values(key: str) -> None:
    text = TEXTS[key]
    assert text.en.strip() and text.ko.strip()
    assert _fields(text.en) == _fields(text.ko)
    assert re.search("[가-힣]", text.ko) or key in SAME_IN_BOTH or text.ko == text.en
    assert not re.search("[가-힣]", text.en)


def test_every_key_in_the_code_exists() -> None:
    asked = set()
    for file in UI.glob("*.py"):
        source = file.read_text(encoding="utf-8")
        asked |= set(re.findall(r'(?:\bwords|\.say|\bboth|_error|_words)\(\s*"(\w+)"', source))
        asked |= set(re.findall(r'\btr\(\s*[^,()]+,\s*"(\w+)"', source))
    assert len(asked) > 60  # the pattern still finds them
    assert asked <= set(TEXTS), asked - set(TEXTS)


def test_every_word_the_recorder_asks_for_exists() -> None:
    asked = set()
    for name in ("recorder.js", "recorder.html"):
        source = (UI / "assets" / name).read_text(encoding="utf-8")
        asked |= set(re.findall(r"\b(rec_\w+)", source))
    assert asked == {key for key in TEXTS if key.startswith("rec_")}
    assert len(PROMPTS_EN) == len(PROMPTS_KO)


def test_words_by_language() -> None:
    tables = by_language()
    assert tables["en"].keys() == tables["ko"].keys() == TEXTS.keys()
    assert tr("ko-KR", "cancel") == "취소" and tr("fr", "cancel") == "Cancel"
    assert tr("en", "takes_total_one", time="0:20") == "1 recording, 0:20."


@pytest.mark.parametrize(
    "seconds, shown", [(0, "0:00"), (59.6, "1:00"), (200, "3:20"), (3725, "1:02:05"), (-3, "0:00")]
)
def test_clock(seconds: float, shown: str) -> None:
    assert clock(seconds) == shown
