"""The result of a conversion and the list of the last ones: play, download, delete."""

from dataclasses import dataclass

import gradio as gr
from gradio.components import Component

from rvc.ui.convert_view import (
    Deleted,
    history_html,
    result_html,
    result_name,
    result_none_html,
)
from rvc.ui.page import HIDDEN, Page, Updates, event_data
from rvc.ui.results import (
    Result,
    delete_result,
    find_result,
    restore_result,
    results,
)
from rvc.ui.served import served_copy
from rvc.ui.visitor import Visitor
from rvc.ui.widgets import button_list, html_area, player

# A file is downloaded by a link that the browser follows once; `n` makes each value a new one.
DOWNLOAD_JS = """
watch('value', () => {
  if (!props.value) return;
  const link = document.createElement('a');
  link.href = 'gradio_api/file=' + props.value.split('/').map(encodeURIComponent).join('/');
  link.download = '';
  document.body.append(link);
  link.click();
  link.remove();
  props.value = '';
});
"""


@dataclass(frozen=True)
class ResultArea:
    """The widgets of the shown result and of the list below it."""

    sound: gr.Audio
    facts: gr.HTML
    history: gr.HTML
    problem: gr.HTML
    download: gr.HTML

    @property
    def outputs(self) -> list[Component]:
        return [self.sound, self.facts, self.history]


def add_result_area(words: gr.I18n) -> ResultArea:
    """Return the widgets of the results, added to the page being built."""
    sound = player(words("result"), "result")
    facts = button_list("convert-facts", min_height=64)
    gr.Markdown(words("history"), elem_classes="step")
    problem = html_area("history-problem")
    history = button_list("history")
    download = gr.HTML(
        "", html_template="", js_on_load=DOWNLOAD_JS, visible="hidden", elem_id="download"
    )
    return ResultArea(sound, facts, history, problem, download)


def shown_updates(
    page: Page, area: ResultArea, visitor: Visitor, result: Result | None, piece: int = 0
) -> Updates:
    """Return the updates that show one sound of a result, and the list."""
    found = results(page.studio, visitor.owner)
    result = next((each for each in found if result and each.id == result.id), None)
    history = history_html(visitor, found, result)
    if result is None:
        return {
            area.sound: None,
            area.facts: result_none_html(visitor),
            area.history: history,
        }
    shown = result.done[piece] if 0 <= piece < len(result.done) else result.done[0]
    sound = served_copy(page.studio, visitor.owner, result.path(shown))
    return {
        area.sound: sound,
        area.facts: result_html(visitor, result, shown),
        area.history: history,
    }


def bind_history(page: Page, area: ResultArea) -> None:
    """Bind the buttons of the shown result and of the list."""
    studio = page.studio

    def choose(visitor: Visitor, event: gr.EventData) -> Updates:
        sent = event_data(event)
        act = sent.get("act")
        result_id, _, number = str(sent.get("id", "")).partition("/")
        if act == "restore":
            restored = restore_result(studio, visitor.owner, result_id)
            return shown_updates(page, area, visitor, restored)
        result = find_result(studio, visitor.owner, result_id)
        if result is None:  # deleted in another window
            return shown_updates(page, area, visitor, None)
        if act == "download":
            copy = served_copy(studio, visitor.owner, result.to_download())
            return {area.download: copy}
        if act == "delete":
            name = result_name(visitor, result)
            delete_result(studio, visitor.owner, result)
            left = results(studio, visitor.owner)
            deleted = Deleted(result.id, name)
            return {
                **shown_updates(page, area, visitor, None),
                area.history: history_html(visitor, left, None, deleted),
            }
        piece = int(number) if number.isdigit() else 0
        return {
            **shown_updates(page, area, visitor, result, piece),
            area.sound: _playing(page, visitor, result, piece),
        }

    for buttons in (area.history, area.facts):
        page.on(
            buttons.choose, choose, outputs=[*area.outputs, area.download], problem=area.problem,
            **HIDDEN,
        )  # fmt: skip


def _playing(page: Page, visitor: Visitor, result: Result, piece: int) -> gr.Audio:
    """Return the player with one sound of a result, which plays at once."""
    shown = result.done[piece] if 0 <= piece < len(result.done) else result.done[0]
    return gr.Audio(served_copy(page.studio, visitor.owner, result.path(shown)), autoplay=True)
