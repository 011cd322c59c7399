"""What benchmarks of the page share: a free port, a wait for the server, made-up speech."""

import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

START_SECONDS = 120

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("", "tests")]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until_up(port: int, server: subprocess.Popen) -> None:
    """Wait until the page answers; RuntimeError when its program ends first."""
    plain = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            plain.open(f"http://127.0.0.1:{port}/", timeout=10).close()
            return
        except OSError:
            time.sleep(0.3)
    server.kill()
    raise RuntimeError("the page did not start")


def made_speech(path: Path, seconds: float) -> Path:
    """A WAV of the tests' made-up talker."""
    from voice_like import voice_like

    from rvc.audio import Recording, save_audio

    return save_audio(path, Recording(voice_like(seconds, rate=24_000, seed=0), 24_000))
