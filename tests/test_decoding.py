"""Decoding of valid, damaged and hostile audio files."""

import io
import struct
import wave
import zipfile
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from tones import RATE, fundamental_hz, tone

from rvc.audio import (
    Recording,
    load_audio,
    rms_db,
    save_audio,
)
from rvc.errors import AudioError


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW"])
def test_sample_formats_are_scaled_alike(tmp_path, subtype):
    soundfile.write(tmp_path / "a.wav", tone(), RATE, subtype=subtype)
    recording = load_audio(tmp_path / "a.wav")
    assert recording.notes == ()
    assert rms_db(recording.samples) == pytest.approx(rms_db(tone()), abs=0.2)


@pytest.mark.parametrize("rate", [4_000, 8_000, 96_000, 192_000])
@pytest.mark.parametrize("channels", [1, 2, 6, 8])
def test_rates_and_channels(tmp_path, rate, channels):
    sound = tone(0.6, rate=rate)
    soundfile.write(tmp_path / "a.wav", np.stack([sound] * channels, axis=1), rate)
    recording = load_audio(tmp_path / "a.wav")
    assert recording.sample_rate == rate and recording.samples.shape == sound.shape
    assert np.allclose(recording.samples, sound, atol=1e-4)


def test_the_suffix_is_not_believed(tmp_path):
    save_audio(tmp_path / "a.flac", Recording(tone(), RATE)).rename(tmp_path / "a.wav")
    assert load_audio(tmp_path / "a.wav").duration_seconds == 1.0


def test_channels_out_of_phase_are_not_summed_away(tmp_path):
    noise = 0.01 * np.random.default_rng(0).standard_normal((RATE, 2))
    soundfile.write(tmp_path / "a.wav", np.stack([tone(), -tone()], 1) + noise, RATE)
    recording = load_audio(tmp_path / "a.wav")
    assert rms_db(recording.samples) == pytest.approx(rms_db(tone()), abs=0.2)
    assert "cancel out" in str(recording.notes[0]) and "상쇄" in recording.notes[0].in_language(
        "ko"
    )


def test_one_empty_channel_is_only_quieter(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.stack([tone(), 0 * tone()], 1), RATE)
    recording = load_audio(tmp_path / "a.wav")
    assert recording.notes == ()
    assert rms_db(recording.samples) == pytest.approx(rms_db(tone()) - 6.02, abs=0.1)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e30])
def test_a_few_damaged_samples_are_bridged(tmp_path, bad):
    samples = tone()
    samples[500:510] = bad
    soundfile.write(tmp_path / "a.wav", samples, RATE, subtype="FLOAT")
    recording = load_audio(tmp_path / "a.wav")
    assert str(recording.notes[0]) == "10 damaged samples were repaired."
    assert np.abs(recording.samples).max() <= 0.31
    samples[:200] = bad
    soundfile.write(tmp_path / "a.wav", samples, RATE, subtype="FLOAT")
    with pytest.raises(AudioError, match="damaged"):
        load_audio(tmp_path / "a.wav")


def test_float_above_full_scale_is_scaled(tmp_path):
    soundfile.write(tmp_path / "a.wav", tone(level=20_000.0), RATE, subtype="FLOAT")
    recording = load_audio(tmp_path / "a.wav")
    assert np.abs(recording.samples).max() == pytest.approx(1.0)
    assert fundamental_hz(recording) == pytest.approx(220, abs=1)


def video(path: Path, *, sound: bool) -> Path:
    with av.open(str(path), "w") as output:
        picture = output.add_stream("mpeg4", rate=10)
        picture.width = picture.height = 64
        picture.pix_fmt = "yuv420p"
        voice = output.add_stream("aac", rate=RATE, layout="mono") if sound else None
        for index in range(10):
            frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
            frame.pts = index
            output.mux(picture.encode(frame))
        output.mux(picture.encode(None))
        if voice:
            frame = av.AudioFrame.from_ndarray(tone()[None], format="fltp", layout="mono")
            frame.sample_rate = RATE
            output.mux(voice.encode(frame))
            output.mux(voice.encode(None))
    return path


