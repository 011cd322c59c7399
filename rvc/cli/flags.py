"""The flags of every command. Imports nothing heavy: a wrong flag is told at once."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from rvc.cli.console import UsageError
from rvc.messages import Message, languages

STRENGTHS = ("off", "light", "standard", "strong")  # rvc.cleaning's
PRESETS = ("auto", "lite", "32k", "40k", "48k")  # rvc.presets'
F0_METHODS = ("swift", "crepe-full", "crepe-tiny", "auto")  # rvc.f0's
VOICE_ACTIONS = ("list", "show", "import", "export", "delete")

Say = Callable[[Message], str]


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence instead of printing its whole usage."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(
            "The command is not understood ({reason}). Help: {program} --help",
            reason=message,
            program=self.prog,
        )


def build_parser(
    command: str, description: Message, language: str, *, program: str = "python -m rvc"
) -> Parser:
    """Return the parser of one command, its help in `language`.

    `program`: how the command line was started; `python app.py` is the command "app" itself.
    """

    def say(text: Message) -> str:
        return text.in_language(language)

    parser = Parser(
        prog=program if program.endswith(".py") else f"{program} {command}",
        description=description.in_language(language),
        allow_abbrev=False,
    )
    weights = say(Message("instead of MOKSORI_WEIGHTS or weights/"))
    parser.add_argument("--weights", metavar="DIR", help=weights)
    other = say(Message("instead of the system's language"))
    parser.add_argument("--lang", choices=languages(), help=other)
    _FLAGS[command](parser, say)
    return parser


def _json(parser: Parser, say: Say) -> None:
    words = say(Message("print one JSON object"))
    parser.add_argument("--json", action="store_true", help=words)


def _in_and_out(parser: Parser, say: Say) -> None:
    words = say(Message("recordings or a folder, and where they go"))
    parser.add_argument("paths", nargs="+", metavar="INPUT OUTPUT", help=words)


def _clean(parser: Parser, say: Say) -> None:
    _in_and_out(parser, say)
    parser.add_argument("--strength", choices=STRENGTHS, default="standard")
    words = say(Message("as long as the input, sample for sample"))
    parser.add_argument("--no-trim", action="store_true", help=words)
    _json(parser, say)


def _report(parser: Parser, say: Say) -> None:
    words = say(Message("recordings or folders"))
    parser.add_argument("paths", nargs="+", metavar="INPUT", help=words)
    to_json = say(Message("write the report as JSON ('-': print it)"))
    parser.add_argument("--json", metavar="OUT.json", dest="json_path", help=to_json)
    to_html = say(Message("write the report as a page"))
    parser.add_argument("--html", type=Path, metavar="OUT.html", help=to_html)
    words = say(Message("judge the recordings as they are"))
    parser.add_argument("--no-clean", action="store_true", help=words)


def _train(parser: Parser, say: Say) -> None:
    words = say(Message("recordings or folders"))
    parser.add_argument("paths", nargs="*", metavar="INPUT", help=words)
    words = say(Message("what to call the voice"))
    parser.add_argument("--name", required=True, help=words)
    parser.add_argument("--preset", choices=PRESETS, default="auto")
    amount = parser.add_mutually_exclusive_group()
    amount.add_argument("--minutes", type=_minutes, metavar="M")
    amount.add_argument("--steps", type=_count, metavar="N")
    amount.add_argument("--epochs", type=_count, metavar="E")
    parser.add_argument("--seed", type=int, default=0, metavar="S")
    words = say(
        Message("own base file instead of the preset's; RVC presets: G, then --base D"),
    )
    parser.add_argument("--base", action="append", default=[], metavar="FILE", help=words)
    words = say(
        Message(
            "go on with a training that stopped; with --steps and the like, to that end instead"
        ),
    )
    parser.add_argument("--resume", action="store_true", help=words)
    _json(parser, say)


def _convert(parser: Parser, say: Say) -> None:
    _in_and_out(parser, say)
    words = say(Message("a voice of the list, or a .pth"))
    parser.add_argument("--voice", metavar="NAME_OR_PTH", help=words)
    parser.add_argument("--index", type=Path, metavar="PATH")
    words = say(Message("-24 to 24, or auto"))
    parser.add_argument("--semitones", type=_semitones, default="auto", help=words)
    parser.add_argument("--index-rate", type=float, metavar="0..1")
    parser.add_argument("--protect", type=float, default=0.33, metavar="0..0.5")
    parser.add_argument("--loudness-mix", type=float, default=1.0, metavar="0..1")
    parser.add_argument("--f0-method", choices=F0_METHODS, default="auto")
    parser.add_argument("--seed", type=int, default=0)
    _json(parser, say)


def _voices(parser: Parser, say: Say) -> None:
    parser.add_argument("action", choices=VOICE_ACTIONS)
    parser.add_argument("operands", nargs="*", metavar="NAME, FILE")
    words = say(Message("import: what to call the voice"))
    parser.add_argument("--name", help=words)
    words = say(Message("import: the .index that belongs to it"))
    parser.add_argument("--index", type=Path, metavar="PATH", help=words)
    _json(parser, say)


def _fetch(parser: Parser, say: Say) -> None:
    words = say(Message("presets or files; 40k if none"))
    parser.add_argument("names", nargs="*", help=words)
    _json(parser, say)


def _app(parser: Parser, say: Say) -> None:
    """Flags without a value are None here; `rvc.ui.program` has the defaults."""
    words = say(Message("address to listen on (127.0.0.1)"))
    parser.add_argument("--host", help=words)
    parser.add_argument("--port", type=_port, help=say(Message("port (7860)")))
    words = say(Message("folder of recordings and results"))
    parser.add_argument("--workspace", type=Path, metavar="DIR", help=words)
    words = say(
        Message("for strangers: recordings and voices belong to each browser, with limits"),
    )
    parser.add_argument("--public", action="store_true", help=words)
    words = say(
        Message("name or address under which browsers may reach this machine in a local network"),
    )
    parser.add_argument("--allow-host", action="append", default=[], metavar="NAME", help=words)
    words = say(
        Message(
            "with --host beyond this machine: let in everyone who reaches the port, without the key"
        ),
    )
    parser.add_argument("--open", action="store_true", help=words)


def _port(text: str) -> int:
    number = int(text)
    if not 0 < number < 65_536:
        raise argparse.ArgumentTypeError(f"{text} must be a port between 1 and 65535")
    return number


def _minutes(text: str) -> float:
    number = float(text)
    if not 0 < number < 1e6:
        raise argparse.ArgumentTypeError(f"{text} must be more than 0")
    return number


def _count(text: str) -> int:
    number = int(text)
    if not 0 < number < 10**9:
        raise argparse.ArgumentTypeError(f"{text} must be more than 0")
    return number


def _semitones(text: str) -> float | str:
    return text if text == "auto" else float(text)


_FLAGS: dict[str, Callable[[Parser, Say], None]] = {
    "clean": _clean,
    "report": _report,
    "train": _train,
    "convert": _convert,
    "voices": _voices,
    "app": _app,
    "doctor": _json,
    "fetch": _fetch,
}
