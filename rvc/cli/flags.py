"""The flags of every command. Imports nothing heavy: a wrong flag is told at once."""

import argparse
from collections.abc import Callable
from pathlib import Path

from rvc.cli.console import UsageError
from rvc.errors import Text

STRENGTHS = ("off", "light", "standard", "strong")  # rvc.cleaning's
PRESETS = ("auto", "lite", "32k", "40k", "48k")  # rvc.presets'
F0_METHODS = ("swift", "crepe-full", "crepe-tiny", "auto")  # rvc.f0's
VOICE_ACTIONS = ("list", "show", "import", "export", "delete")

Say = Callable[[str, str], str]


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence instead of printing its whole usage."""

    def error(self, message: str) -> None:
        raise UsageError(
            f"{message[:1].upper()}{message[1:]}. Help: {self.prog} --help",
            f"명령을 이해하지 못했습니다({message}). 도움말: {self.prog} --help",
        )


def build_parser(
    command: str, description: Text, language: str, *, program: str = "python -m rvc"
) -> Parser:
    """Return the parser of one command, its help in `language`.

    `program`: how the command line was started; `python app.py` is the command "app" itself.
    """

    def say(en: str, ko: str) -> str:
        return Text(en, ko).in_language(language)

    parser = Parser(
        prog=program if program.endswith(".py") else f"{program} {command}",
        description=description.in_language(language),
        allow_abbrev=False,
    )
    weights = say("instead of MOKSORI_WEIGHTS or weights/", "MOKSORI_WEIGHTS나 weights/ 대신")
    parser.add_argument("--weights", metavar="DIR", help=weights)
    other = say("instead of the system's language", "시스템 언어 대신")
    parser.add_argument("--lang", choices=("en", "ko"), help=other)
    _FLAGS[command](parser, say)
    return parser


def _json(parser: Parser, say: Say) -> None:
    words = say("print one JSON object", "JSON 객체 하나를 출력")
    parser.add_argument("--json", action="store_true", help=words)


def _in_and_out(parser: Parser, say: Say) -> None:
    words = say("recordings or a folder, and where they go", "녹음 파일이나 폴더, 그리고 저장할 곳")
    parser.add_argument("paths", nargs="+", metavar="INPUT OUTPUT", help=words)


def _clean(parser: Parser, say: Say) -> None:
    _in_and_out(parser, say)
    parser.add_argument("--strength", choices=STRENGTHS, default="standard")
    words = say("as long as the input, sample for sample", "원본과 같은 길이로")
    parser.add_argument("--no-trim", action="store_true", help=words)
    _json(parser, say)


def _report(parser: Parser, say: Say) -> None:
    words = say("recordings or folders", "녹음 파일이나 폴더")
    parser.add_argument("paths", nargs="+", metavar="INPUT", help=words)
    to_json = say("write the report as JSON ('-': print it)", "JSON 보고서 파일('-': 출력)")
    parser.add_argument("--json", metavar="OUT.json", dest="json_path", help=to_json)
    to_html = say("write the report as a page", "HTML 보고서 파일")
    parser.add_argument("--html", type=Path, metavar="OUT.html", help=to_html)
    words = say("judge the recordings as they are", "정리하지 않고 그대로 평가")
    parser.add_argument("--no-clean", action="store_true", help=words)


def _train(parser: Parser, say: Say) -> None:
    words = say("recordings or folders", "녹음 파일이나 폴더")
    parser.add_argument("paths", nargs="*", metavar="INPUT", help=words)
    words = say("what to call the voice", "목소리 이름")
    parser.add_argument("--name", required=True, help=words)
    parser.add_argument("--preset", choices=PRESETS, default="auto")
    amount = parser.add_mutually_exclusive_group()
    amount.add_argument("--minutes", type=_minutes, metavar="M")
    amount.add_argument("--steps", type=_count, metavar="N")
    amount.add_argument("--epochs", type=_count, metavar="E")
    parser.add_argument("--seed", type=int, default=0, metavar="S")
    words = say(
        "own base file instead of the preset's; RVC presets: G, then --base D",
        "프리셋의 베이스 대신 쓸 파일. RVC 프리셋은 G 다음에 --base D",
    )
    parser.add_argument("--base", action="append", default=[], metavar="FILE", help=words)
    words = say(
        "go on with a training that stopped; with --steps and the like, to that end instead",
        "멈춘 학습을 이어서. --steps 등을 함께 쓰면 그 길이까지",
    )
    parser.add_argument("--resume", action="store_true", help=words)
    _json(parser, say)


def _convert(parser: Parser, say: Say) -> None:
    _in_and_out(parser, say)
    words = say("a voice of the list, or a .pth", "목소리 이름이나 .pth 파일")
    parser.add_argument("--voice", metavar="NAME_OR_PTH", help=words)
    parser.add_argument("--index", type=Path, metavar="PATH")
    words = say("-24 to 24, or auto", "-24~24 반음, 또는 auto")
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
    words = say("import: what to call the voice", "import: 목소리 이름")
    parser.add_argument("--name", help=words)
    words = say("import: the .index that belongs to it", "import: 함께 쓸 .index 파일")
    parser.add_argument("--index", type=Path, metavar="PATH", help=words)
    _json(parser, say)


def _fetch(parser: Parser, say: Say) -> None:
    words = say("presets or files; 40k if none", "프리셋이나 파일, 없으면 40k")
    parser.add_argument("names", nargs="*", help=words)
    _json(parser, say)


def _app(parser: Parser, say: Say) -> None:
    """Flags without a value are None here; `rvc.ui.program` has the defaults."""
    words = say("address to listen on (127.0.0.1)", "접속을 받을 주소(127.0.0.1)")
    parser.add_argument("--host", help=words)
    parser.add_argument("--port", type=_port, help=say("port (7860)", "포트(7860)"))
    words = say("folder of recordings and results", "녹음과 결과를 두는 폴더")
    parser.add_argument("--workspace", type=Path, metavar="DIR", help=words)
    words = say(
        "for strangers: recordings and voices belong to each browser, with limits",
        "낯선 사람용: 녹음과 목소리를 브라우저마다 따로 두고 사용량을 제한",
    )
    parser.add_argument("--public", action="store_true", help=words)
    words = say(
        "name or address under which browsers may reach this machine in a local network",
        "로컬 네트워크에서 브라우저가 이 컴퓨터를 여는 이름이나 주소",
    )
    parser.add_argument("--allow-host", action="append", default=[], metavar="NAME", help=words)
    words = say(
        "with --host beyond this machine: let in everyone who reaches the port, without the key",
        "--host로 밖에서 열 때 열쇠 없이 누구나 접속",
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
