"""The table of training presets, and the choice of one for this machine."""

from dataclasses import dataclass
from pathlib import Path

from rvc import assets
from rvc.errors import MissingAssetError, TrainingError
from rvc.messages import Message

LITE_BASE = "lite_base.safetensors"


@dataclass(frozen=True)
class Preset:
    """Parameters of training one kind of voice."""

    name: str
    version: str  # of the voice file: "lite" or "v2"
    sample_rate: int
    encoder: str  # content encoder's name
    base_files: tuple[str, ...]  # starting weights; generator first
    segment_frames: int  # of a batch item
    batch_size: int
    steps: int  # maximum, with "auto"
    save_steps: int  # between held-out scores, saves and previews
    patience: int  # scores without improvement before "auto" stops
    copies: bool  # also train on content of lower and higher copies


def _rvc(rate: int) -> Preset:
    files = (f"pretrained_v2/f0G{rate}k.pth", f"pretrained_v2/f0D{rate}k.pth")
    return Preset(f"{rate}k", "v2", rate * 1000, "contentvec", files, 320, 8, 4000, 200, 6, False)


PRESETS = {
    "lite": Preset(
        "lite", "lite", 24_000, "whisper-base-5", (LITE_BASE,), 100, 8, 320, 80, 6, True
    ),
    "32k": _rvc(32),
    "40k": _rvc(40),
    "48k": _rvc(48),
}


def find_preset(name: str) -> Preset:
    """Return the preset called `name`; raises TrainingError that lists the valid names."""
    if name not in PRESETS:
        known = ", ".join(PRESETS)
        raise TrainingError(
            "There is no preset {name!r}. Choose auto, {known}.",
            name=name,
            known=known,
        )
    return PRESETS[name]


def missing_files(preset: Preset, weights: Path) -> list[str]:
    """Return the names of the pre-trained files of `preset` that are not under `weights`."""
    missing = []
    for name in assets.ENCODER_FILES[preset.encoder] + preset.base_files:
        try:
            assets.resolve(name, weights=weights)
        except MissingAssetError:
            missing.append(name)
    return missing


def pick_preset(weights: Path, device: str) -> tuple[str, Message]:
    """Return the recommended preset for this machine, and a message that says why."""
    if device != "cuda":
        return "lite", Message(
            "Preset lite: this machine has no graphics card that training can use, and lite learns "
            "a voice in minutes without one.",
        )
    if missing_files(PRESETS["40k"], weights):
        return "lite", Message(
            "Preset lite: there is a graphics card, but the weights of the RVC presets are not "
            "here yet. Fetch them once (about 0.4 GB) for the best sound.",
        )
    return "40k", Message(
        "Preset 40k: there is a graphics card and the RVC weights are here, so the best-sounding "
        "network is used.",
    )
