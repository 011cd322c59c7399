"""moksori (or python -m rvc) clean | report | train | convert | song | voices | trainings | ...

`flags` defines the flags of every command. A command is a module beside it with
`run(arguments, console)`: it turns flags into one `...Options`, calls one function and prints the
result. The exit code is 0, 1 if some of several inputs were left out, or 2 with one sentence on
standard error.
"""

import importlib
import os
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

from rvc.cli.console import Console, UsageError
from rvc.cli.flags import build_parser
from rvc.errors import Cancelled, RVCError
from rvc.files import storage_error
from rvc.messages import Message, system_language
from rvc.threads import wait_passively

COMMANDS = {
    "app": Message("open the studio page for the browser"),
    "doctor": Message("what this machine can do, and what is missing"),
    "clean": Message("remove noise, echo and clicks from a recording"),
    "report": Message("assess recordings as training data"),
    "train": Message("train a voice on recordings"),
    "convert": Message("convert a recording to a voice"),
    "voices": Message("list, show, import, export, blend or delete voices"),
    "trainings": Message("list, rename, delete or restore trainings"),
    "song": Message("convert the vocals of a song and mix them back"),
    "fetch": Message("download the published weights of a preset"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line `arguments` (the process's own if None); return the exit code."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    language = _language(arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a console may lack Korean
    warnings.simplefilter("ignore")  # of packages about each other; the user cannot fix them
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    wait_passively()
    try:
        return _run(arguments, language)
    except RVCError as error:
        return _print_error(error.text, language)
    except KeyboardInterrupt:
        return _print_error(Cancelled().text, language)
    except MemoryError:
        return _print_error(
            Message(
                "There is not enough memory for this. Close other programs or use a shorter file.",
            ),
            language,
        )
    except BrokenPipeError:  # closed by `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return _print_error(storage_error(error).text, language)


def _run(arguments: list[str], language: str) -> int:
    leading = _leading_options(arguments)
    if arguments[leading : leading + 1] in ([], ["-h"], ["--help"]) and leading <= len(arguments):
        print(_help(language))
        return 0
    command, rest = arguments[leading : leading + 1], arguments[leading + 1 :]
    if not command or command[0] not in COMMANDS:
        wanted = command[0] if command else ""
        raise UsageError(
            "There is no command '{wanted}'. There are: {commands}.",
            wanted=wanted,
            commands=", ".join(COMMANDS),
        )
    parser = build_parser(command[0], COMMANDS[command[0]], language, program=_program())
    parsed = parser.parse_intermixed_args(arguments[:leading] + rest)
    console = Console(language, as_json=getattr(parsed, "json", False))
    module = importlib.import_module(f"rvc.cli.{command[0]}")
    return module.run(parsed, console) or 0


def _leading_options(arguments: list[str]) -> int:
    """Return the number of arguments before the command: --weights DIR and --lang LANG."""
    count = 0
    while count < len(arguments) and arguments[count].partition("=")[0] in ("--weights", "--lang"):
        count += 1 if "=" in arguments[count] else 2
    return count


def _language(arguments: list[str]) -> str:
    """Return the language of --lang, at any position; else the system's."""
    for index, argument in enumerate(arguments):
        if argument == "--lang" and index + 1 < len(arguments):
            return arguments[index + 1]
        if argument.startswith("--lang="):
            return argument.partition("=")[2]
    return system_language()


def _help(language: str) -> str:
    program = _program()
    more = Message("Details: {program} COMMAND --help", program=program)
    lines = [f"  {name:9} {text.in_language(language)}" for name, text in COMMANDS.items()]
    return "\n".join([f"{program} COMMAND ...", "", *lines, "", more.in_language(language)])


def _program() -> str:
    """Return the command that started the program, for the help texts."""
    return "moksori" if Path(sys.argv[0]).stem == "moksori" else "python -m rvc"


def _print_error(text: Message, language: str) -> int:
    print(text.in_language(language), file=sys.stderr)
    return 2
