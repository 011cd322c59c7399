"""`python serve.py PORT FOLDER`: the page over the fake engine, for the browser tests."""

import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS.parent)]

from ui_fake import FakeEngine  # noqa: E402

from rvc.ui.build import build_ui  # noqa: E402
from rvc.ui.serving import QUEUE_SIZE, launch_settings  # noqa: E402
from rvc.ui.workspace import Workspace  # noqa: E402

STEPS = 400


def main() -> None:
    port, folder = int(sys.argv[1]), Path(sys.argv[2])
    engine = FakeEngine(folder / "weights", steps=STEPS)
    demo = build_ui(engine, Workspace(folder / "workspace")).queue(max_size=QUEUE_SIZE)
    demo.launch(**launch_settings(port=port), quiet=True)


if __name__ == "__main__":
    main()
