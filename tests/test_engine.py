"""Engine: what is loaded once, what is loaded anew, and what each preset says of itself."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from rvc.audio import Recording
from rvc.engine import Engine
from rvc.errors import VoiceError


@pytest.fixture
def weights(tiny_weights: Path, tmp_path: Path) -> Path:
    """A copy of the tiny weights, its voice never loaded before."""
    shutil.copytree(tiny_weights, tmp_path / "weights")
    for checked in (tmp_path / "weights").rglob("checked.safetensors"):
        checked.unlink()
    return tmp_path / "weights"


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the networks that were built, in order."""
    from rvc import engine

    built, build = [], engine.build_synthesizer

    def counted(voice, device):
        built.append(voice.name)
        return build(voice, device)

    monkeypatch.setattr(engine, "build_synthesizer", counted)
    return built


def test_a_voice_is_loaded_once_and_again_when_its_file_changes(weights, loads, speech_like):
    engine, source = Engine(weights, "cpu"), Recording(speech_like(1.0, 16_000), 16_000)
    first = engine.convert(source, "tiny").recording.samples
    again = engine.convert(source, "tiny").recording.samples
    assert loads == ["tiny"] and np.array_equal(first, again)
    engine.library.save(engine.library.load("tiny"))
    engine.convert(source, "tiny")
    assert loads == ["tiny", "tiny"]


def test_a_voice_that_is_not_there_is_named(weights, speech_like):
    with pytest.raises(VoiceError, match="nobody"):
        Engine(weights, "cpu").convert(Recording(speech_like(1.0, 16_000), 16_000), "nobody")


def test_presets_say_what_they_lack(weights):
    lite, *others = Engine(weights, "cpu").presets()
    assert lite.name == "lite" and lite.available and not lite.missing
    for preset in others:
        assert not preset.available and "Hugging Face" in preset.text.en
        assert f"pretrained_v2/f0G{preset.name}.pth" in preset.missing


def test_making_an_engine_makes_no_folder(tmp_path):
    Engine(tmp_path / "none", "cpu")
    assert not (tmp_path / "none").exists()
