"""Pre-trained files: messages about missing ones, and downloads over unreliable networks.

A local server takes the place of the hub, with the faults of real ones.
"""

import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hub import CONTENT, Hub

from rvc import assets, fetching
from rvc.assets import ASSETS, Asset, asset_path, resolve, state, weights_dir
from rvc.errors import MissingAssetError, RVCError
from rvc.fetching import FetchError, fetch_file
from rvc.messages import Message

NAME = "folder/model.bin"
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    server = Hub()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setattr(assets, "ASSETS", (Asset(NAME, len(CONTENT), DIGEST),))
    monkeypatch.setattr(fetching, "PAUSE_SECONDS", 0.0)
    monkeypatch.setenv("MOKSORI_HUB", server.url)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def _files(weights: Path) -> list[str]:
    return sorted(f.name for f in weights.rglob("*") if f.is_file() and f.suffix != ".lock")


def _refusal(weights: Path) -> str:
    with pytest.raises(MissingAssetError) as caught:
        resolve(NAME, weights=weights, fetch=True)
    assert caught.value.text.in_language("ko") != str(caught.value.text)
    return str(caught.value)


def test_the_table_is_the_published_one() -> None:
    published = [asset for asset in ASSETS if not asset.shipped]
    assert len(published) == 10
    assert len({asset.name for asset in ASSETS}) == len(ASSETS)
    assert all(len(asset.sha256) == 64 and asset.size_bytes > 0 for asset in published)
    assert sum(asset.size_bytes for asset in published) == 1_021_541_700


def test_shipped_files_are_in_the_table_and_whole() -> None:
    folder = Path(__file__).parents[1] / "weights" / "pretrained"
    shipped = {asset.name: asset.size_bytes for asset in ASSETS if asset.shipped}
    assert {path.name for path in folder.glob("*.safetensors")} == set(shipped)
    for name, size_bytes in shipped.items():
        path = resolve(name, weights=folder.parent)
        assert path.stat().st_size == pytest.approx(size_bytes, rel=0.05)


def test_weights_folder_is_argument_then_variable_then_beside_the_program(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert weights_dir() == Path(assets.__file__).parents[1] / "weights"
    monkeypatch.setenv("MOKSORI_WEIGHTS", str(tmp_path / "elsewhere"))
    assert weights_dir() == tmp_path / "elsewhere"
    assert weights_dir(tmp_path / "here") == tmp_path / "here"
    assert not (tmp_path / "elsewhere").exists(), "looking makes no folder"


def test_a_missing_file_is_reported_with_all_a_user_needs(tmp_path: Path) -> None:
    with pytest.raises(MissingAssetError) as caught:
        resolve("pretrained_v2/f0G40k.pth", weights=tmp_path / "weights")
    for sentence in (str(caught.value.text), caught.value.text.in_language("ko")):
        assert "weights/pretrained/pretrained_v2/f0G40k.pth" in sentence
        assert "73 MB" in sentence
        assert "python -m rvc fetch pretrained_v2/f0G40k.pth" in sentence
        assert "lj1995/VoiceConversionWebUI" in sentence
        assert str(tmp_path) not in sentence, "a public page shows no folders of the machine"
    assert not (tmp_path / "weights").exists()


def test_a_missing_shipped_file_is_not_looked_for_on_the_hub(tmp_path: Path, hub: Hub) -> None:
    assets.ASSETS = (Asset("shipped.safetensors", 1000),)
    with pytest.raises(MissingAssetError, match="comes with Moksori"):
        resolve("shipped.safetensors", weights=tmp_path, fetch=True)
    pointer = asset_path("shipped.safetensors", tmp_path)
    pointer.parent.mkdir(parents=True)
    pointer.write_bytes(b"version https://git-lfs...")
    with pytest.raises(MissingAssetError, match="damaged"):
        resolve("shipped.safetensors", weights=tmp_path)
    assert hub.requests == []


def test_an_unknown_name_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"rmvpe\.pt"):
        resolve("nothing.pth", weights=tmp_path)


def test_fetches_once_with_progress(tmp_path: Path, hub: Hub) -> None:
    reports: list[tuple[float, Message]] = []
    path = resolve(NAME, weights=tmp_path, fetch=True, progress=lambda *a: reports.append(a))
    assert path.read_bytes() == CONTENT
    assert _files(tmp_path) == ["model.bin"]
    assert hub.requests == [(f"/{assets.REPOSITORY}/resolve/main/{NAME}", None)]
    shares = [share for share, _ in reports]
    assert shares == sorted(shares) and shares[-1] == 1.0
    assert "5 of 5 MB" in str(reports[-1][1])
    assert "5MB 중 5MB" in reports[-1][1].in_language("ko")
    assert resolve(NAME, weights=tmp_path, fetch=True) == path
    assert len(hub.requests) == 1, "what is here is not fetched again"


def test_goes_on_where_it_stopped(tmp_path: Path, hub: Hub) -> None:
    part = asset_path(NAME, tmp_path).with_name("model.bin.part")
    part.parent.mkdir(parents=True)
    part.write_bytes(CONTENT[:1_234_567])
    assert resolve(NAME, weights=tmp_path, fetch=True).read_bytes() == CONTENT
    assert [wanted for _, wanted in hub.requests] == ["bytes=1234567-"]


@pytest.mark.parametrize("fault", ["cut", "busy"])
def test_a_passing_fault_is_survived(tmp_path: Path, hub: Hub, fault: str) -> None:
    hub.fault = fault
    assert resolve(NAME, weights=tmp_path, fetch=True).read_bytes() == CONTENT
    if fault == "cut":
        assert hub.requests[1][1] == f"bytes={len(CONTENT) // 2}-"


