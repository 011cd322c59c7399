"""tools/pretrain_*.py: packing clips, sentences, texts."""

import itertools
from pathlib import Path

import numpy as np
import pytest
import soundfile

from benchmarks import voice_material as material
from tools import make_demo_voices, pretrain_data, pretrain_sources
from tools.make_sample_recording import Passage, record
from tools.pretrain_clips import (
    EDGE_SECONDS,
    PEAK,
    TARGET_DB,
    active_rms_db,
    bandwidth_hz,
    level,
    pack,
    split,
    trim,
)
from tools.pretrain_features import aligned
from tools.pretrain_kokoro import groups, script
from tools.pretrain_sources import VOICES, VoiceSource, prompts
from tools.pretrain_text import GRAMMARS, fill, sentences
from tools.refit_content import ridge

RATE = 24_000


def tone(seconds: float, *, hz: float = 220.0, amplitude: float = 0.3) -> np.ndarray:
    t = np.arange(round(seconds * RATE)) / RATE
    return (amplitude * np.sin(2 * np.pi * hz * t)).astype(np.float32)


def between_silence(seconds: float, before: float, after: float) -> np.ndarray:
    quiet = np.random.default_rng(0).normal(0, 1e-5, round((before + seconds + after) * RATE))
    quiet[round(before * RATE) : round((before + seconds) * RATE)] += tone(seconds)
    return quiet.astype(np.float32)


@pytest.mark.parametrize(("before", "after"), [(1.5, 2.0), (0.0, 0.0), (0.03, 0.4)])
def test_trim_leaves_a_tenth_of_a_second_around_speech(before: float, after: float) -> None:
    trimmed = trim(between_silence(1.0, before, after), RATE)
    assert len(trimmed) / RATE == pytest.approx(1.0 + 2 * EDGE_SECONDS, abs=0.02)
    assert trimmed[0] == trimmed[-1] == 0
    assert np.abs(trimmed[: round(0.08 * RATE)]).max() < 1e-3


def test_trim_of_silence_is_empty() -> None:
    assert len(trim(np.zeros(RATE, np.float32), RATE)) == 0
    assert len(trim(np.zeros(0, np.float32), RATE)) == 0


