"""Variety of speech: its sounds, repetitions and expression, on varied and on uniform speech."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from test_quality_report import GOOD, _report
from voice_like import voice_like

from rvc.audio import Recording, load_audio, resample
from rvc.cleaning import Cleaned, Segment
from rvc.f0 import F0, RepairedF0, repair_f0
from rvc.quality import report_json
from rvc.quality.duplicates import find_duplicates
from rvc.quality.expression import FLAT_DB, MONOTONE_SEMITONES, speaking_notes, speaking_of
from rvc.quality.figures import figures_html
from rvc.quality.speech_charts import speech_sections
from rvc.quality.together import with_copies, with_sounds
from rvc.quality.variety import (
    ENOUGH_TOKENS,
    GOOD_SHARE,
    Variety,
    count_sounds,
    load_speech_sounds,
    variety_note,
    variety_of,
)

WEIGHTS = Path(__file__).parents[1] / "weights"
RATE = 16_000


@pytest.fixture(scope="module")
def speech() -> list[Recording]:
    """Seventy seconds of a read story in pieces of five."""
    sound = resample(load_audio(WEIGHTS / "samples" / "sample_recording.ogg"), RATE)
    places = range(0, 70 * RATE, 5 * RATE)
    return [Recording(sound.samples[at : at + 5 * RATE], RATE) for at in places]


@pytest.fixture(scope="module")
def table():
    return load_speech_sounds(WEIGHTS)


def test_the_table_is_what_it_says(table):
    assert table.projection.shape == (512, 48)
    assert table.centres.shape == (256, 48)
    assert table.frequency.sum() == pytest.approx(1, abs=1e-3)
    assert 100 < table.voiced.sum() < 250
    assert (np.diff(table.voiced.astype(int)) <= 0).all(), "voiced sounds stand first"
    assert (np.diff(table.ordinary, axis=0) > 0).all(), "the longer, the more"


def test_a_story_is_as_varied_as_any_and_more_of_it_is_more(speech, table):
    heard = count_sounds(speech, WEIGHTS)
    whole = variety_of(heard, table)
    assert 0.7 < whole.minutes < 70 / 60
    ordinary = np.interp(whole.minutes, table.ordinary[:, 0], table.ordinary[:, 1])
    assert whole.share == pytest.approx(ordinary, abs=0.12)
    assert not whole.repeats
    assert 1 < whole.more_minutes < 5
    assert variety_of(heard[:6], table).share < whole.share - 0.1


def test_a_sentence_again_and_again_repeats_itself(speech, table):
    again, longer = (variety_of(count_sounds([speech[0]] * n, WEIGHTS), table) for n in (14, 42))
    assert again.repeats
    assert longer.repeats
    assert longer.share < again.share + 0.1, "three times as long, nothing new"
    assert longer.share < 0.45


@pytest.mark.parametrize("kind", ["noise", "tone"])
def test_what_is_no_speech_holds_few_of_its_sounds(kind, table):
    t = np.arange(40 * RATE) / RATE
    noise = np.random.default_rng(0).standard_normal(len(t))
    sound = noise if kind == "noise" else np.sign(np.sin(2 * np.pi * 150 * t))
    found = variety_of(count_sounds([Recording((0.1 * sound).astype(np.float32), RATE)], WEIGHTS),
                       table)  # fmt: skip
    assert found.share < 0.1
    assert found.repeats


def test_a_segment_counts_its_own_sounds_only(speech, table):
    silent = Recording(np.zeros(RATE, np.float32), RATE)
    heard = count_sounds([speech[0], silent, speech[1]], WEIGHTS)
    assert sum(heard[1]) == 0
    assert 100 < sum(heard[0]) <= 250
    assert count_sounds([], WEIGHTS) == []
    assert variety_of([], table) is None
    assert variety_of([(), heard[1]], table) is None


def test_enough_is_a_quarter_of_a_second_of_a_sound(table):
    counts = np.zeros(256, int)
    counts[:128] = ENOUGH_TOKENS
    counts[128:] = ENOUGH_TOKENS - 1
    found = variety_of([tuple(counts)], table)
    assert found.share == pytest.approx(table.frequency[:128].sum(), abs=1e-6)
    everything = variety_of([tuple(np.full(256, ENOUGH_TOKENS))], table)
    assert everything.share == pytest.approx(1, abs=1e-3)
    assert everything.more_minutes is None


def test_notes_say_it_in_both_languages():
    few = Variety((1,), 0.42, 1.0, 2.6, False)
    for found, en, ko in (
        (few, "about 3 min more", "3분쯤"),
        (replace(few, repeats=True), "again and again", "되풀이"),
        (replace(few, share=0.9, more_minutes=None), "varied enough", "고릅니다"),
    ):
        note = variety_note(found)
        assert f"{found.share:.0%}" in str(note)
        assert f"{found.share:.0%}" in note.in_language("ko")
        assert en in str(note)
        assert ko in note.in_language("ko")
    assert f"{GOOD_SHARE:.0%}" in str(variety_note(few))


def test_variety_follows_what_is_used_and_counts_a_copy_once(table):
    report = _report([(GOOD, GOOD)] * 3)
    half = tuple([ENOUGH_TOKENS] * 128 + [0] * 128)
    other = tuple([0] * 128 + [ENOUGH_TOKENS // 2] * 128)
    first, second, third = (replace(s, sounds=c) for s, c in
                            zip(report.segments, (half, other, other), strict=True))  # fmt: skip
    report = replace(
        report, segments=(first, second, replace(third, copy_of=1)), speech_sounds=table
    )
    assert report.variety.share == pytest.approx(table.frequency[:128].sum(), abs=1e-6)
    assert report.notes[0] == variety_note(report.variety)
    without = report.with_decision(0, "drop")
    assert without.variety.share == 0
    values = report_json(report)
    assert values["variety"]["sounds_enough"] == 128
    assert values["variety"]["sounds_heard"] == 256
    assert values["copied_seconds"] == 10
    assert values["segments"][2]["copy_of"] == 1
    for language in ("en", "ko"):
        drawn = figures_html(speech_sections(report, language), language)
        assert drawn.count("<rect") == 256
    assert report_json(_report([(GOOD, GOOD)]))["variety"] is None


def test_without_the_table_a_note_says_so(speech, tmp_path, monkeypatch):
    monkeypatch.setattr("rvc.assets.SHIPPED_FOLDER", tmp_path)
    segments = _report([(GOOD, GOOD)]).segments
    same, notes, found = with_sounds(speech[:1], segments, tmp_path)
    assert same == list(segments)
    assert found is None
    assert "not counted" in str(notes[0])
    assert re.search("[가-힣]", notes[0].in_language("ko"))


def test_copies_of_real_speech_are_found_and_other_sentences_are_not(speech):
    quiet = Recording(np.roll(speech[3].samples, 800) * np.float32(0.4), RATE)
    noise = 0.002 * np.random.default_rng(1).standard_normal(len(quiet.samples))
    copy = Recording((quiet.samples + noise).astype(np.float32), RATE)
    assert find_duplicates([*speech, copy]) == ((3, len(speech)),)
    segments = list(_report([(GOOD, GOOD)] * (len(speech) + 1)).segments)
    marked, notes = with_copies([*speech, copy], segments)
    assert [s.copy_of for s in marked] == [None] * len(speech) + [3]
    assert "copies" in str(notes[0])
    assert "똑같아" in notes[0].in_language("ko")
    assert with_copies(speech, segments[:-1]) == (segments[:-1], [])


def _take(hz: np.ndarray, sound: Recording) -> tuple[Cleaned, RepairedF0]:
    f0 = F0(hz.astype(np.float32), np.ones(len(hz), np.float32))
    parts = (Segment(0.0, sound.duration_seconds),)
    cleaned = Cleaned(sound, sound, parts, parts, (), 1.0, True)
    return cleaned, repair_f0(f0)


def test_a_monotone_reading_is_named_and_a_lively_one_is_not():
    frames = np.arange(3000)
    sound = Recording(voice_like(30), RATE)
    for swing, monotone in ((1.0, True), (5.0, False)):
        hz = 150 * 2 ** (swing * np.sin(frames / 40) / 12)
        found = speaking_of([_take(hz, sound)])
        assert found.f0_deviation_semitones == pytest.approx(swing / np.sqrt(2), rel=0.1)
        assert (found.f0_deviation_semitones < MONOTONE_SEMITONES) == monotone
        assert found.f0_low_hz < 150 < found.f0_high_hz
        assert found.covered_semitones == pytest.approx(2 * swing + 1, abs=1)
        notes = speaking_notes(found)
        assert any("monotone" in str(note) for note in notes) == monotone
        assert any("단조" in note.in_language("ko") for note in notes) == monotone
    assert speaking_of([_take(hz[:500], sound)]).f0_low_hz is None
    assert speaking_notes(speaking_of([])) == []


def test_speech_pressed_flat_is_named_and_the_story_is_not(speech):
    story = Recording(np.concatenate([part.samples for part in speech[:6]]), RATE)
    level = np.sqrt(np.convolve(story.samples**2, np.ones(3200) / 3200, "same") + 1e-8)
    pressed = Recording((0.05 * story.samples / level).astype(np.float32), RATE)
    hz = np.full(3000, 200.0)
    lively, flat = (speaking_of([_take(hz, sound)]) for sound in (story, pressed))
    assert lively.loudness_range_db > FLAT_DB + 2
    assert flat.loudness_range_db < FLAT_DB
    assert any("equally loud" in str(note) for note in speaking_notes(flat))
    assert not any("equally loud" in str(note) for note in speaking_notes(lively))
