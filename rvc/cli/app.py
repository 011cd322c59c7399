"""moksori app: serve the page until Ctrl+C. The only command that needs Gradio."""

import argparse
import os

from rvc.cli.console import Console
from rvc.proxies import without_proxies


def run(arguments: argparse.Namespace, console: Console) -> None:
    """Build the page and serve it; see `rvc.ui.program`."""
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read when gradio is imported
    with without_proxies():  # Gradio creates HTTP clients at import
        from rvc.ui.program import build_page, page_settings, serve_page

    settings = page_settings(arguments)
    serve_page(build_page(settings), settings)
