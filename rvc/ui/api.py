"""The same verbs for programs: endpoints with plain values, for gradio_client.

On a public page `clean` with an empty token makes one; every later call must carry it. On a local
machine tokens mean nothing.
"""

import inspect
import logging
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from types import UnionType
from typing import Any

import gradio as gr

from rvc.cleaning.options import CleaningOptions
from rvc.errors import RVCError
from rvc.files import storage_errors
from rvc.messages import Message, joined
from rvc.ui import conversion
from rvc.ui.blocks import shown
from rvc.ui.page import HEAVY, Page, served, uploads
from rvc.ui.studio import Studio
from rvc.ui.texts import tr
from rvc.ui.train_tab import training_options
from rvc.ui.training import resume_training, start_training, status

MAX_NUMBER = 1e15
MAX_LETTERS = 10_000  # of one text, a file's place included
KINDS = {  # what an endpoint may want, in words
    str: Message("a text"),
    bool: Message("true or false"),
    float: Message("a number"),
    type(None): Message("nothing"),
}

_log = logging.getLogger(__name__)


def build_api(page: Page) -> None:
    """Add the endpoints: clean, report, train_start, train_status, train_stop, convert, voices."""
    studio = page.studio
    _with_files(page)

    def report(token: str = "") -> dict:
        """Judge all cleaned recordings; the report's JSON."""
        return _report(studio, _owner(page, token))

    def train_start(
        name: str,
        preset: str = "auto",
        length: str = "auto",
        amount: float = 0,
        consent: bool = False,
        resume: bool = False,
        token: str = "",
    ) -> dict:
        """Start a training (length: auto, minutes, epochs or steps); its status at once."""
        visitor = page.visitor(token, "en")
        if resume:
            return status(resume_training(studio, visitor.owner))
        options = training_options(visitor, page, name, preset, length, amount, consent)
        return status(start_training(studio, visitor.owner, options))

    def train_status(token: str = "") -> dict:
        """How far the training is."""
        return status(studio.jobs.latest("train", _owner(page, token)))

    def train_stop(token: str = "") -> dict:
        """Ask the training to save and stop."""
        job = studio.jobs.latest("train", _owner(page, token))
        if job is not None and job.live:
            job.stop()
        return status(job)

    def voices(token: str = "") -> list:
        """The voices there are."""
        known = conversion.voices(studio, _owner(page, token))
        return [{"name": v.name, "demo": v.demo, "card": v.card} for v in known]

    gr.api(plain(report), api_name="report", **HEAVY)
    for verb in (train_start, train_status, train_stop, voices):
        gr.api(plain(verb), api_name=verb.__name__, queue=False)


def _with_files(page: Page) -> None:
    """`clean` and `convert` take and give files, so they hang on widgets that nobody sees."""
    studio = page.studio

    def clean(
        file: str,
        strength: str = "standard",
        trim: bool = True,
        fresh: bool = False,
        token: str = "",
    ) -> tuple:
        """Add a recording and clean it -> facts, before, after, what was removed.

        `fresh` deletes the earlier recordings first.
        """
        if studio.public and not token:
            token = studio.workspace.new_token()
        owner = _owner(page, token)
        if fresh:
            for take in studio.takes(owner):
                studio.delete_take(owner, take.id)
        return _clean(studio, owner, file, CleaningOptions(strength, trim), token)

    def convert(
        file: str,
        voice: str,
        semitones: str = "auto",
        index_rate: float | None = None,
        protect: float = 0.33,
        loudness_mix: float = 1.0,
        token: str = "",
    ) -> tuple:
        """Convert a recording -> the result's file, facts. Semitones: "auto" or a number."""
        from rvc.convert import ConversionOptions

        options = ConversionOptions(_semitones(semitones), index_rate, protect, loudness_mix)
        owner = _owner(page, token)
        job = conversion.start_conversion(
            studio, owner, Path(file or ""), voice, options, allowed_root=uploads()
        )
        job.wait()
        return _spoken(studio, owner, job.outcome())

    with gr.Row(visible=False):
        sound = gr.Audio(type="filepath", label="file")
        strength = gr.Textbox("standard", label="strength")
        flags = [gr.Checkbox(True, label="trim"), gr.Checkbox(False, label="fresh")]
        token = gr.Textbox("", label="token")
        facts, made = gr.JSON(), [gr.Audio(type="filepath") for _ in range(3)]
        voice, semitones = gr.Textbox(label="voice"), gr.Textbox("auto", label="semitones")
        defaults = {"index_rate": None, "protect": 0.33, "loudness_mix": 1.0}
        numbers = [gr.Number(value, label=label) for label, value in defaults.items()]
        gr.Button().click(
            plain(clean), [sound, strength, *flags, token], [facts, *made],
            api_name="clean", **HEAVY,
        )  # fmt: skip
        gr.Button().click(
            plain(convert), [sound, voice, semitones, *numbers, token], [made[0], facts],
            api_name="convert", **HEAVY,
        )  # fmt: skip


