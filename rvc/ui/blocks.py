"""gr.Blocks that answers every failed request with a sentence, and describes its widgets once."""

import logging
from typing import Any, Self, cast

import gradio as gr
from gradio.blocks import Block, BlocksConfig
from gradio.renderable import Renderable

from rvc.messages import Message
from rvc.ui.live_sessions import LiveSessions
from rvc.ui.studio import Studio

WRONG_VALUE = Message(
    "One of the values that were sent is missing or of the wrong kind. The page's API description "
    "says what belongs there.",
)

MESSAGE_TITLE = "Moksori"  # the same in every language
LOGGED_LETTERS = 200  # the rest may be what a stranger sent
_log = logging.getLogger(__name__)


def page_error(text: str) -> gr.Error:
    """Return the error that shows `text` on the page; no other place makes one."""
    return gr.Error(text, print_exception=False, title=MESSAGE_TITLE)


class MoksoriBlocks(gr.Blocks):
    """The page with its studio; a request never ends in an unexplained error.

    Gradio checks the values that a program sends before any handler gets them, and its errors name
    its own classes, or nothing at all.
    """

    def __init__(self, studio: Studio, **settings: Any) -> None:
        super().__init__(**settings)
        self.studio = studio
        self.live = LiveSessions(studio)

    def queue(self, *values: Any, **named: Any) -> Self:
        """Queue as Gradio does, without its statistics: each answer pays for them."""
        queued = super().queue(*values, **named)
        queued._queue.compute_analytics_summary = lambda records: {"functions": {}}
        return self

    async def process_api(self, *values: Any, **named: Any) -> dict[str, Any]:
        try:
            return await super().process_api(*values, **named)
        except gr.Error:
            raise
        except Exception as error:
            _log.warning("a request could not be answered: %s", repr(error)[:LOGGED_LETTERS])
            raise page_error(str(WRONG_VALUE)) from error


class _CachedConfig(BlocksConfig):
    """A configuration that is computed once for every widget instead of once for every visitor.

    Gradio describes all widgets anew for each session, which takes 50 ms for this page: 200 new
    visitors would stop the server for ten seconds.
    """

    cached: dict[int, tuple[Block, dict[str, Any]]]

    def __copy__(self) -> "_CachedConfig":
        copied = super().__copy__()
        copied.__class__ = _CachedConfig
        copied.cached = self.cached
        return copied

    def config_for_block(  # type: ignore[override]  # Gradio calls its own on an instance, too
        self,
        _id: int,
        rendered_ids: list[int],
        block: Block,
        renderable: Renderable | None = None,
    ) -> dict[str, Any]:
        if renderable is not None or rendered_ids:
            return BlocksConfig.config_for_block(_id, rendered_ids, block, renderable)
        entry = self.cached.get(_id)
        if entry is None or entry[0] is not block:
            return BlocksConfig.config_for_block(_id, rendered_ids, block)
        return {**entry[1], "props": dict(entry[1].get("props", {}))}


def cache_config(demo: gr.Blocks) -> None:
    """Make all sessions share one description of the finished page's widgets."""
    demo.default_config.__class__ = _CachedConfig
    config = cast(_CachedConfig, demo.default_config)
    config.cached = {}
    config.cached = {
        number: (block, config.config_for_block(number, [], block))
        for number, block in config.blocks.items()
    }
