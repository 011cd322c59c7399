"""Decoding in a child process: its limits, its permissions, and its restart after a kill."""

import os
import resource
import socket
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from tones import RATE, tone

from rvc.audio import Recording, load_audio, save_audio
from rvc.errors import AudioError
from rvc.untrusted import sound

pytestmark = pytest.mark.skipif(not sound.APART, reason="processes cannot be forked here")


@pytest.fixture
def wav(tmp_path: Path) -> Path:
    return save_audio(tmp_path / "a.wav", Recording(tone(), RATE))


def _tried_apart(attempt, tmp_path: Path) -> str:
    """Return the outcome of `attempt()` in a forked process under the limits of decoding."""
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        try:
            sound._limit(1.0)
            try:
                attempt()
                outcome = "done"
            except (OSError, MemoryError) as error:
                outcome = type(error).__name__
            os.write(writing, outcome.encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        outcome = answer.read()
    os.waitpid(process, 0)
    return outcome


def test_it_can_open_no_file_and_no_connection(tmp_path, wav):
    assert _tried_apart(lambda: None, tmp_path) == "done"
    assert _tried_apart(lambda: os.open(wav, os.O_RDONLY), tmp_path) == "OSError"
    assert _tried_apart(lambda: os.open(tmp_path / "b", os.O_CREAT), tmp_path) == "OSError"
    assert _tried_apart(lambda: socket.socket(), tmp_path) == "OSError"
    assert _tried_apart(lambda: os.pipe(), tmp_path) == "OSError"


def test_its_memory_and_time_are_limited(tmp_path):
    assert _tried_apart(lambda: bytearray(sound.MEMORY_BYTES + 2**28), tmp_path) == "MemoryError"

    def limits_hold() -> None:
        assert resource.getrlimit(resource.RLIMIT_CPU) == (sound._cpu_seconds(1.0),) * 2

    assert _tried_apart(limits_hold, tmp_path) == "done"


def test_one_that_never_ends_is_stopped(tmp_path, wav, monkeypatch):
    monkeypatch.setattr(sound, "START", sound.START.replace(
        "; wait_for_files()",
        ", _cpu_seconds; import rvc.untrusted.sound as s; s._cpu_seconds = lambda limit: 1; "
        "s._answer = lambda *these: [None for _ in iter(int, 1)]; wait_for_files()",
    ))  # fmt: skip
    sound._stop()
    began = time.monotonic()
    with pytest.raises(AudioError, match="reasonable memory and time"):
        load_audio(wav)
    assert time.monotonic() - began < 20
    sound._stop()


def test_a_copy_that_crashes_is_an_error_and_the_next_file_is_read(wav, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(sound, "START", sound.START.replace(
            "wait_for_files; ",
            "wait_for_files; import os, rvc.untrusted.sound as s; "
            "s._answer = lambda *these: os.abort(); ",
        ))  # fmt: skip
        sound._stop()
        for _ in range(2):
            with pytest.raises(AudioError, match="may be damaged"):
                load_audio(wav)
    sound._stop()
    assert load_audio(wav).duration_seconds == 1.0


def test_a_killed_waiting_process_is_started_again(wav):
    assert load_audio(wav).duration_seconds == 1.0
    process, _ = sound._waiting
    process.kill()
    process.wait()
    assert load_audio(wav).duration_seconds == 1.0
    assert sound._waiting[0].pid != process.pid


def test_a_child_that_cannot_start_is_reported(wav, monkeypatch):
    sound._stop()
    monkeypatch.setattr(sound, "START", "raise SystemExit")
    with pytest.raises(AudioError, match="could not be started"):
        load_audio(wav)
    sound._stop()


def test_many_at_once_each_get_their_own(tmp_path):
    files = [
        save_audio(tmp_path / f"{hz}.wav", Recording(tone(1.0 + hz / 1000, hz=hz), RATE))
        for hz in range(100, 900, 100)
    ]
    got: dict[Path, float] = {}

    def read(file: Path) -> None:
        for _ in range(5):
            got[file] = load_audio(file).duration_seconds

    threads = [threading.Thread(target=read, args=(file,)) for file in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {file.stem: round(got[file], 3) for file in files} == {
        str(hz): 1.0 + hz / 1000 for hz in range(100, 900, 100)
    }


def test_no_file_stays_open(wav):
    load_audio(wav)
    before = len(os.listdir("/proc/self/fd"))
    kept = [load_audio(wav) for _ in range(5)]
    assert len(os.listdir("/proc/self/fd")) == before and len(kept) == 5


def test_the_same_samples_come_without_a_process(tmp_path, wav, monkeypatch):
    apart = load_audio(wav)
    monkeypatch.setattr(sound, "APART", False)
    here = load_audio(wav)
    assert np.array_equal(apart.samples, here.samples) and apart.sample_rate == here.sample_rate
    (tmp_path / "b.wav").write_bytes(b"RIFF")
    with pytest.raises(AudioError, match="damaged"):
        load_audio(tmp_path / "b.wav")


def test_long_sound_comes_back_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(sound, "STEP_SAMPLES", 1_000)
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, 3 * RATE + 7).astype(np.float32)
    path = save_audio(tmp_path / "a.flac", Recording(samples, RATE))
    assert np.allclose(load_audio(path).samples, samples, atol=1e-4)
