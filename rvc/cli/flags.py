"""The flags of every command. Imports nothing heavy, so a wrong flag is reported at once."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from rvc.cli.console import UsageError
from rvc.messages import Message, languages

STRENGTHS = ("off", "light", "standard", "strong")  # of rvc.cleaning
PRESETS = ("auto", "lite", "32k", "40k", "48k")  # of rvc.presets
F0_METHODS = ("swift", "crepe-full", "crepe-tiny", "rmvpe", "fcpe", "auto")  # of rvc.f0
UNVOICED = ("auto", "zero", "fill")  # of rvc.unvoiced
FORMATS = ("wav", "flac", "mp3", "ogg", "m4a")  # of rvc.audio.ENCODINGS
TRAINING_ACTIONS = ("list", "rename", "delete", "restore")
VOICE_ACTIONS = ("list", "show", "import", "export", "delete", "blend", "onnx")

Render = Callable[[Message], str]


class Parser(argparse.ArgumentParser):
    """Argument parser that raises UsageError with one sentence instead of printing its usage."""

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

    `program`: the command that started the program; `python app.py` is the command "app" itself.
    """

    def render(message: Message) -> str:
        return message.in_language(language)

    parser = Parser(
        prog=program if program.endswith(".py") else f"{program} {command}",
        description=description.in_language(language),
        allow_abbrev=False,
    )
    weights = render(Message("weights folder, instead of MOKSORI_WEIGHTS or weights/"))
    parser.add_argument("--weights", metavar="DIR", help=weights)
    other = render(Message("language, instead of the system's"))
    parser.add_argument("--lang", choices=languages(), help=other)
    _FLAGS[command](parser, render)
    return parser


def _json(parser: Parser, render: Render) -> None:
    text = render(Message("print one JSON object"))
    parser.add_argument("--json", action="store_true", help=text)


def _in_and_out(parser: Parser, render: Render) -> None:
    text = render(Message("recordings or a folder, then the output"))
    parser.add_argument("paths", nargs="+", metavar="INPUT OUTPUT", help=text)


def _clean(parser: Parser, render: Render) -> None:
    _in_and_out(parser, render)
    parser.add_argument("--strength", choices=STRENGTHS, default="standard")
    text = render(Message("keep the exact length of the input"))
    parser.add_argument("--no-trim", action="store_true", help=text)
    _json(parser, render)


def _report(parser: Parser, render: Render) -> None:
    text = render(Message("recordings or folders"))
    parser.add_argument("paths", nargs="+", metavar="INPUT", help=text)
    to_json = render(Message("write the report as JSON ('-': print it)"))
    parser.add_argument("--json", metavar="OUT.json", dest="json_path", help=to_json)
    to_html = render(Message("write the report as an HTML page"))
    parser.add_argument("--html", type=Path, metavar="OUT.html", help=to_html)
    text = render(Message("assess the recordings as they are"))
    parser.add_argument("--no-clean", action="store_true", help=text)


def _train(parser: Parser, render: Render) -> None:
    text = render(Message("recordings or folders"))
    parser.add_argument("paths", nargs="*", metavar="INPUT", help=text)
    text = render(Message("name of the voice"))
    parser.add_argument("--name", required=True, help=text)
    parser.add_argument("--preset", choices=PRESETS, default="auto")
    amount = parser.add_mutually_exclusive_group()
    amount.add_argument("--minutes", type=_minutes, metavar="M")
    amount.add_argument("--steps", type=_count, metavar="N")
    amount.add_argument("--epochs", type=_count, metavar="E")
    parser.add_argument("--seed", type=int, default=0, metavar="S")
    text = render(
        Message("base file instead of the preset's; RVC presets: G, then --base D"),
    )
    parser.add_argument("--base", action="append", default=[], metavar="FILE", help=text)
    text = render(
        Message("resume a stopped training; --minutes, --steps or --epochs set a new end"),
    )
    parser.add_argument("--resume", action="store_true", help=text)
    _json(parser, render)


def _convert(parser: Parser, render: Render) -> None:
    _in_and_out(parser, render)
    text = render(Message("-24 to 24, or auto"))
    parser.add_argument("--semitones", type=_semitones, default="auto", help=text)
    _conversion(parser, render)


def _song(parser: Parser, render: Render) -> None:
    text = render(Message("songs or a folder, then the output"))
    parser.add_argument("paths", nargs="+", metavar="INPUT OUTPUT", help=text)
    text = render(Message("0 keeps the key; 12 or -12 also fit the accompaniment"))
    parser.add_argument("--semitones", type=_semitones, default=0.0, help=text)
    text = render(Message("write the converted vocals alone, too: to a file, or to a folder"))
    parser.add_argument("--vocals", type=Path, metavar="OUTPUT", help=text)
    _conversion(parser, render)


