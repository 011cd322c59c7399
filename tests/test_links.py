"""Voices from links: only the hub is opened, redirects included; sizes are bounded."""

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from lite_voice import lite_voice

from rvc.errors import VoiceError
from rvc.fetching import FetchError
from rvc.links import allowed, fetch_link, file_link, link_name
from rvc.voice import VoiceLibrary, export_voice, import_link

PTH = (".pth", ".zip")


class _Hub(http.server.ThreadingHTTPServer):
    """Serves `files` by path; `moved` redirects a path to another address."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.files: dict[str, bytes] = {}
        self.moved: dict[str, str] = {}
        self.asked: list[str] = []

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore errors: a file that is too big is not read to its end."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Answer(http.server.BaseHTTPRequestHandler):
    server: _Hub

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        if self.path in self.server.moved:
            self.send_response(302)
            self.send_header("Location", self.server.moved[self.path])
            self.end_headers()
            return
        if self.path not in self.server.files:
            return self.send_error(404)
        self.send_response(200)
        if "unsized" not in self.path:
            self.send_header("Content-Length", str(len(self.server.files[self.path])))
        self.end_headers()
        self.wfile.write(self.server.files[self.path])

    def log_message(self, *_arguments) -> None:
        pass


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[_Hub]:
    with _Hub() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("MOKSORI_HUB", server.url)
        monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
        yield server
        server.shutdown()


def test_links_to_a_files_page_or_with_a_query_lead_to_the_file() -> None:
    page = "https://huggingface.co/anna/voices/blob/main/안나 1.pth?download=true"
    url = file_link(page, PTH)
    assert url.startswith("https://huggingface.co/anna/voices/resolve/main/%EC%95%88")
    assert link_name(url) == "안나 1.pth"
    assert file_link(url, PTH) == url


@pytest.mark.parametrize(
    "link",
    [
        "", "voice.pth", "file:///etc/passwd.pth", "ftp://huggingface.co/a/b/resolve/main/v.pth",
        "https://huggingface.co.evil.example/a/b/resolve/main/v.pth",
        "https://evilhuggingface.co/a/b/resolve/main/v.pth",
        "https://huggingface.co@evil.example/a/b/resolve/main/v.pth",
        "https://user:secret@huggingface.co/a/b/resolve/main/v.pth",
        "http://huggingface.co/a/b/resolve/main/v.pth",
        "https://huggingface.co:8443/a/b/resolve/main/v.pth",
        "https://huggingface.co:x/a/b/resolve/main/v.pth",
        "http://127.0.0.1/a/b/resolve/main/v.pth", "https://[::1]/a/b/resolve/main/v.pth",
        "https://huggingface.co/a/b", "https://huggingface.co/a/b/resolve/main/readme.md",
        "https://huggingface.co/" + "a" * 3000 + "/resolve/main/v.pth",
    ],
)  # fmt: skip
def test_other_addresses_and_what_is_no_file_are_refused(link: str) -> None:
    with pytest.raises(FetchError, match=r"Only links to huggingface\.co|one file that ends"):
        file_link(link, PTH)


def test_the_hubs_own_hosts_may_hold_the_file() -> None:
    assert allowed("https://cdn-lfs.hf.co/repos/x") and allowed("https://cas-bridge.xethub.hf.co/x")
    assert not allowed("http://cdn-lfs.hf.co/x") and not allowed("https://hf.co.example/x")


def test_a_voice_is_imported_from_its_link(hub: _Hub, tmp_path: Path) -> None:
    friend = VoiceLibrary(tmp_path / "friend")
    friend.save(lite_voice("From a friend"))
    archive = export_voice(friend, "From a friend", tmp_path / "voice.zip").read_bytes()
    hub.files["/cdn/voice.zip"] = archive
    hub.moved["/anna/voices/resolve/main/voice.zip"] = f"{hub.url}/cdn/voice.zip"
    library, said = VoiceLibrary(tmp_path / "mine"), []
    voice = import_link(
        f"{hub.url}/anna/voices/blob/main/voice.zip",
        library,
        card={"consent": "yes"},
        progress=lambda share, text: said.append((share, str(text))),
    )
    assert library.names() == ["From a friend"] and voice.index is not None
    card = library.card("From a friend")
    assert card["consent"] == "yes" and str(card["source_link"]).endswith("/resolve/main/voice.zip")
    assert said[-1] == (1.0, "Downloading voice.zip")


def test_a_redirect_to_another_machine_is_not_followed(hub: _Hub, tmp_path: Path) -> None:
    with _Hub() as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        hub.moved["/a/b/resolve/main/v.pth"] = f"{other.url}/secret.pth"
        with pytest.raises(FetchError, match="another website"):
            fetch_link(f"{hub.url}/a/b/resolve/main/v.pth", tmp_path / "v", most_bytes=100)
        assert other.asked == [] and not (tmp_path / "v").exists()
        other.shutdown()


@pytest.mark.parametrize("path", ["/a/b/resolve/main/v.pth", "/a/b/resolve/unsized/v.pth"])
def test_too_much_is_refused_said_or_not(hub: _Hub, tmp_path: Path, path: str) -> None:
    hub.files[path] = b"x" * 5_000_000
    with pytest.raises(FetchError, match="4 MB at most"):
        fetch_link(hub.url + path, tmp_path / "v", most_bytes=4_000_000)
    assert list(tmp_path.iterdir()) == []


def test_pages_missing_files_and_what_is_no_voice_are_explained(hub: _Hub, tmp_path: Path) -> None:
    link, library = f"{hub.url}/a/b/resolve/main/v.pth", VoiceLibrary(tmp_path / "mine")
    with pytest.raises(FetchError, match="404"):
        import_link(link, library)
    hub.files["/a/b/resolve/main/v.pth"] = b"<!DOCTYPE html><html>Sign in"
    with pytest.raises(FetchError, match="web page"):
        import_link(link, library)
    hub.files["/a/b/resolve/main/v.pth"] = b"not a voice" * 100
    with pytest.raises(VoiceError):
        import_link(link, library)
    assert library.names() == []


def test_hostile_links_and_servers_get_a_sentence(hub: _Hub, tmp_path: Path) -> None:
    for link in ("https://[x/a/resolve/main/v.pth", "https://hugging\u2100face.co/resolve/v.pth"):
        with pytest.raises(FetchError, match="Only links to"):
            file_link(link, PTH)
    for number, target in enumerate(("http://[x/v.pth", "ftp://127.0.0.1/v.pth", "//[", "")):
        hub.moved[f"/{number}/resolve/main/v.pth"] = target
        with pytest.raises(FetchError):
            fetch_link(f"{hub.url}/{number}/resolve/main/v.pth", tmp_path / "v", most_bytes=100)
    assert list(tmp_path.iterdir()) == []


def test_no_link_is_opened_while_downloads_are_switched_off(hub, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(FetchError, match="HF_HUB_OFFLINE"):
        fetch_link(f"{hub.url}/a/b/resolve/main/v.pth", tmp_path / "v", most_bytes=100)
    assert hub.asked == []


def test_what_is_escaped_in_a_link_stays_so() -> None:
    url = "https://huggingface.co/a/blob/resolve/refs%2Fpr%2F1/v%25.pth"
    assert file_link(url, PTH) == url  # a branch with slashes in its name, a repository "blob"
    assert link_name("https://x/a%0a%1b[31mb.pth") == "a  [31mb.pth"