def test_short_prompts_are_joined_with_natural_gaps() -> None:
    clips = list(pack([between_silence(1.3, 0.5, 0.5)] * 9, RATE))
    assert all(4.0 <= len(clip) / RATE <= 10.0 for clip in clips[:-1])
    assert sum(map(len, clips)) / RATE == pytest.approx(9 * 1.5, abs=0.2)
    power = np.square(clips[0][: 4 * RATE]).reshape(-1, RATE // 100).mean(1)
    gaps = np.flatnonzero(np.diff((power < 1e-6).astype(int)))  # starts and ends of the pauses
    inside = gaps[1:-1] if power[0] < 1e-6 else gaps
    assert (inside[1] - inside[0]) / 100 == pytest.approx(2 * EDGE_SECONDS, abs=0.03)


def test_a_long_prompt_is_cut_where_it_is_quiet() -> None:
    prompt = np.concatenate([tone(8), np.zeros(RATE // 2, np.float32), tone(7)])
    pieces = split(prompt, RATE, 10.0)
    assert len(pieces) == 2
    assert 8.0 <= len(pieces[0]) / RATE <= 8.5
    assert sum(map(len, pieces)) == len(prompt)


def test_no_clip_is_longer_than_asked() -> None:
    lengths = np.random.default_rng(1).uniform(0.2, 25, 30)
    clips = list(pack((between_silence(s, 0.2, 0.2) for s in lengths), RATE))
    assert max(len(clip) for clip in clips) <= 10 * RATE
    assert min(len(clip) for clip in clips) >= 1 * RATE


def test_level_counts_speech_and_spares_the_peak() -> None:
    half = np.concatenate([tone(1, amplitude=0.01), np.zeros(3 * RATE, np.float32)])
    assert active_rms_db(level(half, RATE), RATE) == pytest.approx(TARGET_DB, abs=0.1)
    spiky = tone(1, amplitude=0.001)
    spiky[100] = 0.5
    assert np.abs(level(spiky, RATE)).max() <= PEAK + 1e-6


def test_bandwidth_of_sound_that_ends_at_4_khz() -> None:
    spectrum = np.fft.rfft(np.random.default_rng(2).standard_normal(RATE))
    spectrum[np.fft.rfftfreq(RATE, 1 / RATE) > 4000] = 0
    narrow = np.fft.irfft(spectrum).astype(np.float32)
    assert bandwidth_hz([narrow], RATE) == pytest.approx(4000, abs=200)


@pytest.mark.parametrize("language", sorted(GRAMMARS))
def test_sentences_are_varied_whole_and_repeatable(language: str) -> None:
    first = list(itertools.islice(sentences(language, 3), 300))
    assert first == list(itertools.islice(sentences(language, 3), 300))
    assert first != list(itertools.islice(sentences(language, 4), 300))
    assert len(set(first)) > 240
    assert not any(mark in sentence for sentence in first for mark in "{}")
    assert any(sentence.endswith(("?", "か。", "?")) for sentence in first)


def test_english_articles_and_no_word_twice() -> None:
    rng = np.random.default_rng(0)
    assert fill("a {w}", {"w": ["oyster"]}, rng) == "An oyster"
    assert fill("a {w}", {"w": ["youth hostel"]}, rng) == "A youth hostel"
    pairs = [fill("{w} {w2}", {"w": ["one", "two"]}, rng).lower().split() for _ in range(20)]
    assert all(a != b for a, b in pairs)


def test_held_out_voices_are_not_the_trained_ones() -> None:
    held_out = {voice.name for voice in VOICES if voice.held_out}
    assert {"asterisk_it", "librivox", "kokoro_jf_alpha"} <= held_out
    assert len({voice.name for voice in VOICES}) == len(VOICES)


def test_prompts_come_from_the_folder_given(tmp_path) -> None:
    av = pytest.importorskip("av")
    folder = tmp_path / "en_XX" / "digits"
    folder.mkdir(parents=True)
    for name in ("one.g722", "beep.g722"):
        with av.open(str(folder / name), "w", format="g722") as output:
            stream = output.add_stream("g722", rate=16_000, layout="mono")
            pcm = (tone(0.5)[::2] * 20_000).astype(np.int16)[None]
            frame = av.AudioFrame.from_ndarray(pcm, format="s16", layout="mono")
            frame.sample_rate = 16_000
            output.mux(stream.encode(frame))
            output.mux(stream.encode(None))
    english = next(voice for voice in VOICES if voice.name == "asterisk_en")
    ((samples, rate),) = prompts(english, tmp_path)  # a beep is not speech
    assert rate == 16_000
    assert len(samples) == pytest.approx(6000, abs=200)
    assert np.sqrt(np.mean(samples**2)) > 0.05


def test_a_held_out_reader_s_clips_are_sentences_with_their_texts(tmp_path, monkeypatch) -> None:
    sounds, made = tmp_path / "librivox", tmp_path / "made"
    sounds.mkdir()
    lines = []
    for number, (seconds, text) in enumerate([(2.0, "one small word"), (5.0, "and another")]):
        name = f"page-{number}"
        soundfile.write(sounds / f"{name}.wav", between_silence(seconds, 0.4, 0.4), RATE)
        lines.append(f"<s> {text} </s> ({name})")
    (sounds / "transcription").write_text("\n".join(lines) + "\n")
    monkeypatch.setattr(pretrain_sources, "LIBRIVOX_DIR", sounds)
    reader = VoiceSource("reader", "en", "librivox", "package", "public domain", held_out=True)
    pretrain_data.make_voice(made, reader, 60.0, None)
    clips = {clip.text: len(clip.samples) / RATE for clip in material.read_clips(made / "reader")}
    assert clips == {
        "one small word": pytest.approx(2.2, abs=0.05),
        "and another": pytest.approx(5.2, abs=0.05),
    }


def test_kokoro_voices_of_a_group_read_the_same_sentences_in_turns_of_language(tmp_path) -> None:
    for number in range(14):
        (tmp_path / f"voice{number:02d}.bin").touch()
    made = groups(tmp_path)
    assert sorted(name for group in made for name in group) == [f"voice{n:02d}" for n in range(14)]
    assert max(map(len, made)) <= 6
    assert script(0, 8) == script(0, 8) != script(1, 8)
    assert [language for language, _ in script(0, 4)] == ["ko", "en", "ko", "ja"]


def test_parallel_content_is_brought_into_the_time_of_the_clip() -> None:
    rng = np.random.default_rng(0)
    sounds = np.repeat(rng.normal(size=(12, 16)), 10, axis=0)  # 12 sounds of 10 frames
    slower = np.repeat(sounds, 2, axis=0)
    back = aligned(sounds, slower + 0.01 * rng.normal(size=slower.shape))
    assert back.shape == sounds.shape
    assert np.mean(np.linalg.norm(back - sounds, axis=1) < 0.5) > 0.8


def test_sample_recording_lists_its_faults() -> None:
    voice = ((f"Sentence {i}.", tone(1.0)) for i in itertools.count())
    passages = (
        Passage("clean", 3, {}),
        Passage("noise", 3, {"snr_db": 10.0}),
        Passage("clicks", 3, {"per_minute": 60.0}),
        Passage("silence", 2, {}),
    )
    samples, facts = record(voice, passages)
    assert len(samples) / RATE == pytest.approx(facts["seconds"], abs=0.01)
    noise, clicks, silence = facts["planted"]
    assert [noise["fault"], clicks["fault"], silence["fault"]] == ["noise", "clicks", "silence"]
    assert all(
        clicks["start_seconds"] <= at <= clicks["end_seconds"] for at in clicks["at_seconds"]
    )
    quiet = samples[round((silence["start_seconds"] + 0.1) * RATE) :]
    assert 20 * np.log10(np.sqrt(np.mean(quiet**2))) == pytest.approx(-72, abs=1)
    gap = facts["sentences"][0]["end_seconds"] + 0.15
    clean_gap = samples[round(gap * RATE) : round((gap + 0.1) * RATE)]
    inside = noise["start_seconds"] + 0.6
    noisy = next(s for s in facts["sentences"] if s["start_seconds"] > inside)
    gap = noisy["end_seconds"] + 0.15
    noisy_gap = samples[round(gap * RATE) : round((gap + 0.1) * RATE)]
    assert np.std(noisy_gap) > 20 * np.std(clean_gap)


def test_ridge_finds_a_linear_layer_again() -> None:
    rng = np.random.default_rng(0)
    x, weight, bias = rng.normal(size=(500, 6)), rng.normal(size=(3, 6)), rng.normal(size=3)
    found, offset = ridge(x, x @ weight.T + bias)
    assert np.allclose(found, weight, atol=0.01)
    assert np.allclose(offset, bias, atol=0.01)


def test_a_demo_voice_hears_its_folders_in_turn(tmp_path: Path, monkeypatch) -> None:
    for folder, amplitude, count in (("english", 0.25, 4), ("korean", 0.5, 1)):
        (tmp_path / folder).mkdir()
        for number in range(count):
            path = tmp_path / folder / f"{number}.flac"
            soundfile.write(path, tone(1.0, amplitude=amplitude), RATE)
    folders = [tmp_path / "english", tmp_path / "korean"]
    monkeypatch.setattr(make_demo_voices, "SECONDS", 4.0)
    heard = make_demo_voices.read(folders, "both.wav")
    clips = heard.samples.reshape(4, -1)
    assert clips.shape[1] == 1.5 * RATE  # with the gap
    assert clips.max(axis=1) == pytest.approx([0.25, 0.5, 0.25, 0.25], abs=1e-3)
    assert not clips[:, RATE:].any()
    assert heard.name == "both.wav"