def test_a_server_that_cannot_resume_is_read_from_the_start(tmp_path: Path, hub: Hub) -> None:
    hub.fault = "no_range"
    part = asset_path(NAME, tmp_path).with_name("model.bin.part")
    part.parent.mkdir(parents=True)
    part.write_bytes(CONTENT[:1000])
    assert resolve(NAME, weights=tmp_path, fetch=True).read_bytes() == CONTENT


def test_a_connection_that_stays_broken_keeps_what_came(tmp_path: Path, hub: Hub) -> None:
    hub.fault = "broken"
    assert "resumes where it stopped" in _refusal(tmp_path)
    assert _files(tmp_path) == ["model.bin.part"]
    hub.fault = "none"
    assert resolve(NAME, weights=tmp_path, fetch=True).read_bytes() == CONTENT
    assert hub.requests[-1][1] is not None, "it was resumed"


def test_a_file_with_another_checksum_is_not_kept(tmp_path: Path, hub: Hub) -> None:
    hub.content = b"x" * len(CONTENT)
    assert "not the published file" in _refusal(tmp_path)
    assert _files(tmp_path) == []


def test_a_file_of_another_size_is_refused_before_it_is_read(tmp_path: Path, hub: Hub) -> None:
    hub.content = CONTENT + b"x"
    assert "not the published file" in _refusal(tmp_path)
    assert _files(tmp_path) == []
    assert len(hub.requests) == 1


@pytest.mark.parametrize("fault", ["page", "sly_page"])
def test_a_sign_in_page_is_not_taken_for_a_model(tmp_path: Path, hub: Hub, fault: str) -> None:
    hub.fault = fault
    assert "A web page arrived instead of the file" in _refusal(tmp_path)
    assert not asset_path(NAME, tmp_path).exists()
    hub.fault = "none"
    assert resolve(NAME, weights=tmp_path, fetch=True).read_bytes() == CONTENT


def test_a_refusal_of_the_server_is_not_repeated(tmp_path: Path, hub: Hub) -> None:
    hub.fault = "gone"
    assert "404" in _refusal(tmp_path)
    assert len(hub.requests) == 1


def test_offline_sends_no_request(
    tmp_path: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert "HF_HUB_OFFLINE" in _refusal(tmp_path)
    assert hub.requests == []


def test_an_unreachable_server_is_reported_plainly(tmp_path: Path, hub: Hub, monkeypatch) -> None:
    monkeypatch.setenv("MOKSORI_HUB", "http://127.0.0.1:9")  # the discard port, which is closed
    assert "cannot be reached" in _refusal(tmp_path)


def test_a_folder_can_stand_for_the_hub(tmp_path: Path, hub: Hub, monkeypatch) -> None:
    copy = tmp_path / "copy" / NAME
    copy.parent.mkdir(parents=True)
    copy.write_bytes(CONTENT)
    monkeypatch.setenv("MOKSORI_HUB", str(tmp_path / "copy"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")  # a folder needs no network
    assert resolve(NAME, weights=tmp_path / "w", fetch=True).read_bytes() == CONTENT
    copy.write_bytes(CONTENT[:-1])
    assert "not the published file" in _refusal(tmp_path / "w2")


def test_a_damaged_file_is_named_and_fetched_anew(tmp_path: Path, hub: Hub) -> None:
    path = asset_path(NAME, tmp_path)
    path.parent.mkdir(parents=True)
    for damage in (CONTENT[:100], b"x" * len(CONTENT)):  # half a copy; the right size, wrong bytes
        path.write_bytes(damage)
        with pytest.raises(MissingAssetError, match="is damaged"):
            resolve(NAME, weights=tmp_path)
        assert resolve(NAME, weights=tmp_path, fetch=True).read_bytes() == CONTENT
        assert state(NAME, tmp_path) == "here"


def test_stopping_keeps_what_came(tmp_path: Path, hub: Hub) -> None:
    class Stop(Exception):
        pass

    def stop(share: float, text: Message) -> None:
        if share > 0.3:
            raise Stop

    with pytest.raises(Stop):
        resolve(NAME, weights=tmp_path, fetch=True, progress=stop)
    assert _files(tmp_path) == ["model.bin.part"]
    assert resolve(NAME, weights=tmp_path, fetch=True).read_bytes() == CONTENT
    assert hub.requests[-1][1] is not None


def test_two_at_once_fetch_once(tmp_path: Path, hub: Hub) -> None:
    threads = [
        threading.Thread(target=resolve, args=(NAME,), kwargs={"weights": tmp_path, "fetch": True})
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert asset_path(NAME, tmp_path).read_bytes() == CONTENT
    assert len(hub.requests) == 1


def test_a_full_disk_is_reported_before_the_download(tmp_path: Path, hub: Hub, monkeypatch) -> None:
    import shutil

    monkeypatch.setattr(
        fetching.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 10**6)
    )
    assert "disk is too full" in _refusal(tmp_path)
    assert hub.requests == []


def test_a_folder_that_cannot_be_made_is_a_plain_error(tmp_path: Path, hub: Hub) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(RVCError, match="could not be written"):
        fetch_file(hub.url, tmp_path / "file" / "x.bin", size_bytes=1, sha256=DIGEST)
    with pytest.raises(FetchError, match="not an address"):
        fetch_file("nonsense", tmp_path / "x.bin", size_bytes=1, sha256=DIGEST)


def test_shipped_files_need_not_move_with_the_weights(tmp_path: Path) -> None:
    name = "whisper_base_encoder.safetensors"
    assert resolve(name, weights=tmp_path).parent.name == "pretrained"
    (tmp_path / "pretrained").mkdir()
    (tmp_path / "pretrained" / name).write_bytes(b"0" * 2000)
    assert resolve(name, weights=tmp_path) == tmp_path / "pretrained" / name
