"""Errors at the start of the page, and storage errors during its use, are one sentence."""

import errno
import os
import socket
import sys
from pathlib import Path

import pytest

from rvc.errors import RVCError, StorageError
from rvc.ui.jobs import Jobs
from rvc.ui.starting import StartError, check_port, starting
from rvc.ui.workspace import Workspace


def end(capsys: pytest.CaptureFixture, tmp_path: Path, **changed: object) -> str:
    """Start with these settings; the sentence the program ended with."""
    settings = {"workspace": tmp_path / "work", "weights": None, "language": "en"} | changed
    host, port = settings.pop("host", "127.0.0.1"), settings.pop("port", _free_port())
    with pytest.raises(SystemExit) as ended, starting(host, port, **settings):
        pytest.fail("it was launched")
    printed = capsys.readouterr()
    assert ended.value.code == 2 and printed.out == ""
    assert len(printed.err.splitlines()) == 1 and str(tmp_path) not in printed.err
    return printed.err


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.mark.parametrize(("language", "words"), [("en", "is in use"), ("ko", "쓰고 있습니다")])
def test_a_taken_port(language, words, capsys, tmp_path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        printed = end(capsys, tmp_path, port=port, language=language)
    assert words in printed and f"--port {port + 1}" in printed


def test_a_port_that_is_taken_in_the_last_moment(capsys, tmp_path) -> None:
    with (
        pytest.raises(SystemExit),
        starting("127.0.0.1", _free_port(), workspace=tmp_path, weights=None, language="ko"),
    ):
        raise OSError("Cannot find empty port in range: 1-1.")  # Gradio's words
    assert "쓰고 있습니다" in capsys.readouterr().err


def test_an_address_of_another_machine(capsys, tmp_path) -> None:
    assert "no address '192.0.2.7'" in end(capsys, tmp_path, host="192.0.2.7")
    assert "no address 'nowhere.invalid'" in end(capsys, tmp_path, host="nowhere.invalid")


def test_a_port_of_the_system(monkeypatch) -> None:
    def refuse(self, address):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", refuse)
    with pytest.raises(StartError, match="kept for the system"):
        check_port("127.0.0.1", 80)


def test_a_read_only_folder(capsys, tmp_path, monkeypatch) -> None:
    def refuse(self, *_, **__):
        raise OSError(errno.EROFS, "Read-only file system", str(self))

    monkeypatch.setattr(Path, "touch", refuse)
    assert "'work' cannot be written to" in end(capsys, tmp_path)
    monkeypatch.undo()
    monkeypatch.setattr(Path, "mkdir", refuse)
    printed = end(capsys, tmp_path, weights=tmp_path / "voices of mine", language="ko")
    assert "'voices of mine'" in printed and "쓰거나 읽을 수 없습니다" in printed


def test_a_missing_weights_folder_is_made_and_reported(capsys, tmp_path) -> None:
    weights = tmp_path / "weights"
    for printed in ("'weights' was not there", ""):
        with starting(
            "127.0.0.1", _free_port(), workspace=tmp_path, weights=weights, language="en"
        ):
            assert weights.is_dir()
        assert printed in capsys.readouterr().out
    with starting("127.0.0.1", _free_port(), workspace=tmp_path, weights=None, language="en"):
        assert os.environ["no_proxy"] == "*"


@pytest.mark.parametrize("port", ["0", "65536", "x", "-1", "7860.5"])
def test_what_is_no_port(port, monkeypatch, capsys) -> None:
    monkeypatch.setattr(sys, "argv", ["app.py"])
    import app

    monkeypatch.setenv("GRADIO_SERVER_PORT", port)
    with pytest.raises(SystemExit):
        app.read_settings([])
    assert "1 to 65535" in capsys.readouterr().err


# -- a disk that refuses while the page is used


def full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device", "/srv/secret/a.wav")


@pytest.mark.parametrize(
    ("error", "words"),
    [(errno.ENOSPC, "disk is full"), (errno.EROFS, "cannot be written to"), (errno.EIO, "disk is")],
)
def test_a_job_that_the_disk_stops_says_so(error, words) -> None:
    def work(job) -> None:
        raise OSError(error, os.strerror(error), "/srv/secret/a.wav")

    job = Jobs().start("clean", "local", work)
    assert job.wait(30) and job.state == "failed"
    assert words in str(job.error) and job.error.in_language("ko") != str(job.error)
    assert "secret" not in str(job.error) + job.error.in_language("ko")


def test_a_bug_is_not_taken_for_a_disk(caplog) -> None:
    def work(job) -> None:
        raise OSError("from a library, without a number")

    job = Jobs().start("clean", "local", work)
    assert job.wait(30) and "inside the program" in str(job.error)


def test_an_upload_that_does_not_fit_leaves_nothing(tmp_path, monkeypatch) -> None:
    upload = tmp_path / "uploads" / "a.wav"
    upload.parent.mkdir()
    upload.write_bytes(b"sound")
    workspace = Workspace(tmp_path / "work")

    def half(source, target):
        Path(target).write_bytes(b"so")
        full()

    monkeypatch.setattr("rvc.ui.workspace.shutil.copyfile", half)
    with pytest.raises(StorageError, match="disk is full"):
        workspace.keep("local", upload, allowed_root=upload.parent)
    assert not list((tmp_path / "work").rglob("*.wav"))


def test_a_served_copy_that_does_not_fit_names_the_temporary_folder(tmp_path, monkeypatch) -> None:
    from rvc.ui import served
    from rvc.ui.studio import Studio
    from rvc.ui.workspace import Workspace

    (tmp_path / "a.wav").write_bytes(b"sound")
    monkeypatch.setattr(served, "upload_folder", lambda: tmp_path / "served")
    monkeypatch.setattr(served.shutil, "copyfile", full)
    studio = Studio(None, Workspace(tmp_path / "work"))
    with pytest.raises(RVCError, match="temporary folder"):
        served.served_copy(studio, "me", tmp_path / "a.wav")
    assert not list((tmp_path / "served").rglob("*.wav"))


def test_an_upload_into_a_full_temporary_folder_is_answered_with_a_sentence() -> None:
    import gradio as gr
    from starlette.testclient import TestClient

    from rvc.ui.serving import launch_settings

    with gr.Blocks() as demo:
        gr.Markdown("x")
    handlers = launch_settings()["app_kwargs"]["exception_handlers"]
    app = gr.routes.App.create_app(demo, app_kwargs={"exception_handlers": handlers})
    app.add_api_route("/full", lambda: full())
    client = TestClient(app, raise_server_exceptions=False)
    answer = client.get("/full", headers={"Accept-Language": "ko-KR,en"})
    assert answer.status_code == 507 and "임시 폴더가 가득" in answer.text
    assert "temporary folder is full" in client.get("/full").text
