"""Decode an untrusted audio file in a child process with limits on memory, time and files.

A server process, started at the first file, loads numpy and FFmpeg's libraries and waits. For every
file it forks a child, which takes milliseconds. The child receives the open file, memory for the
samples and a socket for its answer; it cannot open any other file or connection. Where processes
cannot be forked (Windows), the file is decoded in this process.
"""

import atexit
import contextlib
import io
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from rvc.container import MAX_SAMPLE_RATE, MIN_SAMPLE_RATE
from rvc.decoding import MAX_SAMPLES, SinkError, decode
from rvc.errors import AudioError
from rvc.messages import Message
from rvc.threads import ALONE

APART = hasattr(os, "fork") and hasattr(socket, "send_fds")
MEMORY_BYTES = 2 * 2**30  # of address space beyond that of the server process
FIXED_CPU_SECONDS = 15
CPU_SHARE = 1 / 6  # of the sound's seconds; above the cost of any valid format
WALL_FACTOR = 4  # of the processor time, for busy machines
FILE_BYTES = 2 * 4 * MAX_SAMPLES
ANSWER_BYTES = 2**16
STEP_SAMPLES = 2**24
REQUEST = struct.Struct("di")  # limit in seconds, channel or ALL_CHANNELS
ALL_CHANNELS = -1
WARMING_SAMPLES = 4_000
ENTRY = "wait_for_files"  # the function below that the server process runs
START = (
    "import sys, json; sys.path[:] = json.loads(sys.argv[1]); "
    f"from rvc.untrusted.sound import {ENTRY}; {ENTRY}()"
)

_starting = threading.Lock()
_waiting: tuple[subprocess.Popen, socket.socket] | None = None


