"""Import of voices from zips and untrusted files, and export."""

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from lite_voice import lite_voice

from rvc.errors import VoiceError
from rvc.index import build_index
from rvc.voice import (
    VoiceLibrary,
    export_voice,
    import_voice,
    load_voice,
)

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def library(tmp_path) -> VoiceLibrary:
    return VoiceLibrary(tmp_path / "weights")


def zip_of(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def golden_bytes(name: str) -> bytes:
    return (GOLDEN / name).read_bytes()


def test_a_zip_of_nested_folders_and_unrelated_names_is_imported(tmp_path, library):
    wrong = build_index(np.ones((3, 768), np.float32)).save(tmp_path / "w.index").read_bytes()
    path = zip_of(
        tmp_path / "download.zip",
        {
            "My Voice!/weights/나의 목소리😀_e100.pth": golden_bytes("v1_40k_f0.pth"),
            "My Voice!/logs/other.index": wrong,
            "My Voice!/logs/x/final.INDEX": golden_bytes(
                "added_IVF8_Flat_nprobe_1_reference_v1.index"
            ),
            "__MACOSX/._x.pth": b"junk",
            "readme.txt": b"hello",
            "../../evil.pth.txt": b"no",
        },
    )
    voice = import_voice(path, library, card={"consent": True})
    assert voice.name == "나의 목소리 _e100"
    assert len(voice.index) == 320
    again = library.load(voice.name)
    assert again.card["source_file"] == "download.zip" and again.card["consent"] is True
    assert {each.name for each in library.path(voice.name).iterdir()} == {
        f"{voice.name}.pth",
        f"{voice.name}.index",
        "card.json",
        "checked.safetensors",
    }


def test_importing_twice_numbers_the_name(library):
    first = import_voice(GOLDEN / "v2_40k_f0.pth", library)
    second = import_voice(GOLDEN / "v2_40k_f0.pth", library)
    assert (first.name, second.name) == ("v2_40k_f0", "v2_40k_f0 2")


def test_import_pairs_an_index_and_refuses_one_of_another_width(tmp_path, library):
    index = GOLDEN / "added_IVF8_Flat_nprobe_1_reference_v1.index"
    voice = import_voice(GOLDEN / "v1_40k_f0.pth", library, index_path=index, name="paired")
    assert voice.name == "paired" and len(library.load("paired").index) == 320
    with pytest.raises(VoiceError, match="another kind of voice"):
        import_voice(GOLDEN / "v2_40k_f0.pth", library, index_path=index)
    assert library.names() == ["paired"]


def test_consent_and_impossible_pitch_are_not_taken_over(tmp_path, library):
    card = {"consent": True, "f0_median_hz": 1e9, "note": "hi", "deep": {"a": 1}, "x": "y" * 9999}
    path = VoiceLibrary(tmp_path / "theirs").save(replace(lite_voice("a"), card=card)) / "a.pth"
    imported = import_voice(path, library)
    assert imported.card["note"] == "hi"
    assert not {"consent", "f0_median_hz", "deep", "x"} & set(imported.card)


def test_export_is_what_import_takes(tmp_path, library):
    library.save(lite_voice("a"))
    path = export_voice(library, "a", tmp_path / "a.zip")
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == ["a.pth", "added_IVF2_Flat_nprobe_1_a_lite.index"]
    other = VoiceLibrary(tmp_path / "other")
    again = import_voice(path, other)
    voice = library.load("a")
    assert again.card["f0_median_hz"] == 180.5
    assert len(again.index) == 90
    assert all(torch.equal(again.weights[key], value) for key, value in voice.weights.items())


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        ({"a.txt": b"x"}, "no voice"),
        ({"a.zip": b"PK"}, "another archive"),
        ({f"{n}.txt": b"x" for n in range(60)}, "60 files"),
        ({"a.pth": b"\0" * 30_000_000}, "far more"),
        ({"a.pth": b"hello there"}, "looks like a text"),
        ({"a.pth": "v2_40k_f0.pth", "b/b.pth": "v1_40k_f0.pth"}, "several voices"),
    ],
)
def test_archives_that_hold_no_voice(tmp_path, library, members, sentence):
    data = {n: golden_bytes(d) if isinstance(d, str) else d for n, d in members.items()}
    path = zip_of(tmp_path / "a.zip", data)
    with pytest.raises(VoiceError, match=sentence):
        import_voice(path, library)
    assert library.names() == []


def test_damaged_and_locked_archives(tmp_path, library):
    path = zip_of(tmp_path / "a.zip", {"a.pth": golden_bytes("v2_40k_f0.pth")})
    data = bytearray(path.read_bytes())
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(VoiceError, match="damaged or not a zip"):
        import_voice(path, library)
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.rindex(signature) + flags] |= 1
    path.write_bytes(data)
    with pytest.raises(VoiceError, match="password"):
        import_voice(path, library)


def test_a_missing_file_is_a_sentence(tmp_path, library):
    for name in ("gone.pth", "gone.zip"):
        with pytest.raises(VoiceError, match="gone"):
            import_voice(tmp_path / name, library)
    with pytest.raises(VoiceError, match="no voice in"):
        load_voice(tmp_path)


def test_the_card_is_json_anyone_can_read(library):
    folder = library.save(lite_voice("a"))
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    assert card["f0_median_hz"] == 180.5
