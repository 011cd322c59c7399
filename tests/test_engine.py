"""Engine: caching of networks, priorities, and the status of presets."""

import hashlib
import shutil
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hub import CONTENT, Hub

from rvc import assets
from rvc.assets import Asset
from rvc.audio import Recording
from rvc.engine import Engine, PriorityLock
from rvc.errors import Cancelled, MissingAssetError, VoiceError
from rvc.presets import PRESETS, missing_files
from rvc.training.options import TrainingOptions


@pytest.fixture
def weights(tiny_weights: Path, tmp_path: Path) -> Path:
    """Return a copy of the tiny weights whose voice has not been loaded."""
    shutil.copytree(tiny_weights, tmp_path / "weights")
    for checked in (tmp_path / "weights").rglob("checked.safetensors"):
        checked.unlink()
    return tmp_path / "weights"


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list of networks that are built, in order."""
    from rvc import engine

    built, build = [], engine.build_synthesizer

    def counted(voice, device):
        built.append(voice.name)
        return build(voice, device)

    monkeypatch.setattr(engine, "build_synthesizer", counted)
    return built


def test_a_voice_is_loaded_once_and_again_when_its_file_changes(weights, loads, speech_like):
    engine, source = Engine(weights, "cpu"), Recording(speech_like(1.0, 16_000), 16_000)
    first = engine.convert(source, "tiny").recording.samples
    again = engine.convert(source, "tiny").recording.samples
    assert loads == ["tiny"] and np.array_equal(first, again)
    engine.library.save(engine.library.load("tiny"))
    engine.convert(source, "tiny")
    assert loads == ["tiny", "tiny"]


def test_of_many_voices_and_encoders_those_in_use_stay(weights, loads, monkeypatch):
    monkeypatch.setattr("rvc.network_cache.SHARE", 1e-9)  # room for none but the newest
    engine = Engine(weights, "cpu")
    engine.library.save(replace(engine.library.load("tiny"), name="other"))
    for name in ("tiny", "tiny", "other", "other", "tiny"):
        engine.voice(name)
    assert loads == ["tiny", "other", "tiny"]
    encoder = engine.encoder("whisper-base-5")
    assert engine.encoder("whisper-base-5") is encoder


def test_a_voice_that_is_not_there_is_named(weights, speech_like):
    with pytest.raises(VoiceError, match="missing"):
        Engine(weights, "cpu").convert(Recording(speech_like(1.0, 16_000), 16_000), "missing")


def test_presets_list_their_missing_files(weights):
    lite, *others = Engine(weights, "cpu").presets()
    assert lite.name == "lite" and lite.available and not lite.missing
    for preset in others:
        assert not preset.available and "Hugging Face" in str(preset.text)
        assert f"pretrained_v2/f0G{preset.name}.pth" in preset.missing and preset.fetchable
    assert not lite.fetchable


def test_making_an_engine_makes_no_folder(tmp_path):
    Engine(tmp_path / "none", "cpu")
    assert not (tmp_path / "none").exists()


def test_a_conversion_goes_before_the_next_step_of_a_training():
    """A waiting thread gets the lock after the current step, however fast steps follow."""
    turns, order, over = PriorityLock(), [], threading.Event()

    def train() -> None:
        while not over.is_set():
            with turns.last():
                order.append("step")
                time.sleep(0.01)

    trainer = threading.Thread(target=train)
    trainer.start()
    for _ in range(20):
        time.sleep(0.015)
        asked = len(order)
        with turns.first(), turns.first():  # may be nested
            order.append("conversion")
        assert (
            order[asked:].index("conversion") <= 2
        )  # the current step, and one that has just begun
    over.set()
    trainer.join()
    assert order.count("step") >= 20, "and training went on"


def test_converting_while_training_works_and_training_goes_on(weights, speech_like):
    from test_train import vowels

    from rvc.slicing import Slices
    from rvc.train import TrainingRun, train

    engine, source = Engine(weights, "cpu"), Recording(speech_like(1.0, 16_000), 16_000)
    alone = engine.convert(source, "tiny").recording.samples
    slices = Slices(tuple(vowels(4.0, seed) for seed in range(3)))
    options = TrainingOptions("meanwhile", steps=10_000, batch_size=4)
    over = threading.Event()
    run = TrainingRun.create(options, weights=weights)
    training = train(slices, run, stop=over.is_set, lock=engine.turns.last, speed=engine.speed)
    seen = []

    def follow() -> None:
        for progress in training:
            seen.append(progress)

    thread = threading.Thread(target=follow)
    thread.start()
    while not any(progress.step for progress in seen) and thread.is_alive():
        time.sleep(0.05)
    meanwhile = [engine.convert(source, "tiny").recording.samples for _ in range(3)]
    over.set()
    thread.join()
    assert all(np.array_equal(alone, other) for other in meanwhile)
    assert seen[-1].stage == "stopped" and seen[-1].step > 0


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch):
    """Return a local hub with the two base files of 40k, 5 MB each; all others exist."""
    server = Hub()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    digest = hashlib.sha256(CONTENT).hexdigest()
    shipped = tuple(asset for asset in assets.ASSETS if asset.shipped)
    files = tuple(Asset(name, len(CONTENT), digest) for name in PRESETS["40k"].base_files)
    monkeypatch.setattr(assets, "ASSETS", shipped + files)
    monkeypatch.setattr(assets, "ENCODER_FILES", {"contentvec": (), "whisper-base-5": ()})
    monkeypatch.setenv("MOKSORI_HUB", server.url)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    yield server
    server.shutdown()
    server.server_close()


def test_a_preset_is_fetched_with_one_rising_share_and_can_be_stopped(tmp_path, hub):
    engine, shares = Engine(tmp_path, "cpu"), []

    def stop_at_half(share: float, text: object) -> None:
        shares.append(share)
        if share >= 0.5:
            raise Cancelled()

    with pytest.raises(Cancelled):
        engine.fetch_preset("40k", stop_at_half)
    assert shares == sorted(shares) and shares[-1] == pytest.approx(0.5, abs=0.11)
    engine.fetch_preset("40k", lambda share, text: shares.append(share))
    assert shares[-1] == 1.0
    assert missing_files(PRESETS["40k"], tmp_path) == []
    whole = len(hub.requests)
    engine.fetch_preset("40k")
    assert len(hub.requests) == whole, "what is here is not asked for again"


def test_a_preset_that_cannot_be_fetched_names_the_manual_way(tmp_path, hub):
    hub.fault = "gone"
    engine = Engine(tmp_path, "cpu")
    with pytest.raises(MissingAssetError, match="by hand"):
        engine.fetch_preset("40k")
    assert missing_files(PRESETS["40k"], tmp_path) == list(PRESETS["40k"].base_files)


def test_training_time_is_measured_once_and_estimated(weights, speech_like, monkeypatch):
    from ui_fake import FakeEngine

    fake, engine = FakeEngine(weights), Engine(weights, "cpu")
    report = fake.report([fake.clean(Recording(speech_like(30.0), 24_000))])
    expected = engine.expect(report, TrainingOptions("new", preset="auto", steps=100))
    assert (
        expected.plan.steps == 100 and 0 < expected.plan.seconds < 3600 and expected.memory_mb > 100
    )
    assert "(100 steps)" in str(expected.text) and "100스텝" in expected.text.in_language("ko")
    monkeypatch.setattr("rvc.engine.measure_speed", None)  # any call would raise
    more = engine.expect(report, TrainingOptions("other", steps=1000))
    assert more.plan.seconds > expected.plan.seconds
    with pytest.raises(MissingAssetError, match="40k"):
        monkeypatch.undo()
        engine.expect(report, TrainingOptions("new", preset="40k"))
