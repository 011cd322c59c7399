"""Hostile archives of voices: refused in one sentence, or imported under a safe name."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from plain_sentences import check_sentence

from rvc.errors import VoiceError
from rvc.untrusted.archives import unpack_voices
from rvc.voice import VoiceLibrary, import_voice, safe_name

GOLDEN = Path(__file__).parent / "golden"


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
        for place in random.integers(len(good) - 120, len(good), 2):  # its central directory
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
    except VoiceError as error:  # a name that zip truncates
        check_sentence(error)
        assert "\0" in name
        return
    assert voice.name == safe_name(voice.name) and library.path(voice.name).is_dir()
    assert {each for each in tmp_path.rglob("*") if "weights" not in each.parts} == before
