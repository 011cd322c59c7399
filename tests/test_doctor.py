"""The diagnosis works when packages are missing, broken, or crash the process that imports them."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from rvc.doctor import PACKAGES, Device, examine, look_at_machine, packages, probe
from rvc.doctor.packages import EXTRAS, Package, PackageState
from rvc.messages import Message

ROOT = Path(__file__).parents[1]
REPAIR = Message("Install it: {command}", command="pip install torch")


def _package(module: str, *, needed: bool = True, imported: bool = True) -> Package:
    return Package(module.replace("_", "-"), module, needed, Message("use"), imported)


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of modules that fail in different ways."""
    contents = {
        "well": "print('noise on standard output')",
        "loads_a_missing_one": "import nowhere_to_be_found",
        "wrong_library": "raise OSError('libcudart.so.13: cannot open shared object file')",
        "crashes": "import os; os.abort()",
        "quits": "import sys; sys.exit(3)",
        "never_imported": "import os; os.abort()",
    }
    for name, text in contents.items():
        (tmp_path / f"{name}.py").write_text(text)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path


def test_every_kind_of_broken_package_is_named(modules: Path) -> None:
    names = ["crashes", "well", "not_there", "loads_a_missing_one", "wrong_library", "quits"]
    asked = [_package(name) for name in names] + [_package("never_imported", imported=False)]
    states, device = probe(asked)
    assert [(state.package.module, state.state) for state in states] == [
        ("crashes", "broken"),
        ("well", "ok"),
        ("not_there", "missing"),
        ("loads_a_missing_one", "broken"),
        ("wrong_library", "broken"),
        ("quits", "broken"),
        ("never_imported", "ok"),
    ]
    assert "libcudart" in states[4].error
    assert "nowhere_to_be_found" in states[3].error
    assert states[2].repair is not None and "pip install not-there" in str(states[2].repair)
    for state in states:
        if state.state != "ok":
            assert state.repair is not None and state.repair.in_language("ko") != str(state.repair)
    assert device.kind in ("cpu", "cuda", "mps")


def test_a_silent_process_is_not_waited_for_forever(modules: Path, monkeypatch) -> None:
    (modules / "sleeps.py").write_text("import time; time.sleep(60)")
    monkeypatch.setattr(packages, "PROBE_SECONDS", 2)
    states, _ = probe([_package("sleeps")])
    assert states[0].state == "broken" and "no answer" in states[0].error


def test_every_requirement_is_examined() -> None:
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    required = {line.split("#")[0].strip() for line in lines} - {""}
    names = {name.split(">")[0].split("=")[0].strip().lower() for name in required}
    assert names == {package.name.lower() for package in PACKAGES}


def test_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = look_at_machine(tmp_path / "not" / "yet" / "there")
    assert machine.cores >= 1 and machine.disk_free_bytes > 0
    assert machine.memory_bytes > 10**8
    assert not (tmp_path / "not").exists()
    monkeypatch.setenv("CPU_CORES", "2")
    assert look_at_machine(tmp_path).cores == 2


def _examine(monkeypatch, weights: Path, *, broken: str = "", device: str = "cpu"):
    def made_up():
        states = [
            PackageState(p, "broken", "1.0", "OSError: no", REPAIR)
            if p.name == broken
            else PackageState(p, "ok", "1.0")
            for p in PACKAGES
        ]
        return states, Device(device, "Card" if device == "cuda" else "", 24 * 10**9)

    monkeypatch.setattr("rvc.doctor.diagnosis.probe", made_up)
    return examine(weights)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_broken_torch_is_reported_with_its_repair(tmp_path, monkeypatch, language) -> None:
    found = _examine(monkeypatch, tmp_path, broken="torch")
    assert any("torch" in problem.in_language(language) for problem in found.problems)
    text = "\n".join(found.lines(language))
    assert REPAIR.in_language(language) in text
    assert "OSError: no" in text


def test_weights_and_presets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    damaged = tmp_path / "pretrained" / "rmvpe.pt"
    damaged.parent.mkdir()
    damaged.write_bytes(b"half")
    found = _examine(monkeypatch, tmp_path, device="cuda")
    plain = json.loads(json.dumps(found.to_json("ko")))
    states = {weight["name"]: weight["state"] for weight in plain["weights"]}
    assert states.pop("rmvpe.pt") == "damaged"
    shipped = {name for name in states if name.endswith(".safetensors")}
    assert {states[name] for name in shipped} == {"here"}, "the project's own serve any folder"
    assert {states[name] for name in states if name not in shipped} == {"missing"}
    assert plain["preset"] == "lite" and "그래픽 카드는 있지만" in plain["why"]
    assert plain["ok"] is True, "lite needs nothing that is missing"
    assert {preset["name"] for preset in plain["presets"]} == {"lite", "32k", "40k", "48k"}
    assert "python -m rvc fetch 40k (405 MB)" in "\n".join(found.lines())


def test_encoders_and_f0_methods_and_the_next_step(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("rvc.f0_weights.FCPE_PACKAGE", "no_such_package")
    config = {"model_type": "hubert", "hidden_size": 768}
    for name, values in (("custom", config), ("spin", config), ("wrong", {"model_type": "bert"})):
        folder = tmp_path / "encoders" / name
        folder.mkdir(parents=True)
        (folder / "config.json").write_text(json.dumps(values))
        if name != "spin":
            (folder / "pytorch_model.bin").write_bytes(b"weights")
    found = _examine(monkeypatch, tmp_path, broken="torchcrepe")
    plain = json.loads(json.dumps(found.to_json("en")))
    states = {each["name"]: each["state"] for each in plain["encoders"]}
    assert states == {
        "whisper-base": "ok", "contentvec": "missing",
        "custom": "ok", "spin": "missing", "wrong": "broken",
    }  # fmt: skip
    methods = {each["name"]: each["state"] for each in plain["f0_methods"]}
    assert methods == {
        "swift": "ok", "crepe-full": "broken", "crepe-tiny": "broken",
        "rmvpe": "missing", "fcpe": "missing",
    }  # fmt: skip
    steps = {each["name"]: each["mend"] for each in plain["encoders"] + plain["f0_methods"]}
    assert steps["swift"] == steps["custom"] == "" and "weights/encoders/wrong" in steps["wrong"]
    assert str(REPAIR) == steps["crepe-tiny"] and "--no-deps" in steps["fcpe"]
    for name, command in (("contentvec", "contentvec"), ("spin", "spin"), ("rmvpe", "rmvpe.pt")):
        assert f"python -m rvc fetch {command} " in steps[name]
    lines = found.lines("ko")
    assert "  - contentvec: 없음" in lines and "  + swift: 정상" in lines
    assert steps["rmvpe"] not in "".join(lines), "next steps are in Korean, too"


def test_optional_packages_are_named_with_their_versions() -> None:
    for package, file in zip(EXTRAS, ("songs", "onnx"), strict=True):
        assert package.requirement in (ROOT / f"requirements-{file}.txt").read_text()
        state = packages._state(replace(package, name="not-there"), {"state": "missing"})
        assert f'pip install "{package.requirement}"' in str(state.repair)


def test_nothing_heavy_is_imported_to_diagnose() -> None:
    code = "import sys, rvc.doctor; print(sorted({'torch', 'numpy', 'gradio'} & set(sys.modules)))"
    output = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert output.stdout.strip() == "[]"
