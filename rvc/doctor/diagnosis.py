"""The whole diagnosis: as data, as lines for a person, and as plain values for a program."""

from dataclasses import dataclass
from pathlib import Path

from rvc import assets
from rvc.doctor.machine import Machine, look_at_machine
from rvc.doctor.packages import Device, PackageState, probe
from rvc.errors import Text
from rvc.presets import PRESETS, missing_files, pick_preset

LITTLE_DISK_BYTES = 2_000_000_000  # a training with its checkpoints may need so much
MARKS = {"ok": "+", "here": "+", "missing": "-", "broken": "!", "damaged": "!"}


@dataclass(frozen=True)
class Weight:
    """One pre-trained file. `state`: "here", "missing" or "damaged"."""

    asset: assets.Asset
    state: str


@dataclass(frozen=True)
class Diagnosis:
    """What `examine` found."""

    machine: Machine
    device: Device
    packages: tuple[PackageState, ...]
    weights_folder: Path
    weights: tuple[Weight, ...]
    missing_by_preset: dict[str, tuple[str, ...]]
    preset: str
    why: Text

    @property
    def problems(self) -> list[Text]:
        """What keeps the program from its work; empty when it can do it."""
        broken = [p.package.name for p in self.packages if p.package.needed and p.state != "ok"]
        found = []
        if broken:
            names = ", ".join(broken)
            found.append(
                Text(
                    f"Packages that are needed do not work: {names}. See how to mend them above.",
                    f"필요한 패키지가 작동하지 않습니다: {names}. 위의 고치는 방법을 보세요.",
                )
            )
        gone = self.missing_by_preset["lite"]
        if gone:
            names = ", ".join(gone)
            found.append(
                Text(
                    f"Files that come with Moksori are missing: {names}. Download it again.",
                    f"Moksori에 포함된 파일이 없습니다: {names}. 다시 내려받으세요.",
                )
            )
        return found

    def to_json(self, language: str = "en") -> dict[str, object]:
        """Plain values; sentences in `language`."""
        return {
            "ok": not self.problems,
            "problems": [text.in_language(language) for text in self.problems],
            "system": self.machine.system,
            "python": self.machine.python,
            "cores": self.machine.cores,
            "memory_bytes": self.machine.memory_bytes,
            "disk_free_bytes": self.machine.disk_free_bytes,
            "device": vars(self.device),
            "packages": [_package_json(package, language) for package in self.packages],
            "weights_folder": str(self.weights_folder),
            "weights": [
                {
                    "name": weight.asset.name,
                    "size_bytes": weight.asset.size_bytes,
                    "shipped": weight.asset.shipped,
                    "state": weight.state,
                }
                for weight in self.weights
            ],
            "presets": [
                {"name": name, "available": not gone, "missing": list(gone)}
                for name, gone in self.missing_by_preset.items()
            ],
            "preset": self.preset,
            "why": self.why.in_language(language),
        }

    def lines(self, language: str = "en") -> list[str]:
        """The diagnosis for a person to read."""
        return [
            *_machine_lines(self, language),
            "",
            Text("Packages", "패키지").in_language(language),
            *(line for package in self.packages for line in _package_lines(package, language)),
            "",
            Text("Weights in", "가중치 폴더").in_language(language) + f" {self.weights_folder}",
            *(_weight_line(weight, language) for weight in self.weights),
            *(_fetch_lines(self, language)),
            "",
            self.why.in_language(language),
        ]


def examine(weights: Path) -> Diagnosis:
    """Look at this machine, its packages and the files under `weights`. Takes ten seconds or so."""
    packages, device = probe()
    preset, why = pick_preset(weights, device.kind)
    return Diagnosis(
        machine=look_at_machine(weights),
        device=device,
        packages=tuple(packages),
        weights_folder=weights,
        weights=tuple(Weight(a, assets.state(a.name, weights)) for a in assets.ASSETS),
        missing_by_preset={
            name: tuple(missing_files(preset, weights)) for name, preset in PRESETS.items()
        },
        preset=preset,
        why=why,
    )


def _package_json(state: PackageState, language: str) -> dict[str, object]:
    return {
        "name": state.package.name,
        "state": state.state,
        "version": state.version,
        "needed": state.package.needed,
        "error": state.error,
        "mend": state.mend.in_language(language) if state.mend else "",
    }


def _machine_lines(found: Diagnosis, language: str) -> list[str]:
    machine, device = found.machine, found.device
    memory, disk = machine.memory_bytes / 1e9, machine.disk_free_bytes / 1e9
    card = f"{device.name} ({device.memory_bytes / 1e9:.0f} GB)" if device.kind == "cuda" else ""
    lines = [
        Text(f"Computer: {machine.system}", f"컴퓨터: {machine.system}"),
        Text(f"Python: {machine.python}", f"파이썬: {machine.python}"),
        Text(
            f"Processor: {machine.cores} cores, {memory:.0f} GB of memory",
            f"프로세서: 코어 {machine.cores}개, 메모리 {memory:.0f}GB",
        ),
        Text(f"Free on the disk: {disk:.0f} GB", f"디스크 여유 공간: {disk:.0f}GB"),
        Text(
            f"Graphics card: {card or device.name or 'none that can be used'}",
            f"그래픽 카드: {card or device.name or '쓸 수 있는 것 없음'}",
        ),
    ]
    if machine.disk_free_bytes < LITTLE_DISK_BYTES:
        lines.append(Text("The disk is almost full.", "디스크가 거의 찼습니다."))
    return [line.in_language(language) for line in lines]


def _package_lines(state: PackageState, language: str) -> list[str]:
    words = {
        "ok": Text("works", "정상"),
        "missing": Text("not installed", "설치 안 됨"),
        "broken": Text("does not load", "불러올 수 없음"),
    }
    said = words[state.state].in_language(language)
    use = state.package.use.in_language(language)
    line = f"  {MARKS[state.state]} {state.package.name} {state.version}".rstrip()
    lines = [f"{line} ({use}): {said}"]
    if state.mend:
        lines += [f"      {state.error}", f"      {state.mend.in_language(language)}"]
    return lines


def _weight_line(weight: Weight, language: str) -> str:
    words = {
        "here": Text("here", "있음"),
        "missing": Text("missing", "없음"),
        "damaged": Text("damaged", "손상됨"),
    }
    size = assets.size_words(weight.asset.size_bytes)
    said = words[weight.state].in_language(language)
    return f"  {MARKS[weight.state]} {weight.asset.name} ({size}): {said}"


def _fetch_lines(found: Diagnosis, language: str) -> list[str]:
    """How to get what the presets lack."""
    lines = []
    for name, gone in found.missing_by_preset.items():
        published = [n for n in gone if not assets.find_asset(n).shipped]
        if published:
            size = assets.size_words(sum(assets.find_asset(n).size_bytes for n in published))
            command = f"python -m rvc fetch {name}"
            text = Text(
                f"For preset {name}: {command} ({size})",
                f"{name} 프리셋을 쓰려면: {command} ({size})",
            )
            lines.append("  " + text.in_language(language))
    return lines
