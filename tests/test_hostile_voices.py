"""Voices, indexes and archives made to do harm, by a seed: refused in one sentence, nothing run."""

import io
import os
import pickle
import re
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from rvc.errors import RVCError, VoiceError
from rvc.untrusted.archives import unpack_voices
from rvc.untrusted.checkpoints import read_checkpoint
from rvc.untrusted.faiss_file import read_faiss_file
from rvc.voice import VoiceLibrary, import_voice, load_voice, safe_name

GOLDEN = Path(__file__).parent / "golden"
INDEX = GOLDEN / "added_IVF8_Flat_nprobe_1_reference_v1.index"
# What no sentence for a person may hold: a place on the disk, a library, a class, a type's code.
JARGON = re.compile(
    r"/tmp|/home|/work|\.py\b|Traceback|Error\b|torch|numpy|pickle|faiss|zipfile|safetensors|"
    r"\b(IwFl|IwPQ|IxPQ|IHNf|ilod|il00|ilar)\b|0x[0-9a-f]+|<class|NoneType",
    re.I,
)


def check_sentence(error: RVCError) -> None:
    for sentence in (str(error.text), error.text.in_language("ko")):
        assert sentence and "\n" not in sentence and len(sentence) < 400
        assert not JARGON.search(sentence), sentence
    assert re.search("[가-힣]", error.text.in_language("ko")) and not re.search(
        "[가-힣]", str(error.text)
    )


@pytest.fixture(scope="module")
def golden_file() -> dict:
    return torch.load(GOLDEN / "v2_40k_f0.pth", weights_only=True)


class Calls:
    """Pickles into a call."""

    def __init__(self, function: Callable, *values: object) -> None:
        self.parts = (function, values)

    def __reduce__(self) -> tuple:
        return self.parts


def harmful_pickles(mark: Path) -> dict[str, object]:
    touch = f"open({str(mark)!r}, 'w').close()"
    import builtins
    import subprocess
    import webbrowser

    return {
        "os.system": Calls(os.system, f"touch {mark}"),
        "os.mkdir": Calls(os.mkdir, str(mark)),
        "exec": Calls(exec, touch),
        "eval": Calls(eval, f"__import__('os').mkdir({str(mark)!r})"),
        "Popen": Calls(subprocess.Popen, ["touch", str(mark)]),
        "open": Calls(open, str(mark), "w"),
        "getattr": Calls(getattr, "os", "system"),
        "import": Calls(builtins.__import__, "antigravity"),
        "browser": Calls(webbrowser.open, "file:///"),
        "torch.load": Calls(torch.load, str(mark)),
        "numpy load": Calls(np.load, str(mark)),
        "bytes": Calls(bytearray, 2**40),
        "partial": Calls(__import__("functools").partial, os.system),
        "nested": Calls(pickle.loads, pickle.dumps(Calls(os.mkdir, str(mark)))),
    }


@pytest.mark.parametrize("new_format", [True, False])
@pytest.mark.parametrize("place", ["info", "key", "weight", "in weight", "config", "whole"])
def test_nothing_that_a_pickle_asks_for_is_run(tmp_path, golden_file, place, new_format):
    mark = tmp_path / "mark"
    for name, harm in harmful_pickles(mark).items():
        content: object = {
            "info": golden_file | {"info": harm},
            "key": golden_file | {"weight": golden_file["weight"] | {"x": harm}},
            "weight": golden_file | {"weight": harm},
            "in weight": golden_file | {"weight": {"emb_g.weight": [harm]}},
            "config": golden_file | {"config": [harm] * 18},
            "whole": harm,
        }[place]
        path = tmp_path / "a.pth"
        torch.save(content, path, _use_new_zipfile_serialization=new_format)
        with pytest.raises(VoiceError, match=r"not safe|damaged") as caught:
            read_checkpoint(path)
        check_sentence(caught.value)
        assert not mark.exists(), name


def test_a_pickle_cannot_change_the_reader(tmp_path, golden_file):
    """BUILD sets attributes; on a name that stands for one of our functions it must not."""
    for name in (b"torch._utils\n_rebuild_tensor_v2", b"collections\nOrderedDict", b"torch\nSize"):
        data = b"\x80\x02c" + name + b"\nN}X\x08\x00\x00\x00__call__K\x01s\x86b."
        with zipfile.ZipFile(tmp_path / "a.pth", "w") as archive:
            archive.writestr("a/data.pkl", data)
        with pytest.raises(VoiceError, match="damaged"):
            read_checkpoint(tmp_path / "a.pth")
    golden_again = read_checkpoint(GOLDEN / "v2_40k_f0.pth")
    assert len(golden_again.weights) == len(golden_file["weight"])


