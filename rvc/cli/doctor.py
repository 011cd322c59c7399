"""python -m rvc doctor"""

import argparse

from rvc import assets
from rvc.cli.console import Console
from rvc.doctor import examine
from rvc.errors import RVCError, Text


def run(arguments: argparse.Namespace, console: Console) -> None:
    """Tell the diagnosis; raises RVCError, so that the exit code is 2, when work is impossible."""
    console.progress(0.0, Text("Trying every package", "패키지를 하나씩 확인하는 중"))
    diagnosis = examine(assets.weights_dir(arguments.weights))
    console.result(diagnosis.to_json(console.language), diagnosis.lines(console.language))
    if diagnosis.problems:
        problems = diagnosis.problems
        raise RVCError(" ".join(p.en for p in problems), " ".join(p.ko for p in problems))
