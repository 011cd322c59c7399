"""Locations of shipped files and of the user's files.

A checkout keeps both in its own folder: `weights/` and `workspace/`. An installed package is
read-only: it ships `rvc/weights/`, and voices, downloaded files and recordings go to the user's
data folder (`~/.local/share/moksori` on Linux, the equivalent on macOS and Windows).
"""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
CHECKOUT = PACKAGE.parent
PACKAGED_WEIGHTS = PACKAGE / "weights"  # made by setup.py from weights/; not in a checkout
DATA_FOLDER_NAME = "moksori"
SHIPPED_VOICES = ("Heart", "Joe")  # the demo voices of weights/voices


def installed() -> bool:
    """Return True for a package installed from a wheel, False for a checkout."""
    return PACKAGED_WEIGHTS.is_dir()


def shipped_weights() -> Path:
    """Return the weights folder that comes with the program."""
    return PACKAGED_WEIGHTS if installed() else CHECKOUT / "weights"


def data_folder() -> Path:
    """Return the folder that holds `weights/` and `workspace/` by default; it is not created."""
    if not installed():
        return CHECKOUT
    from platformdirs import user_data_path

    return user_data_path(DATA_FOLDER_NAME, appauthor=False)


def packaged_voices(weights: Path) -> Path | None:
    """Return the folder of the package's own voices if `weights` is the user's data folder.

    None in a checkout, whose weights folder contains them, and for a folder chosen explicitly.
    """
    if installed() and Path(weights).absolute() == data_folder() / "weights":
        return PACKAGED_WEIGHTS / "voices"
    return None


def shipped_voices(weights: Path) -> tuple[str, ...]:
    """Return the names of the demo voices that lie in `weights` itself: those of a checkout."""
    own = not installed() and Path(weights).resolve() == CHECKOUT / "weights"
    return SHIPPED_VOICES if own else ()


def is_packaged(path: Path) -> bool:
    """Return True if `path` is inside the installed package, which is read-only."""
    return installed() and Path(path).resolve().is_relative_to(PACKAGED_WEIGHTS)
