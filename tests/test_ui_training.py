"""Training in the page without Gradio: start, stop, resume, limits, fetched weights."""

# ruff: noqa: F811 (fixtures of another file are parameters here)

import json
import time
import unicodedata
from pathlib import Path

import pytest
from test_ui_studio import OWNER, _done, _public, _reported, studio, uploads  # noqa: F401
from ui_fake import FakeEngine

from rvc.errors import Cancelled, RVCError, TrainingError
from rvc.training.folder import only_training
from rvc.training.options import TrainingOptions
from rvc.ui import conversion, training
from rvc.ui.conversion import find_voice
from rvc.ui.jobs import Busy, Job
from rvc.ui.studio import Studio
from rvc.ui.train_view import begun_html, status_html, trainings_html
from rvc.ui.training import (
    Begun,
    delete_own,
    own_trainings,
    rename_own,
    resumable,
    resume_training,
    start_fetch,
    start_training,
)
from rvc.ui.training_form import length_options
from rvc.ui.training_log import Curve, status
from rvc.ui.undoing import deleted, undo
from rvc.ui.visitor import Visitor
from rvc.ui.workspace import Workspace


def test_fetching_shows_its_progress_and_offers_a_choice(studio: Studio) -> None:
    job = start_fetch(studio, OWNER, "40k")
    while not job.fraction:
        time.sleep(0.01)
    assert "f0G40k" in str(job.message)
    with pytest.raises(Busy):
        start_fetch(studio, OWNER, "40k")
    job.stop()
    assert _done(job).state == "stopped" and not studio.engine.fetched
    assert _done(start_fetch(studio, OWNER, "40k")).state == "done"
    with pytest.raises(RVCError) as caught:
        _done(start_fetch(studio, OWNER, "48k")).outcome()
    assert "choose the preset lite" in str(
        caught.value.text
    ) and "lite" in caught.value.text.in_language("ko")


def test_the_estimate_stays_beside_the_bar_and_what_is_left_out_is_listed(
    studio: Studio,
    uploads: Path,
) -> None:
    from rvc.slicing import cut
    from rvc.training.messages import summary

    _reported(studio, uploads)
    studio.overrule(OWNER, 0, "drop")
    report = studio.session(OWNER).report
    lines = summary(report, cut(report.kept_segments()))
    assert "0:10 recorded, 4 slices of together 0:08" in str(lines[0]), lines
    assert "Left out: 1 (0:02). You left it out." in [str(line) for line in lines]
    job = _done(start_training(studio, OWNER, TrainingOptions("mine", steps=3)))
    assert "GB of memory" in str(job.data.expected)


def _started(studio: Studio, name: str, step: int = 5, owner: str = OWNER) -> Job:
    """Start a training of 400 steps and wait until it is at `step`."""
    job = start_training(studio, owner, TrainingOptions(name, steps=400, seed=3))
    while job.data.progress is None or job.data.progress.step < step:
        time.sleep(0.01)
    return job


def _stopped(studio: Studio, name: str, owner: str = OWNER) -> Job:
    job = _started(studio, name, owner=owner)
    job.stop()
    return _done(job)


def test_stop_start_another_and_resume_the_first(studio: Studio, uploads: Path) -> None:
    _reported(studio, uploads)
    first = _stopped(studio, "first")
    assert first.state == "stopped" and first.data.voice.name == "first"
    assert "first" in [voice.name for voice in conversion.voices(studio, OWNER)]
    other = _done(start_training(studio, OWNER, TrainingOptions("other", steps=3)))
    assert other.state == "done"
    with pytest.raises(Begun, match="stopped at step") as caught:
        start_training(studio, OWNER, TrainingOptions("first", steps=3))
    assert 'data-act="resume" data-id="first"' in begun_html(Visitor(OWNER, "en"), caught.value)
    with pytest.raises(Begun, match="finished, at step 3") as caught:
        start_training(studio, OWNER, TrainingOptions("other", steps=3))
    assert 'data-act="continue"' in begun_html(Visitor(OWNER, "en"), caught.value)

    fresh = Studio(studio.engine, studio.workspace)  # as after a restart: files, no jobs
    assert [each.state for each in own_trainings(fresh, OWNER)] == ["done", "stopped"]
    at = resumable(fresh, OWNER).standing
    again = resume_training(fresh, OWNER, "first")
    assert again.fraction == at.fraction > 0 and again.data.progress.step == at.step
    assert again.data.progress.total_steps == 400 and again.data.progress.eta_seconds > 1
    while again.data.progress.step <= at.step:
        time.sleep(0.01)
    again.stop()
    assert _done(again).data.voice.name == "first"
    more = _done(resume_training(fresh, OWNER, "other", minutes=0.002))
    assert more.state == "done" and more.data.progress.step > 3


