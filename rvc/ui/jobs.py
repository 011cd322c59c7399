"""Background jobs of the process: a closed browser does not end them.

A page starts a job and reads its state; a reloaded page finds it again by its owner. Every state
change happens under one lock, so a job reaches exactly one final state and keeps it.
"""

import logging
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from rvc.errors import Cancelled, RVCError
from rvc.files import storage_errors
from rvc.messages import Message, joined

LIVE = ("waiting", "running", "stopping")
WAITING_MOST = 8  # jobs in one lane; more are refused, so that a public page cannot be flooded

_log = logging.getLogger(__name__)

_NOTHING = joined(())
_UNEXPECTED = Message(
    "Something went wrong inside the program. See the log for details, and try again.",
)
_NO_MEMORY = Message(
    "There is not enough memory for this. Close other programs or use a shorter file.",
)


class Busy(RVCError):
    """Another job of the same kind is running."""


class Lane:
    """The unfinished jobs of one lane, run one at a time in the order they came.

    The worker thread starts with the first job and ends when the lane is empty. It is a daemon,
    which the threads of `concurrent.futures` are not: Ctrl+C must not wait for a training.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.lock = threading.Lock()  # guards `jobs` and the state of every job in it
        self.jobs: deque[Job] = deque()  # the first one runs
        self._working = False

    def add(self, job: "Job") -> None:
        """Queue a job; the caller holds the lock."""
        self.jobs.append(job)
        if not self._working:
            self._working = True
            thread = threading.Thread(target=self._run, daemon=True, name=f"moksori-{self.name}")
            thread.start()

    def _run(self) -> None:
        while (job := self._next()) is not None:
            _run(job)

    def _next(self) -> "Job | None":
        """Return the first job, set to running, or None when the lane is empty."""
        with self.lock:
            if not self.jobs:
                self._working = False
                return None
            job = self.jobs[0]
            job.state, job.started_at = "running", time.monotonic()
            return job


@dataclass(eq=False)
class Job:
    """One piece of work; its thread writes the fields and any page reads them.

    `state`: waiting | running | stopping | stopped | done | failed. `fraction`: 0..1.
    `data`: what this kind of job shows while it runs. `result`: what the work returned.
    """

    kind: str
    owner: str
    lane: Lane
    _work: Callable[["Job"], Any]
    data: Any = None
    state: str = "waiting"
    fraction: float = 0.0
    message: Message = _NOTHING
    error: Message | None = None
    result: Any = None
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:8])
    started_at: float = field(default_factory=time.monotonic)
    _stop: threading.Event = field(default_factory=threading.Event)
    _ended: threading.Event = field(default_factory=threading.Event)
    _callbacks: list[Callable[[], None]] = field(default_factory=list)

    @property
    def live(self) -> bool:
        return self.state in LIVE

    @property
    def ahead(self) -> int:
        """Return how many jobs come before this one; 0 when it runs or has ended."""
        with self.lane.lock:
            return self.lane.jobs.index(self) if self.live else 0

    @property
    def stop_requested(self) -> bool:
        return self._stop.is_set()

    def stop(self) -> None:
        """End a waiting job at once and a running one at its next `set_progress`; what it saved
        stays.

        Does nothing to a job that has ended.
        """
        with self.lane.lock:
            if not self.live:
                return
            self._stop.set()
            if self.state != "waiting":
                self.state = "stopping"
                return
            self._end("stopped")
        self._call_back()

    def set_progress(self, fraction: float, message: Message) -> None:
        """Set the progress; raise Cancelled when a stop was requested."""
        self.fraction = min(1.0, max(0.0, float(fraction)))
        self.message = message
        if self._stop.is_set():
            raise Cancelled()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for the end; return whether it has come."""
        return self._ended.wait(seconds)

    def when_ended(self, callback: Callable[[], None]) -> None:
        """Call `callback` once when the job ends in whatever way; at once if it has ended."""
        with self.lane.lock:
            if self.live:
                self._callbacks.append(callback)
                return
        callback()

    def outcome(self) -> Any:
        """Return the work's result; raise what ended the job if there is none."""
        if self.state == "stopped":
            raise Cancelled()
        if self.error is not None:
            raise RVCError(self.error)
        return self.result

    def _end(self, state: str) -> None:
        """Enter a final state and leave the lane; the caller holds the lock."""
        self.state, self._work = state, _no_work  # what the work holds on to is free
        self.lane.jobs.remove(self)

    def _call_back(self) -> None:
        """Run the callbacks, then release whoever waits; after `_end`, without the lock."""
        for callback in self._callbacks:
            try:
                callback()
            except Exception:
                _log.exception("clearing up after the %s job failed", self.kind)
        self._ended.set()


class Jobs:
    """The latest job of every kind and owner, and the lanes that run them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # taken before a lane's lock, never after
        self._latest: dict[tuple[str, str], Job] = {}
        self._lanes: dict[str, Lane] = {}

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
        """Queue `work(job)` in a lane and return its Job at once.

        A lane (the job's kind by default) runs its jobs one at a time, first come first served.
        Raises Busy for a second job of the same kind by the same owner, for a full lane, and, with
        `queue` off, for a lane that is not empty.
        """
        name = lane or kind
        with self._lock:
            place = self._lanes.setdefault(name, Lane(name))
            with place.lock:
                last = self._latest.get((kind, owner))
                if last is not None and last.live:
                    raise Busy(
                        "This is running already; wait for it, or stop it first.",
                    )
                if (place.jobs and not queue) or len(place.jobs) >= WAITING_MOST:
                    raise Busy(
                        "Another person's work is running on this machine; please try again later.",
                    )
                job = self._latest[kind, owner] = Job(kind, owner, place, work, data)
                place.add(job)
        return job

    def latest(self, kind: str, owner: str) -> Job | None:
        """Return the owner's last job of this kind, live or ended."""
        return self._latest.get((kind, owner))

    def live(self, kind: str) -> Job | None:
        """Return the unfinished job of this kind that comes first in its lane, of any owner."""
        with self._lock:
            jobs = list(self._latest.values())
        return min(
            (job for job in jobs if job.kind == kind and job.live),
            key=lambda job: job.ahead,
            default=None,
        )

    def drop(self, kind: str, owner: str) -> None:
        """Forget the owner's last job of this kind, which has ended."""
        with self._lock:
            job = self._latest.get((kind, owner))
            if job is not None and not job.live:
                del self._latest[kind, owner]

    def forget(self, owner: str) -> None:
        """Stop the owner's jobs and drop them."""
        with self._lock:
            forgotten = [self._latest.pop(key) for key in list(self._latest) if key[1] == owner]
        for job in forgotten:
            job.stop()


def _no_work(job: Job) -> None:
    """Stand for the work of a job that has ended."""


def _run(job: Job) -> None:
    """Do the work of a running job and end it in exactly one final state."""
    state, result, error = "failed", None, None
    try:
        with storage_errors():
            result = job._work(job)
        state = "done"
    except Cancelled:
        state = "stopped"
    except RVCError as problem:
        error = problem.text
    except MemoryError:
        error = _NO_MEMORY
    except BaseException:  # SystemExit too: the next job needs this thread
        _log.exception("the %s job failed", job.kind)
        error = _UNEXPECTED
    with job.lane.lock:
        job.result, job.error = result, error
        job.fraction = 1.0 if state == "done" else job.fraction
        job._end(state)
    job._call_back()
