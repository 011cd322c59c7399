"""Training in the page without Gradio: downloads, the estimate, and skipped segments."""

import time
import unicodedata
from pathlib import Path

import pytest
from test_ui_studio import OWNER, _done, _reported, studio, uploads  # noqa: F401

from rvc.errors import RVCError, TrainingError
from rvc.training.folder import only_training
from rvc.training.options import TrainingOptions
from rvc.ui.conversion import find_voice
from rvc.ui.jobs import Busy
from rvc.ui.studio import Studio
from rvc.ui.training import resumable, start_fetch, start_training


def test_fetching_tells_how_far_it_is_and_offers_a_choice(studio: Studio) -> None:  # noqa: F811
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


def test_what_was_foretold_stays_beside_the_bar_and_what_is_left_out_is_listed(
    studio: Studio,  # noqa: F811
    uploads: Path,  # noqa: F811
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


def test_a_voice_that_was_finished_before_a_kill_does_not_go_on(
    studio: Studio,  # noqa: F811
    uploads: Path,  # noqa: F811
) -> None:
    """Killed after its voice was saved, but before the page noted that it was done."""
    _reported(studio, uploads)
    _done(start_training(studio, OWNER, TrainingOptions("mine", steps=3)))
    state = studio.workspace.root / OWNER / "training.json"
    state.write_text(state.read_text().replace('"done"', '"running"'))
    assert resumable(Studio(studio.engine, studio.workspace), OWNER) is None


def test_a_name_that_another_program_trains_is_refused_at_once(
    studio: Studio,  # noqa: F811
    uploads: Path,  # noqa: F811
) -> None:
    _reported(studio, uploads)
    with only_training(studio.engine.weights, "mine"):
        with pytest.raises(TrainingError, match="another window or program"):
            start_training(studio, OWNER, TrainingOptions("mine", steps=3))
        assert studio.jobs.latest("train", OWNER) is None
    assert _done(start_training(studio, OWNER, TrainingOptions("mine", steps=3))).state == "done"


def test_a_disk_that_fills_up_does_not_hide_what_ended_a_training(
    studio: Studio,  # noqa: F811
    uploads: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _reported(studio, uploads)
    studio.engine.fail_at, noted = 2, []

    def note(studio: Studio, job: object, state: str) -> None:
        noted.append(state)
        if state != "running":
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("rvc.ui.training._note", note)
    job = _done(start_training(studio, OWNER, TrainingOptions("mine", steps=3)))
    assert noted == ["running", "failed"] and "loss exploded" in str(job.error)


def test_both_forms_of_a_name_are_one_voice_on_the_page(studio: Studio) -> None:  # noqa: F811
    composed, apart = (unicodedata.normalize(form, "café") for form in ("NFC", "NFD"))
    folder = studio.engine.weights / "voices" / apart
    folder.mkdir(parents=True)
    (folder / f"{apart}.pth").write_bytes(b"fake")
    for name in (composed, apart):
        assert find_voice(studio, OWNER, name)[0].name == composed
