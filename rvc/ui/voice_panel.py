"""The voices in the fifth tab: choose one from the gallery; import, export and delete them."""

from dataclasses import dataclass
from pathlib import Path

import gradio as gr
from gradio.components import Component

from rvc.errors import RVCError
from rvc.ui import conversion
from rvc.ui.gallery import gallery_html
from rvc.ui.html import problem_html
from rvc.ui.page import HIDDEN, EventSettings, Page, Updates, event_data, notify, wait_for
from rvc.ui.previews import kept_preview, start_preview
from rvc.ui.served import served_copy, upload_folder
from rvc.ui.texts import message
from rvc.ui.visitor import Visitor
from rvc.ui.voice_making import import_notes, start_link_import
from rvc.ui.widgets import button_list, html_area, player


@dataclass(frozen=True)
class VoiceChoice:
    """The gallery of voices, the list of their names, and the player of a preview."""

    gallery: gr.HTML
    menu: gr.Dropdown
    preview: gr.Audio
    problem: gr.HTML

    @property
    def outputs(self) -> list[Component]:
        return [self.gallery, self.menu]


@dataclass(frozen=True)
class VoiceManager:
    """The widgets that import, export and delete voices."""

    files: gr.File
    link: gr.Textbox
    encoder: gr.Textbox
    agreed: gr.Checkbox
    bring: gr.Button
    prepare: gr.Button
    onnx: gr.Button
    exported: gr.File
    remove: gr.Button
    problem: gr.HTML


def add_voice_choice(words: gr.I18n) -> VoiceChoice:
    """Return the gallery and the list of voices, added to the page being built."""
    gallery = button_list("gallery", min_height=64)
    preview = player(words("voice_player"), "voice-preview", buttons=(), hidden=True)
    menu = gr.Dropdown([], label=words("voice"), elem_id="voice")
    return VoiceChoice(gallery, menu, preview, html_area("voice-problem"))


def add_voice_manager(words: gr.I18n) -> VoiceManager:
    """Return the widgets that manage voices, added to the page being built."""
    with gr.Row(equal_height=False):
        with gr.Column(min_width=280):
            files = gr.File(
                label=words("import_label"), file_count="multiple",
                file_types=[".pth", ".index", ".zip"], elem_id="import-files", height=140,
            )  # fmt: skip
            link = gr.Textbox(
                "", label=words("link"), info=words("link_info"), elem_id="import-link",
                placeholder="https://huggingface.co/…/resolve/main/voice.zip", max_lines=2,
            )  # fmt: skip
            encoder = gr.Textbox(
                "", label=words("encoder"), info=words("encoder_info"), elem_id="import-encoder",
                max_lines=1,
            )  # fmt: skip
            agreed = gr.Checkbox(False, label=words("import_consent"), elem_id="import-consent")
            bring = gr.Button(words("import_go"), elem_id="import-go")
        with gr.Column(min_width=280):
            prepare = gr.Button(words("export_prepare"), elem_id="export-voice")
            onnx = gr.Button(words("export_onnx"), elem_id="export-onnx")
            exported = gr.File(
                label=words("export_file"), interactive=False, visible=False, elem_id="exported"
            )
            remove = gr.Button(words("delete_voice"), variant="stop", elem_id="delete-voice")
    problem = html_area("manage-problem")
    return VoiceManager(
        files, link, encoder, agreed, bring, prepare, onnx, exported, remove, problem
    )


def voice_updates(page: Page, choice: VoiceChoice, visitor: Visitor, chosen: str | None) -> Updates:
    """Return the gallery and the list with the chosen voice, or the one last used, or the first.

    A voice whose training has just ended is chosen once.
    """
    studio = page.studio
    known = conversion.voices(studio, visitor.owner)
    names = [each.name for each in known]
    job = studio.jobs.latest("train", visitor.owner)
    session = studio.session(visitor.owner)
    if job is not None and job.id != session.offered and job.data.options.name in names:
        chosen, session.offered = job.data.options.name, job.id
        conversion.remember_voice(studio, visitor.owner, chosen)
    wishes = (chosen, conversion.last_voice(studio, visitor.owner), *names)
    current = next((name for name in wishes if name in names), None)
    choices = [
        (visitor.say("voice_demo", name=each.name) if each.demo else each.name, each.name)
        for each in known
    ]
    return {
        choice.menu: gr.Dropdown(choices, value=current),
        choice.gallery: gallery_html(visitor, known, current),
    }


