"""ONNX Runtime computes from an exported voice what torch computes from the voice."""

from pathlib import Path

import numpy as np
import pytest
import torch
from lite_voice import lite_voice

from rvc.errors import VoiceError
from rvc.voice import build_synthesizer, export_onnx, load_voice

GOLDEN = Path(__file__).parent / "golden"


def _session(path: Path):
    import onnxruntime

    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])


def _run(session, **values: np.ndarray) -> np.ndarray:
    asked = {each.name for each in session.get_inputs()}
    return session.run(["sound"], {name: values[name] for name in asked})[0]


def _inputs(channels: int, frames: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(frames)
    f0 = np.linspace(100, 300, frames, dtype=np.float32)[None]
    f0[0, 10:15] = 0  # a pause in the pitch
    content = rng.standard_normal((1, frames, channels)).astype(np.float32)
    return {"content": content, "f0_hz": f0, "speaker": np.array([1], np.int64)}


def test_both_compute_the_same_for_any_length(tmp_path: Path) -> None:
    pytest.importorskip("onnx", reason="the extra for ONNX is not installed")
    voice = load_voice(GOLDEN / "v2_40k_f0.pth")
    path = export_onnx(voice, tmp_path / "voice.onnx", noise_scale=0.0)
    session, synthesizer = _session(path), build_synthesizer(voice)
    for frames in (17, 50):
        inputs = _inputs(voice.content_channels, frames)
        sound = _run(session, **inputs)
        wanted = synthesizer.infer(*map(torch.from_numpy, inputs.values()), noise_scale=0.0)
        assert sound.shape == (1, frames * synthesizer.hop_length)
        np.testing.assert_allclose(sound, wanted.numpy(), atol=1e-5)
        assert np.abs(sound).max() > 0.01
    facts = session.get_modelmeta().custom_metadata_map
    assert facts["sample_rate"] == str(voice.sample_rate) and facts["voice"] == voice.name
    assert "AI-generated" in facts["title"]


def test_noise_is_drawn_inside_and_a_voice_without_f0_needs_none(tmp_path: Path) -> None:
    pytest.importorskip("onnx", reason="the extra for ONNX is not installed")
    voice = load_voice(GOLDEN / "v1_32k_nof0.pth")
    session = _session(export_onnx(voice, tmp_path / "voice.onnx"))
    inputs = _inputs(voice.content_channels, 50)
    first, again = (_run(session, **inputs) for _ in range(2))
    assert np.isfinite(first).all() and np.abs(first - again).max() > 1e-3
    own = build_synthesizer(voice).infer(*map(torch.from_numpy, inputs.values())).numpy()
    level = 20 * np.log10(np.sqrt((first**2).mean() / (own**2).mean()))
    assert abs(level) < 1.0


def test_what_cannot_be_exported_is_refused(tmp_path: Path, monkeypatch) -> None:
    with pytest.raises(VoiceError, match="lite voice"):
        export_onnx(lite_voice(), tmp_path / "voice.onnx")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    voice = load_voice(GOLDEN / "v2_40k_f0.pth")
    with pytest.raises(VoiceError, match=r"pip install .onnx>=1\.17"):
        export_onnx(voice, tmp_path / "voice.onnx")
    assert list(tmp_path.iterdir()) == []
