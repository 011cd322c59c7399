"""Training: it learns, survives being stopped, and ends in a voice that converts."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from rvc.audio import Recording
from rvc.content import load_content_encoder
from rvc.convert import ConversionOptions, convert
from rvc.errors import TrainingError, VoiceError
from rvc.files import write_json
from rvc.network.lite import LiteConfig, LiteSynthesizer
from rvc.network.stft_discriminators import STFTDiscriminators
from rvc.slicing import Slices
from rvc.train import TrainingOptions, TrainingRun, train, training_folder
from rvc.training.checkpoint import load_checkpoint, save_checkpoint
from rvc.training.held_out import HeldOut
from rvc.training.objectives import LiteObjective
from rvc.training.preflight import Speed
from rvc.training.state import TrainingState
from rvc.voice import VoiceLibrary, build_synthesizer
from tools.lite_base import save_lite_base

RATE = 24_000
SHIPPED = Path(__file__).parents[1] / "weights" / "pretrained"


def vowels(seconds: float, seed: int, f0_hz: float = 150.0) -> Recording:
    """Voiced syllables: a glottal-like pulse train through two moving resonances, with pauses."""
    rng = np.random.default_rng(seed)
    time = np.arange(round(seconds * RATE)) / RATE
    f0 = f0_hz * (1 + 0.1 * np.sin(2 * np.pi * 0.7 * time + seed))
    phase = np.cumsum(f0) / RATE
    sound = sum(
        np.cos(2 * np.pi * k * phase)
        * np.exp(-((k * f0 - 500 - 300 * np.sin(time * 9)) ** 2) / 3e5)
        for k in range(1, 24)
    )
    syllables = np.clip(np.sin(2 * np.pi * 2.0 * time + seed), 0, 1) ** 0.5
    sound = 0.15 * sound * syllables + 1e-4 * rng.standard_normal(len(time))
    return Recording(sound.astype(np.float32), RATE, f"take {seed}")


@pytest.fixture(scope="module")
def weights(tmp_path_factory) -> Path:
    """A weights folder with the shipped encoder and a small random base."""
    folder = tmp_path_factory.mktemp("weights")
    (folder / "pretrained").mkdir()
    encoder = "whisper_base_encoder.safetensors"
    shutil.copy(SHIPPED / encoder, folder / "pretrained" / encoder)
    torch.manual_seed(0)
    small = {"refinement_channels": 16, "refinement_blocks": 1}
    base = LiteSynthesizer(LiteConfig(channels=32, dilations=(1,), **small))
    save_lite_base(
        folder / "pretrained" / "lite_base.safetensors", base, STFTDiscriminators(channels=2), {}
    )
    return folder


@pytest.fixture(scope="module")
def slices() -> Slices:
    return Slices(tuple(vowels(4.0, seed) for seed in range(6)))


def options(name: str, **changes: object) -> TrainingOptions:
    return TrainingOptions(name, **({"steps": 12, "save_steps": 6, "batch_size": 4} | changes))


def run(slices, options, weights, **more):
    return list(train(slices, TrainingRun.create(options, weights=weights), **more))


@pytest.fixture(scope="module")
def trained(weights, slices):
    """Every progress of one short training called "first"."""
    return run(slices, options("first", steps=45, save_steps=15), weights)


def test_training_ends_in_a_voice_with_index_and_card(trained, weights):
    stages = [progress.stage for progress in trained]
    assert [*stages[:2], stages[-1]] == ["preflight", "features", "done"]
    fractions = [progress.fraction for progress in trained]
    assert fractions == sorted(fractions) and fractions[-1] == 1.0
    voice = VoiceLibrary(weights).load("first")
    assert voice.version == "lite" and voice.index is not None
    assert 140 < voice.card["f0_median_hz"] < 160  # the takes glide around 150 Hz
    assert trained[-1].voice == VoiceLibrary(weights).path("first")


def test_losses_are_named_and_fall(trained):
    rows = [progress.losses for progress in trained if progress.losses]
    reconstruction = {"stft_log", "stft_convergence", "mel"}
    adversarial = {"adversarial", "feature_matching", "discriminator"}
    assert set(rows[0]) == {"total"} | reconstruction | adversarial
    assert rows[-1]["mel"] < 0.95 * rows[0]["mel"]


def test_held_out_speech_is_scored_and_previewed(trained):
    saves = [progress for progress in trained if progress.preview]
    assert [save.step for save in saves] == [15, 30, 45]
    assert saves[-1].held_out["mel"] < saves[0].held_out["mel"]
    assert saves[-1].preview.exists() and saves[-1].reference.exists()


def test_stopped_and_resumed_equals_undisturbed(weights, slices, monkeypatch):
    monkeypatch.setattr("rvc.training.build.fast_bfloat16", lambda device: False)
    run(slices, options("whole"), weights)
    asked = iter(range(1000))
    stopped = run(slices, options("halves"), weights, stop=lambda: next(asked) >= 8)
    assert stopped[-1].stage == "stopped" and stopped[-1].step == 8
    other = TrainingOptions("halves", preset="lite", seed=7, resume=True)  # only the name counts
    resumed = run(None, other, weights)
    assert resumed[0].step >= 8 and resumed[-1].stage == "done"
    voices = [VoiceLibrary(weights).load(name).weights for name in ("whole", "halves")]
    assert all(torch.equal(voices[0][name], voices[1][name]) for name in voices[0])


class Planned:
    """An objective that has taken so many steps, and keeps what is planned."""

    step_number = 30

    def plan(self, total_steps: int) -> None:
        self.total_steps = total_steps


def test_minutes_become_steps_and_scores_take_their_share():
    going = TrainingState(Planned(), total_steps=1000, batch_size=4, step_seconds=0.5)
    going.fit_minutes(None)
    assert going.total_steps == 1000
    going.fit_minutes(1.0)
    assert going.total_steps == going.objective.total_steps == 120
    going.score_step_seconds = 0.1
    going.fit_minutes(1.0)
    assert going.total_steps == 100
    assert going.steps_in(1.0) == 100
    going.fit_minutes(0.1)
    assert going.total_steps == 30, "steps taken are taken"
    going.other_seconds = 12.0  # the features and the index
    assert going.steps_in(1.0) == 80
    assert going.steps_in(0.2) == 10, "half of the time at least is for learning"


SPEED = Speed(0.5, 0.25, 1.0, 1.0, 0.1, 100.0)  # 6 slices of together 24 s: 9 s of features


@pytest.fixture
def clock(monkeypatch) -> list[float]:
    """A clock that only features (9 s), steps (1 s each) and scores (10 s each) advance."""
    clock = [0.0]
    for module in ("rvc.train.time", "rvc.training.start.time"):
        monkeypatch.setattr(module, SimpleNamespace(monotonic=lambda: clock[0]))
    monkeypatch.setattr("rvc.training.start.prepared", lambda *_: set())
    monkeypatch.setattr("rvc.training.start.write_json", _taking(9.0, write_json, clock))
    monkeypatch.setattr(LiteObjective, "step", _taking(1.0, LiteObjective.step, clock))
    monkeypatch.setattr(HeldOut, "score", _taking(10.0, HeldOut.score, clock))
    return clock


def test_minutes_steps_and_time_left_come_from_one_plan(weights, slices, clock):
    progress = run(
        slices,
        options("minutes", steps=None, save_steps=40, minutes=1.5),
        weights,
        speed=lambda options: SPEED,
    )
    assert "90 s (72 steps)" in str(progress[0].message), "80.9 s at 1.12 s a step"
    assert progress[0].eta_seconds == pytest.approx(90, abs=1)
    features = [each.eta_seconds for each in progress if each.stage == "features"]
    assert features[-1] == pytest.approx(90 - 9, abs=1)
    planned = {each.step: each.total_steps for each in progress if each.step}
    assert planned[20] == planned[30] == 72, "as planned"
    assert {total for step, total in planned.items() if step >= 40} == {65}, "1.25 s a step"
    assert progress[-1].stage == "done" and progress[-1].step == 65
    assert clock[0] == pytest.approx(90, rel=0.05)


def test_scores_count_in_the_minutes_when_the_first_comes_before_the_pace_is_known(
    weights, slices, clock
):
    progress = run(
        slices,
        options("early", steps=None, save_steps=20, minutes=1.5),
        weights,
        speed=lambda options: SPEED,
    )
    planned = {each.step: each.total_steps for each in progress if each.step}
    assert {total for step, total in planned.items() if step >= 20} == {54}, "1.5 s a step"
    assert clock[0] == pytest.approx(90, rel=0.08)


def _taking(seconds: float, honest, clock: list[float]):
    def slow(*arguments):
        clock[0] += seconds
        return honest(*arguments)

    return slow


def test_earlier_work_of_the_same_name_is_not_overwritten(trained, weights, slices):
    with pytest.raises(TrainingError, match="already"):
        run(slices, options("first"), weights)
    assert run(slices, options("begun"), weights, stop=lambda: True)[-1].voice is None
    with pytest.raises(TrainingError, match="not finished"):
        run(slices, options("begun"), weights)
    assert run(slices, options("begun", replace=True), weights)[-1].stage == "done"
    VoiceLibrary(weights).delete("begun")
    assert not training_folder(weights, "begun").exists()


def test_a_damaged_latest_checkpoint_falls_back_to_the_one_before(tmp_path):
    save_checkpoint(tmp_path, {"step": 1})
    save_checkpoint(tmp_path, {"step": 2})
    latest = tmp_path / "checkpoint.pt"
    latest.write_bytes(latest.read_bytes()[:-20])
    assert load_checkpoint(tmp_path) == {"step": 1}
    save_checkpoint(tmp_path, {"step": 3})  # must not replace the whole one with the damaged one
    latest.write_bytes(b"")
    assert load_checkpoint(tmp_path) == {"step": 1}
    (tmp_path / "checkpoint_before.pt").write_bytes(b"")
    with pytest.raises(TrainingError, match="damaged"):
        load_checkpoint(tmp_path)


def test_a_loss_that_is_no_number_goes_back_and_then_gives_up(weights, slices, monkeypatch):
    from rvc.training.objectives import LiteObjective

    honest, calls = LiteObjective.step, []

    def broken(self, batch):
        calls.append(self.schedule.peak)
        losses = honest(self, batch)
        return losses | {"mel": float("nan")} if self.step_number == 3 else losses

    monkeypatch.setattr(LiteObjective, "step", broken)
    with pytest.raises(TrainingError, match="unstable"):
        run(slices, options("unstable"), weights)
    assert calls[-1] == calls[0] / 4  # halved at both recoveries


@pytest.mark.parametrize("exploding, steps", [((11,), 14), ((11, 12, 13), 13 + 14)])
def test_one_exploding_step_is_passed_over_and_several_in_a_row_are_not(
    weights, slices, monkeypatch, exploding, steps
):
    """A batch of digital silence explodes once where a voice has learned background noise."""
    honest, calls = LiteObjective.step, []

    def spiking(self, batch):
        losses = honest(self, batch)
        calls.append(self.step_number)
        spike = self.step_number in exploding and calls.count(self.step_number) == 1
        return losses | {"total": losses["total"] * 1000} if spike else losses

    monkeypatch.setattr(LiteObjective, "step", spiking)
    untimed = Speed(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    chosen = options("spike", steps=14, save_steps=14)
    assert run(slices, chosen, weights, speed=lambda _: untimed)[-1].stage == "done"
    assert len(calls) == steps  # several in a row: back to the start, once
    VoiceLibrary(weights).delete("spike")


def test_what_cannot_be_trained_is_said(weights, slices, tmp_path):
    with pytest.raises(TrainingError, match="at least 10 s"):
        run(Slices((vowels(2.0, 0),)), options("short"), weights)
    with pytest.raises(TrainingError, match="no saved training"):
        run(None, options("never", resume=True), weights)
    with pytest.raises(TrainingError, match="no preset"):
        run(slices, options("x", preset="44k"), weights)
    with pytest.raises(VoiceError):
        run(slices, options("../x"), weights)
    assert not (weights / "training" / "short").exists()


@pytest.mark.parametrize("seconds", [0.73, 3.0])
def test_conversion_is_as_long_as_the_input_and_silent_where_it_was(trained, weights, seconds):
    voice = VoiceLibrary(weights).load("first")
    source = vowels(seconds, 9, f0_hz=220.0)
    samples = source.samples.copy()
    samples[len(samples) // 2 :] = 0
    source = Recording(samples, RATE)
    converted = convert(
        source,
        voice,
        ConversionOptions(),
        synthesizer=build_synthesizer(voice),
        encoder=load_content_encoder("whisper-base-5", weights),
    )
    sound = converted.recording.samples
    assert len(sound) == len(samples) and converted.recording.sample_rate == RATE
    assert np.abs(sound[: len(sound) // 3]).max() > 1e-3
    assert np.abs(sound[len(sound) // 2 + RATE // 50 :]).max() == 0
    assert -8 < converted.semitones < -5  # 220 Hz to 150 Hz is 6.6 semitones down
    assert "pitch was lowered" in str(converted.text) and "반음" in converted.text.in_language("ko")
