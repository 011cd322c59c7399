"""The page refuses foreign websites, too many requests at once, and requests without the key."""

import http.client
import json
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from gradio.utils import get_upload_folder
from ui_fake import FakeEngine

from rvc.cli import COMMANDS
from rvc.cli.flags import build_parser
from rvc.ui import gate, guard
from rvc.ui.build import build_ui
from rvc.ui.program import needed_key, page_settings
from rvc.ui.serving import launch_settings
from rvc.ui.workspace import Workspace

KEY = "k" * 32
NAME = "studio.example"
PATIENCE_SECONDS = 60
JSON = {"Content-Type": "application/json"}
JOIN = ("POST", "/gradio_api/call/voices", '{"data": [""]}')
UPLOAD = ("POST", "/gradio_api/upload", "")


def _serve(folder: Path, **how) -> Iterator[int]:
    demo = build_ui(FakeEngine(folder / "weights"), Workspace(folder / "work"))
    settings = launch_settings(allowed_hosts=(NAME,), **how)
    demo.queue(max_size=8).launch(**settings, prevent_thread_lock=True, quiet=True)
    yield demo.server_port
    demo.close()


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    yield from _serve(tmp_path_factory.mktemp("page"))


@pytest.fixture(scope="module")
def locked_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    yield from _serve(tmp_path_factory.mktemp("locked"), key=KEY)