def test_videos(tmp_path):
    sound = load_audio(video(tmp_path / "a.mp4", sound=True))
    assert fundamental_hz(sound) == pytest.approx(220, abs=2)
    with pytest.raises(AudioError, match="no sound track"):
        load_audio(video(tmp_path / "b.mp4", sound=False))


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", "x" * 5_000)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html><body>404</body></html>" * 50, "web page"),
        (b"just some words\n" * 500, "text"),
        ("안녕하세요 ".encode() * 500, "text"),
        (b"#EXTM3U\n#EXTINF:1,\n/etc/hostname\n", "playlist"),
        (b"ffconcat version 1.0\nfile other.wav\n", "playlist"),
        (zipped(), "archive"),
        (b"\x89PNG\r\n\x1a\n" + bytes(2_000), "image"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF" + bytes(2_000), "image"),
        (b"RIFF\x10\x27\0\0WEBPVP8 " + bytes(2_000), "image"),
        (bytes(5_000), "not supported"),
        (b"RIFF\xff\xff\0\0WAVEfmt ", "damaged"),
    ],
)
def test_what_is_no_sound_is_named(tmp_path, content, message):
    path = tmp_path / "song.wav"
    path.write_bytes(content)
    with pytest.raises(AudioError, match=message) as caught:
        load_audio(path)
    assert caught.value.text.in_language("ko") and str(tmp_path) not in str(caught.value)


def test_a_playlist_never_opens_another_file(tmp_path):
    save_audio(tmp_path / "secret.wav", Recording(tone(), RATE))
    for text in (
        f"#EXTM3U\n#EXTINF:1,\n{tmp_path}/secret.wav\n",
        "ffconcat version 1.0\nfile secret.wav",
    ):
        (tmp_path / "song.wav").write_text(text)
        with pytest.raises(AudioError, match="playlist"):
            load_audio(tmp_path / "song.wav")


def test_missing_folder_and_directory(tmp_path):
    for path in (tmp_path / "nothing.wav", tmp_path):
        with pytest.raises(AudioError, match="cannot be opened"):
            load_audio(path)


def test_too_short_and_silent(tmp_path):
    short = save_audio(tmp_path / "short.wav", Recording(tone(0.3), RATE))
    with pytest.raises(AudioError, match="Too short"):
        load_audio(short)
    assert load_audio(short, minimum_seconds=0.0).duration_seconds == pytest.approx(0.3)

    for index, samples in enumerate(
        (np.zeros(RATE, "f4"), np.full(RATE, 0.5, "f4"), tone(level=3e-4))
    ):
        path = save_audio(tmp_path / f"silent{index}.wav", Recording(samples, RATE))
        with pytest.raises(AudioError, match="silent"):
            load_audio(path)
        assert load_audio(path, refuse_silence=False).duration_seconds == 1.0


def test_one_quiet_word_in_a_long_silence_is_no_silence(tmp_path):
    samples = np.concatenate([np.zeros(20 * RATE, "f4"), tone(0.3, level=0.002)])
    soundfile.write(tmp_path / "a.wav", samples, RATE, subtype="PCM_24")
    assert load_audio(tmp_path / "a.wav").duration_seconds == pytest.approx(20.3)


def test_the_limit_holds_for_any_header(tmp_path):
    long = save_audio(tmp_path / "a.flac", Recording(np.tile(tone(), 200), RATE))
    assert long.stat().st_size < 10_000_000
    with pytest.raises(AudioError, match=r"Too long \(3\.33 min\): 2 min at most"):
        load_audio(long, max_seconds=120)
    assert load_audio(long, max_seconds=200).duration_seconds == 200


def test_files_cut_short_are_read_as_far_as_they_go(tmp_path):
    for suffix in (".wav", ".flac", ".mp3", ".ogg"):
        path = save_audio(tmp_path / f"a{suffix}", Recording(np.tile(tone(hz=300), 10), RATE))
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        recording = load_audio(path)
        assert recording.duration_seconds == pytest.approx(5, abs=1.5)
        if suffix != ".ogg":  # a stream has no duration in its header
            assert str(recording.notes[0]).startswith("Only the first")


def test_a_header_written_before_the_end_was_known(tmp_path):
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((tone(3.0) * 32767).astype("<i2").tobytes())
    content = bytearray(buffer.getvalue())
    content[4:8] = content[40:44] = struct.pack("<I", 0xFFFFFFFF)
    (tmp_path / "a.wav").write_bytes(content)
    assert load_audio(tmp_path / "a.wav", max_seconds=60).duration_seconds == pytest.approx(
        3, abs=0.01
    )


@pytest.mark.parametrize(("rate", "channels"), [(1_000, 1), (600_000, 1), (RATE, 10)])
def test_odd_rates_and_channel_counts_are_refused(tmp_path, rate, channels):
    soundfile.write(tmp_path / "a.wav", np.stack([tone(2.0, rate=rate)] * channels, 1), rate)
    with pytest.raises(AudioError, match="not supported"):
        load_audio(tmp_path / "a.wav")


@pytest.mark.parametrize(
    "name", ["a'b\".wav", "$(id).wav", "줄\n바꿈.wav", "\u202egnp.wav", "목" * 60 + ".wav"]
)
def test_strange_names(tmp_path, name):
    path = save_audio(tmp_path / name, Recording(tone(), RATE))
    assert load_audio(path).name == name
