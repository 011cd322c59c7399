"""The page's texts by key: every key that is asked for exists, and every language has its texts."""

import re
from pathlib import Path

import pytest

from rvc.messages import languages
from rvc.ui.record_tab import prompts
from rvc.ui.texts import TEXTS, by_language, clock, tr
from rvc.ui.workspace import shown_name

UI = Path(__file__).parents[1] / "rvc" / "ui"


def test_every_key_in_the_code_exists() -> None:
    asked = set()
    for file in UI.glob("*.py"):
        source = file.read_text(encoding="utf-8")
        asked |= set(re.findall(r'(?:\bwords|\.say|\bmessage|_error)\(\s*"(\w+)"', source))
        asked |= set(re.findall(r'\btr\(\s*[^,()]+,\s*"(\w+)"', source))
    for file in (UI / "templates").iterdir():
        asked |= set(re.findall(r'\bsay\("(\w+)"[,)]', file.read_text(encoding="utf-8")))
    assert len(asked) > 60  # the pattern still finds them
    assert asked <= set(TEXTS), asked - set(TEXTS)


def test_every_word_the_recorder_asks_for_exists() -> None:
    asked = set()
    for name in ("recorder.js", "recorder.html"):
        source = (UI / "assets" / name).read_text(encoding="utf-8")
        asked |= set(re.findall(r"\b(rec_\w+)", source))
    assert asked == {key for key in TEXTS if key.startswith("rec_")}


def test_every_language_has_sentences_to_read() -> None:
    sentences = {code: prompts(code) for code in languages()}
    assert all(len(set(each)) >= 8 for each in sentences.values())
    assert prompts("a language without its own") == sentences["en"] != sentences["ko"]


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


def test_names_are_shown_without_tricks() -> None:
    assert shown_name("../../a\u202egnp.wav\n") == "agnp.wav"
    assert len(shown_name("가" * 300)) == 80
