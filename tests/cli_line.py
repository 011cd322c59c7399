"""Calling the command line in tests, and reading what it refuses."""

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
        told = self._capsys.readouterr()
        return code, told.out, told.err


def refused(told: tuple[int, str, str]) -> str:
    """The one plain sentence of a refusal; only progress may stand before it."""
    code, out, error = told
    assert code == 2 and out == "", told
    *before, sentence = error.splitlines()
    assert all(re.match(r" *\d+ %  ", line) for line in before), error
    return sentence
