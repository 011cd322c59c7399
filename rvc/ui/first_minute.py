"""A first minute without a microphone: the sample recording, and a demo voice, one click away."""

from dataclasses import dataclass

import gradio as gr

from rvc.errors import RVCError
from rvc.ui import conversion
from rvc.ui.page import HIDDEN, Event, Page, Updates
from rvc.ui.sample import SHORT_MINUTES, add_sample, only_sample, sample_sentence
from rvc.ui.served import served_copy
from rvc.ui.texts import message
from rvc.ui.train_widgets import FormWidgets
from rvc.ui.visitor import Visitor
from rvc.ui.voice_panel import VoiceChoice, voice_updates
from rvc.ui.widgets import html_area


@dataclass(frozen=True)
class FirstMinute:
    """The row of the first tab; it is hidden once there is a recording."""

    row: gr.Row
    sample: gr.Button
    voice: gr.Button
    problem: gr.HTML


def add_first_minute(words: gr.I18n) -> FirstMinute:
    """Return the row, added to the page being built."""
    with gr.Row(elem_id="first-minute", equal_height=True) as row:
        gr.Markdown(words("first_lead"), elem_classes="mk-first")
        sample = gr.Button(words("first_sample"), elem_id="try-sample", min_width=180, scale=0)
        voice = gr.Button(words("first_voice"), elem_id="try-voice", min_width=180, scale=0)
    return FirstMinute(row, sample, voice, html_area("first-problem"))


def bind_first_minute(
    page: Page, first: FirstMinute, form: FormWidgets, choice: VoiceChoice, source: gr.Audio
) -> Event:
    """Bind the two buttons; return the event of a sample that was added, to be cleaned next.

    `form`: of the training; `choice`, `source`: the voice and the recording of the conversion.
    """
    studio, bar = page.studio, page.tab_bar

    def try_sample(visitor: Visitor) -> Updates:
        add_sample(studio, visitor)
        return {
            bar: gr.Tabs(selected="clean"),
            **_short_training(page, visitor, form),
            source: _sentence(page, visitor),
        }

    def try_voice(visitor: Visitor) -> Updates:
        known = conversion.voices(studio, visitor.owner)
        voice = next((each for each in known if each.demo), next(iter(known), None))
        if voice is None:
            raise RVCError(message("voice_none"))
        conversion.remember_voice(studio, visitor.owner, voice.name)
        return {
            bar: gr.Tabs(selected="convert"),
            **voice_updates(page, choice, visitor, voice.name),
            source: _sentence(page, visitor),
        }

    def fill_form(visitor: Visitor, name: str | None) -> Updates:
        wanted = not name and only_sample(studio, visitor.owner)
        return _short_training(page, visitor, form) if wanted else {}

    def fill_source(visitor: Visitor, chosen: str | None) -> Updates:
        wanted = not chosen and only_sample(studio, visitor.owner)
        return {source: _sentence(page, visitor)} if wanted else {}

    training = [form.name, form.length, form.amount]
    added = page.on(
        first.sample.click, try_sample, outputs=[bar, *training, source], problem=first.problem
    )
    shown = [bar, *choice.outputs, source]
    page.on(first.voice.click, try_voice, outputs=shown, problem=first.problem)
    # A page that is reloaded on the way has lost what was filled in.
    page.on(page.opened("train"), fill_form, {"name": form.name}, training, **HIDDEN)
    page.on(page.opened("convert"), fill_source, {"chosen": source}, [source], **HIDDEN)
    return added.success


def _short_training(page: Page, visitor: Visitor, form: FormWidgets) -> Updates:
    taken = {voice.name for voice in conversion.voices(page.studio, visitor.owner)}
    first = visitor.say("sample_voice")
    names = (first, *(f"{first} {number}" for number in range(2, len(taken) + 3)))
    return {
        form.name: next(name for name in names if name not in taken),
        form.length: "minutes",
        form.amount: gr.Number(SHORT_MINUTES, visible=True),
    }


def _sentence(page: Page, visitor: Visitor) -> str:
    return served_copy(page.studio, visitor.owner, sample_sentence(visitor.language))
