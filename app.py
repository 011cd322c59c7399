"""The page: `python app.py`, then http://127.0.0.1:7860.

`demo` stands at module level, as Gradio and Spaces expect. An installed Moksori starts the same
page with `moksori app`.
"""

import os
import sys
from collections.abc import Sequence

from rvc.threads import wait_passively

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
wait_passively()

from rvc.cli import COMMANDS
from rvc.cli.flags import build_parser
from rvc.errors import RVCError
from rvc.messages import system_language
from rvc.proxies import without_proxies

with without_proxies():  # Gradio makes HTTP clients while it is imported
    from rvc.ui.program import PageSettings, build_page, page_settings, serve_page


def read_settings(given: Sequence[str]) -> PageSettings:
    """Parse the command line; exit with code 2 and one sentence when it makes no sense."""
    language = system_language()
    try:
        parser = build_parser("app", COMMANDS["app"], language, program="python app.py")
        return page_settings(parser.parse_args(given))
    except RVCError as error:
        print(error.text.in_language(language), file=sys.stderr)
        sys.exit(2)


# Only the program itself reads the command line; a module that imports `demo` gets the defaults.
SETTINGS = read_settings(sys.argv[1:] if __name__ == "__main__" else [])
demo = build_page(SETTINGS)

if __name__ == "__main__":
    serve_page(demo, SETTINGS)
