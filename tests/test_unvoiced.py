"""f0 of unvoiced frames: filled or zero, by the voice's kind, its card, or a test of the voice."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from rvc.audio import Recording
from rvc.content import ContentEncoder
from rvc.convert import ConversionOptions, convert
from rvc.engine import Engine
from rvc.errors import VoiceError
from rvc.f0 import F0
from rvc.network.base import Synthesizer
from rvc.unvoiced import (
    PART_FRAMES,
    UNVOICED_KEY,
    choose_unvoiced,
    fill_unvoiced,
    known_mode,
    measured_mode,
    periodicity,
    vowels_and_hisses,
)
from rvc.voice import VoiceLibrary, load_voice

GOLDEN = Path(__file__).parent / "golden"


class HissDetector(ContentEncoder):
    """Content of one number: how much of each frame's power is differences, as in hisses."""

    def __init__(self, channels: int = 1) -> None:
        super().__init__()
        self.channels = channels
        self.weight = torch.nn.Parameter(torch.zeros(1))

    def encode(self, recording: Recording) -> np.ndarray:
        hop = recording.sample_rate // 100
        frames = -(-len(recording.samples) // hop)
        padded = np.pad(recording.samples, (0, frames * hop - len(recording.samples)))
        rows = padded.reshape(frames, hop)
        steps = np.mean(np.diff(rows, axis=1) ** 2, axis=1)
        hiss = steps / (np.mean(rows**2, axis=1) + 1e-9)
        return np.tile(hiss[:, None], (1, self.channels)).astype(np.float32)


class Trained(Synthesizer):
    """Pulses at f0, and noise where f0 is 0; a voice trained on filled f0 also knows hisses."""

    sample_rate, content_channels, uses_f0, speakers = 32_000, 1, True, 1

    def __init__(self, on: str, *, hoarse: float = 0.1) -> None:
        super().__init__()
        self.on, self.hoarse = on, hoarse
        self.weight = torch.nn.Parameter(torch.zeros(1))
        self.f0_hz: list[np.ndarray] = []

    def infer(self, content, f0_hz, speaker, *, noise_scale=1.0, generator=None, phase=0.0):
        self.f0_hz.append(f0_hz[0].numpy())
        toned = f0_hz > 0
        if self.on == "fill":
            toned = toned & (content[..., 0] < 0.5)
        hop = self.hop_length
        hz = f0_hz.repeat_interleave(hop, 1).double()
        cycles = (hz / self.sample_rate).cumsum(1)
        tone = torch.sin(2 * torch.pi * cycles) + torch.sin(6 * torch.pi * cycles)
        noise = torch.randn(tone.shape, generator=generator)
        share = toned.float().repeat_interleave(hop, 1)
        return (0.1 * (share * tone + (1 - share + self.hoarse) * noise)).float()


def test_filling_interpolates_and_holds_the_ends():
    hz = np.array([0, 0, 100, 0, 0, 160, 0], np.float32)
    filled = fill_unvoiced(F0(hz, np.ones(7, np.float32))).hz
    assert filled.tolist() == [100, 100, 100, 120, 140, 160, 160] and filled.dtype == np.float32
    silent = F0(np.zeros(3, np.float32), np.zeros(3, np.float32))
    assert fill_unvoiced(silent) is silent


def test_the_test_sound_alternates_vowels_and_hisses():
    content = HissDetector().encode(Recording(vowels_and_hisses(), 16_000))[:, 0]
    parts = content.reshape(-1, 2, PART_FRAMES)[:, :, 5:-5]
    assert parts[:, 0].max() < 0.5 < parts[:, 1].min()


@pytest.mark.parametrize("on", ["zero", "fill"])
def test_the_measurement_finds_what_a_voice_was_trained_on(on):
    vowels, hisses = periodicity(Trained(on), HissDetector())
    assert vowels > 0.8 and (hisses > 0.8) == (on == "zero")
    assert measured_mode(Trained(on), HissDetector()) == on


def test_a_voice_too_hoarse_to_tell_gets_zeros():
    assert measured_mode(Trained("fill", hoarse=5.0), HissDetector()) == "zero"


def test_kind_and_card_decide_before_any_measurement(tiny_weights):
    community = load_voice(GOLDEN / "v2_40k_f0.pth")
    assert known_mode(community) is None
    assert known_mode(replace(community, card={UNVOICED_KEY: "fill"})) == "fill"
    assert known_mode(replace(community, card={UNVOICED_KEY: "x"})) is None
    assert known_mode(replace(community, card={"model_hash": "ab"})) == "zero"
    assert known_mode(load_voice(GOLDEN / "v1_32k_nof0.pth")) == "zero"
    assert known_mode(VoiceLibrary(tiny_weights).load("tiny")) == "zero"
    filling = Trained("fill")
    assert choose_unvoiced(community, "zero", filling, HissDetector()) == ("zero", None)
    assert filling.f0_hz == []
    mode, text = choose_unvoiced(community, "auto", filling, HissDetector())
    assert mode == "fill" and "filled" in str(text)


def test_a_conversion_gives_the_voice_what_it_needs(speech_like):
    voice = load_voice(GOLDEN / "v2_40k_f0.pth")
    encoder = HissDetector(768)
    source = Recording(speech_like(2.5, 16_000), 16_000)
    for wanted, filled in (("zero", False), ("fill", True)):
        synthesizer = Trained("fill")
        options = ConversionOptions(unvoiced=wanted)
        made = convert(source, voice, options, synthesizer=synthesizer, encoder=encoder)
        assert made.unvoiced == wanted
        (f0_hz,) = synthesizer.f0_hz
        assert (f0_hz > 0).all() == filled
        assert (made.f0_target.hz == 0).any()  # the chart shows what was voiced
    with pytest.raises(VoiceError, match="outside its range"):
        ConversionOptions(unvoiced="sometimes").check()


def test_the_library_remembers_the_measurement(tmp_path, monkeypatch, speech_like):
    library = VoiceLibrary(tmp_path)
    library.save(replace(load_voice(GOLDEN / "v2_40k_f0.pth"), name="a", card={}))
    engine = Engine(tmp_path, device="cpu")
    monkeypatch.setattr(engine, "encoder", lambda name: HissDetector(768))
    monkeypatch.setattr("rvc.engine.build_synthesizer", lambda *_: Trained("fill"))
    monkeypatch.setattr(engine, "_check", lambda _: ())
    source = Recording(speech_like(1.0, 16_000), 16_000)
    engine.convert(source, "a", ConversionOptions(unvoiced="zero"))
    assert UNVOICED_KEY not in library.card("a")
    first = engine.convert(source, library.path("a"))
    assert library.card("a")[UNVOICED_KEY] == "fill" == first.unvoiced
    again = engine.convert(source, "a")
    assert again.unvoiced == "fill" and "test of the voice" not in str(again.text)
