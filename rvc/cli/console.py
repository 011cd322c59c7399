"""What a command tells: results on standard output, how far it is on standard error."""

import contextlib
import json
import math
import sys
import time
from collections.abc import Iterator, Mapping, Sequence

from rvc.errors import RVCError
from rvc.messages import Message
from rvc.progress import Progress, within

QUIET_SECONDS = 2.0  # shorter work needs no progress
STEP_SECONDS = 2.0  # between two lines of progress with the same words


class UsageError(RVCError):
    """The command line itself cannot be understood."""


class Console:
    """`language`: of every sentence. `as_json`: the result is one JSON object, nothing else."""

    def __init__(self, language: str, *, as_json: bool = False) -> None:
        self.language, self.as_json = language, as_json
        self._started = self._told = time.monotonic()
        self._words = ""

    def say(self, text: Message | str) -> str:
        """`text` in the person's language."""
        return text if isinstance(text, str) else text.in_language(self.language)

    def progress(self, fraction: float, text: Message) -> None:
        """A line on standard error now and then, from the third second on."""
        now, words = time.monotonic(), self.say(text)
        if now - self._started < QUIET_SECONDS:
            return
        if now - self._told < STEP_SECONDS and (words == self._words or fraction >= 1):
            return
        if now - self._told < STEP_SECONDS / 4:
            return
        self.remark(fraction, text)

    def remark(self, fraction: float, text: Message) -> None:
        """A line of progress that is never left out."""
        self._told, self._words = time.monotonic(), self.say(text)
        shown = f"{100 * min(max(fraction, 0), 1):3.0f} %  {self._words}"
        print(shown, file=sys.stderr, flush=True)

    def within(self, start: float, stop: float) -> Progress:
        """A progress callback for the part of the work between two shares of it."""
        return within(self.progress, start, stop)

    def result(self, values: Mapping[str, object], lines: Sequence[Message | str]) -> None:
        """The outcome: `values` with --json, else `lines`."""
        if self.as_json:
            print(as_json(values, self.language))
        else:
            for line in lines:
                print(self.say(line))

    @contextlib.contextmanager
    def working(self) -> Iterator[None]:
        """While it lasts, what libraries print goes to standard error."""
        with contextlib.redirect_stdout(sys.stderr):
            yield


def as_json(values: object, language: str) -> str:
    """One JSON object: sentences in `language`, numbers that are none as null."""
    return json.dumps(plain(values, language), ensure_ascii=False, allow_nan=False)


def plain(value: object, language: str) -> object:
    """`value` in JSON's own types."""
    if isinstance(value, Message):
        return value.in_language(language)
    if isinstance(value, Mapping):
        return {str(key): plain(item, language) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item, language) for item in value]
    if isinstance(value, bool | str) or value is None:
        return value
    if hasattr(value, "item"):  # a numpy scalar
        value = value.item()
    if isinstance(value, int | float):
        return value if math.isfinite(value) else None
    return str(value)
