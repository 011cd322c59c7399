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
from rvc.ui.api_convert import build_convert_api
from rvc.ui.endpoint import endpoint, owner_of
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
class OwnerRequest:
    """A request that needs no more than the owner's token."""

    token: str = ""


def build_api(page: Page) -> None:
    """Add the endpoints: clean, report, train_start, train_status, train_stop, voices, and those
    that convert."""
    studio = page.studio

    def report(request: OwnerRequest) -> dict:
        """Return the report on all cleaned recordings as JSON."""
        return report_facts(studio, owner_of(page, request.token))

    def train_start(request: TrainRequest) -> dict:
        """Start a training; return its status at once."""
        owner = owner_of(page, request.token)
        if request.resume:
            return status(resume_training(studio, owner, request.name))
        form = TrainingForm(
            request.name, request.preset, request.length, request.amount, request.consent
        )
        return status(start_training(studio, owner, training_options(studio, form)))

    def train_status(request: OwnerRequest) -> dict:
        """Return how far the training is."""
        return status(studio.jobs.latest("train", owner_of(page, request.token)))

    def train_stop(request: OwnerRequest) -> dict:
        """Let the training save and stop; return its status."""
        job = studio.jobs.latest("train", owner_of(page, request.token))
        if job is not None and job.live:
            job.stop()
        return status(job)

    def voices(request: OwnerRequest) -> list:
        """Return the voices there are."""
        known = conversion.voices(studio, owner_of(page, request.token))
        return [{"name": v.name, "demo": v.demo, "card": v.card} for v in known]

    def clean(request: CleanRequest) -> tuple:
        """Add a recording and clean it; return facts, before, after and the removed part."""
        return _clean(page, request)

    _bind_with_files(page, endpoint(clean))
    gr.api(endpoint(report), api_name="report", concurrency_id="heavy", concurrency_limit=HEAVY)
    for verb in (train_start, train_status, train_stop, voices):
        gr.api(endpoint(verb), api_name=verb.__name__, queue=False)


def _bind_with_files(page: Page, clean: Callable[..., tuple]) -> None:
    """Bind the endpoints that take and give files to hidden widgets, which `gr.api` has not."""
    with gr.Row(visible=False):
        sound = gr.Audio(type="filepath", label="file")
        strength = gr.Textbox("standard", label="strength")
        trim, fresh = gr.Checkbox(True, label="trim"), gr.Checkbox(False, label="fresh")
        token = gr.Textbox("", label="token")
        facts = gr.JSON()
        before, after, removed = (gr.Audio(type="filepath") for _ in range(3))
        gr.Button().click(
            clean,
            [sound, strength, trim, fresh, token],
            [facts, before, after, removed],
            api_name="clean",
            concurrency_id="heavy",
            concurrency_limit=HEAVY,
        )
        build_convert_api(page)


def _clean(page: Page, request: CleanRequest) -> tuple:
    studio, token = page.studio, request.token
    if studio.public and not token:
        token = studio.workspace.new_token()
    owner = owner_of(page, token)
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
