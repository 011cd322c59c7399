"""Sound files of other programs' tests: how many FFmpeg decodes and this program refuses.

    python benchmarks/public_sounds.py FOLDER...

FOLDER: a checkout of quodlibet/mutagen, tinytag/tinytag, jiaaro/pydub, beetbox/audioread,
librosa/librosa or tyiannak/pyAudioAnalysis, or any folder of sound, for example

    git clone --depth 1 https://github.com/quodlibet/mutagen

Every file but source and text is read as an upload is, in the confined process, and by the
`ffmpeg` program, which must be installed. Short and silent files, common among tests, count as
read. Exit code 1 when anything but AudioError was raised.
"""

import argparse
import subprocess
import sys
import traceback
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from rvc.audio import load_audio
from rvc.errors import AudioError
from rvc.formats import SUFFIXES

NO_SOUND = (
    *(".py", ".pyi", ".typed", ".c", ".h", ".m", ".sh", ".bat", ".in", ".cfg", ".toml", ".ini"),
    *(".yml", ".yaml", ".json", ".lock", ".md", ".markdown", ".rst", ".txt", ".license", ".bib"),
    *(".html", ".css", ".js", ".csv", ".segments", ".ipynb", ".po", ".png", ".jpg", ".gif"),
    *(".svg", ".ico", ".pdf", ".npy", ".npz", ".xls", ".msgpack", ".1"),
)
FFMPEG_SECONDS = 120


def candidates(folder: Path) -> Iterator[Path]:
    """Files of `folder` that may be sound, sorted."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in inside.parts)
        if path.is_file() and path.suffix and not hidden and path.suffix.lower() not in NO_SOUND:
            yield path


def ffmpeg_samples(path: Path) -> int:
    """How many samples the `ffmpeg` program decodes of the first sound track, mono; 0 for none."""
    command = ["ffmpeg", "-v", "quiet", "-nostdin", "-i", str(path.resolve())]
    command += ["-map", "0:a:0", "-ac", "1", "-f", "s16le", "-"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        count = 0
        while part := process.stdout.read(2**20):
            count += len(part)
    return count // 2


def read(path: Path) -> str:
    """The outcome of reading `path`: "read", "refused: ..." or "EXCEPTION"."""
    try:
        load_audio(path, minimum_seconds=0, refuse_silence=False)
    except AudioError as error:
        return f"refused: {error}"
    except Exception:
        traceback.print_exc()
        return "EXCEPTION"
    return "read"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    folders = parser.parse_args().folders
    outcomes, refused, skipped = Counter(), [], []
    for folder in folders:
        for path in candidates(folder):
            outcome, decoded = read(path), ffmpeg_samples(path) > 0
            outcomes[outcome, decoded] += 1
            if decoded and outcome != "read":
                refused.append(f"{path}: {outcome}")
            if decoded and path.suffix.lower() not in SUFFIXES:
                skipped.append(str(path))
    print("files  ffmpeg   Moksori")
    for (outcome, decoded), count in outcomes.most_common():
        print(f"{count:5d}  {'decodes' if decoded else 'refuses'}  {outcome}")
    print(f"\ndecoded by ffmpeg but refused: {len(refused)}", *refused, sep="\n  ")
    print(f"\ndecoded by ffmpeg but skipped in folders: {len(skipped)}", *skipped, sep="\n  ")
    exceptions = sum(count for (outcome, _), count in outcomes.items() if outcome == "EXCEPTION")
    print(f"\nexceptions other than AudioError: {exceptions} of {outcomes.total()}")
    sys.exit(bool(exceptions))


if __name__ == "__main__":
    main()
