"""Idle threads sleep: the entry points set it before numpy and torch are loaded."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rvc.threads import PASSIVE

ROOT = Path(__file__).parents[1]
ENTRY_POINTS = {
    "app": "import app",
    "command line": "from rvc.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass",
}


@pytest.mark.parametrize("entry", ENTRY_POINTS)
@pytest.mark.parametrize("own", [{}, {"OMP_WAIT_POLICY": "ACTIVE", "OPENBLAS_NUM_THREADS": "3"}])
def test_entry_points_choose_how_threads_wait_before_the_libraries_are_loaded(entry, own):
    script = f"""
import os, sys
class ImportRecorder:
    def find_spec(self, name, path=None, target=None):
        if name in ("numpy", "torch"):
            print(name, *(os.environ.get(key) for key in {list(PASSIVE)}))
sys.meta_path.insert(0, ImportRecorder())
{ENTRY_POINTS[entry]}
import torch
"""
    environment = {k: v for k, v in os.environ.items() if k not in PASSIVE} | own
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    expected = " ".join((PASSIVE | own).values())
    for library in ("numpy", "torch"):
        assert f"{library} {expected}" in done.stdout.splitlines(), done.stderr


def test_work_on_all_cores_keeps_its_order_and_raises_what_it_raised():
    from rvc.cores import on_all_cores

    assert list(on_all_cores(lambda number: number**2, range(20))) == [n**2 for n in range(20)]
    done = []
    with pytest.raises(ZeroDivisionError):
        for _ in on_all_cores(lambda number: done.append(number) or 1 / (number - 2), range(1000)):
            pass
    assert len(done) < 1000, "items not begun are left out"


def test_workers_compute_with_the_threads_they_were_given():
    import torch

    from rvc.threads import workers

    def threads_after_an_operation(_: int) -> int:
        torch.rand(200, 200) @ torch.rand(200, 200)
        return torch.get_num_threads()

    before = torch.get_num_threads()
    torch.set_num_threads(4)
    try:
        for each in (1, 3):
            pool = workers(f"test-{each}", 2, each)
            assert torch.get_num_threads() == 4
            assert set(pool.map(threads_after_an_operation, range(20))) == {each}
    finally:
        torch.set_num_threads(before)
