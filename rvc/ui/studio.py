"""The work of the page, without Gradio: recordings -> cleaned -> report, as jobs of their owner.

Heavy modules are imported where they are first used, so that the page opens before torch loads.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from rvc.errors import AudioError, Cancelled, RVCError
from rvc.files import remove_quietly
from rvc.messages import Message, joined
from rvc.progress import within
from rvc.ui.decoded import DecodedRecordings
from rvc.ui.jobs import Job, Jobs
from rvc.ui.texts import message
from rvc.ui.workspace import Take, Workspace, shown_name

if TYPE_CHECKING:
    from rvc.cleaning import Cleaned, CleaningOptions
    from rvc.engine import Engine
    from rvc.quality import QualityReport

PUBLIC_TRAIN_SECONDS = 10 * 60.0  # of recordings one visitor may bring to a public page
PUBLIC_CONVERT_SECONDS = 2 * 60.0
MAX_TAKES = 200
PUBLIC_HELD_SECONDS = 40 * 60.0  # of cleaned sound kept in memory, all visitors together
MINIMUM_TAKE_SECONDS = 0.5

_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class CleanTake:
    """A recording after cleaning, with its WAV files and spectrograms.

    `strength`: what it was cleaned with; "off" after "use the original".
    """

    take: Take
    cleaned: "Cleaned"
    strength: str
    before: Path
    after: Path
    removed: Path
    pictures: tuple[str, str]  # spectrograms before and after, as data addresses


@dataclass(eq=False)
class Session:
    """What the process holds of one owner. `report_of`: the cleaned recordings in the report."""

    owner: str
    cleaned: dict[str, CleanTake] = field(default_factory=dict)
    problems: list[Message] = field(default_factory=list)
    report: "QualityReport | None" = None
    report_of: tuple[CleanTake, ...] = ()
    offered: str = ""  # id of the training whose voice was last chosen for the person
    lock: threading.RLock = field(default_factory=threading.RLock)


class Studio:
    """One per process: the engine, the owners' files and jobs. Shared by all tabs and visitors."""

    def __init__(self, engine: "Engine", workspace: Workspace) -> None:
        self.engine = engine
        self.workspace = workspace
        self.jobs = Jobs()
        self._decoded = DecodedRecordings()
        self._sessions: dict[str, Session] = {}
        self._lock = threading.Lock()

    @property
    def public(self) -> bool:
        return self.workspace.public

    def session(self, owner: str) -> Session:
        with self._lock:
            return self._sessions.setdefault(owner, Session(owner))

    # Takes

    def takes(self, owner: str) -> list[Take]:
        return self.workspace.takes(owner)

    def add_take(
        self,
        owner: str,
        upload: Path,
        name: str,
        *,
        allowed_root: Path,
        microphone: dict | None = None,
    ) -> Take:
        """Keep an upload as a recording; raise AudioError, with nothing kept, if it is none."""
        from rvc.audio import load_audio

        takes = self.takes(owner)
        if len(takes) >= MAX_TAKES:
            raise AudioError(
                "There are {max_takes} recordings already; delete some first.",
                max_takes=MAX_TAKES,
            )
        room = PUBLIC_TRAIN_SECONDS - sum(take.duration_seconds for take in takes)
        if self.public and room < MINIMUM_TAKE_SECONDS:
            raise AudioError(
                "Ten minutes of recordings is the most here. Run Moksori on your own computer "
                "for more.",
            )
        path = self.workspace.keep(owner, upload, allowed_root=allowed_root)
        try:
            recording = load_audio(path, max_seconds=room if self.public else None)
            take = Take(
                path.stem,
                shown_name(name) or path.stem,
                path,
                recording.duration_seconds,
                recording.notes,
                microphone,
            )
            self.workspace.save_take(take)
            self._decoded.put(path, recording)
        except BaseException:
            remove_quietly(path)
            raise
        return take

    def delete_take(self, owner: str, take_id: str) -> None:
        session = self.session(owner)
        for take in self.takes(owner):
            if take.id == take_id:
                self.workspace.delete_take(take)
        with session.lock:
            session.cleaned.pop(take_id, None)

    def forget(self, owner: str) -> None:
        """Delete the owner's files, results and jobs; finished voices stay."""
        self.jobs.forget(owner)
        with self._lock:
            self._sessions.pop(owner, None)
        self.workspace.forget(owner)

    # Cleaning

    def clean(self, owner: str, options: "CleaningOptions", only: str | None = None) -> Job:
        """Clean all takes (or the one with id `only`) in the background."""
        takes = [take for take in self.takes(owner) if only in (None, take.id)]
        if not takes:
            raise _nothing()
        return self.jobs.start(
            "clean", owner, lambda job: self._clean(job, takes, options), lane="sound"
        )

    def _clean(self, job: "Job | _Part", takes: list[Take], options: "CleaningOptions") -> None:
        session = self.session(job.owner)
        with session.lock:
            session.problems = []
        for number, take in enumerate(takes):
            count = {"name": take.name, "number": number + 1, "count": len(takes)}
            where = message("clean_of", **count)

            def progress(
                fraction: float, text: Message, done: int = number, where: Message = where
            ) -> None:
                job.set_progress((done + fraction) / len(takes), joined([text, where], " · "))

            try:
                result = self._clean_one(job.owner, take, options, progress)
            except Cancelled:
                raise
            except RVCError as error:
                text = message("clean_problem", name=take.name, problem=error.text)
                session.problems.append(text)
                continue
            with session.lock:
                session.cleaned[take.id] = result
            self._make_room(job.owner)
        if len(session.problems) == len(takes):
            raise RVCError(session.problems[0])

    def _clean_one(
        self,
        owner: str,
        take: Take,
        options: "CleaningOptions",
        progress: Callable[[float, Message], None],
    ) -> CleanTake:
        from rvc.audio import load_audio, save_audio
        from rvc.cleaning import listening_set
        from rvc.ui.spectrogram import spectrogram

        decoded = self._decoded.take(take.path) or load_audio(take.path)
        recording = replace(decoded, name=take.name)
        cleaned = self.engine.clean(recording, options, progress=progress)
        folder = self.workspace.folder(owner, "cleaned", take.id)
        before, after, removed = listening_set(cleaned)
        sounds = {"before": before, "after": after, "removed": removed}
        paths = {name: save_audio(folder / f"{name}.wav", sound) for name, sound in sounds.items()}
        pictures = (spectrogram(before), spectrogram(after))
        return CleanTake(take, cleaned, options.strength, **paths, pictures=pictures)

    def _make_room(self, owner: str) -> None:
        """On a public page, drop cleaned sound of other visitors beyond PUBLIC_HELD_SECONDS."""
        if not self.public:
            return
        with self._lock:
            others = [session for session in self._sessions.values() if session.owner != owner]
            held = sum(_seconds(session) for session in self._sessions.values())
            for session in others:
                if held <= PUBLIC_HELD_SECONDS:
                    return
                if not any(
                    job and job.live
                    for job in (self.jobs.latest(kind, session.owner) for kind in _USERS_OF_SOUND)
                ):
                    held -= _seconds(session)
                    session.cleaned, session.report, session.report_of = {}, None, ()

    # Report

    def uncleaned(self, owner: str) -> list[Take]:
        """Return the recordings that are not cleaned yet."""
        done = self.session(owner).cleaned
        return [take for take in self.takes(owner) if take.id not in done]

    def cleaned(self, owner: str) -> list[CleanTake]:
        """Return the cleaned recordings in the order they were added."""
        done = self.session(owner).cleaned
        return [done[take.id] for take in self.takes(owner) if take.id in done]

    def report_stale(self, owner: str) -> bool:
        session = self.session(owner)
        return session.report is not None and session.report_of != tuple(self.cleaned(owner))

    def report(self, owner: str, options: "CleaningOptions") -> Job:
        """Assess all recordings in the background; those not cleaned yet are cleaned first."""
        if not self.takes(owner):
            raise _nothing()
        return self.jobs.start(
            "report", owner, lambda job: self._report(job, options), lane="sound"
        )

    def _report(self, job: Job, options: "CleaningOptions") -> None:
        session, missing = self.session(job.owner), self.uncleaned(job.owner)
        if missing:
            self._clean(_Part(job, 0.0, 0.5), missing, options)
        assessed = tuple(self.cleaned(job.owner))
        part = _Part(job, 0.5 if missing else 0.0, 1.0)
        report = self.engine.report([each.cleaned for each in assessed], progress=part.set_progress)
        with session.lock:
            session.report, session.report_of = report, assessed

    def overrule(self, owner: str, index: int, decision: str) -> None:
        """Keep or drop a segment against the report's own decision."""
        session = self.session(owner)
        with session.lock:
            if session.report is None or not 0 <= index < len(session.report.segments):
                raise RVCError(message("reload_page"))
            if decision not in ("keep", "drop"):
                raise RVCError(message("reload_page"))
            session.report = session.report.with_decision(index, decision)


_USERS_OF_SOUND = ("clean", "report", "train")


@dataclass(frozen=True)
class _Part:
    """A part of a job, whose progress fills `start` to `stop` of the job's."""

    job: Job
    start: float
    stop: float

    @property
    def owner(self) -> str:
        return self.job.owner

    def set_progress(self, fraction: float, text: Message) -> None:
        within(self.job.set_progress, self.start, self.stop)(fraction, text)


def _seconds(session: Session) -> float:
    return sum(each.take.duration_seconds for each in session.cleaned.values())


def _nothing() -> RVCError:
    return RVCError(message("clean_nothing"))
