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


def _parts() -> dict[str, set[str]]:
    """Return the parts of the package (modules and folders) that each part imports."""
    names = {_module(file).partition(".")[2].partition(".")[0] for file in FILES}
    graph: dict[str, set[str]] = {}
    for file in FILES:
        part = _module(file).split(".")[1:2]
        if not part:
            continue
        imported = (name.split(".") for name in _imports(file))
        found = {name[1] for name in imported if name[0] == "rvc" and len(name) > 1}
        graph.setdefault(part[0], set()).update((found & names) - {part[0]})
    return graph


def test_no_part_imports_forwards_and_back() -> None:
    graph, done = _parts(), []
    while graph:
        free = sorted(part for part, imported in graph.items() if imported <= set(done))
        assert free, f"these parts import each other in a circle: {graph}"
        done += free
        for part in free:
            del graph[part]
    assert done.index("audio") < done.index("cleaning") < done.index("train")


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
