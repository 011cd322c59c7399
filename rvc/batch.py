"""Conversion of several files in one go: one that cannot be used does not stop the others."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from rvc.audio import save_audio
from rvc.convert import Converted
from rvc.errors import AudioError, VoiceError
from rvc.label import ai_label
from rvc.messages import Message, joined
from rvc.progress import Progress, no_progress, within

Sound = TypeVar("Sound")  # a recording, or a song


@dataclass(frozen=True)
class Task:
    """One file to convert: the name it is called by, the file itself, and where the result goes."""

    name: str
    source: Path
    target: Path


@dataclass(frozen=True, eq=False)
class Outcome:
    """What became of a task: `converted`, whose sound is in the target, or the `error`."""

    task: Task
    converted: Converted | None
    error: AudioError | VoiceError | None
    took_seconds: float


def convert_each(
    tasks: Sequence[Task],
    convert: Callable[[Sound, Progress], Converted],
    *,
    voice: str,
    load: Callable[[Path], Sound],
    progress: Progress = no_progress,
) -> Iterator[Outcome]:
    """Convert and save one file after the other; yield each outcome as soon as it is known.

    `load`: reads a source for `convert`. `voice`: the name written into the files' tags. An
    AudioError or VoiceError is the outcome of its file; any other error, such as a full disk, ends
    the work.
    """
    for number, task in enumerate(tasks):
        began = time.monotonic()
        share = within(progress, number / len(tasks), (number + 1) / len(tasks))
        converted, failure = None, None
        try:
            converted = convert(load(task.source), _named(share, number, tasks))
            save_audio(task.target, converted.recording, metadata=ai_label(voice))
        except (AudioError, VoiceError) as error:
            converted, failure = None, error
        yield Outcome(task, converted, failure, time.monotonic() - began)


def _named(progress: Progress, number: int, tasks: Sequence[Task]) -> Progress:
    """Return `progress` whose messages name the file, where there are several."""
    if len(tasks) == 1:
        return progress
    where = Message(
        "file {number} of {count}: {name}",
        number=number + 1,
        count=len(tasks),
        name=tasks[number].name,
    )
    return lambda share, text: progress(share, joined([text, where], " · "))
