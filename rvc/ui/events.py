"""The settings of an event listener, and where a job that it starts is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict

import gradio as gr
from gradio.components import Component

HEAVY = 4  # of those that wait for a job, so many at once


class EventSettings(TypedDict, total=False):
    """The arguments of a Gradio event listener that we use."""

    show_progress: Literal["full", "minimal", "hidden"]
    show_progress_on: Sequence[Component]
    queue: bool
    concurrency_id: str
    concurrency_limit: int
    trigger_mode: Literal["once", "multiple", "always_last"]
    js: str


HIDDEN: EventSettings = {"show_progress": "hidden"}
INSTANT: EventSettings = {"show_progress": "hidden", "queue": False}


@dataclass(frozen=True)
class JobArea:
    """Where a tab shows its jobs of one kind: the progress over `progress_on`, the cancel button
    while one runs, and in `problem` what ended the last one."""

    kind: str
    cancel: gr.Button
    progress_on: Component
    problem: gr.HTML | None = None

    @property
    def settings(self) -> EventSettings:
        """Return the settings of an event whose handler waits for a job."""
        return {
            "show_progress": "full",
            "show_progress_on": [self.progress_on],
            "concurrency_id": "heavy",
            "concurrency_limit": HEAVY,
        }
