"""Check that a wheel holds every data file of rvc/ and weights/, and nothing else outside rvc/.

Usage: python3 .ci/check_wheel.py WHEEL, in the root of a clean copy of the sources.
"""

import sys
import zipfile
from pathlib import Path


def expected() -> set[str]:
    """Return the paths in the wheel of all files under rvc/ and weights/."""
    files = [path for folder in ("rvc", "weights") for path in Path(folder).rglob("*")]
    files = [path for path in files if path.is_file() and path.suffix != ".pyc"]
    return {path.as_posix() if path.parts[0] == "rvc" else f"rvc/{path}" for path in files}


def main() -> None:
    names = zipfile.ZipFile(sys.argv[1]).namelist()
    held = {name for name in names if ".dist-info/" not in name}
    wanted = expected()
    if missing := sorted(wanted - held):
        sys.exit(f"not in the wheel: {', '.join(missing)}")
    if extra := sorted(held - wanted):
        sys.exit(f"in the wheel, but not in the sources: {', '.join(extra)}")
    print(f"the wheel holds all {len(wanted)} files")


if __name__ == "__main__":
    main()
