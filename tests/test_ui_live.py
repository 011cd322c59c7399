"""Live conversions of the page: sessions, their limits, and the address of the sound."""

import http.client
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from lite_voice import lite_voice
from ui_fake import FakeEngine

from rvc.convert import ConversionOptions
from rvc.engine import PriorityLock
from rvc.errors import RVCError
from rvc.ui.build import build_ui
from rvc.ui.live_sessions import IDLE_SECONDS, LiveSessions
from rvc.ui.serving import launch_settings
from rvc.ui.studio import PUBLIC_CONVERT_SECONDS, Studio
from rvc.ui.workspace import Workspace

RATE = 16_000


class Louder:
    """A live conversion that doubles the sound."""

    sample_rate = RATE

    def feed(self, samples: np.ndarray) -> np.ndarray:
        return 2 * samples


def studio_of(folder: Path, *, public: bool = False) -> Studio:
    engine = FakeEngine(folder / "weights")
    engine.turns = PriorityLock()
    engine.live = lambda voice, options, rate: Louder()
    engine.library.save(lite_voice("tiny"))
    return Studio(engine, Workspace(folder / "work", public=public))


def pcm(seconds: float, value: int = 1000) -> bytes:
    return np.full(round(seconds * RATE), value, "<i2").tobytes()


def test_sound_goes_in_and_comes_out(tmp_path: Path) -> None:
    live = LiveSessions(studio_of(tmp_path))
    session = live.start("local", "tiny", ConversionOptions(), RATE)
    made = np.frombuffer(live.feed(session, pcm(1.0) + b"odd"[:1]), "<i2")
    assert len(made) > RATE / 2 and abs(int(np.median(made)) - 2000) < 5
    again = live.start("local", "tiny", ConversionOptions(), RATE)
    assert live.feed(session, pcm(0.1)) is None, "the earlier one has ended"
    live.stop(again)
    assert live.feed(again, pcm(0.1)) is None


def test_one_person_at_a_time_and_for_a_limited_time(tmp_path: Path, monkeypatch) -> None:
    live = LiveSessions(studio_of(tmp_path, public=True))
    session = live.start("a", "tiny", ConversionOptions(), RATE)
    with pytest.raises(RVCError, match="Someone else"):
        live.start("b", "tiny", ConversionOptions(), RATE)
    with pytest.raises(RVCError, match="Two minutes"):
        for _ in range(round(PUBLIC_CONVERT_SECONDS) + 1):
            live.feed(session, pcm(1.0))
    live.start("a", "tiny", ConversionOptions(), RATE)
    monkeypatch.setattr("rvc.ui.live_sessions.IDLE_SECONDS", -IDLE_SECONDS)
    live.start("b", "tiny", ConversionOptions(), RATE)
    with pytest.raises(RVCError, match="sample rate"):
        live.start("b", "tiny", ConversionOptions(), 10**6)
    with pytest.raises(RVCError, match="no voice"):
        live.start("b", "other", ConversionOptions(), RATE)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[SimpleNamespace]:
    studio = studio_of(tmp_path)
    demo = build_ui(studio.engine, studio.workspace)
    demo.queue(max_size=8).launch(**launch_settings(), prevent_thread_lock=True, quiet=True)
    yield demo
    demo.close()


def test_the_address_of_the_sound(served) -> None:
    session = served.live.start("local", "tiny", ConversionOptions(), RATE)

    def ask(path: str, **headers: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", served.server_port, timeout=60)
        connection.request("POST", path, pcm(0.5), headers)
        answer = connection.getresponse()
        return answer.status, answer.read()

    status, made = ask(f"/moksori/live/{session}")
    assert status == 200 and len(made) > RATE / 4
    assert ask("/moksori/live/unknown")[0] == 404
    assert ask(f"/moksori/live/{session}", Origin="https://evil.example")[0] == 403
