"""An installed package reads its weights and voices and writes to the user's data folder."""

import shutil
import subprocess
import sys
from pathlib import Path

import platformdirs
import pytest
from lite_voice import lite_voice

from rvc import assets, places
from rvc.errors import VoiceError
from rvc.voice import CHECKED_FILE, VoiceLibrary

ROOT = Path(__file__).parents[1]


@pytest.fixture
def data(tmp_path: Path, tiny_weights: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the data folder of an installed package that ships the voice "tiny"."""
    packaged = tmp_path / "site-packages" / "rvc" / "weights"
    shutil.copytree(tiny_weights, packaged, ignore=shutil.ignore_patterns(CHECKED_FILE, ".lock"))
    monkeypatch.setattr(places, "PACKAGED_WEIGHTS", packaged)
    monkeypatch.setattr(platformdirs, "user_data_path", lambda *_, **__: tmp_path / "data")
    return tmp_path / "data"


def _files(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


def test_a_checkout_keeps_everything_in_its_own_folder(tmp_path: Path) -> None:
    assert not places.installed()
    assert places.shipped_weights() == assets.weights_dir() == ROOT / "weights"
    assert places.data_folder() == ROOT
    library = VoiceLibrary(assets.weights_dir())
    assert library.packaged is None
    before = _files(library.folder)
    for name in places.SHIPPED_VOICES:
        with pytest.raises(VoiceError, match="comes with Moksori"):
            library.delete(name)
        assert name in library
    assert _files(library.folder) == before
    assert VoiceLibrary(tmp_path).shipped == ()


def test_an_installed_package_reads_its_voices_and_writes_to_the_data_folder(data: Path) -> None:
    before = _files(places.PACKAGED_WEIGHTS)
    assert assets.weights_dir() == data / "weights"
    library = VoiceLibrary(assets.weights_dir())
    assets.check_weights(data / "weights")
    assert library.names() == ["tiny"] and library.load("tiny").name == "tiny"
    assert not data.exists(), "reading makes no folder"
    folder = library.save(lite_voice("mine"))
    assert folder.is_relative_to(data) and library.names() == ["mine", "tiny"]
    assert library.free_name("Tiny") == "Tiny 2"
    with pytest.raises(VoiceError, match="already"):
        library.save(lite_voice("TINY"))
    for change in (library.delete, library.update_card):
        with pytest.raises(VoiceError, match="comes with Moksori") as refused:
            change("tiny")
        assert "포함된 목소리" in refused.value.text.in_language("ko")
    library.delete("mine")
    assert library.names() == ["tiny"]
    assert _files(places.PACKAGED_WEIGHTS) == before


def test_a_persons_voice_takes_precedence_over_one_of_the_package(data: Path) -> None:
    library = VoiceLibrary(assets.weights_dir())
    library.save(lite_voice("tiny"))
    assert library.names() == ["tiny"]
    assert library.card("tiny") == lite_voice("tiny").card
    library.delete("tiny")
    assert library.path("tiny").is_relative_to(places.PACKAGED_WEIGHTS)


def test_a_folder_chosen_by_hand_holds_only_its_own_voices(data: Path, tmp_path: Path) -> None:
    assert VoiceLibrary(tmp_path / "elsewhere").names() == []


def test_the_page_refuses_flags_it_does_not_know() -> None:
    line = [sys.executable, ROOT / "app.py", "--port", "99999"]
    ended = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 2 and ended.stdout == ""
    assert len(ended.stderr.splitlines()) == 1 and "--port" in ended.stderr
