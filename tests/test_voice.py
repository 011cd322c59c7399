"""Voices: the community's files in every spelling, the library, import and export."""

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from rvc.errors import VoiceError
from rvc.index import build_index
from rvc.network.lite import LiteConfig, LiteSynthesizer
from rvc.voice import (
    Voice,
    VoiceLibrary,
    build_synthesizer,
    check_name,
    export_voice,
    import_voice,
    load_voice,
    safe_name,
    save_voice,
)
from rvc.voice import files as voice_files

GOLDEN = Path(__file__).parent / "golden"
NAMES = sorted(path.stem for path in GOLDEN.glob("v*.pth"))


@pytest.fixture
def library(tmp_path) -> VoiceLibrary:
    return VoiceLibrary(tmp_path / "weights")


@pytest.fixture(scope="module")
def golden_file() -> dict:
    return torch.load(GOLDEN / "v2_40k_f0.pth", weights_only=True)


def lite_voice(name: str = "작은 목소리") -> Voice:
    torch.manual_seed(0)
    config = LiteConfig(channels=16, dilations=(1, 2), speakers=2)
    weights = LiteSynthesizer(config).state_dict()
    index = build_index(np.random.default_rng(0).normal(size=(90, 384)).astype(np.float32))
    card = {"f0_median_hz": 180.5, "consent": True, "note": "시험"}
    return Voice(name, config, weights, "lite", True, 24_000, index, card)


def spoken(voice: Voice, frames: int = 30) -> torch.Tensor:
    torch.manual_seed(1)
    content = torch.randn(1, frames, voice.content_channels)
    f0_hz = torch.full((1, frames), 160.0)
    generator = torch.Generator().manual_seed(0)
    synthesizer = build_synthesizer(voice)
    return synthesizer.infer(content, f0_hz, torch.zeros(1, dtype=torch.long), generator=generator)


def saved(path: Path, content: object, **options) -> Path:
    torch.save(content, path, **options)
    return path


@pytest.mark.parametrize("name", NAMES)
def test_every_golden_voice_loads_and_speaks_as_it_should(name):
    voice = load_voice(GOLDEN / f"{name}.pth")
    version, rate, f0 = name.split("_")
    assert (voice.name, voice.version, voice.uses_f0) == (name, version, f0 == "f0")
    assert voice.sample_rate == int(rate[:-1]) * 1000
    assert voice.content_encoder == {"v1": "contentvec-v1", "v2": "contentvec"}[version]
    golden = np.load(GOLDEN / f"{name}.npz")
    waveform = build_synthesizer(voice).infer(
        torch.from_numpy(golden["content"])[None],
        torch.from_numpy(golden["f0_hz"])[None],
        torch.tensor([int(golden["speaker_id"])]),
        noise_scale=0,
    )
    error = np.abs(waveform[0].numpy() - golden["waveform"]).max()
    assert error <= 1e-4 * np.abs(golden["waveform"]).max()


def as_parametrizations(weight: dict) -> dict:
    spelled = {"weight_g": "original0", "weight_v": "original1"}
    return {
        ".".join([*key.split(".")[:-1], f"parametrizations.weight.{spelled[key.split('.')[-1]]}"])
        if key.endswith(tuple(spelled))
        else key: value
        for key, value in weight.items()
    }


def spellings(file: dict) -> dict[str, dict]:
    weight = file["weight"]
    bare = {key: file[key] for key in ("weight", "config")}
    applio = {
        "sr": 40000,
        "f0": True,
        "epoch": np.int64(200),
        "step": 5000,
        "embedder_model": "contentvec",
        "vocoder": "HiFi-GAN",
        "speakers_id": 1,
        "author": None,
        "creation_date": "2026-01-01T00:00:00",
        "overtrain_info": "lowest_value=" + str(np.float64(3.5)),
        "model_hash": np.float64(1.5),
    }
    return {
        "fp32": file | {"weight": {key: value.float() for key, value in weight.items()}},
        "fp64": file | {"weight": {key: value.double() for key, value in weight.items()}},
        "parameters": file
        | {"weight": {key: torch.nn.Parameter(value) for key, value in weight.items()}},
        "parametrizations": file | {"weight": as_parametrizations(weight)},
        "applio": file | applio | {"weight": as_parametrizations(weight)},
        "sr text": file | {"sr": "40000"},
        "no version, f0, sr, info": bare,
        "wrong version": file | {"version": "v1", "f0": 0},
        "posterior kept": file | {"weight": weight | {"enc_q.pre.bias": torch.zeros(3)}},
        "speakers in config": file | {"config": [*file["config"][:15], 109, *file["config"][16:]]},
    }


@pytest.mark.parametrize(
    "spelling", spellings({"weight": {}, "config": [0] * 18}), ids=lambda name: name
)
def test_every_spelling_of_the_community_gives_the_same_voice(tmp_path, golden_file, spelling):
    content = spellings(golden_file)[spelling]
    voice = load_voice(saved(tmp_path / "a.pth", content))
    assert (voice.version, voice.uses_f0, voice.sample_rate) == ("v2", True, 40000)
    for name, value in golden_file["weight"].items():
        torch.testing.assert_close(voice.weights[name].half(), value, rtol=0, atol=0)


