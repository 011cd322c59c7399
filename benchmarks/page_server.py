"""Shared parts of the page's benchmarks: a free port, waiting for the server, synthetic speech."""

import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

START_SECONDS = 120
IDLE_SECONDS, IDLE_TICKS = 3.0, 5  # of 10 ms, in half a second

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / part) for part in ("", "tests")]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until_up(port: int, server: subprocess.Popen) -> None:
    """Wait until the page answers; raises RuntimeError if its program ends first."""
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


def until_idle(server: subprocess.Popen) -> None:
    """Wait until the program has been idle for IDLE_SECONDS (Linux only)."""
    used, quiet_since = _cpu_ticks(server.pid), time.monotonic()
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() - quiet_since < IDLE_SECONDS and time.monotonic() < deadline:
        time.sleep(0.5)
        now = _cpu_ticks(server.pid)
        if now - used > IDLE_TICKS:
            quiet_since = time.monotonic()
        used = now


def _cpu_ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def made_speech(path: Path, seconds: float) -> Path:
    """Write a WAV of the tests' synthetic voice; return its path."""
    from voice_like import voice_like

    from rvc.audio import Recording, save_audio

    return save_audio(path, Recording(voice_like(seconds, rate=24_000, seed=0), 24_000))
