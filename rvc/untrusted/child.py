"""Read an untrusted file in a child process with limits on memory and time.

The readers check their input themselves; the process limits the effect of a mistake in them. The
child does not load torch, starts in a tenth of a second, and writes plain files to a given folder.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from rvc.errors import VoiceError
from rvc.files import no_room, temporary_full
from rvc.messages import Message
from rvc.threads import ALONE
from rvc.untrusted.archives import unpack_voices
from rvc.untrusted.checkpoints import read_checkpoint
from rvc.untrusted.faiss_file import read_faiss_file

MEMORY_BYTES = 6 * 2**30  # of address space; the largest index is mapped and copied
CPU_SECONDS = 30
WALL_SECONDS = 120
FILE_BYTES = 3 * 2**30
NO_ROOM = 28  # exit code if the folder of the answer is full
WEIGHTS_FILE, ANSWER_FILE = "weights.safetensors", "answer.json"
INDEX_ARRAYS = ("vectors", "centres", "list_sizes")
START = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from rvc.untrusted.child import main; main(*sys.argv[2:])"
)


def read_apart(job: str, source: Path, folder: Path) -> dict:
    """Run `job` ("voice", "index" or "unpack") on `source` in a child; return its answer.

    The child writes to `folder`, which should be empty. Raises the reader's VoiceError, or one for
    a file that cannot be read within the limits; StorageError if the disk of `folder` is full.
    """
    root = Path(__file__).resolve().parents[2]
    # One thread: numpy's linear algebra otherwise reserves address space for every core.
    environment = os.environ | ALONE
    command = [sys.executable, "-P", "-c", START, str(root), job]
    command += [str(Path(source).resolve()), str(folder)]
    try:
        child = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=WALL_SECONDS,
            check=False,
        )
        if child.returncode == NO_ROOM:
            raise temporary_full()
        answer = json.loads((folder / ANSWER_FILE).read_text(encoding="utf-8"))
        if "refused" in answer:
            raise VoiceError(Message.from_json(answer["refused"]))
    except (subprocess.TimeoutExpired, FileNotFoundError, ValueError) as error:
        raise VoiceError(
            "This file could not be read with reasonable memory and time; it is damaged or made "
            "to do harm.",
        ) from error
    return answer


def main(job: str, source: str, folder: str) -> None:
    """Run one job in the child and write its answer, or the message of its error."""
    _limit()
    jobs = {"voice": _voice, "index": _index, "unpack": _unpack}
    try:
        answer = jobs[job](Path(source), Path(folder))
    except VoiceError as error:
        answer = {"refused": error.text.to_json()}
    except OSError as error:
        _leave_if_full(error, folder)
        text = Message(
            "The file could not be read. Check that its disk is connected, and try again."
        )
        answer = {"refused": text.to_json()}
    try:
        (Path(folder) / ANSWER_FILE).write_text(json.dumps(answer), encoding="utf-8")
    except OSError as error:
        _leave_if_full(error, folder)
        raise


def _leave_if_full(error: OSError, folder: str) -> None:
    """Exit with NO_ROOM if a full disk caused `error`, as no answer can be written."""
    if no_room(error, Path(folder)):
        sys.exit(NO_ROOM)


def _limit() -> None:
    try:
        import resource
    except ImportError:  # Windows: only the time limit of read_apart holds there
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for limit, value in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
    ):
        _, hard = resource.getrlimit(limit)
        most = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(limit, (most, most))


def _voice(source: Path, folder: Path) -> dict:
    from safetensors.numpy import save

    checkpoint = read_checkpoint(source)
    (folder / WEIGHTS_FILE).write_bytes(save(checkpoint.weights))  # save_file hides OSError
    return {"fields": checkpoint.fields}


def _index(source: Path, folder: Path) -> dict:
    contents = read_faiss_file(source)
    for name in INDEX_ARRAYS:
        np.save(folder / f"{name}.npy", getattr(contents, name), allow_pickle=False)
    rows, channels = contents.vectors.shape
    return {"rows": rows, "channels": channels, "probes": contents.probes}


def _unpack(source: Path, folder: Path) -> dict:
    return {"files": [list(unpacked) for unpacked in unpack_voices(source, folder)]}
