"""ui/why.py: the figures and sounds of "Why clean data?"."""

import base64
import io
import re

import pytest
import soundfile

from rvc.messages import languages
from rvc.ui.texts import TEXTS
from rvc.ui.visitor import Visitor
from rvc.ui.why import SOUNDS, examples, key_figures, why_html

LARGEST_BYTES = 400_000  # of all sounds together


@pytest.mark.parametrize("language", languages())
def test_every_shipped_figure_is_shown(language: str) -> None:
    html = str(why_html(Visitor("owner", language)))
    for row in key_figures()["rooms"]:
        assert TEXTS[f"why_room_{row['id']}"].in_language(language) in html
        assert f"{row['error_percent']:.1f}%" in html
    assert len(re.findall("<audio ", html)) == len(SOUNDS)


def test_the_sounds_are_small_and_can_be_read() -> None:
    sounds = [base64.b64decode(data.split(",", 1)[1]) for data in examples().values()]
    assert len(sounds) == len(SOUNDS) and sum(map(len, sounds)) < LARGEST_BYTES
    for sound in sounds:
        samples, rate = soundfile.read(io.BytesIO(sound))
        assert 2 < len(samples) / rate < 12 and abs(samples).max() > 0.05