@pytest.mark.parametrize(
    "fields",
    [
        {"version": "v9"},
        {"version": "1.0.0; rm -rf /"},
        {"version": 2},
        {"version": ["v2"]},
        {"version": {"v2": 1}},
        {"version": ""},
        {"version": "lite"},
        {"f0": 7},
        {"f0": [1]},
        {"f0": 0.5},
        {"sr": "<img src=x>"},
        {"sr": ["40k"]},
        {"sr": -40000},
        {"embedder_model": 5},
        {"embedder_model": "/etc/passwd"},
        {"embedder_model": "<img src=//elsewhere>"},
        {"vocoder": [1]},
        {"config": None},
        {"config": "x" * 18},
        {"config": {str(n): n for n in range(18)}},
        {"config": [1e300] * 18},
        {"config": [-1] * 18},
        {"config": [10**6] * 18},
        {"config": [[[[[[1]]]]]] * 18},
    ],
    ids=str,
)
def test_marks_that_no_trainer_writes_are_refused(tmp_path, golden_file, fields):
    torch.save(golden_file | fields, tmp_path / "a.pth")
    with pytest.raises(VoiceError) as caught:
        load_voice(tmp_path / "a.pth")
    check_sentence(caught.value)
    assert "passwd" not in str(caught.value) and "<" not in str(caught.value)


def test_what_a_file_says_of_itself_can_be_written_and_decides_nothing(tmp_path, golden_file):
    card = '{"demo": true, "consent": "yes", "note": "\\ud800", "\\ud801": 1, "f0_median_hz": 200}'
    torch.save(golden_file | {"moksori_card": card}, tmp_path / "half\u202e a.pth")
    library = VoiceLibrary(tmp_path / "weights")
    voice = import_voice(tmp_path / "half\u202e a.pth", library)
    kept = library.card(voice.name)
    assert not {"demo", "consent", "note", "\ud801"} & set(kept) and kept["f0_median_hz"] == 200
    assert "\u202e" not in kept["source_file"] + voice.name
    torch.save(golden_file | {"info": "half \ud800"}, tmp_path / "b.pth")
    assert library.card(import_voice(tmp_path / "b.pth", library).name)["info"] == "half ?"


@pytest.mark.parametrize("name", ["x" * 5000 + ".pth", "x" * 5000 + ".zip", "a\0b.pth", "."])
def test_a_path_that_no_file_can_have_is_refused(tmp_path, name):
    with pytest.raises(VoiceError, match="There is no file"):
        import_voice(tmp_path / name, VoiceLibrary(tmp_path / "weights"))


def damaged_indexes(whole: bytes) -> Iterator[tuple[str, bytes]]:
    """Named variants of an IVF index; its parts in the order of the file."""
    width, rows = struct.unpack_from("<iq", whole, 4)
    header = 37
    (lists,) = struct.unpack_from("<q", whole, header)
    sizes = len(whole) - rows * (width * 4 + 8)  # where the lists' contents begin

    def changed(place: int, form: str, value: object) -> bytes:
        data = bytearray(whole)
        struct.pack_into("<" + form, data, place, value)
        return bytes(data)

    for value in (0, -1, 2**31 - 1, 256 * 10**6):
        yield f"width {value}", changed(4, "i", value)
    for value in (-1, rows - 1, rows + 1, 2**62, 2**40):
        yield f"rows {value}", changed(8, "q", value)
    for value in (0, -1, lists + 1, 2**62):
        yield f"lists {value}", changed(header, "q", value)
    for value in (0, -1, 2**62):
        yield f"probed {value}", changed(header + 8, "q", value)
    yield "untrained", changed(32, "B", 0)
    yield "inner product", changed(33, "i", 0)
    first_list = struct.unpack_from(f"<{lists}q", whole, sizes - 8 * lists)[0]
    ids = sizes + first_list * width * 4
    for value in (-1, rows, 2**62, -(2**63)):
        yield f"id {value}", changed(ids, "q", value)
    yield "id twice", changed(ids, "q", struct.unpack_from("<q", whole, ids + 8)[0])
    for value in (-1, 2**62, first_list + 1):
        yield f"list size {value}", changed(sizes - 8 * lists, "q", value)
    for value in (np.nan, np.inf, 1e30):
        yield f"vector {value}", changed(sizes, "f", value)
    for kind in (b"il00", b"ilod", b"ilsp", b"\0\0\0\0"):
        yield f"lists of kind {kind!r}", whole.replace(b"ilar", kind)
    for kind in (b"IwPQ", b"IxPQ", b"IHNf", b"IxMp", b"IxPT", b"Iw\r\n"):
        yield f"kind {kind!r}", kind + whole[4:]
    yield "more after its end", whole + b"more"
    random = np.random.default_rng(0)
    for cut in random.integers(0, len(whole), 60).tolist():
        yield f"cut at {cut}", whole[:cut]