def plain(verb: Callable[..., Any]) -> Callable[..., Any]:
    """`verb` with its values checked, and every error told to the program in English."""
    signature = inspect.signature(verb)

    @wraps(verb)
    def called(*values: Any, **named: Any) -> Any:
        try:
            given = signature.bind(*values, **named).arguments
            for name, value in given.items():
                _check_kind(name, value, signature.parameters[name].annotation)
            with storage_errors():
                return verb(*values, **named)
        except RVCError as error:
            raise shown(str(error)) from error
        except gr.Error:
            raise
        except Exception as error:
            _log.exception("an endpoint failed")
            raise shown(tr("en", "unexpected")) from error

    return called


def _check_kind(name: str, value: object, kind: type | UnionType) -> None:
    """Raise RVCError unless the value is of the endpoint's declared kind, and finite."""
    kinds = set(kind.__args__) if isinstance(kind, UnionType) else {kind}
    fits = type(value) in kinds or (float in kinds and type(value) is int)
    if isinstance(value, str) and len(value) > MAX_LETTERS:
        fits = False
    if isinstance(value, int | float) and not -MAX_NUMBER < value < MAX_NUMBER:
        fits = False  # neither is NaN between them
    if fits:
        return
    wanted = sorted((KINDS[each] for each in kinds), key=str)
    raise RVCError(
        "The value of '{name}' must be one of: {kinds}.", name=name, kinds=joined(wanted, ", ")
    )


def _owner(page: Page, token: str) -> str:
    return page.visitor(token, "en").owner


def _semitones(value: str) -> float | str:
    if str(value).strip().lower() in ("", "auto"):
        return "auto"
    try:
        return float(value)
    except ValueError:
        raise RVCError(
            "Semitones: a number from -24 to 24, or auto.",
        ) from None


def _clean(studio: Studio, owner: str, file: str, options: CleaningOptions, token: str) -> tuple:
    path = Path(file or "")
    take = studio.add_take(owner, path, path.name, allowed_root=uploads())
    job = studio.clean(owner, options, only=take.id)
    job.wait()
    try:
        job.outcome()
    except RVCError:
        studio.delete_take(owner, take.id)
        raise
    each = studio.session(owner).cleaned[take.id]
    repairs = [
        {"name": r.name, "ran": r.ran, "text": str(r.text), "figures": dict(r.figures)}
        for r in each.cleaned.repairs
    ]
    facts = {
        "take": take.id,
        "token": token,
        "seconds": round(take.duration_seconds, 3),
        "cleaned_seconds": round(each.cleaned.recording.duration_seconds, 3),
        "speech": each.cleaned.speaks,
        "repairs": repairs,
    }
    return facts, *(served(studio, owner, path) for path in (each.before, each.after, each.removed))


def _report(studio: Studio, owner: str) -> dict[str, Any]:
    from rvc.quality import report_json

    job = studio.report(owner, CleaningOptions())
    job.wait()
    job.outcome()
    return report_json(studio.session(owner).report)


def _spoken(
    studio: Studio, owner: str, spoken: conversion.ConversionResult
) -> tuple[str, dict[str, Any]]:
    facts = {
        "voice": spoken.voice,
        "semitones": spoken.converted.semitones,
        "index_rate": spoken.converted.index_rate,
        "text": str(spoken.converted.text),
        "warnings": [str(warning) for warning in spoken.converted.warnings],
        "seconds": round(spoken.converted.recording.duration_seconds, 3),
        "took_seconds": round(spoken.took_seconds, 2),
    }
    return served(studio, owner, spoken.path), facts
