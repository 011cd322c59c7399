"""The voices in the fifth tab: choose one; import, export and delete them."""

from dataclasses import dataclass
from pathlib import Path

import gradio as gr
from gradio.components import Component

from rvc.errors import RVCError
from rvc.ui import conversion
from rvc.ui.convert_view import card_html
from rvc.ui.page import HIDDEN, Page, Updates, notify
from rvc.ui.served import served_copy, upload_folder
from rvc.ui.texts import message
from rvc.ui.visitor import Visitor
from rvc.ui.widgets import html_area


@dataclass(frozen=True)
class VoiceChoice:
    """The list of voices, and the card of the chosen one."""

    menu: gr.Dropdown
    card: gr.HTML

    @property
    def outputs(self) -> list[Component]:
        return [self.menu, self.card]


@dataclass(frozen=True)
class VoiceManager:
    """The widgets that import, export and delete voices."""

    files: gr.File
    agreed: gr.Checkbox
    bring: gr.Button
    prepare: gr.Button
    exported: gr.File
    remove: gr.Button


def add_voice_choice(words: gr.I18n) -> VoiceChoice:
    """Return the list of voices and its card, added to the page being built."""
    menu = gr.Dropdown([], label=words("voice"), elem_id="voice")
    return VoiceChoice(menu, html_area("voice-card"))


def add_voice_manager(words: gr.I18n) -> VoiceManager:
    """Return the widgets that manage voices, added to the page being built."""
    with gr.Row(equal_height=False):
        with gr.Column(min_width=280):
            files = gr.File(
                label=words("import_label"), file_count="multiple",
                file_types=[".pth", ".index", ".zip"], elem_id="import-files", height=180,
            )  # fmt: skip
            agreed = gr.Checkbox(False, label=words("import_consent"), elem_id="import-consent")
            bring = gr.Button(words("import_go"), elem_id="import-go")
        with gr.Column(min_width=280):
            prepare = gr.Button(words("export_prepare"), elem_id="export-voice")
            exported = gr.File(label=words("export_file"), interactive=False, elem_id="exported")
            remove = gr.Button(words("delete_voice"), variant="stop", elem_id="delete-voice")
    return VoiceManager(files, agreed, bring, prepare, exported, remove)


def _voice_updates(
    page: Page, choice: VoiceChoice, visitor: Visitor, chosen: str | None
) -> Updates:
    """Return the list of voices with the chosen one, or the first, and its card.

    A voice whose training has just ended is chosen once.
    """
    studio = page.studio
    known = conversion.voices(studio, visitor.owner)
    names = [each.name for each in known]
    job = studio.jobs.latest("train", visitor.owner)
    session = studio.session(visitor.owner)
    if job is not None and job.id != session.offered and job.data.options.name in names:
        chosen, session.offered = job.data.options.name, job.id
    current = chosen if chosen in names else next(iter(names), None)
    choices = [
        (visitor.say("voice_demo", name=each.name) if each.demo else each.name, each.name)
        for each in known
    ]
    return {
        choice.menu: gr.Dropdown(choices, value=current),
        choice.card: card_html(visitor, known, current),
    }


def bind_voice_choice(page: Page, choice: VoiceChoice) -> None:
    """Keep the list of voices and the chosen one's card up to date."""

    def arrive(visitor: Visitor) -> Updates:
        return _voice_updates(page, choice, visitor, None)

    def refresh(visitor: Visitor, chosen: str | None) -> Updates:
        return _voice_updates(page, choice, visitor, chosen)

    def describe(visitor: Visitor, chosen: str) -> Updates:
        known = conversion.voices(page.studio, visitor.owner)
        return {choice.card: card_html(visitor, known, chosen)}

    chosen, outputs = {"chosen": choice.menu}, choice.outputs
    page.on(page.arrived, arrive, outputs=outputs, **HIDDEN)
    page.on(page.opened("convert"), refresh, chosen, outputs, **HIDDEN)
    page.on(choice.menu.input, describe, chosen, [choice.card], **HIDDEN)


def bind_voice_manager(page: Page, manager: VoiceManager, choice: VoiceChoice) -> None:
    """Bind the buttons that import, export and delete voices."""
    studio = page.studio

    def bring(visitor: Visitor, files: list[str] | None, agreed: bool) -> Updates:
        if not files:
            raise RVCError(message("import_none"))
        if not agreed:
            raise RVCError(message("train_consent_needed"))
        paths = [Path(file) for file in files]
        name = conversion.bring_voice(studio, visitor.owner, paths, allowed_root=upload_folder())
        notify(gr.Success, visitor.say("import_done", name=name))
        updates = _voice_updates(page, choice, visitor, name)
        return {manager.files: None, manager.agreed: False, **updates}

    def export(visitor: Visitor, chosen: str) -> Updates:
        path = conversion.export(studio, visitor.owner, chosen)
        return {manager.exported: served_copy(studio, visitor.owner, path)}

    def delete(visitor: Visitor, chosen: str) -> Updates:
        conversion.delete(studio, visitor.owner, chosen)
        notify(gr.Success, visitor.say("delete_done", name=chosen))
        return _voice_updates(page, choice, visitor, None)

    def refresh(visitor: Visitor, chosen: str | None) -> Updates:
        return _voice_updates(page, choice, visitor, chosen)

    chosen, outputs = {"chosen": choice.menu}, choice.outputs
    inputs = {"files": manager.files, "agreed": manager.agreed}
    page.on(manager.bring.click, bring, inputs, [*inputs.values(), *outputs])
    page.on(manager.prepare.click, export, chosen, [manager.exported])
    page.deletes(
        page.on_confirmed(manager.remove.click, delete, chosen, outputs, question="delete_sure")
    )
    page.on(page.restored, refresh, chosen, outputs, **HIDDEN)
