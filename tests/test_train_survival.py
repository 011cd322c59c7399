"""Training after a kill, with data or base gone, and again on the same recording."""

import shutil

import numpy as np
import pytest
import torch
from test_train import SHIPPED, options, run, slices, vowels, weights  # noqa: F401

from benchmarks.training_survival import measure_kills
from rvc.audio import Recording
from rvc.dataset import Piece
from rvc.errors import StorageError, TrainingError
from rvc.slicing import Slices
from rvc.train import training_folder
from rvc.training.checkpoint import remove_asides, remove_checkpoints
from rvc.training.held_out import HeldOut, split
from rvc.training.preflight import Speed, preflight
from rvc.voice import VoiceLibrary

# Of a slice, a second of it, a step, scoring a second, a save; MB.
FAST = Speed(0.01, 0.01, 0.1, 0.0, 0.6, 300.0)
SAVE_SECONDS = FAST.save_seconds


def test_trainings_that_are_killed_end_as_if_nobody_had_disturbed_them():
    """Use real processes and SIGKILL; benchmarks/training_survival.py repeats it more often."""
    result = measure_kills(1, seed=3, steps=12)
    assert result["finished_whole"] == "1 of 1" and result["met"], result


def test_what_a_kill_left_half_written_is_deleted(tmp_path):
    (tmp_path / "features").mkdir()
    (tmp_path / "features" / ".0123.aside").write_bytes(b"half")
    (tmp_path / "whole.npz").write_bytes(b"whole")
    remove_asides(tmp_path)
    left = [path.name for path in tmp_path.rglob("*") if path.is_file()]
    assert left == ["whole.npz"]


def test_a_second_run_makes_no_features_again(weights, slices, monkeypatch):  # noqa: F811
    first = run(slices, options("heard once"), weights)
    monkeypatch.setattr("rvc.training.preparation.arrays_of", None)  # any call would raise
    again = run(slices, options("heard twice"), weights, speed=lambda _: FAST)
    assert first[-1].stage == again[-1].stage == "done"
    VoiceLibrary(weights).delete("heard once")  # and deleting one leaves the other its own copy
    assert list(training_folder(weights, "heard twice").rglob("features/*.npz"))


def test_a_training_goes_on_without_its_base_but_not_without_its_data(
    weights, slices, tmp_path  # noqa: F811
):  # fmt: skip
    own = shutil.copytree(weights / "pretrained", tmp_path / "pretrained").parent
    stopped = run(slices, options("orphan"), own, stop=lambda: True)
    assert stopped[-1].stage == "stopped"
    (own / "pretrained" / "lite_base.safetensors").unlink()
    shutil.copytree(own / "training", tmp_path / "kept" / "training")
    assert run(None, options("orphan", resume=True), own)[-1].stage == "done"
    for features in (tmp_path / "kept" / "training").rglob("features"):
        shutil.rmtree(features)
    with pytest.raises(TrainingError, match="data of this training is damaged or gone"):
        run(None, options("orphan", resume=True), tmp_path / "kept")


def test_silence_is_never_held_out():
    speech = [piece(200, seed) for seed in range(8)]
    silent = Piece(np.zeros(200 * 240, np.float32), np.zeros((1, 200, 4)), np.zeros(200))
    for seed in range(20):
        kept, held = split([*speech, silent], seed=seed)
        assert silent in kept and len(held) == 1
    assert split([silent], seed=0) == ([silent], [])


def test_the_held_out_score_depends_on_the_speaker(speech_like):
    """Speech is fully similar to itself, noise is not."""

    class Parrot(torch.nn.Module):
        sample_rate = 24_000

        def __init__(self, sound: np.ndarray) -> None:
            super().__init__()
            self.sound = torch.nn.Parameter(torch.from_numpy(sound))

        def infer(self, content, f0_hz, speaker, **how) -> torch.Tensor:
            return self.sound[None]

    sound = speech_like(4.0)
    heard = Piece(sound, np.zeros((1, 400, 4), np.float16), np.full(400, 130.0, np.float32))
    held_out = HeldOut([heard], 0, SHIPPED.parent)
    same = held_out.score(Parrot(sound))
    noise = (0.05 * np.random.default_rng(0).standard_normal(len(sound))).astype(np.float32)
    other = held_out.score(Parrot(noise))
    assert same["likeness"] == pytest.approx(1.0, abs=1e-3) and same["mel"] == 0
    assert other["likeness"] < 0.8 and other["mel"] > 1
    louder = held_out.score(Parrot(1.5 * sound))
    assert louder["mel"] < 1e-3  # the level is set by every conversion
    assert held_out.score(Parrot(np.zeros_like(sound)))["likeness"] == 0
    assert HeldOut([], 0, SHIPPED.parent).score(Parrot(sound)) is None


