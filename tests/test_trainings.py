"""Trainings that are stopped, listed, continued, renamed, deleted and brought back."""

# ruff: noqa: F811 (fixtures of another file are parameters here)

import json
import os
import shutil
from pathlib import Path

import pytest
import torch
from test_survival_training import NAME, begun, done, half, machine, weights  # noqa: F401

from benchmarks.survival import STEPS, marked_voice, run_training
from rvc.cli import main
from rvc.errors import RVCError, TrainingError
from rvc.training.folder import only_training
from rvc.training.listing import (
    delete_training,
    find_training,
    rename_training,
    restore_deleted,
    trainings,
)
from rvc.trash import Trash
from rvc.voice import VoiceLibrary


def stopped_after(weights: Path, steps: int, **asked: object) -> list:
    """Train, and let the training stop by itself after so many steps."""
    from rvc.train import TrainingOptions, TrainingRun, train

    options = {"name": NAME, "save_steps": 2, "batch_size": 2, "resume": True} | asked
    calls = iter(range(10**6))
    run = TrainingRun.create(TrainingOptions(**options), weights=weights)
    return list(train(None, run, stop=lambda: next(calls) >= steps))


def test_a_stop_leaves_a_voice_and_ends_as_if_undisturbed(weights) -> None:
    undisturbed = Path(shutil.copytree(weights, weights.parent / "undisturbed"))
    assert done(undisturbed, steps=6)[-1].stage == "done"
    first = run_training(weights, steps=6)
    while next(first).stage != "training":
        pass
    first.close()  # a kill: no voice yet
    assert NAME not in VoiceLibrary(weights)
    last = stopped_after(weights, 1)[-1]
    assert last.stage == "stopped" and last.voice == VoiceLibrary(weights).path(NAME)
    voice, training = VoiceLibrary(weights).load(NAME), find_training(weights, NAME)
    assert voice.index is not None and voice.card["steps"] == training.standing.best_step
    assert training.state == "stopped" and training.standing.step == last.step < 6
    assert f"step {voice.card['steps']} is saved" in str(last.message)
    with pytest.raises(TrainingError, match="not finished"):
        done(weights, steps=6)
    resumed = done(weights, resume=True, steps=None)
    assert resumed[0].step == last.step and resumed[0].fraction == last.fraction
    ends = [VoiceLibrary(each).load(NAME).weights for each in (undisturbed, weights)]
    assert all(torch.equal(ends[0][key], ends[1][key]) for key in ends[0])


def test_a_finished_training_is_listed_and_can_be_continued(weights) -> None:
    done(weights)
    (training,) = [each for each in trainings(weights) if each.name == NAME]
    assert training.state == "done" and training.resumable and training.size_bytes > 0
    assert (training.standing.step, training.standing.fraction) == (STEPS, 1.0)
    assert training.steps_after(1.0) > STEPS
    with pytest.raises(TrainingError, match="is finished"):
        done(weights, resume=True, steps=None)
    assert done(weights, resume=True, steps=STEPS + 2)[-1].step == STEPS + 2
    assert find_training(weights, NAME).state == "done"
    assert VoiceLibrary(weights).card(NAME)["steps_trained"] == STEPS + 2


def test_a_training_is_renamed_with_its_voice(begun) -> None:
    stopped_after(begun, 1)
    with only_training(begun, NAME):
        assert find_training(begun, NAME).state == "running"
        with pytest.raises(TrainingError, match="another window"):
            rename_training(begun, NAME, "anna")
    with pytest.raises(TrainingError, match="already"):
        rename_training(begun, NAME, "features made")
    assert rename_training(begun, NAME, "anna") == "anna"
    assert VoiceLibrary(begun).names() == ["anna"]
    voice = VoiceLibrary(begun).load("anna")
    assert voice.index is not None and voice.card["name"] == voice.name == "anna"
    assert find_training(begun, NAME) is None
    last = done(begun, name="anna", resume=True, steps=6)[-1]
    assert last.stage == "done" and VoiceLibrary(begun).names() == ["anna"]
    assert rename_training(begun, "anna", "Anna") == "Anna"
    assert VoiceLibrary(begun).names() == ["Anna"] and find_training(begun, "Anna").state == "done"


