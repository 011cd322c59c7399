"""Where the weights of the f0 estimators are that come without any: RMVPE's and FCPE's."""

import importlib.util
from pathlib import Path

from rvc import assets
from rvc.errors import MissingAssetError

RMVPE_FILE = "rmvpe.pt"  # of rvc.assets; fetched on request
FCPE_FILE = "fcpe_c_v001.pt"
FCPE_SHA256 = "b9aeaeb673436eeda50ceafd632aa681aa63417e52eae4207503d180c9b10015"
FCPE_PACKAGE = "torchfcpe"  # which the published file is a part of


def find_fcpe(weights: Path) -> Path:
    """Return the published file, in the weights folder or the installed package torchfcpe.

    Raises MissingAssetError if it is in neither.
    """
    places = [Path(weights) / "pretrained" / FCPE_FILE]
    package = importlib.util.find_spec(FCPE_PACKAGE)  # finds it without importing it
    if package is not None and package.origin is not None:
        places.append(Path(package.origin).parent / "assets" / FCPE_FILE)
    for path in places:
        if path.is_file() and assets.is_published(path, FCPE_SHA256):
            return path
    raise MissingAssetError(
        "The weights of fcpe ({file}, 43 MB) are missing. They are part of a package: pip install "
        "--no-deps {package}==0.0.4 - or put the file into weights/pretrained.",
        file=FCPE_FILE,
        package=FCPE_PACKAGE,
    )
