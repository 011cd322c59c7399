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


@pytest.mark.parametrize(
    "prefix, names",
    [("rec_", ("recorder.js", "recorder.html")), ("play_", ("player.js", "player.html"))],
)
def test_every_word_a_script_asks_for_exists(prefix: str, names: tuple[str, ...]) -> None:
    asked = set()
    for name in names:
        source = (UI / "assets" / name).read_text(encoding="utf-8")
        asked |= set(re.findall(rf"\b({prefix}\w+)", source))
    asked -= {"rec_mood_", "play_"}  # completed by a mood, or by a side of a recording
    moods = {f"rec_mood_{prompt.mood}" for code in languages() for prompt in prompts(code)}
    sides = {f"play_{side}" for side in ("original", "before", "after", "removed")}
    asked |= {"rec_": moods, "play_": sides}[prefix]
    assert asked == {key for key in TEXTS if key.startswith(prefix)}


def test_every_language_has_sixty_sentences_in_moods_that_take_turns() -> None:
    scripts = {code: prompts(code) for code in languages()}
    for script in scripts.values():
        assert len({prompt.text for prompt in script}) == 60
        assert len({prompt.mood for prompt in script[:8]}) == len({p.mood for p in script}) == 5
    assert prompts("a language without its own") == scripts["en"] != scripts["ko"]


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
