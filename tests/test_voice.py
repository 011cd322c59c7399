"""Voices: community files in every spelling, and saved files in the community's format."""

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from rvc.network.config import RVCConfig
from rvc.network.synthesizer import RVCSynthesizer
from rvc.ui import conversion
from rvc.voice import (
    VoiceLibrary,
    build_synthesizer,
    export_voice,
    import_voice,
    load_voice,
)

GOLDEN = Path(__file__).parent / "golden"
NAMES = sorted(path.stem for path in GOLDEN.glob("v*.pth"))


@pytest.fixture(scope="module")
def golden_file() -> dict:
    return torch.load(GOLDEN / "v2_40k_f0.pth", weights_only=True)


def saved(path: Path, content: object, **options) -> Path:
    torch.save(content, path, **options)
    return path


@pytest.mark.parametrize("name", NAMES)
def test_every_golden_voice_loads_and_gives_the_golden_sound(name):
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
    path = VoiceLibrary(tmp_path).save(voice) / "anna.pth"
    file = torch.load(path, weights_only=True)
    assert {"weight", "config", "info", "sr", "f0", "version"} <= set(file)
    assert (file["sr"], file["f0"], file["version"]) == ("40k", 1, "v2")
    assert file["info"] == "200epoch"
    assert file["config"] == golden_file["config"]
    assert set(file["weight"]) == set(golden_file["weight"])
    assert all(value.dtype == torch.float16 for value in file["weight"].values())


def stored_otherwise(file: dict) -> dict[str, dict]:
    """Return the same weights with others beside them, in other layouts, or in one storage."""
    weight = file["weight"]
    count = sum(value.numel() for value in weight.values())
    whole = torch.zeros(count + 5, dtype=torch.float16)
    parts, start = {}, 5
    for name, value in weight.items():
        parts[name] = whole[start : start + value.numel()].view(value.shape)
        parts[name].copy_(value)
        start += value.numel()
    extras = {
        "enc_p.helper.num_batches_tracked": torch.tensor(3),
        "dec.mel_bank": torch.ones(80, 513),
        "emb_g.spare": torch.zeros(2, dtype=torch.bool),
    }
    return {
        "unknown weights": weight | extras,
        "transposed": {n: v.T.contiguous().T if v.dim() == 2 else v for n, v in weight.items()},
        "reversed axes": {
            n: v.permute(2, 1, 0).contiguous().permute(2, 1, 0) if v.dim() == 3 else v
            for n, v in weight.items()
        },
        "every second number": {
            n: v.repeat_interleave(2, -1)[..., ::2] if v.dim() else v for n, v in weight.items()
        },
        "one storage": parts,
    }


@pytest.mark.parametrize(
    ("layout", "new_format"),
    [*((layout, True) for layout in stored_otherwise({"weight": {}})), ("one storage", False)],
)
def test_weights_open_however_they_are_stored(tmp_path, golden_file, layout, new_format):
    weight = stored_otherwise(golden_file)[layout]
    path = tmp_path / "a.pth"
    saved(path, golden_file | {"weight": weight}, _use_new_zipfile_serialization=new_format)
    voice = load_voice(path)
    assert voice.weights.keys() == golden_file["weight"].keys()
    assert all(torch.equal(voice.weights[k], v) for k, v in golden_file["weight"].items())
    assert [note.values["count"] for note in voice.notes] == (
        [1] if layout == "unknown weights" else []
    )


def test_what_applio_notes_about_a_voice_stays_with_it(tmp_path, golden_file):
    facts = {
        "epoch": np.int64(200),
        "step": 5000,
        "author": "은하 <b>",
        "model_name": "nova",
        "model_hash": "ab12",
        "creation_date": "2026-01-01T00:00:00",
        "dataset_length": "0:10:00",
        "speakers_id": 1,
    }
    odd = {"dataset_length": [1] * 5000, "speakers_id": float("nan"), "author": "x" * 5000}
    content = golden_file | {"info": "200epoch"}
    library = VoiceLibrary(tmp_path / "weights")
    voice = import_voice(saved(tmp_path / "a.pth", content | facts), library)
    assert facts.items() <= library.card(voice.name).items()
    again = export_voice(library, voice.name, tmp_path / "a.zip")
    assert facts.items() <= import_voice(again, library).card.items()
    with zipfile.ZipFile(again) as archive:
        file = torch.load(io.BytesIO(archive.read("a.pth")), weights_only=True)
    assert facts.items() <= file.items()
    card = load_voice(saved(tmp_path / "odd.pth", content | facts | odd)).card
    assert card["epoch"] == 200 and not set(odd) & set(card)
    described = dict(conversion.describe(conversion.KnownVoice("a", True, False, voice.card)))
    assert described["voice_author"] == "은하 <b>" and described["voice_created"] == "2026-01-01"


def test_a_hifigan_voice_of_24_khz_opens(tmp_path, golden_file):
    config = replace(
        RVCConfig.preset("v2", 24_000),
        inter_channels=16, hidden_channels=16, filter_channels=32, layers=1,
        upsample_initial_channels=32, speakers=2, speaker_channels=16,
    )  # fmt: skip
    weight = RVCSynthesizer(config, with_posterior=False).state_dict()
    fields = {"config": config.to_list(), "sr": 24000, "f0": True, "version": "v2"}
    voice = load_voice(saved(tmp_path / "a.pth", fields | {"weight": weight}))
    assert voice.sample_rate == 24_000
    sound = build_synthesizer(voice).infer(
        torch.randn(1, 20, 768), torch.full((1, 20), 150.0), torch.tensor([0])
    )
    assert sound.shape == (1, 20 * 240)
    assert VoiceLibrary(tmp_path / "w").save(replace(voice, name="a")).is_dir()
