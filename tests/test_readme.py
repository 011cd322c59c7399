"""READMEs, docs, NOTICE and .ci/run are correct: commands parse, links resolve, examples run."""

import json
import os
import re
import shlex
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from rvc.audio import Recording, load_audio, save_audio
from rvc.cli import COMMANDS
from rvc.cli.flags import build_parser

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
KOREAN = (ROOT / "README.ko.md").read_text(encoding="utf-8")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
PROGRAMS = {  # start of a command line -> its implied command, if any
    ("python", "-m", "rvc"): (),
    ("moksori",): (),
    ("python", "app.py"): ("app",),
}


def _blocks(text: str, kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", text, re.DOTALL)


def _marked(marker: str) -> str:
    """Return the line of shell that follows a marker."""
    found = re.search(rf"<!-- {marker} -->\n```sh\n(.+)\n```", README)
    assert found, f"no line marked {marker}"
    return found.group(1)


def test_two_commands_set_up_and_start_and_test() -> None:
    setup, tests = _marked("setup"), _marked("tests")
    assert setup.endswith("pip install -r requirements.txt && python app.py")
    assert tests.endswith("requirements-dev.txt && python -m pytest -n auto")
    for line in (setup, tests):
        assert line in KOREAN
        for name in re.findall(r"\S+\.(?:txt|py)\b", line):
            assert (ROOT / name).is_file(), name


def _ci(folder: Path, tests: str, *, ruff: str = "exit 0", mypy: str = "exit 0") -> int:
    """Return the exit code of .ci/run in a repository whose README's test line ends in `tests`.

    Tools that install or check are stand-ins; python3 creates environments that contain them.
    """
    project, tools = folder / "project", folder / "tools"
    (project / ".ci").mkdir(parents=True)
    tools.mkdir()
    shutil.copy(ROOT / ".ci" / "run", project / ".ci" / "run")
    wheel = project / ".ci" / "try_wheel"
    wheel.write_text("#!/bin/sh\nexit 0\n")
    wheel.chmod(0o755)
    (project / "README.md").write_text(
        f"<!-- tests -->\n```sh\npython3 -m venv .venv && {tests}\n```\n"
    )
    (project / "requirements-dev.txt").write_text("ruff==0.0.0\n")
    stand_ins = {"ruff": ruff, "mypy": mypy, "fc-list": "echo font"}
    for name in ("pip", "ruff", "mypy", "python", "python3", "chromium", "fc-list"):
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
    assert _ci(tmp_path / "untyped", "true", mypy="exit 1") != 0


def test_the_first_lines_are_what_a_space_reads() -> None:
    head = README.split("---")[1]
    requirements = (ROOT / "requirements.txt").read_text()
    version = re.search(r"sdk_version: (\S+)", head).group(1)
    assert f"gradio>={version.rpartition('.')[0]}" in requirements
    assert 'python_version: "3.12"' in head and "app_file: app.py" in head


def _commands(text: str) -> Iterator[list[str]]:
    """Yield every Moksori command in a document, in a block or within a sentence."""
    blocks = [line for block in _blocks(text, "sh") for line in block.splitlines()]
    sentences = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    quoted = [" ".join(code.split()) for code in re.findall(r"`([^`]+)`", sentences)]
    for line in [*blocks, *quoted]:
        words = shlex.split(line, comments=True)
        for program, command in PROGRAMS.items():
            arguments = [*command, *words[len(program) :]]
            if tuple(words[: len(program)]) == program and arguments:
                yield arguments


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_line_shown_can_be_read(document: Path) -> None:
    lines = list(_commands(document.read_text(encoding="utf-8")))
    assert len(lines) >= 5 or not document.name.startswith("README")
    for command, *arguments in lines:
        build_parser(command, COMMANDS[command], "en").parse_intermixed_args(arguments)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_to_a_file(document: Path) -> None:
    targets = re.findall(r"\]\(([^)\s]+)\)", document.read_text(encoding="utf-8"))
    for target in targets:
        file, _, heading = target.partition("#")
        if "://" in target:
            continue
        linked = (document.parent / file) if file else document
        assert linked.exists(), f"{document.name}: {target}"
        if heading:
            titles = re.findall(r"^#+ (.+)$", linked.read_text(encoding="utf-8"), re.MULTILINE)
            anchors = {re.sub(r"[^\w\- ]", "", t).lower().replace(" ", "-") for t in titles}
            assert heading in anchors, f"{document.name}: {target}"


def test_the_report_schema_names_every_key() -> None:
    described = (ROOT / "docs" / "report-schema.md").read_text(encoding="utf-8")
    report = json.loads((ROOT / "weights" / "voices" / "Joe" / "report.json").read_text("utf-8"))

    def keys(value: object) -> set[str]:
        if isinstance(value, list):
            return set().union(*map(keys, value))
        if isinstance(value, dict):
            return set(value).union(*map(keys, value.values()))
        return set()

    missing = {key for key in keys(report) if f"`{key}`" not in described}
    assert not missing


def test_the_package_takes_its_dependencies_from_the_requirements() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    dynamic = project["tool"]["setuptools"]["dynamic"]
    assert dynamic["dependencies"]["file"] == ["requirements.txt"]
    assert dynamic["optional-dependencies"]["dev"]["file"] == ["requirements-dev.txt"]
    assert "dependencies" not in project["project"]
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    (ruff,) = re.findall(r"^ruff==(\S+)", (ROOT / "requirements-dev.txt").read_text(), re.MULTILINE)
    assert f"rev: v{ruff}" in hooks


def test_the_python_example_runs(
    tiny_weights: Path, tmp_path: Path, speech_like, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    shutil.copytree(tiny_weights, tmp_path / "weights")
    monkeypatch.setenv("MOKSORI_WEIGHTS", str(tmp_path / "weights"))
    monkeypatch.chdir(tmp_path)
    save_audio("my_voice.wav", Recording(speech_like(16.0), 24_000))
    save_audio("speech.wav", Recording(speech_like(2.0, seed=1), 24_000))
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
    for text in (document.read_text(encoding="utf-8") for document in DOCUMENTS):
        assert not re.search(r"TODO|FIXME|lorem|/root/|/home/|localhost:", text)
