"""The endpoints for programs, with plain values, for gradio_client.

On a public page `clean` with an empty token makes one; every later call must carry it. On a local
machine tokens are ignored.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from rvc.cleaning.options import CleaningOptions
from rvc.errors import RVCError
from rvc.ui import conversion
from rvc.ui.endpoint import endpoint
from rvc.ui.page import HEAVY, Page
from rvc.ui.served import served_copy, upload_folder
from rvc.ui.studio import CleanTake, Studio
from rvc.ui.texts import message
from rvc.ui.training import resume_training, start_training
from rvc.ui.training_form import TrainingForm, training_options
from rvc.ui.training_log import status


@dataclass(frozen=True)
class CleanRequest:
    """`fresh` deletes the earlier recordings first."""

    file: str
    strength: str = "standard"
    trim: bool = True
    fresh: bool = False
    token: str = ""


@dataclass(frozen=True)
class TrainRequest:
    """`length`: auto, minutes, epochs or steps; `amount`: how many of them."""

    name: str
    preset: str = "auto"
    length: str = "auto"
    amount: float = 0
    consent: bool = False
    resume: bool = False
    token: str = ""


@dataclass(frozen=True)
class ConvertRequest:
    """`semitones`: "auto" or a number."""

    file: str
    voice: str
    semitones: str = "auto"
    index_rate: float | None = None
    protect: float = 0.33
    loudness_mix: float = 1.0
    token: str = ""


@dataclass(frozen=True)
class OwnerRequest:
    """A request that needs no more than the owner's token."""

    token: str = ""


def build_api(page: Page) -> None:
    """Add the endpoints: clean, report, train_start, train_status, train_stop, convert, voices."""
    studio = page.studio

    def report(request: OwnerRequest) -> dict:
        """Return the report on all cleaned recordings as JSON."""
        return report_facts(studio, _owner(page, request.token))

    def train_start(request: TrainRequest) -> dict:
        """Start a training; return its status at once."""
        owner = _owner(page, request.token)
        if request.resume:
            return status(resume_training(studio, owner, request.name))
        form = TrainingForm(
            request.name, request.preset, request.length, request.amount, request.consent
        )
        return status(start_training(studio, owner, training_options(studio, form)))

    def train_status(request: OwnerRequest) -> dict:
        """Return how far the training is."""
        return status(studio.jobs.latest("train", _owner(page, request.token)))

    def train_stop(request: OwnerRequest) -> dict:
        """Let the training save and stop; return its status."""
        job = studio.jobs.latest("train", _owner(page, request.token))
        if job is not None and job.live:
            job.stop()
        return status(job)

    def voices(request: OwnerRequest) -> list:
        """Return the voices there are."""
        known = conversion.voices(studio, _owner(page, request.token))
        return [{"name": v.name, "demo": v.demo, "card": v.card} for v in known]

    def clean(request: CleanRequest) -> tuple:
        """Add a recording and clean it; return facts, before, after and the removed part."""
        return _clean(page, request)

    def convert(request: ConvertRequest) -> tuple:
        """Convert a recording; return the result's file and facts."""
        return _convert(page, request)

    _bind_with_files(endpoint(clean), endpoint(convert))
    gr.api(endpoint(report), api_name="report", concurrency_id="heavy", concurrency_limit=HEAVY)
    for verb in (train_start, train_status, train_stop, voices):
        gr.api(endpoint(verb), api_name=verb.__name__, queue=False)


def _bind_with_files(clean: Callable[..., tuple], convert: Callable[..., tuple]) -> None:
    """Bind the endpoints that take and give files to hidden widgets, which `gr.api` has not."""
    with gr.Row(visible=False):
        sound = gr.Audio(type="filepath", label="file")
        strength = gr.Textbox("standard", label="strength")
        trim, fresh = gr.Checkbox(True, label="trim"), gr.Checkbox(False, label="fresh")
        token = gr.Textbox("", label="token")
        facts = gr.JSON()
        before, after, removed = (gr.Audio(type="filepath") for _ in range(3))
        voice, semitones = gr.Textbox(label="voice"), gr.Textbox("auto", label="semitones")
        index_rate = gr.Number(None, label="index_rate")
        protect = gr.Number(0.33, label="protect")
        loudness_mix = gr.Number(1.0, label="loudness_mix")
        gr.Button().click(
            clean,
            [sound, strength, trim, fresh, token],
            [facts, before, after, removed],
            api_name="clean",
            concurrency_id="heavy",
            concurrency_limit=HEAVY,
        )
        gr.Button().click(
            convert,
            [sound, voice, semitones, index_rate, protect, loudness_mix, token],
            [before, facts],
            api_name="convert",
            concurrency_id="heavy",
            concurrency_limit=HEAVY,
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


def _clean(page: Page, request: CleanRequest) -> tuple:
    studio, token = page.studio, request.token
    if studio.public and not token:
        token = studio.workspace.new_token()
    owner = _owner(page, token)
    if request.fresh:
        for take in studio.takes(owner):
            studio.delete_take(owner, take.id)
    path = Path(request.file or "")
    take = studio.add_take(owner, path, path.name, allowed_root=upload_folder())
    options = CleaningOptions(request.strength, request.trim)
    job = studio.clean(owner, options, only=take.id)
    job.wait()
    try:
        job.outcome()
    except RVCError:
        studio.delete_take(owner, take.id)
        raise
    each = studio.session(owner).cleaned[take.id]
    paths = (each.before, each.after, each.removed)
    facts = {"token": token, **_clean_facts(each)}
    return facts, *(served_copy(studio, owner, path) for path in paths)


def _clean_facts(each: CleanTake) -> dict[str, Any]:
    repairs = [
        {"name": r.name, "ran": r.ran, "text": str(r.text), "figures": dict(r.figures)}
        for r in each.cleaned.repairs
    ]
    return {
        "take": each.take.id,
        "seconds": round(each.take.duration_seconds, 3),
        "cleaned_seconds": round(each.cleaned.recording.duration_seconds, 3),
        "speech": each.cleaned.speaks,
        "repairs": repairs,
    }


def report_facts(studio: Studio, owner: str) -> dict[str, Any]:
    """Make a report and return it in plain values."""
    from rvc.quality import report_json

    job = studio.report(owner, CleaningOptions())
    job.wait()
    job.outcome()
    report = studio.session(owner).report
    if report is None:  # dropped at once, to make room for another visitor
        raise RVCError(message("report_none"))
    return report_json(report)


def _convert(page: Page, request: ConvertRequest) -> tuple:
    from rvc.convert import ConversionOptions

    options = ConversionOptions(
        _semitones(request.semitones), request.index_rate, request.protect, request.loudness_mix
    )
    owner, path = _owner(page, request.token), Path(request.file or "")
    job = conversion.start_conversion(
        page.studio, owner, path, request.voice, options, allowed_root=upload_folder()
    )
    job.wait()
    result = job.outcome()
    return served_copy(page.studio, owner, result.path), conversion_facts(result)


def conversion_facts(result: conversion.ConversionResult) -> dict[str, Any]:
    """Return a conversion in plain values."""
    return {
        "voice": result.voice,
        "semitones": result.converted.semitones,
        "index_rate": result.converted.index_rate,
        "text": str(result.converted.text),
        "warnings": [str(warning) for warning in result.converted.warnings],
        "seconds": round(result.converted.recording.duration_seconds, 3),
        "took_seconds": round(result.took_seconds, 2),
    }
