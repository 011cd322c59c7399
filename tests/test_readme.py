"""What the READMEs, NOTICE and .ci/run say is so: commands parse, the example runs."""

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from rvc.audio import Recording, load_audio, save_audio
from rvc.cli import COMMANDS
from rvc.cli.flags import build_parser

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
KOREAN = (ROOT / "README.ko.md").read_text(encoding="utf-8")


def _blocks(text: str, kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", text, re.DOTALL)


def _marked(marker: str) -> str:
    """The one line of shell that follows a marker."""
    found = re.search(rf"<!-- {marker} -->\n```sh\n(.+)\n```", README)
    assert found, f"no line marked {marker}"
    return found.group(1)


def test_two_commands_set_up_and_start_and_test() -> None:
    setup, tests = _marked("setup"), _marked("tests")
    assert setup.endswith("pip install -r requirements.txt && python app.py")
    assert tests.endswith("requirements-dev.txt && python -m pytest")
    for line in (setup, tests):
        assert line in KOREAN
        for name in re.findall(r"\S+\.(?:txt|py)\b", line):
            assert (ROOT / name).is_file(), name


def _ci(folder: Path, tests: str, *, ruff: str = "exit 0") -> int:
    """Return the exit code of .ci/run in a repository whose README's test line is `tests`.

    Tools that install or check are stand-ins; python3 makes environments that hold them.
    """
    project, tools = folder / "project", folder / "tools"
    (project / ".ci").mkdir(parents=True)
    tools.mkdir()
    shutil.copy(ROOT / ".ci" / "run", project / ".ci" / "run")
    (project / "README.md").write_text(f"<!-- tests -->\n```sh\n{tests}\n```\n")
    (project / "requirements-dev.txt").write_text("ruff==0.0.0\n")
    stand_ins = {"ruff": ruff, "fc-list": "echo font"}
    for name in ("pip", "ruff", "python", "python3", "chromium", "fc-list"):
        file = tools / name
        file.write_text(f"#!/bin/sh\n{stand_ins.get(name, 'exit 0')}\n")
        file.chmod(0o755)
    copies = f'mkdir -p "$3" && cp -r "{tools}" "$3/bin"'
    (tools / "python3").write_text(f'#!/bin/sh\n[ "$2" != venv ] || {{ {copies}; }}\n')
    environment = {**os.environ, "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}
    who = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    for command in (["init", "-q"], ["add", "-A"], [*who, "commit", "-q", "-m", "x"]):
        subprocess.run(["git", *command], cwd=project, check=True)
    run = subprocess.run(["bash", ".ci/run"], cwd=project, env=environment, capture_output=True)
    return run.returncode


def test_ci_runs_the_readmes_own_line_and_fails_with_it(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    assert _ci(tmp_path / "passes", f"true && touch {ran}") == 0 and ran.exists()
    assert _ci(tmp_path / "fails", "true && exit 3") != 0
    assert _ci(tmp_path / "unformatted", "true", ruff="exit 1") != 0


def test_the_first_lines_are_what_a_space_reads() -> None:
    head = README.split("---")[1]
    requirements = (ROOT / "requirements.txt").read_text()
    version = re.search(r"sdk_version: (\S+)", head).group(1)
    assert f"gradio>={version.rpartition('.')[0]}" in requirements
    assert 'python_version: "3.12"' in head and "app_file: app.py" in head


@pytest.mark.parametrize("text", [README, KOREAN], ids=["en", "ko"])
def test_every_command_line_shown_can_be_read(text: str) -> None:
    lines = [line for block in _blocks(text, "sh") for line in block.splitlines()]
    lines = [shlex.split(line)[3:] for line in lines if line.startswith("python -m rvc")]
    assert len(lines) >= 5
    for command, *arguments in lines:
        build_parser(command, COMMANDS[command], "en").parse_intermixed_args(arguments)


def test_the_python_example_runs(
    tiny_weights: Path, tmp_path: Path, speech_like, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    shutil.copytree(tiny_weights, tmp_path / "weights")
    monkeypatch.setenv("MOKSORI_WEIGHTS", str(tmp_path / "weights"))
    monkeypatch.chdir(tmp_path)
    save_audio("my_voice.wav", Recording(speech_like(16.0), 24_000))
    save_audio("somebody.wav", Recording(speech_like(2.0, seed=1), 24_000))
    (example,) = _blocks(README, "python")
    assert "minutes=10" in example
    exec(compile(example.replace("minutes=10", "steps=2"), "README.md", "exec"), {})
    assert "of 100" in capsys.readouterr().out
    assert load_audio("converted.wav", refuse_silence=False).duration_seconds == pytest.approx(2.0)


def test_notice_names_every_shipped_file() -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    shipped = [path.name for path in (ROOT / "weights" / "pretrained").glob("*.safetensors")]
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8")
    voices = re.findall(r"^!/weights/voices/([^/*\s]+)", ignored, re.MULTILINE)
    assert shipped
    sounds = (path for path in (ROOT / "weights" / "samples").glob("*") if path.suffix != ".json")
    paths = [f"pretrained/{name}" for name in shipped] + [f"voices/{name}" for name in voices]
    paths += [f"samples/{sound.name}" for sound in sounds]
    for path in paths:
        assert f"weights/{path}" in notice, path


def test_licence_is_mit() -> None:
    assert (ROOT / "LICENSE").read_text().startswith("MIT License")


def test_no_placeholder_and_no_path_of_a_machine() -> None:
    for text in (README, KOREAN):
        assert not re.search(r"TODO|FIXME|lorem|/root/|/home/|localhost:", text)
