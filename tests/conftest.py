"""Shared fixtures: synthetic speech, tiny weights, and isolation from the user's settings."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from rvc.cores import usable_cores
from rvc.threads import wait_passively

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # before anything imports huggingface_hub
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
if "PYTEST_XDIST_WORKER" in os.environ:  # each process computes on one thread
    os.environ.setdefault("OMP_NUM_THREADS", "1")
wait_passively()  # as the program does, before numpy is loaded; tests may share the machine

import numpy as np
from cli_line import CommandLine
from voice_like import voice_like

TINY = {"channels": 16, "dilations": (1,), "refinement_channels": 16, "refinement_blocks": 1}


@pytest.fixture(autouse=True)
def _own_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Isolate every test from the environment and settings of the user."""
    for name in ("MOKSORI_WEIGHTS", "MOKSORI_HUB", "HF_ENDPOINT", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")


@pytest.fixture(scope="session")
def speech_like() -> Callable[..., np.ndarray]:
    """Return speech_like(seconds, sample_rate=24_000, seed=0) -> (samples,) float32."""
    return make_speech


@pytest.fixture(scope="session")
def speech_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a WAV of 12 s of speech-like sound at 24 kHz; tests must not change it."""
    from rvc.audio import Recording, save_audio

    path = tmp_path_factory.mktemp("speech") / "speech.wav"
    return save_audio(path, Recording(make_speech(12.0), 24_000))


@pytest.fixture(scope="session")
def tiny_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a weights folder with the shipped encoders, a tiny base and a tiny voice "tiny".

    Shared: a test that changes voices takes a copy.
    """
    import torch

    from rvc.network.lite import LiteConfig, LiteSynthesizer
    from rvc.network.stft_discriminators import STFTDiscriminators
    from rvc.training.build import snapshot
    from rvc.voice import Voice, VoiceLibrary
    from tools.lite_base import save_lite_base

    weights = tmp_path_factory.mktemp("machine") / "weights"
    pretrained = weights / "pretrained"
    pretrained.mkdir(parents=True)
    for shipped in (Path(__file__).parents[1] / "weights" / "pretrained").glob("*.safetensors"):
        shutil.copy(shipped, pretrained)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        synthesizer = LiteSynthesizer(LiteConfig(**TINY))
        discriminators = STFTDiscriminators(channels=2)
    save_lite_base(pretrained / "lite_base.safetensors", synthesizer, discriminators, {})
    voice = Voice(
        name="tiny",
        config=synthesizer.config,
        weights=snapshot(synthesizer),
        version="lite",
        uses_f0=True,
        sample_rate=synthesizer.sample_rate,
        card={"f0_median_hz": 200.0},
    )
    VoiceLibrary(weights).save(voice)
    return weights


@pytest.fixture
def weights(tiny_weights: Path, tmp_path: Path) -> Path:
    """Return a copy of `tiny_weights` that the test may change."""
    return Path(shutil.copytree(tiny_weights, tmp_path / "weights"))


@pytest.fixture
def run(capsys: pytest.CaptureFixture) -> CommandLine:
    """Return run(*arguments) -> (exit code, standard output, standard error)."""
    return CommandLine(capsys)


def make_speech(seconds: float, sample_rate: int = 24_000, *, seed: int = 0) -> np.ndarray:
    """Return (samples,) float32 of `voice_like` over a noise floor of -80 dBFS."""
    noise = np.random.default_rng(seed).normal(0, 1e-4, round(seconds * sample_rate))
    return (voice_like(seconds, rate=sample_rate, seed=seed) + noise).astype(np.float32)


def pytest_xdist_auto_num_workers() -> int:
    """Use one process more than there are cores: some tests wait for a browser or a child."""
    return usable_cores() + 1
