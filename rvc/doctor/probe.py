"""Child process: import the modules named on the command line and print the state of each.

It prints one JSON object a line: {"module"} before the import, {"module", "state", "error"} after.
A name that ends in "?" is located but not imported; "device" stands for torch's device.
"""

import importlib
import importlib.util
import json
import sys
import warnings

from rvc._torchaudio import ensure_torchaudio

MOST_LETTERS = 300  # of an error


def main(modules: list[str]) -> None:
    """Print the state of each of `modules`."""
    sys.stdout, output = sys.stderr, sys.stdout  # keep what packages print out of the answers
    warnings.simplefilter("ignore")

    def answer(module: str, **facts: object) -> None:
        print(json.dumps({"module": module, **facts}), file=output, flush=True)

    for module in modules:
        name = module.rstrip("?")
        answer(name)
        if name == "device":
            answer(name, state="ok", **_device())
        else:
            answer(name, **_state(name, imported=not module.endswith("?")))


def _state(module: str, *, imported: bool) -> dict[str, object]:
    try:
        if not imported:
            found = importlib.util.find_spec(module) is not None
            return {"state": "ok"} if found else {"state": "missing", "error": "not installed"}
        if module == "torchcrepe":
            ensure_torchaudio()
        importlib.import_module(module)
    except ModuleNotFoundError as error:
        own = (error.name or "").partition(".")[0] == module.partition(".")[0]
        return {"state": "missing" if own else "broken", "error": str(error)[:MOST_LETTERS]}
    except Exception as error:  # a broken package may raise anything; the message is reported
        return {"state": "broken", "error": f"{type(error).__name__}: {error}"[:MOST_LETTERS]}
    return {"state": "ok"}


def _device() -> dict[str, object]:
    try:
        import torch

        if torch.cuda.is_available():
            card = torch.cuda.get_device_properties(0)
            return {"kind": "cuda", "name": card.name, "memory_bytes": card.total_memory}
        if torch.backends.mps.is_available():
            return {"kind": "mps", "name": "Apple GPU"}
    except Exception:  # a broken torch is reported as a package; only the processor is left
        return {"kind": "cpu"}
    return {"kind": "cpu"}


if __name__ == "__main__":
    main(sys.argv[1:])
