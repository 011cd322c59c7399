"""Conversion: length, pitch, pauses, long files, and voices of every kind."""

from pathlib import Path

import numpy as np
import pytest

from rvc.audio import Recording
from rvc.content import ContentEncoder, load_content_encoder
from rvc.convert import (
    CONTEXT_FRAMES,
    PIECE_FRAMES,
    ConversionOptions,
    _pieces,
    _retrieve,
    _synthesize,
    convert,
)
from rvc.errors import VoiceError
from rvc.f0 import F0, estimate_f0
from rvc.features import Features
from rvc.index import build_index
from rvc.pauses import digital_silence, frame_power
from rvc.pitch import pitch_shift
from rvc.voice import VoiceLibrary, build_synthesizer, load_voice

GOLDEN = Path(__file__).parent / "golden"
RATE = 24_000


class Numbered(ContentEncoder):
    """Encoder of the width a voice needs whose content is the loudness; no network."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        import torch

        self.channels = channels
        self.weight = torch.nn.Parameter(torch.zeros(1))

    def encode(self, recording: Recording) -> np.ndarray:
        frames = -(-len(recording.samples) * 100 // recording.sample_rate)
        loud = np.sqrt(frame_power(recording, frames))[:, None]
        return np.tile(loud, (1, self.channels)).astype(np.float32)


@pytest.fixture(scope="module")
def lite_voice(tiny_weights):
    return VoiceLibrary(tiny_weights).load("tiny")


@pytest.fixture(scope="module")
def lite(tiny_weights, lite_voice):
    """Return a function that converts with the tiny lite voice."""
    voice = lite_voice
    parts = {
        "synthesizer": build_synthesizer(voice),
        "encoder": load_content_encoder("whisper-base-5", tiny_weights),
    }
    return lambda recording, **options: convert(
        recording, voice, ConversionOptions(**options), **parts
    )


@pytest.mark.parametrize(("samples", "rate"), [(24_001, 24_000), (44_123, 44_100), (160, 16_000)])
def test_output_is_exactly_as_long_as_the_input(lite, speech_like, samples, rate):
    source = Recording(speech_like(2.0, rate)[:samples], rate)
    assert len(lite(source).recording.samples) == round(samples * RATE / rate)


def test_the_same_seed_gives_the_same_sound(lite, speech_like):
    source = Recording(speech_like(2.0, RATE), RATE)
    first, again, other = (lite(source, seed=seed).recording.samples for seed in (1, 1, 2))
    assert np.array_equal(first, again) and not np.array_equal(first, other)


def test_the_output_has_the_pitch_it_was_moved_to(lite, speech_like):
    source = Recording(speech_like(4.0, RATE), RATE)
    made = lite(source, semitones=5.0)
    result_hz = estimate_f0(made.recording).hz
    both = (result_hz > 0) & (made.f0_target.hz > 0)
    cents = 1200 * np.log2(result_hz[both] / made.f0_target.hz[both])
    assert both.sum() > 100 and np.median(np.abs(cents)) < 30


@pytest.mark.parametrize("loudness_mix", [1.0, 0.25])
def test_digital_silence_stays_silent(lite, speech_like, loudness_mix):
    speech = speech_like(2.0, RATE)
    samples = np.concatenate([speech, np.zeros(RATE, np.float32), speech])
    made = lite(Recording(samples, RATE), loudness_mix=loudness_mix).recording.samples
    assert np.abs(made[: 2 * RATE]).max() > 0.001
    assert np.abs(made[2 * RATE + RATE // 25 : 3 * RATE - RATE // 25]).max() == 0
    silent = lite(Recording(np.zeros(RATE, np.float32), RATE)).recording.samples
    assert np.abs(silent).max() == 0


def test_pieces_cover_everything_and_are_cut_where_it_is_quiet():
    power = np.ones(2 * PIECE_FRAMES + 500)
    quiet = PIECE_FRAMES - 321
    power[quiet] = 0
    pieces = list(_pieces(power))
    assert pieces[0] == (0, quiet) and pieces[-1][1] == len(power)
    assert all(a[1] == b[0] for a, b in zip(pieces, pieces[1:]))  # noqa: B905, RUF007
    assert all(stop - start <= PIECE_FRAMES for start, stop in pieces)


def test_a_long_file_sounds_as_if_made_in_one(lite, speech_like, monkeypatch):
    source = Recording(speech_like(9.0, RATE), RATE)
    whole = lite(source).recording.samples
    monkeypatch.setattr("rvc.convert.PIECE_FRAMES", 3 * CONTEXT_FRAMES)
    parts = lite(source).recording.samples
    level = lambda x: 10 * np.log10(frame_power(Recording(x, RATE), 900) + 1e-9)  # noqa: E731
    assert np.median(np.abs(level(whole) - level(parts))) < 1.0  # only the noise differs


@pytest.mark.parametrize("name", ["v2_40k_f0", "v1_32k_nof0"])
def test_community_voices_convert(name, speech_like):
    voice = load_voice(GOLDEN / f"{name}.pth")
    rows = np.random.default_rng(0).standard_normal((50, voice.content_channels))
    voice = type(voice)(**(vars(voice) | {"index": build_index(rows.astype(np.float32))}))
    source = Recording(speech_like(1.2, 16_000), 16_000)
    made = convert(
        source,
        voice,
        ConversionOptions(index_rate=0.5, protect=0.2),
        synthesizer=build_synthesizer(voice),
        encoder=Numbered(voice.content_channels),
    ).recording
    assert made.sample_rate == voice.sample_rate
    assert len(made.samples) == round(1.2 * made.sample_rate)
    assert 0 < np.abs(made.samples).max() <= 0.99


def test_the_pitch_shift_is_explained(tiny_weights):
    voice = VoiceLibrary(tiny_weights).load("tiny")  # f0_median_hz of its card: 200
    ones = np.ones(100, np.float32)
    shift, text = pitch_shift(F0(100 * ones, ones), voice, "auto")
    assert (
        shift == 12.0
        and "raised by 12.0 semitones" in str(text)
        and "12.0 반음" in text.in_language("ko")
    )
    assert pitch_shift(F0(0 * ones, 0 * ones), voice, "auto")[0] == 0
    assert pitch_shift(F0(100 * ones, ones), voice, -3)[0] == -3


@pytest.mark.parametrize(
    "wrong", [{"semitones": 30}, {"index_rate": 1.5}, {"protect": 0.6}, {"loudness_mix": -0.1}]
)
def test_settings_outside_their_range_are_refused(lite, speech_like, wrong):
    with pytest.raises(VoiceError, match="range"):
        lite(Recording(speech_like(1.0, RATE), RATE), **wrong)


def test_a_voice_that_makes_broken_sound_is_named(lite, speech_like, monkeypatch):
    broken = np.full(24_000, np.nan, np.float32)
    monkeypatch.setattr("rvc.convert.speak", lambda *_, **__: broken)
    with pytest.raises(VoiceError, match="tiny"):
        lite(Recording(speech_like(1.0, RATE), RATE))


@pytest.mark.parametrize("name", ["v2_40k_f0", None])
def test_the_pitch_cycle_runs_on_over_a_joint(name, lite_voice, monkeypatch):
    """A steady tone in pieces has no dip where they meet: both sides are in phase."""
    voice = load_voice(GOLDEN / f"{name}.pth") if name else lite_voice
    synthesizer = build_synthesizer(voice)
    frames, seen = 1000, []

    def pure_tone(self, content, f0_hz, speaker, *, generator=None, phase=0.0, **_):
        import torch

        from rvc.network.lite import pulse_train
        from rvc.network.nsf_hifigan import sine_at

        seen.append(phase)
        if name:
            return sine_at(f0_hz, self.hop_length, self.sample_rate, phase)[0][:, 0]
        cycle = pulse_train(f0_hz, self.sample_rate, self.hop_length, phase)[1]
        return torch.sin(2 * torch.pi * cycle)

    monkeypatch.setattr(type(synthesizer), "infer", pure_tone)
    monkeypatch.setattr("rvc.convert.PIECE_FRAMES", 3 * CONTEXT_FRAMES)
    rng = np.random.default_rng(0)
    f0 = F0(rng.uniform(180, 220, frames).astype(np.float32), np.ones(frames, np.float32))
    features = Features(np.zeros((frames, voice.content_channels), np.float32), f0)
    source = Recording(rng.standard_normal(frames * 240).astype(np.float32), RATE)
    power = frame_power(source, frames)
    sound = _synthesize(features, power, synthesizer, ConversionOptions(), lambda *_: None)
    assert len(seen) > 3 and len(set(seen)) == len(seen)
    hop = synthesizer.hop_length
    power = np.square(sound).reshape(frames, hop).mean(1)
    assert 10 * np.log10(power.min() / np.median(power)) > -0.7


def test_only_runs_of_zeros_are_silence():
    rng = np.random.default_rng(0)
    samples = rng.standard_normal(4800).astype(np.float32)
    samples[::7] = 0.0  # zero crossings
    samples[1000:1480] = 0.0  # 20 ms of digital silence
    silent = digital_silence(Recording(samples, RATE))
    assert silent[1000:1480].all() and silent.sum() <= 482
    assert not digital_silence(Recording(samples[:1000], RATE)).any()
    assert digital_silence(Recording(np.zeros(240, np.float32), RATE)).all()


def test_protect_does_nothing_without_f0():
    voice = load_voice(GOLDEN / "v1_32k_nof0.pth")
    rows = np.random.default_rng(0).standard_normal((50, voice.content_channels))
    voice = type(voice)(**(vars(voice) | {"index": build_index(rows.astype(np.float32))}))
    content = rows[:20].astype(np.float32) + 0.1
    unvoiced = F0(np.zeros(20, np.float32), np.zeros(20, np.float32))
    blended = _retrieve(content, unvoiced, voice, 0.5, 0.1)
    np.testing.assert_array_equal(blended, voice.index.blend(content, 0.5))


def test_a_speaker_is_chosen_by_number(speech_like):
    voice = load_voice(GOLDEN / "v2_40k_f0.pth")
    assert voice.speakers > 1
    source = Recording(speech_like(1.0, 16_000), 16_000)
    parts = {
        "synthesizer": build_synthesizer(voice),
        "encoder": Numbered(voice.content_channels),
    }
    first, other = (
        convert(source, voice, ConversionOptions(speaker=n), **parts).recording.samples
        for n in (0, voice.speakers - 1)
    )
    assert np.abs(first - other).max() > 1e-3
    with pytest.raises(VoiceError, match=f"from 0 to {voice.speakers - 1}"):
        convert(source, voice, ConversionOptions(speaker=voice.speakers), **parts)
