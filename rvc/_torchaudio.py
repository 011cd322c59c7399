"""Replace a torchaudio that does not load, so that torchcrepe and transformers still import.

torchcrepe imports torchaudio to read files and transformers checks its module spec; neither feature
is used here. A torchaudio wheel built for another torch (or for CUDA on a machine without it)
raises OSError at import, which both packages propagate.
"""

import importlib
import sys
from importlib.machinery import ModuleSpec
from threading import Lock
from types import ModuleType

_LOCK = Lock()


def ensure_torchaudio() -> bool:
    """Return True if the real torchaudio loads; else register an empty module under its name."""
    with _LOCK:
        module = sys.modules.get("torchaudio")
        if module is not None and not hasattr(module, "__moksori_empty__"):
            return True
        if module is not None:
            return False
        try:
            importlib.import_module("torchaudio")
        except (ImportError, OSError):
            _register_empty_module()
            return False
        return True


def _register_empty_module() -> None:
    """Put an empty `torchaudio` with a ModuleSpec into sys.modules; remove loaded submodules."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "torchaudio"]:
        del sys.modules[name]
    empty = ModuleType("torchaudio", "Empty: the installed torchaudio does not load.")
    empty.__spec__ = ModuleSpec("torchaudio", loader=None)  # transformers checks the spec
    empty.__path__ = []
    vars(empty).update(__version__="0.0.0", __moksori_empty__=True)
    sys.modules["torchaudio"] = empty
