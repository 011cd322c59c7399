"""The voice library: names, atomic saving, and the checked copy."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from lite_voice import lite_voice
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from rvc.errors import VoiceError
from rvc.index import build_index
from rvc.voice import (
    Voice,
    VoiceLibrary,
    build_synthesizer,
    check_name,
    load_voice,
    safe_name,
)
from rvc.voice import files as voice_files

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def library(tmp_path) -> VoiceLibrary:
    return VoiceLibrary(tmp_path / "weights")


def synthesized(voice: Voice, frames: int = 30) -> torch.Tensor:
    torch.manual_seed(1)
    content = torch.randn(1, frames, voice.content_channels)
    f0_hz = torch.full((1, frames), 160.0)
    generator = torch.Generator().manual_seed(0)
    synthesizer = build_synthesizer(voice)
    return synthesizer.infer(content, f0_hz, torch.zeros(1, dtype=torch.long), generator=generator)


def test_a_lite_voice_comes_back_the_same(library):
    voice = lite_voice()
    folder = library.save(voice)
    assert folder == library.path(voice.name)
    again = library.load(voice.name)
    assert (again.name, again.version, again.card) == (voice.name, "lite", voice.card)
    assert again.config == voice.config
    assert again.content_encoder == "whisper-base-5"
    assert len(again.index) == 90
    half = replace(voice, weights={key: v.half() for key, v in voice.weights.items()})
    assert torch.equal(synthesized(again), synthesized(half))


def test_weights_that_are_not_numbers_are_not_saved(library):
    voice = lite_voice()
    library.save(voice)
    broken = dict(voice.weights)
    broken["emb_g.weight"] = torch.full_like(broken["emb_g.weight"], 1e9)
    with pytest.raises(VoiceError, match="not saved"):
        library.save(replace(voice, weights=broken))
    assert torch.isfinite(library.load(voice.name).weights["emb_g.weight"]).all()


def test_a_voice_of_the_library_opens_without_the_child_process(library, monkeypatch):
    library.save(lite_voice("fast"))
    monkeypatch.setattr(voice_files, "read_voice_apart", None)
    assert library.load("fast").version == "lite"


def test_a_pth_put_in_by_hand_is_checked_once_and_then_quick(library, monkeypatch):
    folder = library.path("mine")
    folder.mkdir(parents=True)
    (folder / "Mine_e200.pth").write_bytes((GOLDEN / "v1_40k_f0.pth").read_bytes())
    index = GOLDEN / "added_IVF8_Flat_nprobe_1_reference_v1.index"
    (folder / index.name).write_bytes(index.read_bytes())
    voice = library.load("mine")
    assert (voice.name, voice.version, len(voice.index)) == ("mine", "v1", 320)
    monkeypatch.setattr(voice_files, "read_voice_apart", None)
    assert library.load("mine").version == "v1"


@pytest.mark.parametrize("damage", ["another voice", "cut"])
def test_the_checked_copy_is_not_trusted_when_it_no_longer_fits(library, damage):
    folder = library.save(lite_voice("a"))
    if damage == "cut":
        checked = folder / voice_files.CHECKED_FILE
        checked.write_bytes(checked.read_bytes()[:-100])
        assert library.load("a").version == "lite"
    else:
        (folder / "a.pth").write_bytes((GOLDEN / "v1_48k_f0.pth").read_bytes())
        assert library.load("a").version == "v1"


@pytest.mark.parametrize(
    "false",
    [
        {"fields": "[]"},
        {"fields": "null"},
        {"fields": "[" * 99_999},
        "not numbers",
        "whole numbers",
    ],
    ids=lambda false: str(false)[:20],
)
def test_a_false_checked_copy_is_made_again(library, false):
    voice = lite_voice("a")
    checked = library.save(voice) / voice_files.CHECKED_FILE
    with safe_open(checked, "pt") as file:
        notes = file.metadata()
    weights = load_file(checked)
    if isinstance(false, dict):
        notes |= false
    elif false == "not numbers":
        weights["content.bias"][0] = torch.nan
    else:
        weights["content.bias"] = weights["content.bias"].int()
    save_file(weights, checked, metadata=notes)
    again = library.load("a").weights["content.bias"]
    assert torch.equal(again, voice.weights["content.bias"].half())
    assert torch.equal(load_file(checked)["content.bias"], again)


def test_a_library_index_of_another_width_is_a_note_not_a_failure(library):
    folder = library.save(lite_voice("a"))
    build_index(np.ones((3, 7), np.float32)).save(folder / "a.index")
    voice = library.load("a")
    assert voice.index is None
    assert "another kind of voice" in str(voice.notes[0])
    with pytest.raises(VoiceError, match="another kind"):
        load_voice(folder, index_path=folder / "a.index")


def test_library_lists_deletes_and_names_what_is_missing(library):
    assert library.names() == []
    for name in ("나비", "anna", "B 2"):
        library.save(lite_voice(name))
    assert library.names() == ["B 2", "anna", "나비"]
    assert "anna" in library and "missing" not in library
    library.delete("anna")
    assert library.names() == ["B 2", "나비"]
    assert [path.name for path in library.folder.glob(".*")] == [".lock"]
    with pytest.raises(VoiceError, match="There are: B 2, 나비") as caught:
        library.load("anna")
    assert "목소리가 없습니다" in caught.value.text.in_language("ko")


def test_names_that_differ_in_capitals_clash(library):
    library.save(lite_voice("Anna"))
    with pytest.raises(VoiceError, match="already"):
        library.save(lite_voice("anna"))
    assert library.free_name("anna") == "anna 2"


def test_saving_over_a_voice_replaces_it_and_drops_its_old_index(library):
    library.save(lite_voice("a"))
    library.save(replace(lite_voice("a"), index=None, card={"info": "new"}))
    voice = library.load("a")
    assert voice.index is None and voice.card == {"info": "new"}


def test_the_card_can_be_changed_alone(library):
    library.save(lite_voice("a"))
    library.update_card("a", consent="2026-01-01", f0_median_hz=99.0)
    assert library.card("a")["note"] == "시험"
    assert library.load("a").card["f0_median_hz"] == 99.0


def test_values_that_no_card_has_are_left_out(library):
    card = library.save(lite_voice("a")) / "card.json"
    for text in (
        '{"f0_median_hz": "high"}', '{"f0_median_hz": [1]}', '{"f0_median_hz": 1e999}',
        '{"f0_median_hz": -5}', '{"minutes": NaN}', '{"minutes": 1' + "0" * 400 + "}",
        '{"info": "half \\ud800"}', '{"half \\ud800": 1}', '{"report": {"a": ["\\ud800"]}}',
    ):  # fmt: skip
        card.write_text(text[:-1] + ', "note": "시험"}', encoding="utf-8")
        assert library.card("a") == library.load("a").card == {"note": "시험"}
        assert library.update_card("a", more=1) == {"note": "시험", "more": 1}
    for text in ("{", "[]", "null", "[" * 60_000, "1" * 5_000):
        card.write_text(text, encoding="utf-8")
        assert library.card("a") == {} and library.load("a").card["note"] == "시험"


@pytest.mark.parametrize(
    "name", ["anna", "서연이 목소리", "Zoë_2 (demo)", "Ольга", "ひかり", "v2.1"]
)
def test_good_names(name):
    assert check_name(name) == name == safe_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "  ",
        "가" * 61,
        ".hidden",
        "end.",
        " lead",
        "a:b",
        "a*b",
        "'; rm",
        "\ud800",
        "a/b",
        "..",
        "a\\b",
        "CON",
        "nul.txt",
        "com1",
        "a\x00b",
        "a\nb",
        "😀",
        "a" * 300,
    ],
)
def test_bad_names_are_refused_in_both_languages_and_can_be_made_safe(name):
    with pytest.raises(VoiceError) as caught:
        check_name(name)
    assert str(caught.value.text) != caught.value.text.in_language("ko")
    assert check_name(safe_name(name))


def test_korean_names_are_composed():
    assert check_name("\u1112\u1161\u11ab") == "한"


def test_a_lite_voice_of_an_older_encoder_is_refused_with_the_remedy(tmp_path):
    library = VoiceLibrary(tmp_path / "weights")
    library.save(lite_voice("old"))
    path = library.path("old") / "old.pth"
    content = torch.load(path, weights_only=True)
    torch.save(content | {"embedder_model": "whisper-tiny"}, path)
    with pytest.raises(VoiceError, match="Train it again") as caught:
        load_voice(path)
    assert "다시" in caught.value.text.in_language("ko") and "whisper" not in str(caught.value)


def test_a_voice_of_the_fourth_layer_keeps_its_encoder(library) -> None:
    library.save(lite_voice("old"))
    path = library.path("old") / "old.pth"
    content = torch.load(path, weights_only=True)
    shape = {name: value for name, value in content["config"].items() if name != "encoder"}
    torch.save(content | {"config": shape, "embedder_model": "whisper-base"}, path)
    old = library.load("old")
    assert old.content_encoder == "whisper-base"
    library.save(replace(old, name="copy"))
    assert library.load("copy").content_encoder == "whisper-base"
    torch.save(content | {"embedder_model": "whisper-base"}, path)  # of a config that says another
    with pytest.raises(VoiceError):
        load_voice(path)
    for encoder in ("whisper-base-6", 5, None):
        torch.save(content | {"config": content["config"] | {"encoder": encoder}}, path)
        with pytest.raises(VoiceError):
            load_voice(path)
