"""The whole diagnosis: as data, as lines of text, and as JSON values."""

from dataclasses import dataclass
from pathlib import Path

from rvc import assets
from rvc.doctor.abilities import Ability, find_encoders, find_f0_methods
from rvc.doctor.machine import Machine, look_at_machine
from rvc.doctor.packages import Device, PackageState, probe
from rvc.messages import Message
from rvc.presets import PRESETS, missing_files, pick_preset

LITTLE_DISK_BYTES = 2_000_000_000  # a training with its checkpoints may need this much
MARKS = {"ok": "+", "here": "+", "missing": "-", "broken": "!", "damaged": "!"}


@dataclass(frozen=True)
class Weight:
    """One pre-trained file. `state`: "here", "missing" or "damaged"."""

    asset: assets.Asset
    state: str


@dataclass(frozen=True)
class Diagnosis:
    """Result of `examine`."""

    machine: Machine
    device: Device
    packages: tuple[PackageState, ...]
    weights_folder: Path
    weights: tuple[Weight, ...]
    encoders: tuple[Ability, ...]
    f0_methods: tuple[Ability, ...]
    missing_by_preset: dict[str, tuple[str, ...]]
    preset: str
    why: Message

    @property
    def problems(self) -> list[Message]:
        """Return the problems that prevent the program from working; empty if there are none."""
        broken = [p.package.name for p in self.packages if p.package.needed and p.state != "ok"]
        found = []
        if broken:
            names = ", ".join(broken)
            found.append(
                Message(
                    "Packages that are needed do not work: {names}. The repair is shown above.",
                    names=names,
                )
            )
        gone = self.missing_by_preset["lite"]
        if gone:
            names = ", ".join(gone)
            found.append(
                Message(
                    "Files that come with Moksori are missing: {names}. Download it again.",
                    names=names,
                )
            )
        return found

    def to_json(self, language: str = "en") -> dict[str, object]:
        """Return the diagnosis as JSON values; messages in `language`."""
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
            "encoders": [encoder.to_json(language) for encoder in self.encoders],
            "f0_methods": [method.to_json(language) for method in self.f0_methods],
            "presets": [
                {"name": name, "available": not gone, "missing": list(gone)}
                for name, gone in self.missing_by_preset.items()
            ],
            "preset": self.preset,
            "why": self.why.in_language(language),
        }

    def lines(self, language: str = "en") -> list[str]:
        """Return the diagnosis as lines of text in `language`."""
        return [
            *_machine_lines(self, language),
            "",
            Message("Packages").in_language(language),
            *(line for package in self.packages for line in _package_lines(package, language)),
            "",
            Message("Weights in").in_language(language) + f" {self.weights_folder}",
            *(_weight_line(weight, language) for weight in self.weights),
            *(_fetch_lines(self, language)),
            "",
            Message("Content encoders").in_language(language),
            *(line for encoder in self.encoders for line in encoder.lines(language)),
            "",
            Message("Methods of f0").in_language(language),
            *(line for method in self.f0_methods for line in method.lines(language)),
            "",
            self.why.in_language(language),
        ]


def examine(weights: Path) -> Diagnosis:
    """Examine this machine, its packages and the files under `weights`; takes about ten seconds."""
    packages, device = probe()
    preset, why = pick_preset(weights, device.kind)
    return Diagnosis(
        machine=look_at_machine(weights),
        device=device,
        packages=tuple(packages),
        weights_folder=weights,
        weights=tuple(Weight(a, assets.state(a.name, weights)) for a in assets.ASSETS),
        encoders=tuple(find_encoders(weights)),
        f0_methods=tuple(find_f0_methods(weights, packages)),
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
        "mend": state.repair.in_language(language) if state.repair else "",
    }


def _machine_lines(found: Diagnosis, language: str) -> list[str]:
    machine, device = found.machine, found.device
    memory, disk = machine.memory_bytes / 1e9, machine.disk_free_bytes / 1e9
    card = f"{device.name} ({device.memory_bytes / 1e9:.0f} GB)" if device.kind == "cuda" else ""
    lines = [
        Message("Computer: {system}", system=machine.system),
        Message("Python: {python}", python=machine.python),
        Message(
            "Processor: {cores} cores, {memory:.0f} GB of memory",
            cores=machine.cores,
            memory=memory,
        ),
        Message("Free on the disk: {disk:.0f} GB", disk=disk),
        Message(
            "Graphics card: {card}",
            card=card or device.name or Message("none that can be used"),
        ),
    ]
    if machine.disk_free_bytes < LITTLE_DISK_BYTES:
        lines.append(Message("The disk is almost full."))
    return [line.in_language(language) for line in lines]


def _package_lines(state: PackageState, language: str) -> list[str]:
    states = {
        "ok": Message("works"),
        "missing": Message("not installed"),
        "broken": Message("does not load"),
    }
    description = states[state.state].in_language(language)
    use = state.package.use.in_language(language)
    line = f"  {MARKS[state.state]} {state.package.name} {state.version}".rstrip()
    lines = [f"{line} ({use}): {description}"]
    if state.repair:
        lines += [f"      {state.error}", f"      {state.repair.in_language(language)}"]
    return lines


def _weight_line(weight: Weight, language: str) -> str:
    states = {
        "here": Message("here"),
        "missing": Message("missing"),
        "damaged": Message("damaged"),
    }
    size = assets.size_words(weight.asset.size_bytes)
    description = states[weight.state].in_language(language)
    return f"  {MARKS[weight.state]} {weight.asset.name} ({size}): {description}"


def _fetch_lines(found: Diagnosis, language: str) -> list[str]:
    """Return lines with the commands that download missing files of presets."""
    lines = []
    for name, gone in found.missing_by_preset.items():
        published = [n for n in gone if not assets.find_asset(n).shipped]
        if published:
            size = assets.size_words(sum(assets.find_asset(n).size_bytes for n in published))
            command = f"python -m rvc fetch {name}"
            text = Message(
                "For preset {name}: {command} ({size})",
                name=name,
                command=command,
                size=size,
            )
            lines.append("  " + text.in_language(language))
    return lines
