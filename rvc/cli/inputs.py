"""Input and output files of a command: files or folders in, one file or a folder out."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rvc.audio import ENCODINGS, Recording, load_audio
from rvc.errors import AudioError, RVCError
from rvc.files import check_writable, free_path, storage_error
from rvc.formats import SUFFIXES
from rvc.messages import Message, joined
from rvc.untrusted.sound import start as start_decoding


def find_inputs(paths: Sequence[str]) -> list[Path]:
    """Return the audio files of `paths`; of a folder all in it and below, sorted."""
    start_decoding()  # in the background, before the first file is read
    files: list[Path] = []
    for path in map(Path, paths):
        if path.is_dir():
            inside = sorted(f for f in path.rglob("*") if _is_sound(f.relative_to(path), f))
            if not inside:
                raise AudioError(
                    "There is no sound file in the folder {path}.",
                    path=path,
                )
            files += inside
        elif path.exists():
            files.append(path)
        else:
            raise AudioError("There is no file or folder {path}.", path=path)
    return files


def _is_sound(inside: Path, path: Path) -> bool:
    hidden = any(part.startswith(".") for part in inside.parts)
    return path.suffix.lower() in SUFFIXES and not hidden and path.is_file()


def load_named(file: Path) -> Recording:
    """Return the recording of `file`; an AudioError names the file."""
    with naming(file):
        return load_audio(file)


@contextmanager
def naming(file: Path) -> Iterator[None]:
    """Put the name of `file` into an AudioError from within."""
    try:
        yield
    except AudioError as error:
        raise AudioError(_named(file, error)) from error


def _named(file: Path, error: RVCError) -> Message:
    """Return the message of `error` with the file's name in it."""
    return error.text if file.name in str(error) else joined([file.name, error.text], ": ")


def left_out_line(file: Path, error: RVCError) -> Message:
    """Return the summary line of a file that could not be used."""
    return Message("Left out: {reason}", reason=_named(file, error))


def plan_outputs(
    paths: Sequence[str], files: Sequence[Path], output: Path, suffix: str = ".wav"
) -> list[Path]:
    """Return the output path of each of `files`: `output` for one file, else files in that folder.

    The folder is created; `suffix`: of the files in it. Raises AudioError for an invalid output,
    before any work is done.
    """
    one = len(files) == 1 and not Path(paths[0]).is_dir() and not output.is_dir()
    if one:
        if output.suffix.lower() not in ENCODINGS:
            known = ", ".join(ENCODINGS)
            raise AudioError(
                "The output {name} needs one of these endings: {known}.",
                name=output.name,
                known=known,
            )
        check_folder(output)
        targets = [output]
    else:
        if output.suffix.lower() in ENCODINGS and not output.is_dir():
            raise AudioError(
                "{count} files need a folder to go to, and {name} is not one.",
                count=len(files),
                name=output.name,
            )
        make_folder(output)
        targets = _names_in(output, files, suffix)
    _keep_originals(files, targets)
    return targets


def make_folder(folder: Path) -> None:
    """Create `folder` if it does not exist; raises StorageError if it cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise storage_error(error, folder) from error
    check_writable(folder)


def check_folder(output: Path) -> None:
    """Raise AudioError unless the folder of `output` exists, StorageError if it is not writable."""
    if not output.absolute().parent.is_dir():
        raise AudioError("There is no folder {parent}.", parent=output.parent)
    check_writable(output.absolute().parent)


def _names_in(folder: Path, files: Sequence[Path], suffix: str) -> list[Path]:
    """Return FOLDER/STEM.suffix for each file, numbered if two have the same stem."""
    targets: list[Path] = []
    for file in files:
        targets.append(free_path(folder, file.stem, suffix, targets))
    return targets


def _keep_originals(files: Sequence[Path], targets: Sequence[Path]) -> None:
    originals = {file.resolve() for file in files}
    for target in targets:
        if target.resolve() in originals:
            raise AudioError(
                "{target} is the recording itself, which is never changed; choose another name.",
                target=target,
            )
