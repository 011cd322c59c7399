"""Call the command line in tests, and read its errors."""

import re
from pathlib import Path

import pytest

from rvc.cli import main

ROOT = Path(__file__).parents[1]


class CommandLine:
    """line(*arguments) -> (exit code, standard output, standard error)."""

    def __init__(self, capsys: pytest.CaptureFixture) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: object) -> tuple[int, str, str]:
        code = main([str(argument) for argument in arguments])
        output = self._capsys.readouterr()
        return code, output.out, output.err


def refused(result: tuple[int, str, str]) -> str:
    """Return the one sentence of an error; only progress may precede it."""
    code, out, error = result
    assert code == 2 and out == "", result
    *before, sentence = error.splitlines()
    assert all(re.match(r" *\d+ %  ", line) for line in before), error
    return sentence
