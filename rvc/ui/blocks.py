"""gr.Blocks with two habits of its own: every fault of a request becomes a sentence, and a new
visitor costs next to nothing."""

import logging
from typing import Any

import gradio as gr
from gradio.blocks import BlocksConfig

from rvc.messages import Message

WRONG_VALUE = Message(
    "One of the values that were sent is missing or of the wrong kind. The page's API description "
    "says what belongs there.",
)

LOGGED_LETTERS = 200  # the rest may be what a stranger sent
_log = logging.getLogger(__name__)


def shown(sentence: str) -> gr.Error:
    """The one place where an error becomes something on the page."""
    return gr.Error(sentence, print_exception=False, title="Moksori")


class SpokenBlocks(gr.Blocks):
    """Blocks whose requests never end in an unexplained error.

    What a program sends is checked by Gradio before it reaches any handler, and Gradio's complaints
    name its own classes, or nothing at all.
    """

    def queue(self, *values: Any, **named: Any) -> gr.Blocks:
        """As Gradio's, without its statistics: nobody sees them, and each answer pays for them."""
        queued = super().queue(*values, **named)
        queued._queue.compute_analytics_summary = lambda records: {"functions": {}}
        return queued

    async def process_api(self, *values: Any, **named: Any) -> dict[str, Any]:
        try:
            return await super().process_api(*values, **named)
        except gr.Error:
            raise
        except Exception as error:
            _log.warning("a request could not be answered: %s", repr(error)[:LOGGED_LETTERS])
            raise shown(str(WRONG_VALUE)) from error


class _RememberedConfig(BlocksConfig):
    """A configuration that is computed once for every widget instead of once for every visitor.

    Gradio describes all widgets anew for each session, which takes 50 ms for a page like ours: 200
    new visitors would stop the server for ten seconds.
    """

    remembered: dict[int, tuple[Any, dict[str, Any]]]

    def __copy__(self) -> "_RememberedConfig":
        copied = super().__copy__()
        copied.__class__ = _RememberedConfig
        copied.remembered = self.remembered
        return copied

    def config_for_block(self, _id: int, rendered_ids: list, block: Any, renderable=None) -> dict:
        if renderable is not None or rendered_ids:
            return BlocksConfig.config_for_block(_id, rendered_ids, block, renderable)
        known = self.remembered.get(_id)
        if known is None or known[0] is not block:
            return BlocksConfig.config_for_block(_id, rendered_ids, block)
        return {**known[1], "props": dict(known[1].get("props", {}))}


def remember_config(demo: gr.Blocks) -> None:
    """Describe the finished page's widgets once, for all sessions."""
    config = demo.default_config
    config.__class__ = _RememberedConfig
    config.remembered = {}
    config.remembered = {
        number: (block, config.config_for_block(number, [], block))
        for number, block in config.blocks.items()
    }
