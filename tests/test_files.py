"""Files are old or new, never mixed, whichever step of a write fails."""

import os
from pathlib import Path

import pytest

from rvc import files
from rvc.files import write_atomically

OLD, NEW = b"old" * 1000, b"new" * 5000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / ("목" * 80 + ".bin")  # 244 bytes: a longer name would not fit
    path.write_bytes(OLD)
    return path


def _names(path: Path) -> list[str]:
    return [entry.name for entry in path.parent.iterdir()]


@pytest.mark.parametrize("content", [NEW, memoryview(NEW), lambda file: file.write(NEW)])
def test_replaces_a_file(path: Path, content) -> None:
    assert write_atomically(path, content) == path
    assert path.read_bytes() == NEW
    assert _names(path) == [path.name]


def test_makes_a_new_file(tmp_path: Path) -> None:
    assert write_atomically(str(tmp_path / "new.json"), b"{}").read_bytes() == b"{}"


def test_a_missing_folder_is_an_error_and_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_atomically(tmp_path / "nowhere" / "file", NEW)
    assert not (tmp_path / "nowhere").exists()


def test_a_writer_that_fails_half_way_leaves_the_old_file(path: Path) -> None:
    def write_half(file) -> None:
        file.write(NEW[:100])
        raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        write_atomically(path, write_half)
    assert path.read_bytes() == OLD
    assert _names(path) == [path.name]


class _FailingCalls:
    """Patch that counts disk operations and fails the n-th."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, fail_at: int) -> None:
        self.calls, self.fail_at = 0, fail_at
        for name in ("fsync", "replace", "open"):
            monkeypatch.setattr(files.os, name, self._counting(getattr(os, name)))

    def count(self) -> None:
        self.calls += 1
        if self.calls == self.fail_at:
            raise OSError(28, "No space left on device")

    def _counting(self, call):
        def counted(*arguments, **keywords):
            self.count()
            return call(*arguments, **keywords)

        return counted


def test_every_failure_leaves_the_old_file_or_the_new_one(path: Path) -> None:
    for fail_at in range(1, 20):
        path.write_bytes(OLD)
        with pytest.MonkeyPatch.context() as monkeypatch:
            disk = _FailingCalls(monkeypatch, fail_at)

            def write(file, disk=disk) -> None:
                for start in range(0, len(NEW), 5000):
                    disk.count()
                    file.write(NEW[start : start + 5000])

            try:
                write_atomically(path, write)
            except OSError:
                passed = False
            else:
                passed = True
        assert path.read_bytes() in (OLD, NEW)
        assert _names(path) == [path.name], "a file was left aside"
        if passed:
            assert path.read_bytes() == NEW
            break
    else:
        pytest.fail("the operation never passed")
    assert fail_at == 8, "3 writes, fsync, rename, open and fsync of the folder; then it passes"
