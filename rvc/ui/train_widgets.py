"""The widgets of the fourth tab."""

from dataclasses import dataclass

import gradio as gr
from gradio.components import Component
from gradio.i18n import I18nData

from rvc.ui.training_form import LENGTHS, PRESETS
from rvc.ui.widgets import button_list, html_area, player


@dataclass(frozen=True)
class FormWidgets:
    """The widgets that a TrainingForm is read from."""

    name: gr.Textbox
    preset: gr.Radio
    length: gr.Radio
    amount: gr.Number
    consent: gr.Checkbox
    base_g: gr.File
    base_d: gr.File

    @property
    def inputs(self) -> dict[str, Component]:
        """Return the widgets by the fields of TrainingForm."""
        return {**self.choices, "name": self.name, "consent": self.consent}

    @property
    def choices(self) -> dict[str, Component]:
        """Return the widgets that the expected time and memory depend on."""
        return {
            "preset": self.preset,
            "length": self.length,
            "amount": self.amount,
            "base_g": self.base_g,
            "base_d": self.base_d,
        }


@dataclass(frozen=True)
class NoteWidgets:
    """The widgets that comment on the form before a training starts."""

    material: gr.HTML
    preset: gr.HTML
    fetch: gr.Button
    cancel_fetch: gr.Button
    fetch_problem: gr.HTML
    expect: gr.HTML


@dataclass(frozen=True)
class ProgressWidgets:
    """The widgets that show a training. `problem`: why it could not start, with a way on; `drawn`:
    the fingerprint of what they show."""

    problem: gr.HTML
    status: gr.HTML
    curves: gr.HTML
    previews: gr.Row
    preview: gr.Audio
    original: gr.Audio
    start: gr.Button
    stop: gr.Button
    resume: gr.Button
    onward: gr.Button
    drawn: gr.State


@dataclass(frozen=True)
class ListWidgets:
    """The list of the owner's trainings. `problem`: of its last button; `drawn`: as above."""

    rows: gr.HTML
    problem: gr.HTML
    drawn: gr.State


@dataclass(frozen=True)
class TrainTab:
    """The widgets of the tab that handlers read or change."""

    form: FormWidgets
    notes: NoteWidgets
    progress: ProgressWidgets
    trainings: ListWidgets


def add_train_tab(words: gr.I18n, *, public: bool) -> TrainTab:
    """Return the widgets of the tab, added to the page being built."""
    gr.Markdown(words("train_lead"), elem_classes="lead")
    material = html_area("train-material")
    with gr.Row(equal_height=False):
        name = gr.Textbox(
            label=words("train_name"), info=words("train_name_info"), max_length=60,
            elem_id="train-name", scale=2, min_width=240,
        )  # fmt: skip
        with gr.Column(scale=3, min_width=300):
            preset = gr.Radio(
                [(words("preset_auto") if p == "auto" else p, p) for p in PRESETS],
                value="auto", label=words("train_preset"), elem_id="train-preset",
            )  # fmt: skip
            preset_note = html_area("train-why")
            with gr.Row():
                fetch = gr.Button(words("fetch_go"), visible=False, elem_id="train-fetch")
                cancel = gr.Button(words("cancel"), visible=False, elem_id="fetch-cancel")
            fetch_problem = html_area("fetch-problem")
    with gr.Row(equal_height=True):
        length = gr.Radio(
            [(words(f"length_{name}"), name) for name in LENGTHS], value="auto",
            label=words("train_length"), elem_id="train-length", scale=4,
        )  # fmt: skip
        amount = gr.Number(
            10, label=words("train_amount"), visible=False, minimum=0, elem_id="train-amount",
            scale=1, min_width=120,
        )  # fmt: skip
    base_g, base_d = _add_base(words, visible=not public)
    expect = html_area("train-expect")
    consent = gr.Checkbox(False, label=words("train_consent"), elem_id="train-consent")
    return TrainTab(
        FormWidgets(name, preset, length, amount, consent, base_g, base_d),
        NoteWidgets(material, preset_note, fetch, cancel, fetch_problem, expect),
        _add_progress(words),
        ListWidgets(button_list("trainings"), html_area("trainings-problem"), gr.State("")),
    )


def _add_base(words: gr.I18n, *, visible: bool) -> tuple[gr.File, gr.File]:
    """Return the uploads of a person's own starting weights: generator and discriminators."""

    def upload(label: I18nData, suffixes: list[str], elem_id: str) -> gr.File:
        return gr.File(label=label, file_types=suffixes, elem_id=elem_id, height=110, min_width=240)

    with gr.Accordion(words("base_title"), open=False, visible=visible), gr.Row():
        generator = upload(words("base_g"), [".pth", ".safetensors"], "base-g")
        return generator, upload(words("base_d"), [".pth"], "base-d")


def _add_progress(words: gr.I18n) -> ProgressWidgets:
    with gr.Row():
        start = gr.Button(words("train_start"), variant="primary", elem_id="train-start")
        stop = gr.Button(words("train_stop"), elem_id="train-stop", interactive=False)
        resume = gr.Button(words("train_resume"), elem_id="train-resume", visible=False)
    problem = button_list("train-problem")
    status, curves = html_area("train-status"), html_area("train-curves")
    with gr.Row(visible=False) as previews:
        preview = player(words("preview_now"), "train-preview")
        original = player(words("preview_original"), "train-original", buttons=())
    onward = gr.Button(
        words("next_convert"), variant="primary", visible=False, elem_id="next-convert"
    )
    return ProgressWidgets(
        problem=problem, status=status, curves=curves, previews=previews, preview=preview,
        original=original,
        start=start, stop=stop, resume=resume, onward=onward, drawn=gr.State(""),
    )  # fmt: skip