def ask(port: int, method: str, path: str, body: str = "", **headers: str):
    """(status, {header: value}, text) of one request, its headers' underscores being dashes."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body or None, JSON | named)
    answer = connection.getresponse()
    told = {name.lower(): value for name, value in answer.getheaders()}
    return answer.status, told, answer.read().decode("utf-8", "replace")


@pytest.mark.parametrize("request_", [JOIN, UPLOAD, ("GET", "/config", ""), ("GET", "/", "")])
@pytest.mark.parametrize("host", ["127.0.0.1", NAME])
@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1:1", f"http://{NAME}:1", "x"]
)
def test_a_foreign_origin_is_refused(port: int, request_, host: str, origin: str) -> None:
    status, headers, text = ask(port, *request_, Host=f"{host}:{port}", Origin=origin)
    assert status == 403 and "another website" in text and "다른 웹사이트" in text
    assert not [name for name in headers if name.startswith("access-control")]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", NAME])
def test_the_page_itself_and_programs_may_ask(port: int, host: str) -> None:
    own = f"{host}:{port}"
    browser = {"Origin": f"http://{own}", "Sec_Fetch_Site": "same-origin"}
    for headers in ({}, browser):
        status, told, text = ask(port, *JOIN, Host=own, **headers)
        assert status == 200 and "event_id" in json.loads(text)
        assert "access-control-allow-origin" not in told
    proxied = {"Host": own, "Origin": f"https://{NAME}", "Sec_Fetch_Site": "same-origin"}
    assert ask(port, *JOIN, **proxied)[0] == 200  # a proxy that rewrites Host


def test_a_preflight_grants_nothing(port: int) -> None:
    asked = {"Access_Control_Request_Method": "POST", "Origin": "https://evil.example"}
    status, headers, _ = ask(port, "OPTIONS", "/gradio_api/upload", Host=NAME, **asked)
    assert status == 403 and not [name for name in headers if name.startswith("access-control")]


def test_another_site_may_link_to_the_page_but_not_use_or_frame_it(port: int) -> None:
    link = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"}
    assert ask(port, "GET", "/", Sec_Fetch_Dest="document", **link)[0] == 200
    assert ask(port, "GET", "/", Sec_Fetch_Dest="iframe", **link)[0] == 403
    assert ask(port, "GET", "/config", Sec_Fetch_Dest="document", **link)[0] == 403
    assert ask(port, *UPLOAD, Sec_Fetch_Dest="document", **link)[0] == 403
    image = {"Sec_Fetch_Site": "same-site", "Sec_Fetch_Mode": "no-cors"}
    assert ask(port, "GET", "/gradio_api/file=x", Sec_Fetch_Dest="image", **image)[0] == 403


def test_spaces_hosts_count_only_on_a_space(port: int, monkeypatch, tmp_path: Path) -> None:
    assert ask(port, "GET", "/config", Host="somebody-else.hf.space")[0] == 400
    monkeypatch.setenv("SPACE_ID", "me/mine")
    monkeypatch.setenv("SPACE_HOST", "me-mine.hf.space")
    layers = launch_settings()["app_kwargs"]["middleware"]
    assert "*.hf.space" in layers[1].kwargs["allowed_hosts"]
    assert layers[0].kwargs["names"] == ("me-mine.hf.space",)  # but other Spaces are foreign


def test_the_policies_of_the_page_and_of_files(port: int) -> None:
    nonces = set()
    for _ in range(2):
        _, headers, page = ask(port, "GET", "/")
        policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
        nonce = next(p for p in policy["script-src"].split() if "nonce" in p)[len("'nonce-") : -1]
        assert "unsafe-inline" not in policy["script-src"]
        assert policy["img-src"] == "'self' data: blob:" == policy["media-src"]
        assert policy["connect-src"] == "'self' data: blob:"
        assert page.count("<script") - page.count("<script nonce=") == 0 or "\\u003cscript" in page
        assert f'<script nonce="{nonce}"' in page
        nonces.add(nonce)
    assert len(nonces) == 2  # although the page itself is kept
    headers = ask(port, "GET", "/gradio_api/file=/etc/passwd")[1]
    assert "sandbox" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


def test_nonces_go_to_tags_and_not_into_scripts() -> None:
    page = b'<script>var a = "<script x";</script><p><script type="module" src="a.js"></script>'
    assert guard.with_nonces(page, "N") == (
        b'<script nonce="N">var a = "<script x";</script><p>'
        b'<script nonce="N" type="module" src="a.js"></script>'
    )


def test_the_key_opens_the_page_and_stays_in_a_cookie(locked_port: int) -> None:
    for request_ in (("GET", "/", ""), ("GET", "/config", ""), JOIN, UPLOAD):
        status, _, text = ask(locked_port, *request_)
        assert status == 401 and "key" in text and "접속 키" in text
    assert ask(locked_port, "GET", "/?key=wrong")[0] == 401
    assert ask(locked_port, "GET", "/config", Cookie=f"moksori_key_{locked_port}=wrong")[0] == 401
    status, headers, _ = ask(locked_port, "GET", f"/?lang=ko&key={KEY}")
    assert status == 303 and headers["location"] == "/?lang=ko"
    assert "HttpOnly" in headers["set-cookie"] and "SameSite=Lax" in headers["set-cookie"]
    cookie = headers["set-cookie"].split(";")[0]
    assert ask(locked_port, "GET", "/", Cookie=cookie)[0] == 200
    assert ask(locked_port, *JOIN, Cookie=cookie)[0] == 200
    assert ask(locked_port, *JOIN, x_moksori_key=KEY)[0] == 200


def test_a_key_is_needed_beyond_this_machine_unless_it_is_meant_to_be_open() -> None:
    parser = build_parser("app", COMMANDS["app"], "en")
    needs = {
        "": False, "--host localhost": False, "--host ::1": False, "--host 0.0.0.0": True,
        "--host 192.168.0.7": True, "--host 0.0.0.0 --open": False,
        "--host 0.0.0.0 --public": False,
    }  # fmt: skip
    for given, needed in needs.items():
        key = needed_key(page_settings(parser.parse_args(given.split())))
        assert (key is not None) is needed, given
    assert len(needed_key(page_settings(parser.parse_args(["--host", "::"])))) == 32


def test_a_request_that_is_none_gets_a_sentence(port: int) -> None:
    for body in ("{", '{"data": 5}', "[]", "null", '{"data": {"a": 1}}'):
        status, _, text = ask(port, "POST", "/gradio_api/call/voices", body)
        assert status == 422 and "wrong kind" in text and "_type" not in text and "loc" not in text


def test_a_crawling_or_endless_request_is_ended(port: int, monkeypatch) -> None:
    monkeypatch.setattr(gate, "BODY_SECONDS", 0.5)
    monkeypatch.setattr(gate, "SLOW_AFTER_SECONDS", 0.5)
    heads = {
        "/gradio_api/call/voices": b"Content-Type: application/json\r\n",
        "/gradio_api/upload": b"Content-Type: multipart/form-data; boundary=b\r\n",
    }
    for path, head in heads.items():
        with socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS) as connection:
            start = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999\r\n"
            connection.sendall(start.encode() + head + b"\r\n--b\r\n")
            assert b" 408 " in connection.recv(100)
    assert ask(port, *JOIN[:2], json.dumps({"data": ["x" * 5_000_000]}))[0] == 413
    assert ask(port, *JOIN)[0] == 200


def part(name: str, content: bytes, *, end: bool = True) -> bytes:
    """One file of a multipart request."""
    head = f'--b\r\nContent-Disposition: form-data; name="{name}"; filename="a.wav"\r\n\r\n'
    return head.encode() + content + (b"\r\n--b--\r\n" if end else b"")


def send_upload(port: int, body: bytes, announced: int | None = None) -> bytes:
    """The first bytes of the answer; none where more is announced than sent."""
    head = (
        "POST /gradio_api/upload HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {announced or len(body)}"
        "\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS) as connection:
        connection.sendall(head.encode() + body)
        return b"" if announced else connection.recv(100)


def test_an_upload_that_breaks_off_or_is_none_leaves_nothing(port: int, monkeypatch) -> None:
    folder = Path(get_upload_folder())

    def parts() -> set[Path]:
        return {path for path in folder.glob("tmp*") if path.is_file()}

    before, content = parts(), bytes(300_000)
    assert b" 200 " in send_upload(port, part("files", content))
    assert b" 200 " in send_upload(port, part("others", content))
    send_upload(port, part("files", content, end=False), announced=10**6)
    monkeypatch.setattr(gate, "SLOW_AFTER_SECONDS", 0.5)
    monkeypatch.setattr(gate, "SLOW_BYTES_PER_SECOND", 10**6)
    unfinished = part("files", content, end=False)
    with socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS) as connection:
        head = "POST /gradio_api/upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999\r\n"
        head += "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
        connection.sendall(head.encode() + unfinished)
        assert b" 408 " in connection.recv(100)
    until = time.monotonic() + PATIENCE_SECONDS
    while parts() - before and time.monotonic() < until:
        time.sleep(0.05)
    assert not parts() - before


def test_the_disk_that_uploads_arrive_on_is_looked_at(port: int, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "not" / "there"))
    asked = []

    def usage(folder: Path) -> object:
        asked.append(folder)
        return shutil._ntuple_diskusage(10**12, 10**12, 10**8)

    monkeypatch.setattr(gate.shutil, "disk_usage", usage)
    assert b" 507 " in send_upload(port, part("files", b"x"))
    assert asked == [tmp_path]
