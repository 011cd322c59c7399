"""The page: `python app.py`, then http://127.0.0.1:7860.

`demo` stands at module level, as Gradio and Spaces expect. Nothing heavy happens here: networks
are loaded when they are first used.
"""

import argparse
import logging
import os
import sys
import threading
from pathlib import Path
from typing import Any

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

import gradio as gr

from rvc.proxies import spare_local_addresses
from rvc.ui.build import build_ui
from rvc.ui.guard import KEY_FIELD, loopback, new_key, on_space
from rvc.ui.lazy import LazyEngine
from rvc.ui.serving import QUEUE_SIZE, launch_settings
from rvc.ui.workspace import Workspace

ROOT = Path(__file__).resolve().parent
ON_SPACE = on_space()
# The page's thread asks for the interpreter's lock many times an answer; while a report computes,
# each time costs it up to this long (Python's own value is five times as much).
SWITCH_SECONDS = 0.001


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """What `python app.py` can be told; `given` is sys.argv unless it is named."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    host = os.environ.get("GRADIO_SERVER_NAME", "0.0.0.0" if ON_SPACE else "127.0.0.1")
    port = int(os.environ.get("GRADIO_SERVER_PORT", "7860"))
    parser.add_argument("--host", default=host, help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=port, help="port (%(default)s)")
    parser.add_argument("--weights", type=Path, help="folder of pre-trained files and voices")
    parser.add_argument(
        "--workspace", type=Path, default=ROOT / "workspace",
        help="folder of recordings and results (%(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--public", action="store_true", default=ON_SPACE,
        help="strangers use it: recordings and voices belong to each browser, with limits",
    )  # fmt: skip
    parser.add_argument("--lang", choices=("ko", "en"), help="language for who never chose one")
    parser.add_argument(
        "--allow-host", action="append", default=[], metavar="NAME",
        help="name or address under which browsers may reach this machine in a local network",
    )  # fmt: skip
    parser.add_argument(
        "--open", action="store_true",
        help="with --host beyond this machine: let in everyone who reaches the port; otherwise "
        "the page opens only at the printed address, which ends in a key (--public is open too)",
    )  # fmt: skip
    return parser.parse_args(given)


def build(options: argparse.Namespace) -> gr.Blocks:
    """The page for these options; loads no network and makes no folder."""
    engine = LazyEngine(options.weights)
    demo = build_ui(engine, Workspace(options.workspace, public=options.public))
    return demo.queue(max_size=QUEUE_SIZE)


def needed_key(options: argparse.Namespace) -> str | None:
    """A new key when others could reach a page that is meant for its owner; else None."""
    mine = loopback(options.host) or options.public or options.open
    return None if mine else new_key()


def settings(options: argparse.Namespace, key: str | None = None) -> dict[str, Any]:
    return launch_settings(
        host=options.host,
        port=options.port,
        public=options.public,
        language=options.lang,
        allowed_hosts=tuple(options.allow_host),
        key=key,
    )


def tell_addresses(options: argparse.Namespace, key: str | None) -> None:
    """Print who can reach a page that is bound beyond this machine, and where."""
    if loopback(options.host) or ON_SPACE:
        return
    if key is None:
        print("Anyone who reaches this port can upload, train and convert.")
        return
    everywhere = options.host in ("0.0.0.0", "::", "")
    names = options.allow_host or (["localhost"] if everywhere else [options.host])
    print("The page opens only with its key; keep these addresses to yourself:")
    for name in names:
        print(f"  http://{name}:{options.port}/?{KEY_FIELD}={key}")
    if everywhere and not options.allow_host:
        print("For other computers, start with --allow-host and this machine's name or address.")


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    sys.setswitchinterval(SWITCH_SECONDS)
    key = needed_key(OPTIONS)
    tell_addresses(OPTIONS, key)
    spare_local_addresses(OPTIONS.host)  # Gradio asks its own server whether it is up
    demo.launch(**settings(OPTIONS, key), prevent_thread_lock=True)
    # Imports of the first clean or convert (torch, mostly) are done while the person looks around.
    threading.Thread(target=demo.studio.engine.warm, daemon=True, name="moksori-warm").start()
    demo.block_thread()


# Only the program itself reads the command line; whoever imports `demo` gets the defaults.
OPTIONS = arguments(None if __name__ == "__main__" else [])
demo = build(OPTIONS)

if __name__ == "__main__":
    main()
