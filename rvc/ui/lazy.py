"""An Engine that is made at its first use, because importing torch takes seconds."""

import importlib
import importlib.util
import threading
from pathlib import Path
from typing import Any

WARMED = ("rvc.engine", "rvc.cleaning", "rvc.convert", "rvc.train")
# Gradio imports it in its event loop when it first answers anything, if it is installed at all.
WARMED_FOR_GRADIO = "matplotlib.pyplot"


class LazyEngine:
    """A proxy for `rvc.engine.Engine(weights)`, which is made at the first use."""

    def __init__(self, weights: Path | None = None) -> None:
        self._weights = weights
        self._engine: Any = None
        self._making = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        with self._making:
            if self._engine is None:
                from rvc.engine import Engine

                self._engine = Engine(self._weights)
        return getattr(self._engine, name)


def warm() -> None:
    """Import the modules that the work needs; load no network."""
    if importlib.util.find_spec(WARMED_FOR_GRADIO.partition(".")[0]) is not None:
        importlib.import_module(WARMED_FOR_GRADIO)
    for module in WARMED:
        importlib.import_module(module)
