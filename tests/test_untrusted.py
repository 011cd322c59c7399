"""Invalid and hostile files: each gives one sentence and runs nothing."""

import io
import os
import pickle
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from rvc.errors import VoiceError
from rvc.untrusted import child
from rvc.untrusted.checkpoints import read_checkpoint
from rvc.untrusted.pickles import read_pickle
from rvc.voice import load_voice

GOLDEN = Path(__file__).parent / "golden"
ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def golden_file() -> dict:
    return torch.load(GOLDEN / "v2_40k_f0.pth", weights_only=True)


def refusal(path: Path) -> VoiceError:
    with pytest.raises(VoiceError) as caught:
        read_checkpoint(path)
    text = caught.value.text
    assert str(text) != text.in_language("ko") and "\n" not in str(text)
    assert str(path.parent) not in str(text)
    return caught.value


def torch_zip(path: Path, data: bytes, **members: bytes) -> Path:
    """Write a file in torch's layout with a hand-made pickle."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/data.pkl", data)
        for name, content in members.items():
            archive.writestr(f"a/data/{name}", content)
    return path


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b"just some words\n", "a text"),
        (b"<!doctype html><title>404</title>", "a web page"),
        (b"\n\n<html>", "a web page"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "a sound file"),
        (b"\x89PNG\r\n\x1a\n", "a picture"),
        (b"version https://git-lfs.github.com/spec/v1\n", "a link"),
        (b"IwFl\x00\x01\x00\x00", "an index"),
        (bytes(range(1, 200)), "not a voice file"),
        (b"PK\x03\x04" + bytes(100), "damaged"),
        (b"\x80\x02", "damaged"),
        (pickle.dumps({"weight": 1}, 2), "damaged"),
    ],
)
def test_files_that_are_no_voice_are_named(tmp_path, content, sentence):
    path = tmp_path / "a.pth"
    path.write_bytes(content)
    assert sentence in str(refusal(path))


def checkpoints_that_are_no_voice(file: dict) -> dict[str, tuple[object, str]]:
    weight = file["weight"]
    return {
        "training": (
            {"model": weight, "iteration": 9, "optimizer": {}, "learning_rate": 1e-4},
            "training checkpoint",
        ),
        "other network": ({"encoder.layer.0.weight": torch.zeros(3)}, "no voice"),
        "bare tensor": (torch.zeros(3), "no voice"),
        "list": ([1, 2], "no voice"),
        "nan": (
            file | {"weight": weight | {"emb_g.weight": torch.full((4, 32), torch.nan)}},
            "not numbers",
        ),
        "infinite": (
            file | {"weight": weight | {"emb_g.weight": torch.full((4, 32), torch.inf)}},
            "not numbers",
        ),
        "text for a weight": (file | {"weight": weight | {"emb_g.weight": "x"}}, "damaged"),
        "expanded": (
            file | {"weight": weight | {"emb_g.weight": torch.zeros(1).expand(2**20, 2**18)}},
            "damaged",
        ),
        "sparse": (
            file | {"weight": weight | {"emb_g.weight": torch.zeros(4, 32).to_sparse()}},
            "not safe",
        ),
        "meta": (
            file | {"weight": weight | {"emb_g.weight": torch.zeros(4, 32, device="meta")}},
            "not safe",
        ),
    }


@pytest.mark.parametrize("case", checkpoints_that_are_no_voice({"weight": {}}))
def test_checkpoints_that_are_no_voice_are_named(tmp_path, golden_file, case):
    content, sentence = checkpoints_that_are_no_voice(golden_file)[case]
    torch.save(content, tmp_path / "a.pth")
    assert sentence in str(refusal(tmp_path / "a.pth"))


def voices_that_do_not_fit(file: dict) -> dict[str, tuple[dict, str]]:
    weight = dict(file["weight"])
    fewer = {key: value for key, value in weight.items() if "conv_post" not in key}
    config = list(file["config"])
    return {
        "missing weight": (file | {"weight": fewer}, "1 of its"),
        "whole numbers": (
            file | {"weight": weight | {"emb_g.weight": torch.zeros(4, 32, dtype=torch.long)}},
            "damaged",
        ),
        "wrong size": (
            file | {"weight": weight | {"dec.conv_pre.bias": torch.zeros(5).half()}},
            "1 of its",
        ),
        "no config": ({"weight": weight}, "unknown shape"),
        "million layers": (file | {"config": [*config[:6], 10**6, *config[7:]]}, "unknown shape"),
        "other rate": (file | {"config": [*config[:17], -40000]}, "unknown shape"),
        "content of 1024": (
            file | {"weight": weight | {"enc_p.emb_phone.weight": torch.zeros(32, 1024).half()}},
            "1024 numbers",
        ),
        "lite config of another program": (
            {"weight": weight, "version": "lite", "config": {"channels": 10**9}},
            "damaged",
        ),
    }


@pytest.mark.parametrize("case", voices_that_do_not_fit({"weight": {}, "config": [0] * 18}))
def test_voices_whose_parts_do_not_fit(tmp_path, golden_file, case):
    content, sentence = voices_that_do_not_fit(golden_file)[case]
    torch.save(content, tmp_path / "a.pth")
    with pytest.raises(VoiceError, match=sentence):
        load_voice(tmp_path / "a.pth")


class Harm:
    """An object that pickles to a call of os.system."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self):
        return os.system, (f"touch {self.mark}",)