def decode_apart(
    file: BinaryIO, limit_seconds: float, channel: int = ALL_CHANNELS
) -> tuple[np.ndarray, int, tuple[Message, ...]]:
    """Return the samples (samples,) float32, sample rate in Hz and notes of an open audio file.

    `channel`: that one only. Raises AudioError as `rvc.decoding.decode` does, and for a file that
    cannot be decoded within the limits.
    """
    with _memory() as sink:
        answer = (
            _decode_in_child(file, sink, limit_seconds, channel)
            if APART
            else _answer(file, sink, limit_seconds, channel)
        )
        try:
            if "refused" in answer:
                raise AudioError(Message.from_json(answer["refused"]))
            count, rate = int(answer["samples"]), int(answer["sample_rate"])
            notes = tuple(Message.from_json(note) for note in answer["notes"])
            if not (0 < count <= FILE_BYTES // 4 and MIN_SAMPLE_RATE <= rate <= MAX_SAMPLE_RATE):
                raise _unreadable()
            return _taken(sink, count), rate, notes
        except (KeyError, TypeError, ValueError, OSError) as error:
            raise _unreadable() from error


def start() -> None:
    """Start the server process in advance, so that the first file is decoded without delay."""
    if APART:
        with contextlib.suppress(OSError):
            _running()


def _memory() -> BinaryIO:
    """Return an unnamed file in memory, or on the disk if the system has no such files."""
    try:
        if hasattr(os, "memfd_create"):
            return os.fdopen(os.memfd_create("sound", os.MFD_CLOEXEC), "w+b", buffering=2**20)
        return cast(BinaryIO, tempfile.TemporaryFile(buffering=2**20))
    except OSError as error:
        raise _no_room() from error


def _taken(sink: BinaryIO, count: int) -> np.ndarray:
    """Return the samples in `sink`, which is truncated while they are copied from the end, so that
    an hour of sound is in memory only once."""
    samples = np.empty(count, np.float32)
    for start in reversed(range(0, count, STEP_SAMPLES)):
        part = samples[start : start + STEP_SAMPLES]
        sink.seek(4 * start)
        if sink.readinto(part) != part.nbytes:  # type: ignore[attr-defined]  # of binary files
            raise _unreadable()
        sink.truncate(4 * start)
    return samples


def _decode_in_child(file: BinaryIO, sink: BinaryIO, limit_seconds: float, channel: int) -> dict:
    """Return the answer of a child that decodes `file` to `sink`."""
    for _ in range(2):  # retry once if the server process was killed
        line = None
        try:
            line = _running()
            mine, theirs = socket.socketpair()
            with mine:
                with theirs:
                    files = [file.fileno(), sink.fileno(), theirs.fileno()]
                    socket.send_fds(line, [REQUEST.pack(limit_seconds, channel)], files)
                if answer := _received(mine, _wall_seconds(limit_seconds) + 30):
                    return json.loads(answer)
            if not _closed(line):
                raise _unreadable()
        except (TimeoutError, ValueError) as error:
            raise _unreadable() from error
        except OSError:
            pass
        _stop(line)
    raise AudioError(
        "The part of the program that reads sound files could not be started. Free some memory "
        "and try again.",
    )


def _received(line: socket.socket, seconds: float) -> bytes:
    """Return the data received on `line` until it is closed."""
    line.settimeout(seconds)
    received = b""
    while len(received) <= ANSWER_BYTES and (part := line.recv(ANSWER_BYTES)):
        received += part
    return received


def _closed(line: socket.socket) -> bool:
    """Return True if the other end of `line` is closed."""
    try:
        return not line.recv(1, socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False


def _running() -> socket.socket:
    """Return the socket of the server process, which is started if it does not run."""
    global _waiting
    with _starting:
        if _waiting is None or _waiting[0].poll() is not None:
            root = str(Path(__file__).resolve().parents[2])
            path = [root, *(os.path.abspath(each) for each in sys.path if each)]
            mine, theirs = socket.socketpair()
            with theirs:
                process = subprocess.Popen(
                    [sys.executable, "-I", "-S", "-c", START, json.dumps(path)],
                    env=os.environ | ALONE,
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,  # Ctrl+C must reach the program only
                )
            _waiting = process, mine
            atexit.unregister(_stop)
            atexit.register(_stop)
        return _waiting[1]


def _stop(line: socket.socket | None = None) -> None:
    """End the server process; with `line`, only if it is the one at its other end."""
    global _waiting
    with _starting:
        if _waiting is not None and line in (None, _waiting[1]):
            process, line = _waiting
            line.close()
            process.kill()
            process.wait()
            _waiting = None


def wait_for_files() -> None:
    """Run the server process: fork a child for every request until the parent exits."""
    _warm_up()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children are reaped by the system
    requests = socket.socket(fileno=0)
    while True:
        request, files, _, _ = socket.recv_fds(requests, REQUEST.size, 3)
        if len(request) < REQUEST.size or len(files) < 3:
            os._exit(0)
        if os.fork() == 0:
            try:
                requests.close()
                _decode_one(*files, *REQUEST.unpack(request))
            finally:
                os._exit(0)
        for each in files:
            os.close(each)


def _decode_one(source: int, memory: int, line: int, limit_seconds: float, channel: int) -> None:
    with (
        os.fdopen(source, "rb") as file,
        os.fdopen(memory, "w+b", buffering=2**20) as sink,
        socket.socket(fileno=line) as answers,
    ):
        _limit(limit_seconds)
        answer = _answer(file, sink, limit_seconds, channel)
        answers.sendall(json.dumps(answer).encode())


def _answer(file: BinaryIO, sink: BinaryIO, limit_seconds: float, channel: int) -> dict:
    try:
        decoded = decode(file, sink, limit_seconds, None if channel < 0 else channel)
    except AudioError as error:
        return {"refused": error.text.to_json()}
    except SinkError:
        return {"refused": _no_room().text.to_json()}
    notes = [note.to_json() for note in decoded.notes]
    return {"samples": decoded.samples, "sample_rate": decoded.sample_rate, "notes": notes}


def _limit(limit_seconds: float) -> None:
    """Set limits that the process cannot raise again; unsupported ones are skipped."""
    import resource

    signal.alarm(_wall_seconds(limit_seconds))
    limits = {
        "RLIMIT_CORE": 0,
        "RLIMIT_CPU": _cpu_seconds(limit_seconds),
        "RLIMIT_AS": _address_space() + MEMORY_BYTES,
        "RLIMIT_FSIZE": FILE_BYTES,
        "RLIMIT_NOFILE": 0,  # open files stay open; no more can be opened
    }
    for name, value in limits.items():
        with contextlib.suppress(AttributeError, ValueError, OSError):
            kind = getattr(resource, name)
            _, hard = resource.getrlimit(kind)
            most = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(kind, (most, most))


def _address_space() -> int:
    """Return the address space of this process in bytes; an estimate if it is unknown."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        return pages * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 2**30


def _cpu_seconds(limit_seconds: float) -> int:
    return FIXED_CPU_SECONDS + round(CPU_SHARE * limit_seconds)


def _wall_seconds(limit_seconds: float) -> int:
    return WALL_FACTOR * _cpu_seconds(limit_seconds)


def _warm_up() -> None:
    """Decode a short sound, so that lazy loading happens before limits are set."""
    sound = np.zeros(WARMING_SAMPLES, np.int16).tobytes()
    form = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8_000, 16_000, 2, 16)
    data = b"data" + struct.pack("<I", len(sound)) + sound
    riff = b"RIFF" + struct.pack("<I", 4 + len(form) + len(data)) + b"WAVE"
    decode(io.BytesIO(riff + form + data), io.BytesIO(), 10.0)


def _unreadable() -> AudioError:
    return AudioError(
        "This file could not be read with reasonable memory and time; it may be damaged.",
    )


def _no_room() -> AudioError:
    return AudioError(
        "There is no room for the decoded sound. Free some memory or disk space and try again.",
    )