def test_what_is_foretold_follows_from_speed_and_length(weights, slices):  # noqa: F811
    def told(**changes):
        return preflight(slices, options("x", **changes), weights=weights, device="cpu", speed=FAST)

    short, long = told(steps=100), told(steps=1100)
    more = long.plan.seconds - short.plan.seconds
    assert more == pytest.approx(1000 * (0.1 + SAVE_SECONDS / 6), rel=0.01)
    assert told(steps=None, minutes=1.0).plan.seconds == pytest.approx(60, abs=0.2)
    automatic = told(steps=None).text
    assert "at most" in str(automatic) and "최대" in automatic.in_language("ko")
    assert short.memory_mb == pytest.approx(long.memory_mb, rel=0.01) and short.memory_mb > 500


def test_thirty_seconds_are_allowed_and_silence_is_not(weights):  # noqa: F811
    little = Slices(tuple(vowels(5.0, seed) for seed in range(6)))
    assert run(little, options("little", steps=2), weights)[-1].stage == "done"
    assert "30 s" in VoiceLibrary(weights).card("little")["warning"]
    silent = Slices((Recording(np.zeros(24_000 * 12, np.float32), 24_000),))
    with pytest.raises(TrainingError, match=r"Only 0\.0 s"):
        run(silent, options("silent", steps=2), weights)


def test_an_exploding_loss_goes_back_too(weights, slices, monkeypatch):  # noqa: F811
    from rvc.training.objectives import LiteObjective

    honest, peaks = LiteObjective.step, []

    def broken(self, batch):
        peaks.append(self.schedule.peak)
        losses = honest(self, batch)
        exploded = len(peaks) in (13, 14, 15)  # one alone is let pass
        return losses | {"total": 1e3 * losses["total"]} if exploded else losses

    monkeypatch.setattr(LiteObjective, "step", broken)
    told = run(slices, options("spike", steps=16), weights, speed=lambda _: FAST)
    assert told[-1].stage == "done" and told[-1].step == 16
    assert peaks[-1] == peaks[0] / 2 and len(peaks) == 15 + (16 - 12)


def test_a_training_whose_saves_are_deleted_ends_in_a_sentence(
    weights,  # noqa: F811
    slices,  # noqa: F811
    monkeypatch,
):
    from rvc.training.objectives import LiteObjective

    honest = LiteObjective.step

    def broken(self, batch):
        remove_checkpoints(training_folder(weights, "deleted"))
        return honest(self, batch) | {"total": float("nan")}

    monkeypatch.setattr(LiteObjective, "step", broken)
    with pytest.raises(StorageError, match="not there"):
        run(slices, options("deleted", steps=4), weights, speed=lambda _: FAST)


def test_a_batch_too_large_for_memory_is_halved_and_said(weights, slices, monkeypatch):  # noqa: F811
    from rvc.training.objectives import LiteObjective

    honest, sizes = LiteObjective.step, []

    def small_card(self, batch):
        sizes.append(len(batch.f0_hz))
        if len(batch.f0_hz) > 2:
            raise torch.OutOfMemoryError("no room")
        return honest(self, batch)

    monkeypatch.setattr(LiteObjective, "step", small_card)
    told = run(slices, options("halved", steps=4), weights, speed=lambda _: FAST)
    assert told[-1].stage == "done" and sizes == [4, 2, 2, 2, 2]
    assert any("batch was made smaller: 2" in str(progress.message) for progress in told)

    def no_card(self, batch):
        raise torch.OutOfMemoryError("no room at all")

    monkeypatch.setattr(LiteObjective, "step", no_card)
    with pytest.raises(TrainingError, match="too little memory"):
        run(slices, options("hopeless", steps=4), weights, speed=lambda _: FAST)


def piece(frames: int, seed: int) -> Piece:
    samples = np.random.default_rng(seed).standard_normal(frames * 240).astype(np.float32)
    return Piece(samples, np.zeros((1, frames, 4)), np.full(frames, 100.0))
