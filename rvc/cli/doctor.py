"""python -m rvc doctor"""

import argparse

from rvc import assets
from rvc.cli.console import Console
from rvc.doctor import examine
from rvc.errors import RVCError
from rvc.messages import Message, joined


def run(arguments: argparse.Namespace, console: Console) -> None:
    """Print the diagnosis; raises RVCError (exit code 2) if the program cannot work here."""
    console.progress(0.0, Message("Checking every package"))
    diagnosis = examine(assets.weights_dir(arguments.weights))
    console.result(diagnosis.to_json(console.language), diagnosis.lines(console.language))
    if diagnosis.problems:
        problems = diagnosis.problems
        raise RVCError(joined(problems))
