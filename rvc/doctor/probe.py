"""Child process: import the modules named on the command line, telling each one's state.

One JSON object a line: {"module"} before the import, {"module", "state", "error"} after. A name
that ends in "?" is only looked for; "device" asks torch what networks can run on.
"""

import importlib
import importlib.util
import json
import sys
import warnings

from rvc._torchaudio import ensure_torchaudio

MOST_LETTERS = 300  # of an error


def main(modules: list[str]) -> None:
    """Tell about each of `modules`."""
    sys.stdout, told = sys.stderr, sys.stdout  # what a package prints must not mix with ours
    warnings.simplefilter("ignore")

    def tell(module: str, **facts: object) -> None:
        print(json.dumps({"module": module, **facts}), file=told, flush=True)

    for module in modules:
        name = module.rstrip("?")
        tell(name)
        if name == "device":
            tell(name, state="ok", **_device())
        else:
            tell(name, **_state(name, imported=not module.endswith("?")))


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
    except Exception as error:  # whatever a broken package throws is what a person must be told
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
    except Exception:  # a broken torch is told of as a package; no device then but the processor
        return {"kind": "cpu"}
    return {"kind": "cpu"}


if __name__ == "__main__":
    main(sys.argv[1:])
