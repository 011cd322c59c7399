"""The page's endpoints, end to end through gradio_client, over an engine without networks."""

import json
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from ui_fake import FakeEngine

from rvc.audio import load_audio, rms_db

gradio_client = pytest.importorskip("gradio_client")
PATIENCE_SECONDS = 60


def _serve(folder: Path, *, public: bool) -> Iterator[str]:
    from rvc.ui.build import build_ui
    from rvc.ui.serving import launch_settings
    from rvc.ui.workspace import Workspace

    demo = build_ui(FakeEngine(folder / "weights"), Workspace(folder / "work", public=public))
    settings = launch_settings(port=None, public=public)
    _, address, _ = demo.queue(max_size=8).launch(**settings, prevent_thread_lock=True, quiet=True)
    yield address
    demo.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    yield from _serve(tmp_path_factory.mktemp("local"), public=False)


@pytest.fixture(scope="module")
def public_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    yield from _serve(tmp_path_factory.mktemp("public"), public=True)


def _until_ended(client, **named) -> dict:
    began = time.monotonic()
    while time.monotonic() - began < PATIENCE_SECONDS:
        status = client.predict(**named, api_name="/train_status")
        if status["state"] not in ("waiting", "running", "stopping"):
            return status
        time.sleep(0.1)
    raise AssertionError("the training did not end")


def test_the_whole_way_of_a_program(address: str, speech_file: Path, tmp_path: Path) -> None:
    client = gradio_client.Client(address, verbose=False)
    sound = gradio_client.handle_file(str(speech_file))
    facts, before, after, removed = client.predict(
        sound, "standard", True, True, "", api_name="/clean"
    )
    assert facts["seconds"] == pytest.approx(12.0, abs=0.01)
    assert [r["name"] for r in facts["repairs"] if r["ran"]] == ["noise"]
    assert all(load_audio(p, refuse_silence=False).duration_seconds > 11 for p in (before, after))
    assert Path(removed).is_file()

    report = client.predict(api_name="/report")
    assert report["verdict"] == "again" and report["usable_seconds"] > 11  # of five minutes

    with pytest.raises(Exception, match="owner of the voice agreed"):
        client.predict("api voice", "auto", "steps", 5, False, api_name="/train_start")
    status = client.predict("api voice", "auto", "steps", 5, True, api_name="/train_start")
    assert status["state"] in ("waiting", "running", "done")
    assert _until_ended(client)["voice"] == "api voice"

    names = [voice["name"] for voice in client.predict(api_name="/voices")]
    assert names == ["api voice"]
    result, said = client.predict(
        sound, "api voice", "auto", None, 0.33, 1.0, "", api_name="/convert"
    )
    assert rms_db(load_audio(result).samples) > -40 and said["semitones"] == 5.0

    (tmp_path / "page.wav").write_text("<html>")
    files = [sound, gradio_client.handle_file(str(tmp_path / "page.wav"))]
    archive, said = client.predict(
        files=files, voice="api voice", format="flac", api_name="/convert_many"
    )
    assert zipfile.ZipFile(archive).namelist() == ["speech (api voice).flac"]
    assert said["files"][0]["seconds"] == pytest.approx(12.0, abs=0.01)
    assert "not a sound file" in said["files"][1]["left_out"]
    with pytest.raises(Exception, match="no f0 method"):
        client.predict(file=sound, voice="api voice", f0_method="ear", api_name="/convert")


def test_stop_and_resume(address: str, speech_file: Path) -> None:
    client = gradio_client.Client(address, verbose=False)
    client.predict(
        gradio_client.handle_file(str(speech_file)), "off", True, True, "", api_name="/clean"
    )
    client.predict(api_name="/report")
    client.predict("long one", "lite", "steps", 3000, True, api_name="/train_start")
    while client.predict(api_name="/train_status")["step"] < 3:
        time.sleep(0.05)
    client.predict(api_name="/train_stop")
    status = _until_ended(client)
    assert status["state"] == "stopped" and 3 <= status["step"] < 3000
    client.predict("", "auto", "auto", 0, True, True, api_name="/train_start")
    client.predict(api_name="/train_stop")
    assert _until_ended(client)["state"] == "stopped"


def test_what_is_no_sound_is_refused_in_one_sentence(address: str, tmp_path: Path) -> None:
    (tmp_path / "page.wav").write_text("<html>")
    client = gradio_client.Client(address, verbose=False)
    with pytest.raises(Exception, match="not a sound file"):
        client.predict(
            gradio_client.handle_file(str(tmp_path / "page.wav")), "standard", True, False, "",
            api_name="/clean",
        )  # fmt: skip


def test_public_needs_the_token_the_server_made(public_address: str, speech_file: Path) -> None:
    client = gradio_client.Client(public_address, verbose=False)
    facts, *_ = client.predict(
        gradio_client.handle_file(str(speech_file)), "standard", True, False, "", api_name="/clean"
    )
    assert client.predict(facts["token"], api_name="/report")["total_seconds"] > 11
    for forged in ("", "local", "A" * 32):
        with pytest.raises(Exception, match="too old"):
            client.predict(forged, api_name="/report")


def _status(address: str, path: str, **headers: str) -> int:
    request = urllib.request.Request(address.rstrip("/") + path, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_strangers_and_their_paths_are_refused(address: str, tmp_path: Path) -> None:
    assert _status(address, "/config", Host="evil.example") == 400
    assert _status(address, "/config") == 200
    assert _status(address, "/openapi.json") != 200
    for path in ("/etc/passwd", str(Path(__file__)), "/proc/self/environ"):
        assert _status(address, f"/gradio_api/file={path}") in (403, 404)


def test_a_forged_upload_is_refused(address: str) -> None:
    """A page may send anything as a file's path; only what was uploaded is opened."""
    forged = {"path": str(Path(__file__)), "meta": {"_type": "gradio.FileData"}}
    body = {"data": [forged, "standard", True, False, ""]}
    request = urllib.request.Request(
        f"{address.rstrip('/')}/gradio_api/call/clean",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
        event = json.load(answer)["event_id"]
    where = f"{address.rstrip('/')}/gradio_api/call/clean/{event}"
    with urllib.request.urlopen(where, timeout=PATIENCE_SECONDS) as answer:
        assert b"event: error" in answer.read()


def test_the_language_is_chosen_before_the_page_starts(address: str) -> None:
    with urllib.request.urlopen(address + "?lang=ko", timeout=PATIENCE_SECONDS) as answer:
        page = answer.read().decode()
    assert page.index("moksori_language") < page.index("<script", page.index("</script>"))
    assert "autoGainControl: false" in page  # the microphone's head script is there