def test_trainings_are_listed_renamed_deleted_and_brought_back(
    studio: Studio, uploads: Path
) -> None:
    _reported(studio, uploads)
    job = _stopped(studio, "mine")
    shown = trainings_html(studio, Visitor(OWNER, "en"))
    assert f"step {job.data.progress.step} of 400" in shown and 'data-state="stopped"' in shown
    rename_own(studio, OWNER, "mine", "yours")
    assert job.data.options.name == "yours" and job.data.voice.is_dir()
    assert [voice.name for voice in conversion.voices(studio, OWNER)] == ["yours"]
    delete_own(studio, OWNER, "yours")
    assert studio.jobs.latest("train", OWNER) is None and not own_trainings(studio, OWNER)
    assert [voice.name for voice in conversion.voices(studio, OWNER)] == ["yours"]
    undo(studio, OWNER, deleted(studio, OWNER)[0].id)
    assert resumable(studio, OWNER).name == "yours"
    conversion.delete(studio, OWNER, "yours")
    assert not own_trainings(studio, OWNER)
    undo(studio, OWNER, deleted(studio, OWNER)[0].id)
    assert resumable(studio, OWNER).name == "yours" and not deleted(studio, OWNER)


def test_trainings_of_a_public_page_belong_to_their_owner(tmp_path: Path, uploads: Path) -> None:
    studio, owner = _public(tmp_path)
    other = studio.workspace.owner(studio.workspace.new_token())
    _reported(studio, uploads, owner)
    _stopped(studio, "mine", owner)
    assert [each.name for each in own_trainings(studio, owner)] == ["mine"]
    assert own_trainings(studio, other) == [] and resumable(studio, other) is None
    for act in (
        lambda: resume_training(studio, other, "mine"),
        lambda: rename_own(studio, other, "mine", "theirs"),
        lambda: delete_own(studio, other, "mine"),
    ):
        with pytest.raises(RVCError):
            act()
    delete_own(studio, owner, "mine")
    with pytest.raises(RVCError, match="for good"):
        undo(studio, other, deleted(studio, owner)[0].id)


def test_a_name_that_another_program_trains_is_refused_at_once(
    studio: Studio,
    uploads: Path,
) -> None:
    _reported(studio, uploads)
    with only_training(studio.engine.weights, "mine"):
        with pytest.raises(TrainingError, match="another window or program"):
            start_training(studio, OWNER, TrainingOptions("mine", steps=3))
        assert studio.jobs.latest("train", OWNER) is None
    assert _done(start_training(studio, OWNER, TrainingOptions("mine", steps=3))).state == "done"


def test_both_forms_of_a_name_are_one_voice_on_the_page(studio: Studio) -> None:
    composed, apart = (unicodedata.normalize(form, "café") for form in ("NFC", "NFD"))
    folder = studio.engine.weights / "voices" / apart
    folder.mkdir(parents=True)
    (folder / f"{apart}.pth").write_bytes(b"fake")
    for name in (composed, apart):
        assert find_voice(studio, OWNER, name)[0].name == composed


def test_a_training_has_a_status_and_ends_with_a_voice(studio: Studio, uploads: Path) -> None:
    _reported(studio, uploads)
    job = _done(start_training(studio, OWNER, TrainingOptions("mine", steps=25)))
    facts = status(job)
    assert facts["state"] == "done" and facts["voice"] == "mine" and facts["fraction"] == 1.0
    assert set(facts["losses"]) == {"mel", "stft"} and facts["best_step"] == 20
    assert json.dumps(facts)  # plain values only
    assert [voice.name for voice in conversion.voices(studio, OWNER)] == ["mine"]
    assert resumable(studio, OWNER) is None