def _conversion(parser: Parser, render: Render) -> None:
    """Add what converting speech and songs have in common."""
    text = render(Message("name of a voice, or a .pth file"))
    parser.add_argument("--voice", metavar="NAME_OR_PTH", help=text)
    parser.add_argument("--index", type=Path, metavar="PATH")
    parser.add_argument("--index-rate", type=float, metavar="0..1")
    parser.add_argument("--protect", type=float, default=0.33, metavar="0..0.5")
    parser.add_argument("--loudness-mix", type=float, default=0.8, metavar="0..1")
    parser.add_argument("--f0-method", choices=F0_METHODS, default="auto")
    words = render(Message("f0 of unvoiced sounds: 0, filled, or what the voice needs (auto)"))
    parser.add_argument("--unvoiced", choices=UNVOICED, default="auto", help=words)
    parser.add_argument("--seed", type=int, default=0)
    words = render(Message("number of the speaker, for a voice trained on several"))
    parser.add_argument("--speaker", type=_speaker, default=0, metavar="N", help=words)
    text = render(Message("move the voice's formants by -6 to 6 semitones; the pitch stays"))
    parser.add_argument("--formant", type=float, default=0.0, metavar="N", help=text)
    text = render(Message("draw the pitch to the nearest semitone: 0 not at all, 1 wholly"))
    parser.add_argument("--autotune", type=float, default=0.0, metavar="0..1", help=text)
    text = render(Message("format of the results that go to a folder"))
    parser.add_argument("--format", choices=FORMATS, default="wav", help=text)
    _json(parser, render)


def _voices(parser: Parser, render: Render) -> None:
    parser.add_argument("action", choices=VOICE_ACTIONS)
    text = render(Message("names of voices; import: a file, or a link to one at huggingface.co"))
    parser.add_argument("operands", nargs="*", metavar="NAME, FILE", help=text)
    text = render(Message("import, blend: name of the new voice"))
    parser.add_argument("--name", help=text)
    text = render(Message("import: the .index that belongs to it, a file or a link"))
    parser.add_argument("--index", metavar="PATH", help=text)
    text = render(Message("import: content encoder it was trained on, if its file does not say"))
    parser.add_argument("--encoder", metavar="NAME", help=text)
    text = render(Message("blend: share of the second voice, 0 to 1"))
    parser.add_argument("--share", type=float, default=0.5, metavar="0..1", help=text)
    _json(parser, render)


def _trainings(parser: Parser, render: Render) -> None:
    parser.add_argument("action", choices=TRAINING_ACTIONS)
    parser.add_argument("operands", nargs="*", metavar="NAME")
    _json(parser, render)


def _fetch(parser: Parser, render: Render) -> None:
    text = render(Message("presets, f0 methods, content encoders or files; 40k if none"))
    parser.add_argument("names", nargs="*", help=text)
    _json(parser, render)


def _app(parser: Parser, render: Render) -> None:
    """Add the flags of the page; defaults are in `rvc.ui.program`, a missing flag is None here."""
    text = render(Message("address to listen on (127.0.0.1)"))
    parser.add_argument("--host", help=text)
    parser.add_argument("--port", type=_port, help=render(Message("port (7860)")))
    text = render(Message("folder of recordings and results"))
    parser.add_argument("--workspace", type=Path, metavar="DIR", help=text)
    text = render(
        Message("for public servers: each browser has its own recordings and voices, with limits"),
    )
    parser.add_argument("--public", action="store_true", help=text)
    text = render(
        Message("name or address under which browsers may reach this machine in a local network"),
    )
    parser.add_argument("--allow-host", action="append", default=[], metavar="NAME", help=text)
    text = render(
        Message(
            "with --host beyond this machine: admit all who can reach the port, without the key"
        ),
    )
    parser.add_argument("--open", action="store_true", help=text)


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


def _speaker(text: str) -> int:
    number = int(text)
    if not 0 <= number < 10**6:
        raise argparse.ArgumentTypeError(f"{text} is not the number of a speaker")
    return number


def _semitones(text: str) -> float | str:
    return text if text == "auto" else float(text)


_FLAGS: dict[str, Callable[[Parser, Render], None]] = {
    "clean": _clean,
    "report": _report,
    "train": _train,
    "convert": _convert,
    "song": _song,
    "voices": _voices,
    "trainings": _trainings,
    "app": _app,
    "doctor": _json,
    "fetch": _fetch,
}
