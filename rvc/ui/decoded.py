"""Decoded recordings between the upload that checks them and the cleaning that uses them."""

import threading
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rvc.audio import Recording

HELD_SECONDS = 20 * 60.0  # of sound, of all visitors together; 230 MB at 48 kHz


class DecodedRecordings:
    """The recordings decoded last, by file, so that an upload is decoded once.

    Each is handed out once: cleaning keeps the original itself. A file that changed is not found.
    """

    def __init__(self) -> None:
        self._held: OrderedDict[tuple[Path, int], Recording] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, path: Path, recording: "Recording") -> None:
        """Keep the recording of a file; the oldest give way beyond HELD_SECONDS."""
        with self._lock:
            self._held[_state(path)] = recording
            while sum(each.duration_seconds for each in self._held.values()) > HELD_SECONDS:
                self._held.popitem(last=False)

    def take(self, path: Path) -> "Recording | None":
        """Return the recording of a file and drop it, or return None."""
        with self._lock:
            return self._held.pop(_state(path), None)


def _state(path: Path) -> tuple[Path, int]:
    """Return a file's path and when it was written, 0 for one that is gone."""
    return path, path.stat().st_mtime_ns if path.exists() else 0