def test_bfloat16_is_widened_without_loss(tmp_path, golden_file):
    weight = {key: value.bfloat16() for key, value in golden_file["weight"].items()}
    voice = load_voice(saved(tmp_path / "a.pth", golden_file | {"weight": weight}))
    assert all(torch.equal(voice.weights[key], value.float()) for key, value in weight.items())


def test_the_file_format_before_torch_1_6_is_read(tmp_path, golden_file):
    path = saved(tmp_path / "a.pth", golden_file, _use_new_zipfile_serialization=False)
    voice = load_voice(path)
    assert all(torch.equal(voice.weights[k], v) for k, v in golden_file["weight"].items())


def test_weights_saved_on_a_graphics_card_are_read(tmp_path, golden_file):
    buffer = io.BytesIO()
    torch.save(golden_file, buffer)
    path = tmp_path / "cuda.pth"
    with zipfile.ZipFile(buffer) as source, zipfile.ZipFile(path, "w") as target:
        for info in source.infolist():
            data = source.read(info)
            if info.filename.endswith("data.pkl"):
                data = data.replace(b"X\x03\x00\x00\x00cpu", b"X\x06\x00\x00\x00cuda:0")
                assert b"cuda:0" in data
            target.writestr(info.filename, data)
    assert load_voice(path).version == "v2"


def test_a_saved_voice_is_what_other_programs_expect(tmp_path, golden_file):
    voice = replace(load_voice(GOLDEN / "v2_40k_f0.pth"), name="anna", card={"info": "200epoch"})
    path = save_voice(tmp_path / "anna", voice)
    file = torch.load(path, weights_only=True)
    assert {"weight", "config", "info", "sr", "f0", "version"} <= set(file)
    assert (file["sr"], file["f0"], file["version"]) == ("40k", 1, "v2")
    assert file["info"] == "200epoch"
    assert file["config"] == golden_file["config"]
    assert set(file["weight"]) == set(golden_file["weight"])
    assert all(value.dtype == torch.float16 for value in file["weight"].values())


def test_a_lite_voice_comes_back_the_same(library):
    voice = lite_voice()
    folder = library.save(voice)
    assert folder == library.path(voice.name)
    again = library.load(voice.name)
    assert (again.name, again.version, again.card) == (voice.name, "lite", voice.card)
    assert again.config == voice.config
    assert again.content_encoder == "whisper-tiny"
    assert len(again.index) == 90
    half = replace(voice, weights={key: v.half() for key, v in voice.weights.items()})
    assert torch.equal(spoken(again), spoken(half))


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


def test_a_library_index_of_another_width_is_a_note_not_a_failure(library):
    folder = library.save(lite_voice("a"))
    build_index(np.ones((3, 7), np.float32)).save(folder / "a.index")
    voice = library.load("a")
    assert voice.index is None
    assert "another kind of voice" in voice.notes[0].en
    with pytest.raises(VoiceError, match="another kind"):
        load_voice(folder, index_path=folder / "a.index")


def test_library_lists_deletes_and_names_what_is_missing(library):
    assert library.names() == []
    for name in ("나비", "anna", "B 2"):
        library.save(lite_voice(name))
    assert library.names() == ["B 2", "anna", "나비"]
    assert "anna" in library and "nobody" not in library
    library.delete("anna")
    assert library.names() == ["B 2", "나비"]
    assert not list(library.folder.glob(".*"))
    with pytest.raises(VoiceError, match="There are: B 2, 나비") as caught:
        library.load("anna")
    assert "목소리가 없습니다" in caught.value.text.ko


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


@pytest.mark.parametrize("exists", [False, True])
def test_a_failing_disk_leaves_the_old_voice_or_none(library, monkeypatch, exists):
    import os

    if exists:
        library.save(replace(lite_voice("a"), card={"info": "old"}))
    real, calls, fail_at = os.replace, [0], [0]

    def failing(source, target):
        calls[0] += 1
        if calls[0] == fail_at[0]:
            raise OSError(28, "No space left on device")
        return real(source, target)

    monkeypatch.setattr(os, "replace", failing)
    for fail_at[0] in range(1, 5):
        calls[0] = 0
        with pytest.raises(VoiceError, match="No space"):
            library.save(lite_voice("a"))
        assert library.names() == (["a"] if exists else [])
        assert not [path for path in library.folder.rglob(".*")]
        if exists:
            assert library.load("a").version == "lite"


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
    assert caught.value.text.en != caught.value.text.ko
    assert check_name(safe_name(name))


def test_korean_names_are_composed():
    assert check_name("\u1112\u1161\u11ab") == "한"


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
    path = save_voice(tmp_path / "a", replace(lite_voice("a"), card=card))
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
    with pytest.raises(VoiceError, match="damaged or is no zip"):
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
