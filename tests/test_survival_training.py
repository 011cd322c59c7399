"""A training is old or new after a kill or a full disk, and runs only once at a time."""

import json
import multiprocessing
import shutil
import unicodedata
from dataclasses import asdict
from pathlib import Path

import pytest
from full_disk import full_disk

from benchmarks.survival import (
    ALLOWED,
    NAME,
    OLD_STEPS,
    STEPS,
    make_machine,
    marked_voice,
    measure,
    run_training,
    training_state,
)
from rvc.errors import RVCError, StorageError, TrainingError, VoiceError
from rvc.locks import Locked, locked
from rvc.train import training_folder
from rvc.training.checkpoint import load_checkpoint
from rvc.training.folder import check_startable, only_training, staging_folder
from rvc.training.job import saved_options
from rvc.voice import VoiceLibrary
from rvc.voice.library import training_lock


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights whose "half" training stands at step 2 of 50, its features made."""
    return make_machine(tmp_path_factory.mktemp("machine") / "weights")


@pytest.fixture(scope="module")
def half(machine: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    weights = Path(shutil.copytree(machine, tmp_path_factory.mktemp("half") / "weights"))
    stop_at(weights, 2, steps=OLD_STEPS)
    return weights


@pytest.fixture
def weights(machine: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(machine, tmp_path / "weights"))


@pytest.fixture
def begun(half: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(half, tmp_path / "weights"))


def stop_at(weights: Path, step: int, **asked: object) -> None:
    """Train until `step`, and stop as a user does."""
    folder, reached = training_folder(weights, NAME), []
    training = run_training(weights, **asked)
    for progress in training:
        if progress.step >= step and folder.exists():
            reached.append(progress)
            break
    training.close()
    assert reached


def done(weights: Path, **asked: object) -> list:
    return list(run_training(weights, **asked))


@pytest.mark.parametrize("work", ["train", "retrain"])
def test_a_kill_leaves_the_old_training_or_the_new_one(work: str, machine: Path) -> None:
    """Use real processes and SIGKILL; benchmarks/survival.py repeats it more often."""
    result = measure(work, 1, 5, machine)
    assert not result["mixed"] and sum(result["states"].values()) == 1, result


@pytest.mark.parametrize("replaces", [False, True])
def test_a_disk_that_fails_while_it_trains(replaces: bool, machine, half, tmp_path) -> None:
    """At every third change of the disk, and each after it; what is left can always go on."""
    states, source = set(), half if replaces else machine
    allowed = ALLOWED["retrain" if replaces else "train"]
    asked = {"replace": True, "steps": STEPS} if replaces else {}
    for fail_at in range(1, 400, 3):
        weights = Path(shutil.copytree(source, tmp_path / str(fail_at)))
        with full_disk(fail_at, stays=True) as disk:
            try:
                done(weights, **asked)
            except RVCError as error:
                assert "full" in str(error.text) and "디스크" in error.text.in_language("ko"), (
                    error.text
                )
                assert str(tmp_path) not in str(error.text)
        states.add(training_state(weights))
        assert states <= allowed, fail_at
        assert not list(weights.rglob("*.aside"))
        shutil.rmtree(weights)
        if not disk.failed:
            break
    else:
        pytest.fail("it never passed")
    assert states == allowed


def test_a_full_disk_at_the_end_keeps_the_last_save(weights, monkeypatch) -> None:
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("rvc.voice.library.write_voice_files", full)
        with pytest.raises(StorageError, match="disk is full"):
            done(weights)
    assert NAME not in VoiceLibrary(weights)
    assert done(weights, resume=True)[-1].stage == "done"


# -- one at a time


def test_a_second_training_of_a_name_is_refused_in_another_process_too(begun) -> None:
    training = run_training(begun, resume=True)
    next(training)
    with pytest.raises(TrainingError, match="another window or program") as caught:
        done(begun, resume=True)
    assert "학습하고 있습니다" in caught.value.text.in_language("ko")
    for name in (NAME, NAME.upper()):
        with pytest.raises(TrainingError, match="another window or program"):
            check_startable(begun, name)
    assert _elsewhere(begun) == "refused"
    training.close()
    check_startable(begun, NAME)
    assert _elsewhere(begun) == "free"


def _elsewhere(weights: Path) -> str:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["benchmarks.survival"])
    answer = context.Queue()
    process = context.Process(target=_try, args=(weights, answer), daemon=True)
    process.start()
    told = answer.get(timeout=120)
    process.join(60)
    return told


def _try(weights: Path, answer) -> None:
    try:
        check_startable(weights, NAME)
        answer.put("free")
    except TrainingError:
        answer.put("refused")


def test_a_lock_ends_with_its_holder(tmp_path) -> None:
    context = multiprocessing.get_context("forkserver")
    ready, path = context.Event(), tmp_path / "a.lock"
    holder = context.Process(target=_hold, args=(path, ready), daemon=True)
    holder.start()
    assert ready.wait(120)
    with pytest.raises(Locked), locked(path):
        pass
    holder.kill()
    holder.join(60)
    with locked(path, wait_seconds=10):
        pass


def _hold(path: Path, ready) -> None:
    with locked(path):
        ready.set()
        multiprocessing.Event().wait()


def test_deleting_a_voice_leaves_a_running_training_its_files(begun) -> None:
    library = VoiceLibrary(begun)
    library.save(marked_voice(1))
    with only_training(begun, NAME):
        library.delete(NAME)
    assert training_folder(begun, NAME).is_dir()
    library.save(marked_voice(1))
    staging_folder(training_folder(begun, NAME)).mkdir()
    library.delete(NAME)
    left = [path.name for path in (begun / "training").iterdir() if path.is_dir()]
    assert left == ["features made"]


def test_a_read_only_folder_is_told_before_anything_is_done(machine, monkeypatch) -> None:
    monkeypatch.setattr("rvc.training.preflight.measure_speed", None)  # any call would raise
    monkeypatch.setattr(Path, "touch", _read_only)
    before = sorted(machine.rglob("*"))
    for refused in (
        lambda: done(machine, name="anna"),
        lambda: check_startable(machine, "anna"),
    ):
        with pytest.raises(StorageError, match="cannot be written to") as caught:
            refused()
        assert str(machine) not in str(caught.value.text) + caught.value.text.in_language("ko")
    assert sorted(machine.rglob("*")) == before


def _read_only(self, *_, **__):
    raise OSError(30, "Read-only file system", str(self))


def test_a_name_that_a_disk_cannot_tell_is_refused_before_the_training(machine, tmp_path) -> None:
    weights = Path(shutil.copytree(machine, tmp_path / "weights"))
    VoiceLibrary(weights).save(marked_voice(1, "Kim"))
    with pytest.raises(VoiceError, match="cannot tell from"):
        next(run_training(weights))


# -- another length


def test_a_resumed_training_stops_at_a_new_length_and_says_so(begun) -> None:
    told = done(begun, resume=True, steps=6)
    assert told[0].stage == "resumed"
    assert "ends at step 6 instead of 50" in str(told[0].message)
    assert "50스텝이 아니라 6스텝" in told[0].message.in_language("ko")
    assert told[-1].stage == "done" and told[-1].step == 6
    assert VoiceLibrary(begun).card(NAME)["steps_trained"] == 6


def test_a_new_length_is_remembered_after_a_kill(begun) -> None:
    training = run_training(begun, resume=True, steps=8)
    next(training)
    training.close()
    told = done(begun, resume=True, steps=None)
    assert "of 8" in str(told[0].message) and told[-1].step == 8


def test_a_length_that_is_past_is_refused_and_the_present_one_ends_at_once(begun) -> None:
    at = load_checkpoint(training_folder(begun, NAME))["objective"]["step"]
    with pytest.raises(TrainingError, match="cannot stop at 1") as caught:
        done(begun, resume=True, steps=1)
    assert "to go on to step 50" in str(
        caught.value.text
    ) and "50스텝" in caught.value.text.in_language("ko")
    assert load_checkpoint(training_folder(begun, NAME))["total_steps"] == OLD_STEPS
    told = done(begun, resume=True, steps=at)
    assert told[-1].stage == "done" and told[-1].step == at


def test_a_length_asked_for_before_anything_was_scored_still_ends_in_a_voice(weights) -> None:
    stop_at(weights, 0, steps=OLD_STEPS, save_steps=40)
    folder = training_folder(weights, NAME)
    assert load_checkpoint(folder)["best"] is None
    told = done(weights, resume=True, steps=1, save_steps=None)
    assert told[-1].stage == "done" and told[-1].step == 1


# -- composed and decomposed names


def test_both_forms_of_a_name_are_one_training(begun) -> None:
    composed, apart = (unicodedata.normalize(form, "café") for form in ("NFC", "NFD"))
    (begun / "training" / NAME).rename(begun / "training" / apart)
    job = begun / "training" / apart / "job.json"
    facts = json.loads(job.read_text())
    job.write_text(json.dumps(facts | {"options": facts["options"] | {"name": apart}}))
    assert training_folder(begun, composed) == training_folder(begun, apart) == job.parent
    assert training_lock(begun, composed) == training_lock(begun, apart)
    with pytest.raises(TrainingError, match="begun and not finished"):
        next(run_training(begun, name=composed))
    assert done(begun, name=composed, resume=True, steps=4)[-1].stage == "done"
    assert VoiceLibrary(begun).names() == [composed]
    assert VoiceLibrary(begun).card(apart)["name"] == composed
    assert asdict(saved_options(training_folder(begun, apart)))["steps"] == OLD_STEPS
    with pytest.raises(TrainingError, match="already"):
        next(run_training(begun, name=apart))