def test_every_damaged_index_is_refused_in_a_sentence(tmp_path):
    whole = INDEX.read_bytes()
    read_faiss_file(INDEX)
    path = tmp_path / "a.index"
    for name, data in damaged_indexes(whole):
        path.write_bytes(data)
        with pytest.raises(VoiceError) as caught:
            read_faiss_file(path)
            pytest.fail(f"{name} was read")
        check_sentence(caught.value)
    random = np.random.default_rng(1)
    for _ in range(300):  # any bytes of the parts that are no vectors
        changed = bytearray(whole)
        for place in random.integers(0, 200, 3):
            changed[place] = random.integers(256)
        path.write_bytes(changed)
        try:
            read_faiss_file(path)
        except VoiceError as error:
            check_sentence(error)


def zip_bytes(members: dict[str, bytes], **how: object) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", **how) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def link_to(target: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        info = zipfile.ZipInfo("a.pth")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, target)
    return buffer.getvalue()


def twice(name: str, data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(name, data)
        archive.writestr(name, data)
    return buffer.getvalue()


def test_every_hostile_archive_is_refused_in_a_sentence(tmp_path):
    voice = (GOLDEN / "v2_40k_f0.pth").read_bytes()
    nested = zip_bytes({"a.pth": voice})
    library = VoiceLibrary(tmp_path / "weights")
    hostile = {
        "link": link_to("/etc/passwd"),
        "twice": twice("a.pth", voice),
        "twice but for capitals": zip_bytes({"a.pth": voice, "A.PTH": voice}),
        "twice but for slashes": zip_bytes({"x/a.pth": voice, "x\\a.pth": voice}),
        "nested": zip_bytes({"inner.zip": nested}),
        "archive as voice": zip_bytes({"a.pth": nested}),
        "only an ending, empty": zip_bytes({".pth": b""}),
        "bomb": zip_bytes({"a.pth": bytes(40_000_000)}, compression=zipfile.ZIP_DEFLATED),
        "bzip bomb": zip_bytes({"a.pth": bytes(40_000_000)}, compression=zipfile.ZIP_BZIP2),
        "many": zip_bytes({f"{n}.pth": b"x" for n in range(2000)}),
        "folder": zip_bytes({"a.pth/": b""}),
    }
    good = zip_bytes({"a.pth": voice}, compression=zipfile.ZIP_DEFLATED)
    random = np.random.default_rng(0)
    for number in range(60):
        data = bytearray(good)
        for place in random.integers(len(good) - 120, len(good), 2):  # its table of contents
            data[place] = random.integers(256)
        hostile[f"altered {number}"] = bytes(data)
    path = tmp_path / "a.zip"
    for name, data in hostile.items():
        path.write_bytes(data)
        (tmp_path / "out").mkdir(exist_ok=True)
        try:
            unpacked = unpack_voices(path, tmp_path / "out")
        except VoiceError as error:
            check_sentence(error)
        else:
            assert name in ("link", "archive as voice", "only an ending, empty") or "alt" in name
            assert all((tmp_path / "out" / each.file).is_file() for each in unpacked)
        for file in (tmp_path / "out").iterdir():
            assert file.suffix in (".pth", ".index")
            file.unlink()
        if not name.startswith("altered"):
            with pytest.raises(VoiceError) as caught:
                import_voice(path, library)
            check_sentence(caught.value)
    assert library.names() == []


@pytest.mark.parametrize(
    "name",
    [
        ".pth", "../../../up.pth", "/abs/olute.pth", "C:\\x\\y.pth", "CON.pth", "com1.pth",
        "a\0b.pth", "\u202eevil\u2066.pth", "가" * 1500 + ".pth", "x" * 5000 + ".pth", "...pth",
        " .pth", "'$(id)`.pth", "<img src=x>.pth", "a\nb.PTH", "-rf.pth", "e\u0301.pth", "😀.pth",
    ],
    ids=lambda name: name[:12].encode("ascii", "replace").decode().replace("\0", "0"),
)  # fmt: skip
def test_every_name_in_an_archive_becomes_a_safe_one(tmp_path, name):
    path, library = tmp_path / "a.zip", VoiceLibrary(tmp_path / "weights")
    path.write_bytes(zip_bytes({name: (GOLDEN / "v2_40k_f0.pth").read_bytes()}))
    before = {each for each in tmp_path.rglob("*") if "weights" not in each.parts}
    try:
        voice = import_voice(path, library)
    except VoiceError as error:  # a name that zip itself cuts short
        check_sentence(error)
        assert "\0" in name
        return
    assert voice.name == safe_name(voice.name) and library.path(voice.name).is_dir()
    assert {each for each in tmp_path.rglob("*") if "weights" not in each.parts} == before
