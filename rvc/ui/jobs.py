"""Work that belongs to the process and not to a page: a closed browser does not end it.

A page starts a job and looks at it; a reloaded page finds it again by its owner.
"""

import logging
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from rvc.errors import Cancelled, RVCError, Text
from rvc.files import storage_errors

LIVE = ("waiting", "running", "stopping")
WAITING_MOST = 8  # jobs in one lane; more are refused, so that a public page cannot be flooded
HELD_SECONDS = 0.05  # pause between looks of `Job.wait`

_log = logging.getLogger(__name__)

_NOTHING = Text("", "")
_UNEXPECTED = Text(
    "Something went wrong inside the program. The log tells more; please try again.",
    "프로그램 안에서 문제가 생겼습니다. 자세한 내용은 로그에 있습니다. 다시 시도해 주세요.",
)
_NO_MEMORY = Text(
    "There is not enough memory for this. Close other programs or use a shorter file.",
    "메모리가 부족합니다. 다른 프로그램을 닫거나 더 짧은 파일을 쓰세요.",
)


class Busy(RVCError):
    """Somebody's work of the same kind is under way."""


@dataclass(eq=False)
class Job:
    """One piece of work; all fields are written by its thread and read by any page.

    `state`: waiting | running | stopping | stopped | done | failed. `fraction`: 0..1.
    `data`: whatever the kind of work shows on the way. `result`: what it returned.
    """

    kind: str
    owner: str
    data: Any = None
    state: str = "waiting"
    fraction: float = 0.0
    message: Text = _NOTHING
    error: Text | None = None
    result: Any = None
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:8])
    started_at: float = field(default_factory=time.monotonic)
    lane: str = ""
    _line: list["Job"] = field(default_factory=list)  # all jobs of the lane, in order
    _stop: threading.Event = field(default_factory=threading.Event)
    _ended: threading.Event = field(default_factory=threading.Event)

    @property
    def live(self) -> bool:
        return self.state in LIVE

    @property
    def ahead(self) -> int:
        """How many jobs come before this one; 0 when it runs, or has ended."""
        try:
            return self._line.index(self)
        except ValueError:
            return 0

    @property
    def stop_asked(self) -> bool:
        return self._stop.is_set()

    def stop(self) -> None:
        """Ask the work to end at its next `tell`; what it saved stays."""
        self._stop.set()
        if self.live:
            self.state = "stopping"

    def tell(self, fraction: float, message: Text) -> None:
        """Note how far the work is; raise Cancelled when a stop was asked."""
        self.fraction = min(1.0, max(0.0, float(fraction)))
        self.message = message
        if self._stop.is_set():
            raise Cancelled()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for the end; True when it has come."""
        return self._ended.wait(seconds)

    def outcome(self) -> Any:
        """The work's result; raises what ended it when it did not come to a result."""
        if self.state == "stopped":
            raise Cancelled()
        if self.error is not None:
            raise RVCError(self.error.en, self.error.ko)
        return self.result


class Jobs:
    """The latest job of every kind and owner, and one lane per kind."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latest: dict[tuple[str, str], Job] = {}
        self._lanes: dict[str, list[Job]] = {}

    def start(
        self,
        kind: str,
        owner: str,
        work: Callable[[Job], Any],
        *,
        lane: str | None = None,
        queue: bool = True,
        data: Any = None,
    ) -> Job:
        """Run `work(job)` in a thread and return its Job at once.

        Works of one `lane` (its kind by default) run in the order they came; with `queue` off a
        taken lane raises Busy, as does a second work of the same kind by the same owner.
        """
        lane = lane or kind
        with self._lock:
            waiting = [job for job in self._latest.values() if job.live and job.lane == lane]
            if any(job.owner == owner and job.kind == kind for job in waiting):
                raise Busy(
                    "This is running already; wait for it, or stop it first.",
                    "이미 실행 중입니다. 끝날 때까지 기다리거나 먼저 멈춰 주세요.",
                )
            if (waiting and not queue) or len(waiting) >= WAITING_MOST:
                raise Busy(
                    "Another person's work is running on this machine; please try again later.",
                    "다른 사람의 작업이 실행 중입니다. 잠시 뒤에 다시 시도해 주세요.",
                )
            line = self._lanes.setdefault(lane, [])
            job = Job(kind, owner, data, lane=lane, _line=line)
            self._latest[kind, owner] = job
            line.append(job)
        name = f"moksori-{kind}-{job.id}"
        threading.Thread(target=_run, args=(job, work), daemon=True, name=name).start()
        return job

    def latest(self, kind: str, owner: str) -> Job | None:
        """The owner's last job of this kind, live or ended."""
        return self._latest.get((kind, owner))

    def live(self, kind: str) -> Job | None:
        """Anybody's running job of this kind."""
        jobs = list(self._latest.values())
        return next((job for job in jobs if job.kind == kind and job.live), None)

    def forget(self, owner: str) -> None:
        """Stop the owner's jobs and drop them."""
        with self._lock:
            for key in [key for key in self._latest if key[1] == owner]:
                self._latest.pop(key).stop()


def _run(job: Job, work: Callable[[Job], Any]) -> None:
    """Thread body: wait for the turn, work, and end in exactly one final state."""
    try:
        while job.ahead:
            if job.stop_asked:
                raise Cancelled()
            time.sleep(HELD_SECONDS)
        if not job.stop_asked:
            job.state = "running"
        job.started_at = time.monotonic()
        with storage_errors():
            job.result = work(job)
        job.fraction = 1.0
        job.state = "done"
    except Cancelled:
        job.state = "stopped"
    except RVCError as error:
        job.error, job.state = error.text, "failed"
    except MemoryError:
        job.error, job.state = _NO_MEMORY, "failed"
    except Exception:
        _log.exception("the %s job failed", job.kind)
        job.error, job.state = _UNEXPECTED, "failed"
    finally:
        job._line.remove(job)  # the next one's turn
        job._ended.set()