def test_what_is_deleted_can_be_brought_back(begun) -> None:
    stopped_after(begun, 1)
    files = sorted(path.relative_to(begun) for path in begun.rglob("*") if "trash" not in str(path))
    alone = delete_training(begun, NAME)
    assert find_training(begun, NAME) is None and NAME in VoiceLibrary(begun)
    restore_deleted(begun, alone.id)
    both = VoiceLibrary(begun).delete(NAME)
    assert find_training(begun, NAME) is None and NAME not in VoiceLibrary(begun)
    VoiceLibrary(begun).save(marked_voice(1))
    with pytest.raises(RVCError, match="called 'kim' again"):
        restore_deleted(begun, both.id)
    other = VoiceLibrary(begun).delete(NAME)
    assert [each.id for each in Trash(begun).entries()] == [other.id, both.id]
    restore_deleted(begun, both.id)
    Trash(begun).empty()
    with pytest.raises(RVCError, match="for good"):
        restore_deleted(begun, other.id)
    left = [path.relative_to(begun) for path in begun.rglob("*") if "trash" not in str(path)]
    assert sorted(set(left)) == files
    assert done(begun, resume=True, steps=6)[-1].stage == "done"


def test_the_command_line_lists_renames_deletes_and_restores(begun, capsys) -> None:
    def run(*arguments: str) -> dict:
        line = ["--weights", str(begun), "--lang", "en", "trainings", *arguments, "--json"]
        assert main(line) == 0
        return json.loads(capsys.readouterr().out)

    def states() -> dict:
        return {each["name"]: each["state"] for each in run("list")["trainings"]}

    assert states() == {NAME: "stopped", "features made": "done"}
    assert run("rename", NAME, "anna") == {"name": "anna"} and "anna" in states()
    run("delete", "anna")
    assert "anna" not in states()
    assert run("restore", "anna") == {"restored": "anna"} and "anna" in states()
    assert main(["--weights", str(begun), "trainings", "delete", "nobody"]) == 2
    assert "There is no training 'nobody'" in capsys.readouterr().err


@pytest.mark.parametrize("renames", range(4))
def test_a_deletion_that_is_interrupted_is_undone(renames: int, tmp_path, monkeypatch) -> None:
    """As by a kill: after so many renames, nothing more is done."""
    places = [tmp_path / "a", tmp_path / "b"]
    for place in places:
        place.mkdir()
    honest, left = os.rename, iter(range(renames))

    def rename(*names: object) -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt
        honest(*names)

    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", rename)
        if renames < 3:
            with pytest.raises(KeyboardInterrupt):
                Trash(tmp_path).put("voice", "x", places)
        else:
            Trash(tmp_path).put("voice", "x", places)
    Trash(tmp_path).settle()
    deleted = renames == 3
    assert [place.exists() for place in places] == [not deleted] * 2
    assert len(Trash(tmp_path).entries()) == deleted


def test_the_trash_keeps_a_day_and_a_full_disk_deletes_for_good(tmp_path, monkeypatch) -> None:
    for name in "abc":
        (tmp_path / name).write_text(name)
    Trash(tmp_path, most=1).put("take", "a", [tmp_path / "a"])
    Trash(tmp_path, most=1).put("take", "b", [tmp_path / "b", tmp_path / "never was"])
    assert [each.name for each in Trash(tmp_path).entries()] == ["b"]
    assert not Trash(tmp_path, kept_seconds=0).entries() and not Trash(tmp_path).entries()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("rvc.trash.write_json", full)
    assert Trash(tmp_path).put("take", "c", [tmp_path / "c"]) is None
    assert not (tmp_path / "c").exists()
