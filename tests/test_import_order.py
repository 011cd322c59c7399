"""Import rules: parts import earlier parts, only the page imports Gradio, no work at import."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / "rvc").rglob("*.py"))
LIBRARY = [file for file in FILES if "ui" not in file.relative_to(ROOT).parts]
STARTS_THE_PAGE = ROOT / "rvc" / "cli" / "app.py"  # imports rvc.ui at run time

IMPORT_EVERYTHING = """
import importlib, json, os, sys, threading
from pathlib import Path
sys.modules["gradio"] = sys.modules["gradio_client"] = None  # importing them raises
before, folder = dict(os.environ), sorted(Path.cwd().rglob("*"))
for name in sys.argv[1:]:
    importlib.import_module(name)
print(json.dumps({
    "files": [str(path) for path in sorted(Path.cwd().rglob("*")) if path not in folder],
    "environment": [name for name in before if os.environ.get(name) != before[name]],
    "threads": [t.name for t in threading.enumerate() if t is not threading.main_thread()],
}))
"""


def _module(file: Path) -> str:
    parts = list(file.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imports(file: Path) -> Iterator[str]:
    """Return every module that `file` imports, at its top or inside a function."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _graph() -> dict[str, set[str]]:
    """Return which other modules of the package each module imports, types included.

    `from rvc.f0 import F0` imports the package rvc.f0, `from rvc.f0 import curve` a module of it.
    """
    modules = {_module(file) for file in FILES}
    graph: dict[str, set[str]] = {}
    for file in FILES:
        imported: set[str] = set()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names = {f"{node.module}.{alias.name}" for alias in node.names}
                imported |= {name if name in modules else str(node.module) for name in names}
        graph[_module(file)] = (imported & modules) - {_module(file)}
    return graph


def test_no_module_imports_forwards_and_back() -> None:
    graph, done = _graph(), []
    while graph:
        free = sorted(module for module, imported in graph.items() if imported <= set(done))
        assert free, f"these modules import each other in a circle: {graph}"
        done += free
        for module in free:
            del graph[module]
    assert done.index("rvc.audio") < done.index("rvc.cleaning.clean") < done.index("rvc.train")


def test_no_package_imports_forwards_and_back() -> None:
    """The folders of the package, and the modules beside them, stand in one line, too."""
    graph: dict[str, set[str]] = {}
    for module, imported in _graph().items():
        part = ".".join(module.split(".")[:2])
        parts = {".".join(name.split(".")[:2]) for name in imported if "." in name}
        graph.setdefault(part, set()).update(parts - {part})
    graph.pop("rvc")
    done: set[str] = set()
    while graph:
        free = {part for part, imported in graph.items() if imported <= done}
        assert free, f"these parts import each other in a circle: {graph}"
        done |= free
        for part in free:
            del graph[part]


def test_only_the_page_imports_gradio_and_nothing_imports_the_page() -> None:
    for file in LIBRARY:
        for name in _imports(file):
            assert name.split(".")[0] not in ("gradio", "gradio_client"), f"{file}: {name}"
            assert not name.startswith("rvc.ui") or file == STARTS_THE_PAGE, f"{file}: {name}"


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Return the side effects of importing the whole library with Gradio blocked."""
    modules = [_module(file) for file in LIBRARY if file.name != "__main__.py"]
    process = subprocess.run(
        [sys.executable, "-c", IMPORT_EVERYTHING, *modules],
        cwd=tmp_path_factory.mktemp("empty"),
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr[-2000:]
    return json.loads(process.stdout.splitlines()[-1])


def test_the_library_imports_without_gradio(imported: dict[str, list[str]]) -> None:
    assert imported["files"] == [], "an import made files or folders"


def test_an_import_edits_no_environment_and_starts_no_thread(imported) -> None:
    assert imported["environment"] == []
    assert imported["threads"] == []


def test_the_package_itself_is_light() -> None:
    heavy = "{'torch', 'numpy', 'librosa', 'transformers', 'faiss'} & set(sys.modules)"
    for module in ("rvc", "rvc.cli", "rvc.assets", "rvc.doctor"):
        code = f"import sys, {module}; print({heavy})"
        output = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
        )
        assert output.stdout.strip() == "set()", module
