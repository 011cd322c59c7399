"""python -m rvc fetch 40k: download the files of presets, f0 methods or encoders."""

import argparse

from rvc import assets
from rvc.assets import ENCODER_FILES
from rvc.cli.console import Console
from rvc.embedders import PUBLISHED, fetch_encoder
from rvc.errors import RVCError
from rvc.f0_weights import RMVPE_FILE
from rvc.messages import Message
from rvc.presets import PRESETS

# An f0 method or a content encoder -> its files.
PARTS = {"rmvpe": (RMVPE_FILE,), "contentvec": ENCODER_FILES["contentvec"]}


def run(arguments: argparse.Namespace, console: Console) -> None:
    """Download the files and print their paths."""
    weights = assets.weights_dir(arguments.weights)
    names = arguments.names or ["40k"]
    wanted = _wanted([name for name in names if name not in PUBLISHED])
    total = sum(asset.size_bytes for asset in wanted)
    done, files = 0, []
    for asset in wanted:
        with console.working():
            share = console.within(done / total, (done + asset.size_bytes) / total)
            path = assets.resolve(asset.name, weights=weights, fetch=True, progress=share)
        done += asset.size_bytes
        files.append({"name": asset.name, "path": str(path), "size_bytes": asset.size_bytes})
    for name in dict.fromkeys(name for name in names if name in PUBLISHED):
        with console.working():
            folder = fetch_encoder(name, weights, console.within(0.0, 1.0))
        files.append({"name": name, "path": str(folder)})
    lines = [Message("{name}: here", name=file["name"]) for file in files]
    console.result({"files": files}, lines)


def _wanted(names: list[str]) -> list[assets.Asset]:
    """Return the files of presets, f0 methods and those given by name, each once."""
    files: dict[str, assets.Asset] = {}
    known = {asset.name: asset for asset in assets.ASSETS}
    for name in names:
        if name in PRESETS:
            parts = ENCODER_FILES[PRESETS[name].encoder] + PRESETS[name].base_files
        elif name in PARTS or name in known:
            parts = PARTS.get(name, (name,))
        else:
            files_by_name = (a.name for a in assets.ASSETS if not a.shipped)
            choices = ", ".join((*PRESETS, *PARTS, *PUBLISHED, *files_by_name))
            raise RVCError(
                "There is nothing called '{name}' to fetch. There are: {choices}.",
                name=name,
                choices=choices,
            )
        files |= {part: known[part] for part in parts}
    return list(files.values())
