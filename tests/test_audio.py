"""Recordings: frames, levels, sample rates, and saving to files."""

import numpy as np
import pytest
from tones import RATE, fundamental_hz, tone

from rvc.audio import (
    ENCODINGS,
    Recording,
    frame_count,
    load_audio,
    resample,
    rms_db,
    save_audio,
)
from rvc.errors import AudioError, StorageError


def test_frames_cover_the_samples():
    assert frame_count(0, RATE) == 0
    assert frame_count(1, RATE) == 1
    assert frame_count(160, RATE) == 1
    assert frame_count(161, RATE) == 2
    assert frame_count(44_100, 44_100) == 100


def test_level_of_a_full_scale_sine_is_minus_three_db():
    assert rms_db(tone(level=1.0)) == pytest.approx(-3.01, abs=0.01)
    assert rms_db(np.zeros(0, np.float32)) == rms_db(np.zeros(9, np.float32)) == -120


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 48_000])
@pytest.mark.parametrize("length", [0, 1, 777, 16_000])
def test_resampling_gives_the_rounded_length(rate, length):
    changed = resample(Recording(tone()[:length], RATE), rate)
    assert len(changed.samples) == round(length * rate / RATE)
    assert changed.samples.dtype == np.float32 and changed.sample_rate == rate


def test_resampling_keeps_the_place_in_time():
    click = np.zeros(RATE, np.float32)
    click[4_000] = 1.0
    assert np.argmax(resample(Recording(click, RATE), 48_000).samples) == 12_000


@pytest.mark.parametrize("suffix", ENCODINGS)
def test_every_written_format_is_read_again(tmp_path, suffix):
    before = Recording(tone(2.0, rate=22_050), 22_050)
    path = save_audio(
        tmp_path / f"목소리{suffix}", before, metadata={"comment": "AI voice, 목소리"}
    )
    after = load_audio(path)
    assert after.duration_seconds == pytest.approx(2.0, abs=0.05)
    assert fundamental_hz(after) == pytest.approx(220, abs=1)
    assert rms_db(after.samples) == pytest.approx(rms_db(before.samples), abs=0.5)
    assert b"AI voice" in path.read_bytes()
    assert [each.name for each in tmp_path.iterdir()] == [path.name]  # no temporary file is left
    again = save_audio(
        tmp_path / f"again{suffix}", before, metadata={"comment": "AI voice, 목소리"}
    )
    assert again.read_bytes() == path.read_bytes()


@pytest.mark.parametrize("suffix", [".wav", ".flac"])
def test_lossless_formats_keep_every_sample_of_16_bit(tmp_path, suffix):
    samples = (np.random.default_rng(0).integers(-32768, 32768, RATE) / 32768).astype(np.float32)
    after = load_audio(save_audio(tmp_path / f"a{suffix}", Recording(samples, RATE)))
    assert np.array_equal(after.samples, samples)


def test_writing_clips_and_refuses_unknown_suffixes(tmp_path):
    loud = load_audio(save_audio(tmp_path / "a.wav", Recording(tone(level=3.0), RATE)))
    assert np.abs(loud.samples).max() <= 1
    with pytest.raises(AudioError, match=r"\.xyz"):
        save_audio(tmp_path / "a.xyz", loud)
    with pytest.raises(StorageError, match=r"'a\.wav' is not there"):
        save_audio(tmp_path / "no folder" / "a.wav", loud)


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = save_audio(tmp_path / "a.wav", Recording(tone(), RATE))
    before = path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StorageError, match="disk is full") as caught:
        save_audio(path, Recording(tone(2.0), RATE))
    assert "디스크가 가득" in caught.value.text.in_language("ko")
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]
