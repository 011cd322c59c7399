"""Live conversions of the page: one for each person, ended when the page falls silent."""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from rvc.errors import RVCError
from rvc.ui.conversion import find_voice
from rvc.ui.studio import PUBLIC_CONVERT_SECONDS, Studio

if TYPE_CHECKING:
    from rvc.convert import ConversionOptions
    from rvc.live import LiveConversion

ID_BYTES = 24
IDLE_SECONDS = 10.0  # without sound: the page was closed
MOST_AT_ONCE = 1  # two would not keep up on two cores
RATES_HZ = (8_000, 192_000)
MOST_CHUNK_SECONDS = 2.0
FULL_SCALE = 32_767


@dataclass(eq=False)
class LiveSession:
    """One person's live conversion. `began` and `used`: times on the monotonic clock."""

    owner: str
    convert: "LiveConversion"
    out: Callable[[np.ndarray], np.ndarray]
    rate: int
    seconds: float = 0.0  # that were fed
    used: float = field(default_factory=time.monotonic)
    lock: threading.Lock = field(default_factory=threading.Lock)


class LiveSessions:
    """The sessions of one page, by ids that cannot be guessed."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._sessions: dict[str, LiveSession] = {}
        self._lock = threading.Lock()

    def start(self, owner: str, voice: str, options: "ConversionOptions", rate: int) -> str:
        """Return the id of a new session; the owner's earlier one ends.

        `rate`: of the sound both ways, Hz. Raises RVCError while another person speaks live, and
        VoiceError for a voice that cannot.
        """
        import soxr

        if not RATES_HZ[0] <= rate <= RATES_HZ[1]:
            raise RVCError("The microphone's sample rate cannot be used.")
        known, library = find_voice(self._studio, owner, voice)
        live = self._studio.engine.live(library.path(known.name), options, rate)
        stream = soxr.ResampleStream(live.sample_rate, rate, 1, dtype="float32", quality="LQ")
        session = LiveSession(owner, live, stream.resample_chunk, rate)
        with self._lock:
            self._drop(lambda each: each.owner == owner)
            if len(self._sessions) >= MOST_AT_ONCE:
                raise RVCError("Someone else is speaking live. Try again in a minute.")
            name = secrets.token_urlsafe(ID_BYTES)
            self._sessions[name] = session
        return name

    def feed(self, name: str, data: bytes) -> bytes | None:
        """Return the converted sound of `data`, both 16-bit samples; None for an unknown id.

        Raises RVCError at the end of the time a visitor of a public page has.
        """
        with self._lock:
            session = self._sessions.get(name)
        if session is None:
            return None
        samples = np.frombuffer(data[: len(data) // 2 * 2], "<i2").astype(np.float32) / FULL_SCALE
        samples = samples[: round(MOST_CHUNK_SECONDS * session.rate)]
        with session.lock:
            session.seconds += len(samples) / session.rate
            if self._studio.public and session.seconds > PUBLIC_CONVERT_SECONDS:
                self.stop(name)
                raise RVCError("Two minutes at a time is the most here. Start again to go on.")
            with self._studio.engine.turns.first():
                made = session.out(session.convert.feed(samples))
            session.used = time.monotonic()
        return (np.clip(made, -1, 1) * FULL_SCALE).astype("<i2").tobytes()

    def stop(self, name: str) -> None:
        """End a session, if there is one of this id."""
        with self._lock:
            self._sessions.pop(name, None)

    def _drop(self, ends: Callable[[LiveSession], bool]) -> None:
        idle = time.monotonic() - IDLE_SECONDS
        for name, session in list(self._sessions.items()):
            if session.used < idle or ends(session):
                del self._sessions[name]
