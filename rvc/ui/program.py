"""The page as a program: its settings, who can reach it, and the server that runs until Ctrl+C.

`app.py` and `moksori app` start it. Building the page loads no network and makes no folder.
"""

import argparse
import logging
import os
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from rvc.assets import WEIGHTS_VARIABLE, weights_dir
from rvc.errors import RVCError
from rvc.messages import system_language
from rvc.places import data_folder
from rvc.ui.blocks import MoksoriBlocks
from rvc.ui.build import build_ui
from rvc.ui.guard import KEY_FIELD, loopback, new_key, on_space
from rvc.ui.lazy import LazyEngine, warm
from rvc.ui.serving import QUEUE_SIZE, launch_settings
from rvc.ui.starting import starting
from rvc.ui.workspace import Workspace

if TYPE_CHECKING:
    from rvc.engine import Engine

# The server's thread takes the interpreter's lock many times per answer; while a report computes,
# each time costs up to this long (Python's default is five times as much).
SWITCH_SECONDS = 0.001
DEFAULT_PORT = 7860


@dataclass(frozen=True)
class PageSettings:
    """Where the page listens, for whom, and where its files are.

    `weights`: None for `rvc.assets.weights_dir`. `language`: of a browser that never chose one.
    `open`: no key beyond this machine.
    """

    host: str
    port: int
    weights: Path | None
    workspace: Path
    public: bool
    language: str | None
    allowed_hosts: tuple[str, ...]
    open: bool


def page_settings(flags: argparse.Namespace) -> PageSettings:
    """Return the settings for the flags of `moksori app`; what is not given has its default.

    A Space listens on every address and is public. GRADIO_SERVER_NAME and GRADIO_SERVER_PORT
    replace the default address and port.
    """
    anywhere = "0.0.0.0" if on_space() else "127.0.0.1"
    return PageSettings(
        host=flags.host or os.environ.get("GRADIO_SERVER_NAME") or anywhere,
        port=flags.port or _port(os.environ.get("GRADIO_SERVER_PORT") or str(DEFAULT_PORT)),
        weights=flags.weights and Path(flags.weights),
        workspace=flags.workspace or data_folder() / "workspace",
        public=flags.public or on_space(),
        language=flags.lang,
        allowed_hosts=tuple(flags.allow_host),
        open=flags.open,
    )


def _port(text: str) -> int:
    """Return the port `text` names; raises RVCError where it names none."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65_535):
        raise RVCError(
            "'{text}' is no port: give a number from 1 to 65535.",
            text=text,
        )
    return int(text)


def build_page(settings: PageSettings) -> MoksoriBlocks:
    """Return the page, ready to be launched."""
    engine = cast("Engine", LazyEngine(settings.weights))
    demo = build_ui(engine, Workspace(settings.workspace, public=settings.public))
    return demo.queue(max_size=QUEUE_SIZE)


def needed_key(settings: PageSettings) -> str | None:
    """Return a new key when others could reach a page that is meant for its owner; else None."""
    keyless = loopback(settings.host) or settings.public or settings.open
    return None if keyless else new_key()


def serve_page(demo: MoksoriBlocks, settings: PageSettings) -> None:
    """Serve the page until the process is interrupted."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    sys.setswitchinterval(SWITCH_SECONDS)
    weights = settings.weights or os.environ.get(WEIGHTS_VARIABLE)
    key = needed_key(settings)
    launch = launch_settings(
        host=settings.host,
        port=settings.port,
        public=settings.public,
        language=settings.language,
        allowed_hosts=settings.allowed_hosts,
        key=key,
    )
    with starting(
        settings.host,
        settings.port,
        workspace=settings.workspace,
        weights=weights_dir(weights) if weights else None,
        language=settings.language or system_language(),
    ):
        print_addresses(settings, key)
        demo.launch(**launch, prevent_thread_lock=True)
    # Import what cleaning and conversion need (torch above all) before the first visitor does.
    threading.Thread(target=warm, daemon=True, name="moksori-warm").start()
    demo.block_thread()


def print_addresses(settings: PageSettings, key: str | None) -> None:
    """Print who can reach a page that is bound beyond this machine, and where."""
    if loopback(settings.host) or on_space():
        return
    if key is None:
        print("Anyone who reaches this port can upload, train and convert.")
        return
    everywhere = settings.host in ("0.0.0.0", "::", "")
    names = settings.allowed_hosts or (("localhost",) if everywhere else (settings.host,))
    print("The page opens only with its key; keep these addresses to yourself:")
    for name in names:
        print(f"  http://{name}:{settings.port}/?{KEY_FIELD}={key}")
    if everywhere and not settings.allowed_hosts:
        print("For other computers, start with --allow-host and this machine's name or address.")