@pytest.mark.parametrize("new_format", [True, False])
def test_code_in_a_pickle_is_named_and_not_run(tmp_path, new_format):
    mark = tmp_path / "mark"
    torch.save(
        {"weight": {}, "info": Harm(mark)},
        tmp_path / "a.pth",
        _use_new_zipfile_serialization=new_format,
    )
    assert "not safe" in str(refusal(tmp_path / "a.pth"))
    assert not mark.exists()


def test_code_behind_a_stacked_name_is_not_run(tmp_path):
    data = b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x04true\x85R."
    with pytest.raises(VoiceError, match="not safe"):
        read_pickle(data)


@pytest.mark.parametrize(
    "data",
    [
        b"\x80\x05\x96" + struct.pack("<Q", 64 * 2**30) + b".",  # bytearray of 64 GiB
        b"\x80\x02Nr" + struct.pack("<I", 2**31 - 1) + b".",  # memo of 2^31 places
        b"\x80\x02N",  # never ends
        b"\x80\x02(cbuiltins\neval\n.",
        b"\x80\x02" + b"(" * 1000 + b".",
        b"\x80\x02h\x07.",  # a memo place that was never filled
        b"\x80\x02ctorch\nFloatStorage\n)R.",
        b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n)R.",
        b"\x80\x02X" + struct.pack("<I", 2**32 - 1) + b"a.",
    ],
)
def test_hostile_pickles_are_sentences_and_cost_nothing(data):
    with pytest.raises(VoiceError):
        read_pickle(data)


def test_a_tensor_beyond_its_storage_is_refused(tmp_path, golden_file):
    """Two bytes viewed as 2^38 numbers, which torch.load itself accepts."""
    buffer = io.BytesIO()
    torch.save({"weight": {"x": torch.zeros(1).half()}}, buffer)
    with zipfile.ZipFile(buffer) as archive:
        name = next(n for n in archive.namelist() if n.endswith("data.pkl"))
        data = archive.read(name)
    shape = b"K\x01\x85"  # the tuple (1,): once the shape, once the strides
    assert data.count(shape) == 2
    huge = data.replace(shape, b"J\x00\x00\x00\x40\x85")
    path = torch_zip(tmp_path / "a.pth", huge, **{"0": b"\0\0"})
    assert "damaged" in str(refusal(path))


def test_deflated_doubled_and_altered_members_are_refused(tmp_path):
    source = GOLDEN / "v2_40k_f0.pth"
    with zipfile.ZipFile(source) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    deflated = tmp_path / "deflated.pth"
    with zipfile.ZipFile(deflated, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    assert "damaged" in str(refusal(deflated))

    doubled = tmp_path / "doubled.pth"
    with zipfile.ZipFile(doubled, "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        for name, data in [*members.items(), *list(members.items())[:1]]:
            archive.writestr(name, data)
    assert "damaged" in str(refusal(doubled))

    altered = bytearray(source.read_bytes())
    largest = max(members.values(), key=len)
    altered[altered.index(largest) + 1000] ^= 1
    (tmp_path / "altered.pth").write_bytes(altered)
    assert "damaged" in str(refusal(tmp_path / "altered.pth"))


def test_a_file_cut_anywhere_is_a_sentence(tmp_path):
    for source_format in (True, False):
        buffer = io.BytesIO()
        content = {"weight": {"emb_g.weight": torch.zeros(4, 32)}, "config": [1, 2]}
        torch.save(content, buffer, _use_new_zipfile_serialization=source_format)
        whole = buffer.getvalue()
        path = tmp_path / "cut.pth"
        for length in range(0, len(whole), 13):
            path.write_bytes(whole[:length])
            refusal(path)


def test_damaged_bytes_never_escape_as_another_error(tmp_path):
    buffer = io.BytesIO()
    content = {"weight": {"emb_g.weight": torch.zeros(4, 32)}, "config": [1, 2], "info": "x"}
    torch.save(content, buffer, _use_new_zipfile_serialization=False)
    whole = buffer.getvalue()
    random = np.random.default_rng(0)
    path = tmp_path / "bad.pth"
    for _ in range(400):
        changed = bytearray(whole)
        for place in random.integers(0, len(whole) - 512, 3):
            changed[place] = random.integers(256)
        path.write_bytes(changed)
        try:
            read_checkpoint(path)
        except VoiceError:
            continue


def test_the_child_has_limits_and_no_torch(tmp_path):
    """In the child an allocation beyond the limit fails, and torch was never imported."""
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "from rvc.untrusted import child; child._limit()\n"
        "assert not {'torch', 'faiss', 'gradio'} & set(sys.modules)\n"
        "try: bytearray(64 * 2**30)\n"
        "except MemoryError: print('refused')"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    if sys.platform == "linux":
        assert ran.stdout.strip() == "refused"


def test_a_child_that_dies_or_hangs_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(child, "START", "import os; os.abort()")
    with pytest.raises(VoiceError, match="reasonable memory and time"):
        child.read_apart("voice", GOLDEN / "v2_40k_f0.pth", tmp_path)
    monkeypatch.setattr(child, "START", "import time; time.sleep(60)")
    monkeypatch.setattr(child, "WALL_SECONDS", 0.5)
    with pytest.raises(VoiceError, match="reasonable memory and time"):
        child.read_apart("voice", GOLDEN / "v2_40k_f0.pth", tmp_path)
