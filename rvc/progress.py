"""Progress of long work: one callback type, and the parts of a whole."""

from collections.abc import Callable

from rvc.messages import Message

Progress = Callable[[float, Message], None]  # (share done, 0 to 1; what is being done); may raise
StageProgress = Callable[[float], None]  # the same of one stage, whose message is known


def no_progress(share: float, message: Message | None = None) -> None:
    """Ignore the progress; the default where a caller passes no callback."""


def within(progress: Progress, start: float, end: float) -> Progress:
    """Return a callback that maps the progress of one part to that of the whole."""
    return lambda share, message: progress(start + (end - start) * share, message)


def stage(progress: Progress, start: float, end: float, message: Message) -> StageProgress:
    """Return a callback that maps a stage's progress to overall progress under `message`."""
    return lambda share: progress(start + (end - start) * share, message)


def part(progress: StageProgress, start: float, end: float) -> StageProgress:
    """Return a callback that maps the progress of a part of a stage to that of the stage."""
    return lambda share: progress(start + (end - start) * share)