def test_one_training_at_a_time_and_stop_offers_to_go_on(studio: Studio, uploads: Path) -> None:
    _reported(studio, uploads)
    job = start_training(studio, OWNER, TrainingOptions("mine", steps=400))
    while job.data.progress is None or job.data.progress.step < 5:
        time.sleep(0.01)
    with pytest.raises(Busy):
        start_training(studio, OWNER, TrainingOptions("other"))
    job.stop()
    with pytest.raises(Cancelled):
        _done(job).outcome()
    stopped_at = job.data.progress.step
    again = resume_training(studio, OWNER)
    assert again.data.options.resume and again.data.losses["mel"].points  # the curve goes on
    while again.data.progress.step <= stopped_at:
        time.sleep(0.01)
    again.stop()
    assert _done(again).state == "stopped"


def test_a_training_cut_off_with_the_program_can_go_on(studio: Studio, uploads: Path) -> None:
    _reported(studio, uploads)
    job = _started(studio, "mine")
    fresh = Studio(studio.engine, studio.workspace)  # as after a kill: files, no jobs
    training = resumable(fresh, OWNER)
    assert training is not None and training.name == "mine" and training.standing.step >= 4
    job.stop()
    _done(job)


def test_a_failed_training_says_why_and_needs_a_report(tmp_path: Path, uploads: Path) -> None:
    studio = Studio(FakeEngine(tmp_path / "w", fail_at=4), Workspace(tmp_path / "work"))
    with pytest.raises(RVCError, match="No report"):
        start_training(studio, OWNER, TrainingOptions("mine"))
    _reported(studio, uploads)
    job = _done(start_training(studio, OWNER, TrainingOptions("mine")))
    assert status(job)["state"] == "failed" and "exploded" in status(job)["message"]
    assert resumable(studio, OWNER) is not None


def test_a_public_training_is_limited_and_waits_its_turn(
    tmp_path: Path, uploads: Path, monkeypatch
) -> None:
    studio, owner = _public(tmp_path)
    other = studio.workspace.owner(studio.workspace.new_token())
    for each in (owner, other):
        _reported(studio, uploads, each)
    for long in (TrainingOptions("mine", minutes=600), TrainingOptions("mine", steps=10**6)):
        with pytest.raises(RVCError, match="30 minutes or 3000 steps"):
            start_training(studio, owner, long)
    monkeypatch.setattr(training, "PUBLIC_TRAIN_STEPS", 12)
    first = start_training(studio, owner, TrainingOptions("mine", epochs=400))
    second = start_training(studio, other, TrainingOptions("theirs"))
    assert (first.ahead, second.ahead, second.state) == (0, 1, "waiting")
    said = status_html(Visitor(other, "en"), second, busy=False, interrupted=None)
    assert "1 ahead of you" in said
    assert _done(first).state == "stopped" and "12 steps" in str(first.message)
    assert first.data.voice is not None and resumable(studio, owner) is not None
    second.stop()
    _done(second)


def test_no_visitor_downloads_weights(tmp_path: Path) -> None:
    studio, owner = _public(tmp_path)
    with pytest.raises(RVCError, match="Only the owner"):
        start_fetch(studio, owner, "40k")
    assert not studio.engine.fetched


def test_a_curve_stays_small_and_keeps_its_end() -> None:
    curve = Curve()
    for step in range(5000):
        curve.add(step, float(step))
    steps, values = curve.xy()
    assert len(steps) <= 401 and steps[0] == 0 and steps[-1] == 4999
    assert steps == sorted(steps) and values == [float(s) for s in steps]


def test_length_of_a_training() -> None:
    assert length_options("auto", None) == {}
    assert length_options("minutes", 2.5) == {"minutes": 2.5}
    assert length_options("steps", 10.0) == {"steps": 10}
    for nonsense in (None, -1, 0, 1e9):
        with pytest.raises(RVCError):
            length_options("steps", nonsense)
