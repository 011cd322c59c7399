"""torchcrepe and transformers import even if torchaudio does not load."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def _run(code: str, *extra_paths: Path) -> str:
    paths = [str(path) for path in (*extra_paths, ROOT)]
    code = f"import sys; sys.path[:0] = {paths!r}\n{code}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def _broken(folder: Path, error: str) -> Path:
    package = folder / "torchaudio"
    package.mkdir()
    (package / "half.py").write_text("")
    (package / "__init__.py").write_text(f"import torchaudio.half\nraise {error}('libcudart.so')\n")
    return folder


def test_broken_torchaudio_is_replaced_and_the_others_import(tmp_path):
    out = _run(
        "from rvc._torchaudio import ensure_torchaudio\n"
        "first, second = ensure_torchaudio(), ensure_torchaudio()\n"
        "import torchcrepe\n"
        "from transformers.models.whisper.modeling_whisper import WhisperEncoder\n"
        "import importlib.util\n"
        "assert importlib.util.find_spec('torchaudio') is not None\n"
        "assert 'torchaudio.half' not in sys.modules\n"
        "print(first, second)",
        _broken(tmp_path, "OSError"),
    )
    assert out == "False False"


def test_missing_parts_count_as_broken(tmp_path):
    code = "from rvc._torchaudio import ensure_torchaudio as e; print(e(), e())"
    assert _run(code, _broken(tmp_path, "ImportError")) == "False False"


def test_working_torchaudio_is_left_alone(tmp_path):
    package = tmp_path / "torchaudio"
    package.mkdir()
    (package / "__init__.py").write_text("works = True\n")
    code = (
        "from rvc._torchaudio import ensure_torchaudio as e\n"
        "print(e(), e()); import torchaudio; assert torchaudio.works"
    )
    assert _run(code, tmp_path) == "True True"
