"""Files that Gradio serves: uploads arrive in its folder, and copies of our files are put there."""

import hashlib
import secrets
import shutil
from pathlib import Path

from gradio.utils import get_upload_folder

from rvc.files import no_room, temporary_full
from rvc.ui.studio import Studio


def upload_folder() -> Path:
    """Return Gradio's own folder, where uploads arrive and from which files are served."""
    return Path(get_upload_folder())


def is_upload(path: Path) -> bool:
    """Return whether a path that a request named lies in the upload folder."""
    return path.resolve().is_relative_to(upload_folder().resolve())


def served_copy(studio: Studio, owner: str, path: Path) -> str:
    """Return a copy of `path` that Gradio may serve; the workspace itself is never served.

    The copy lies in a folder that depends on the owner and the file, and is deleted together with
    the owner's data. Raises StorageError when there is no room for it.
    """
    facts = path.stat()
    identity = f"{owner}/{path}/{facts.st_mtime_ns}/{facts.st_size}"
    folder = upload_folder() / hashlib.sha256(identity.encode()).hexdigest()
    copy = folder / path.name
    if not copy.is_file():
        try:
            _copy_atomically(path, copy)
        except OSError as error:
            if no_room(error, upload_folder()):
                raise temporary_full() from error
            raise
        studio.workspace.note_copy(owner, copy)
    return str(copy)


def _copy_atomically(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{secrets.token_hex(4)}.part")
    try:
        shutil.copyfile(source, partial)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
