"""Output of the commands: results on standard output, progress on standard error."""

import contextlib
import json
import math
import sys
import time
from collections.abc import Iterator, Mapping, Sequence

from rvc.errors import RVCError
from rvc.messages import Message
from rvc.progress import Progress, within

QUIET_SECONDS = 2.0  # no progress is printed before
STEP_SECONDS = 2.0  # between two lines of progress with the same text


class UsageError(RVCError):
    """The command line itself cannot be understood."""


class Console:
    """`language`: of all output. `as_json`: print the result as one JSON object only."""

    def __init__(self, language: str, *, as_json: bool = False) -> None:
        self.language, self.as_json = language, as_json
        self._started = self._printed = time.monotonic()
        self._text = ""

    def render(self, text: Message | str) -> str:
        """Return `text` in the user's language."""
        return text if isinstance(text, str) else text.in_language(self.language)

    def progress(self, fraction: float, text: Message) -> None:
        """Print a line of progress on standard error, at most every two seconds for one text."""
        now, line = time.monotonic(), self.render(text)
        if now - self._started < QUIET_SECONDS:
            return
        if now - self._printed < STEP_SECONDS and (line == self._text or fraction >= 1):
            return
        if now - self._printed < STEP_SECONDS / 4:
            return
        self.remark(fraction, text)

    def remark(self, fraction: float, text: Message) -> None:
        """Print a line of progress that is never skipped."""
        self._printed, self._text = time.monotonic(), self.render(text)
        shown = f"{100 * min(max(fraction, 0), 1):3.0f} %  {self._text}"
        print(shown, file=sys.stderr, flush=True)

    def within(self, start: float, stop: float) -> Progress:
        """Return a callback that maps a part's progress to the range `start` to `stop`."""
        return within(self.progress, start, stop)

    def result(self, values: Mapping[str, object], lines: Sequence[Message | str]) -> None:
        """Print the result: `values` with --json, else `lines`."""
        if self.as_json:
            print(as_json(values, self.language))
        else:
            for line in lines:
                print(self.render(line))

    @contextlib.contextmanager
    def working(self) -> Iterator[None]:
        """Redirect what libraries print during the block to standard error."""
        with contextlib.redirect_stdout(sys.stderr):
            yield


def as_json(values: object, language: str) -> str:
    """Return one JSON object: messages in `language`, NaN and infinity as null."""
    return json.dumps(plain(values, language), ensure_ascii=False, allow_nan=False)


def plain(value: object, language: str) -> object:
    """Return `value` converted to JSON types; messages in `language`."""
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