def bind_voice_choice(page: Page, choice: VoiceChoice, speaker: gr.Slider) -> None:
    """Keep the gallery, the list and the number of speakers up to date; play previews."""
    studio = page.studio

    def arrive(visitor: Visitor) -> Updates:
        return voice_updates(page, choice, visitor, None)

    def refresh(visitor: Visitor, chosen: str | None) -> Updates:
        return voice_updates(page, choice, visitor, chosen)

    def pick(visitor: Visitor, chosen: str) -> Updates:
        conversion.find_voice(studio, visitor.owner, chosen)
        conversion.remember_voice(studio, visitor.owner, chosen)
        known = conversion.voices(studio, visitor.owner)
        return {choice.gallery: gallery_html(visitor, known, chosen)}

    def press(
        visitor: Visitor, chosen: str | None, event: gr.EventData, progress: gr.Progress
    ) -> Updates:
        sent = event_data(event)
        name = str(sent.get("id", ""))
        if sent.get("act") == "choose":
            return {**pick(visitor, name), choice.menu: name}
        path = kept_preview(studio, visitor.owner, name)
        if path is None:
            job = start_preview(studio, visitor.owner, name)
            path = wait_for(job, visitor, progress)
        copy = served_copy(studio, visitor.owner, path)
        return {choice.preview: gr.Audio(copy, visible=True, label=name)}

    def count_speakers(visitor: Visitor, chosen: str | None) -> Updates:
        known = conversion.voices(studio, visitor.owner)
        speakers = next((each.speakers for each in known if each.name == chosen), 1)
        return {speaker: gr.Slider(maximum=max(1, speakers - 1), value=0, visible=speakers > 1)}

    chosen, outputs = {"chosen": choice.menu}, choice.outputs
    page.on(page.arrived, arrive, outputs=outputs, **HIDDEN)
    page.on(page.opened("convert"), refresh, chosen, outputs, **HIDDEN)
    page.on(choice.menu.input, pick, chosen, [choice.gallery], problem=choice.problem, **HIDDEN)
    page.on(choice.menu.change, count_speakers, chosen, [speaker], **HIDDEN)
    shown: EventSettings = {"show_progress": "full", "show_progress_on": [choice.gallery]}
    page.on(
        choice.gallery.choose, press, chosen, [*outputs, choice.preview], problem=choice.problem,
        **shown,
    )  # fmt: skip


def bind_voice_manager(page: Page, manager: VoiceManager, choice: VoiceChoice) -> None:
    """Bind the buttons that import, export and delete voices."""
    _bind_import(page, manager, choice)
    studio = page.studio

    def ready(visitor: Visitor, path: Path) -> Updates:
        copy = served_copy(studio, visitor.owner, path)
        return {manager.exported: gr.File(copy, visible=True)}

    def export(visitor: Visitor, chosen: str) -> Updates:
        return ready(visitor, conversion.export(studio, visitor.owner, chosen))

    def export_onnx(visitor: Visitor, chosen: str, progress: gr.Progress) -> Updates:
        job = conversion.start_onnx_export(studio, visitor.owner, chosen)
        return ready(visitor, wait_for(job, visitor, progress))

    def delete(visitor: Visitor, chosen: str) -> Updates:
        conversion.delete(studio, visitor.owner, chosen)
        notify(gr.Success, visitor.say("delete_done", name=chosen))
        return voice_updates(page, choice, visitor, None)

    def refresh(visitor: Visitor, chosen: str | None) -> Updates:
        return voice_updates(page, choice, visitor, chosen)

    chosen, outputs = {"chosen": choice.menu}, choice.outputs
    problem = manager.problem
    page.on(manager.prepare.click, export, chosen, [manager.exported], problem=problem)
    page.on(manager.onnx.click, export_onnx, chosen, [manager.exported], problem=problem)
    page.deletes(
        page.on_confirmed(
            manager.remove.click, delete, chosen, outputs, question="delete_sure", problem=problem
        )
    )
    page.on(page.restored, refresh, chosen, outputs, **HIDDEN)


def _bind_import(page: Page, manager: VoiceManager, choice: VoiceChoice) -> None:
    studio = page.studio

    def bring(
        visitor: Visitor,
        files: list[str] | None,
        link: str | None,
        encoder: str | None,
        agreed: bool,
        progress: gr.Progress,
    ) -> Updates:
        link, named = (link or "").strip(), (encoder or "").strip() or None
        if not files and not link:
            raise RVCError(message("import_none"))
        if not agreed:
            raise RVCError(message("train_consent_needed"))
        if files:
            paths, root = [Path(file) for file in files], upload_folder()
            voice = conversion.bring_voice(
                studio, visitor.owner, paths, allowed_root=root, embedder=named
            )
        else:
            job = start_link_import(studio, visitor.owner, link, named)
            voice = wait_for(job, visitor, progress)
        notify(gr.Success, visitor.say("import_done", name=voice.name))
        updates = voice_updates(page, choice, visitor, voice.name)
        notes = " ".join(map(visitor.read, import_notes(studio, voice)))
        noted: Updates = {manager.problem: problem_html(notes)} if notes else {}
        emptied: Updates = {manager.files: None, manager.link: "", manager.encoder: ""}
        return {**emptied, manager.agreed: False, **updates, **noted}

    inputs = {"files": manager.files, "link": manager.link, "encoder": manager.encoder,
              "agreed": manager.agreed}  # fmt: skip
    shown: EventSettings = {"show_progress": "full", "show_progress_on": [manager.files]}
    page.on(
        manager.bring.click, bring, inputs, [*inputs.values(), *choice.outputs],
        problem=manager.problem, **shown,
    )  # fmt: skip
