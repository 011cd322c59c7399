"""Audio formats: containers and codecs, tags of any encoding, damage, and false durations."""

import struct
import time
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from tones import RATE, fundamental_hz, tone

from rvc.audio import Recording, load_audio, save_audio
from rvc.cli.inputs import find_inputs
from rvc.container import too_long
from rvc.errors import AudioError
from rvc.formats import SUFFIXES


def encoded(path: Path, container: str, codec: str, *, seconds: float = 1.0, start: float = 0.0):
    """Write a file of `tone` at 48 kHz whose timestamps begin at `start` seconds."""
    rate = 48_000
    with av.open(str(path), "w", format=container) as output:
        stream = output.add_stream(codec, rate=rate)
        stream.layout = "mono"
        samples = (tone(seconds, rate=rate)[None] * 32767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate, frame.pts = rate, 0
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            packet.pts = packet.dts = (packet.pts or 0) + round(start * rate)
            output.mux(packet)
    return path


@pytest.mark.parametrize(
    ("suffix", "container", "codec"),
    [
        (".oga", "ogg", "libopus"), (".weba", "webm", "libopus"), (".avi", "avi", "pcm_s16le"),
        (".flv", "flv", "aac"), (".mpg", "mpeg", "mp2"), (".wmv", "asf", "libmp3lame"),
        (".mp2", "mp2", "mp2"), (".wv", "wv", "wavpack"), (".tta", "tta", "tta"),
        (".ts", "mpegts", "aac"), (".ac3", "ac3", "ac3"), (".eac3", "eac3", "eac3"),
        (".m4b", "ipod", "aac"), (".3ga", "3gp", "aac"), (".wav", "wav", "adpcm_ms"),
        (".caf", "caf", "pcm_s16be"), (".aiff", "aiff", "pcm_s16be"),
    ],
)  # fmt: skip
def test_what_a_library_can_decode_is_read(tmp_path, suffix, container, codec):
    path = encoded(tmp_path / f"a{suffix}", container, codec)
    assert find_inputs([str(tmp_path)]) == [path]
    recording = load_audio(path)
    assert recording.notes == ()
    assert recording.duration_seconds == pytest.approx(1.0, abs=0.1)
    assert fundamental_hz(recording) == pytest.approx(220, abs=3)


@pytest.mark.parametrize(
    ("suffix", "container", "codec"), [("m4a", "ipod", "aac"), ("wv", "wv", "wavpack")]
)
@pytest.mark.parametrize(("layout", "channels"), [("5.1", 6), ("7.1", 8)])
def test_many_channels_apart_are_folded(tmp_path, suffix, container, codec, layout, channels):
    path = tmp_path / f"a.{suffix}"
    with av.open(str(path), "w", format=container) as output:
        stream = output.add_stream(codec, rate=RATE, layout=layout)
        sound = np.repeat(tone(), channels)[None]
        frame = av.AudioFrame.from_ndarray(sound, format="flt", layout=layout)
        frame.sample_rate, frame.pts = RATE, 0
        output.mux([*stream.encode(frame), *stream.encode(None)])
    assert fundamental_hz(load_audio(path)) == pytest.approx(220, abs=2)


def test_adpcm_of_another_program_is_read(tmp_path):
    soundfile.write(tmp_path / "a.wav", tone(), RATE, subtype="IMA_ADPCM")
    assert fundamental_hz(load_audio(tmp_path / "a.wav")) == pytest.approx(220, abs=2)


@pytest.mark.parametrize("times", [1, 2])
def test_one_bit_sound_is_brought_to_a_rate_one_can_work_with(tmp_path, times):
    rate = times * 2_822_400
    wanted, error = np.repeat(tone(0.1, rate=44_100), 64 * times), 0.0
    bits = np.zeros(len(wanted) // 8 * 8, np.uint8)
    for index in range(len(bits)):  # each bit corrects the error of the previous ones
        error += wanted[index] - (1.0 if (bit := error + wanted[index] > 0) else -1.0)
        bits[index] = bit
    data = np.packbits(bits, bitorder="little").tobytes()
    data += bytes(-len(data) % 4096)
    form = struct.pack("<QIIIIIIQII", 52, 1, 0, 1, 1, rate, 1, len(bits), 4096, 0)
    head = b"DSD " + struct.pack("<QQQ", 28, 28 + 52 + 12 + len(data), 0)
    sound = b"fmt " + form + b"data" + struct.pack("<Q", 12 + len(data)) + data
    (tmp_path / "a.dsf").write_bytes(head + sound)
    recording = load_audio(tmp_path / "a.dsf", minimum_seconds=0.0)
    assert recording.sample_rate == 88_200
    assert recording.duration_seconds == pytest.approx(0.1, abs=0.01)
    assert fundamental_hz(recording) == pytest.approx(220, abs=12)


def wav(path: Path, *chunks: tuple[bytes, bytes], promised: int | None = None) -> Path:
    """Return a WAV of one second of `tone`, with `chunks` before the audio data."""
    samples = (tone(1.0) * 32767).astype("<i2").tobytes()
    form = struct.pack("<HHIIHH", 1, 1, RATE, 2 * RATE, 2, 16)
    body = b""
    for name, content in ((b"fmt ", form), *chunks):
        body += name + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)
    size = len(samples) if promised is None else promised
    body += b"data" + struct.pack("<I", size) + samples
    path.write_bytes(b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WAVE" + body)
    return path


def info(title: bytes) -> tuple[bytes, bytes]:
    title += b"\0" * (2 - len(title) % 2)
    return b"LIST", b"INFOINAM" + struct.pack("<I", len(title)) + title


@pytest.mark.parametrize("title", ["녹음".encode("cp949"), "é".encode("latin-1"), b"\xff\xfe\x80"])
def test_titles_of_any_encoding(tmp_path, title):
    assert load_audio(wav(tmp_path / "a.wav", info(title))).notes == ()
    for suffix in (".mp3", ".m4a", ".flac"):
        path = save_audio(
            tmp_path / f"a{suffix}", Recording(tone(), RATE), metadata={"title": "Q" * 9}
        )
        content = path.read_bytes()
        assert b"Q" * 9 in content
        path.write_bytes(content.replace(b"Q" * 9, (title * 9)[:9]))
        assert load_audio(path).duration_seconds == pytest.approx(1.0, abs=0.1)
    mp3 = save_audio(tmp_path / "b.mp3", Recording(tone(), RATE))
    mp3.write_bytes(mp3.read_bytes() + b"TAG" + title.ljust(125, b"\0"))
    assert load_audio(mp3).duration_seconds == pytest.approx(1.0, abs=0.1)


def test_a_library_that_knows_no_encoding_of_titles_is_opened_all_the_same(tmp_path, monkeypatch):
    real, asked = av.open, []

    def newer(file, mode, *, container_options):  # PyAV 19 removed the argument
        asked.append(container_options)
        return real(file, mode, container_options=container_options)

    monkeypatch.setattr("av.open", newer)
    monkeypatch.setattr("rvc.untrusted.sound.APART", False)
    assert load_audio(wav(tmp_path / "a.wav")).duration_seconds == 1.0 and asked


def test_a_title_with_the_name_of_a_chunk_is_a_title(tmp_path):
    title = b"my data\xff\xff\xff\x7f and more"
    assert load_audio(wav(tmp_path / "a.wav", info(title)), max_seconds=60).notes == ()
    odd = (b"junk", b"data" + b"\xff" * 99)
    assert load_audio(wav(tmp_path / "b.wav", odd, odd), max_seconds=60).notes == ()
    picture = (b"id3 ", bytes(200_000))
    assert load_audio(wav(tmp_path / "c.wav", picture), max_seconds=60).notes == ()
    cut = wav(tmp_path / "d.wav", picture, promised=4 * RATE)
    assert "Only the first 1.0 s" in str(load_audio(cut, max_seconds=60).notes[0])


RUINS = {
    "a.ogg": b"not a sound", "b.ogg": b"O", "c.ogg": b"OggS", "d.flac": b"fLaC",
    "e.flac": b"fLaC\x80\0\0\x22" + struct.pack(">HH", 4096, 4096) + bytes(30), "f.mp3": b"ID3",
    "g.wav": b"RIFF", "h.wav": b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0", "i.webm": b"\x1aE\xdf\xa3",
    "j.m4a": b"\0\0\0\x20ftypM4A ", "k.aiff": b"FORM\0\0\0\x04AIFF", "l.au": b".snd",
    "m.caf": b"caff\0\1\0\0", "n.amr": b"#!AMR\n", "o.wv": b"wvpk", "p.ape": b"MAC ",
    "q.dsf": b"DSD ", "r.ts": b"G" * 188, "s.mpc": b"MPCK", "t.wma": b"0&\xb2u\x8ef\xcf\x11",
}  # fmt: skip


@pytest.mark.parametrize("name", RUINS)
def test_ruins_are_refused_in_words(tmp_path, name):
    (tmp_path / name).write_bytes(RUINS[name])
    with pytest.raises(AudioError):
        load_audio(tmp_path / name)


@pytest.mark.parametrize("size", [1, 4, 40, 100, 200, 400, 1000])
@pytest.mark.parametrize("kind", ["webm", "ogg", "flac", "mp3", "m4a", "wav"])
def test_a_file_cut_within_its_head_is_no_traceback(tmp_path, kind, size):
    if kind == "webm":
        path = encoded(tmp_path / "a.webm", "webm", "libopus")
    else:
        path = save_audio(tmp_path / f"a.{kind}", Recording(tone(), RATE))
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(AudioError) as caught:
        load_audio(path)
    assert kind == "m4a" or size < 4 or "text" not in str(caught.value)


def test_damage_in_the_middle_is_left_out_and_reported(tmp_path):
    path = save_audio(tmp_path / "a.mp3", Recording(np.tile(tone(hz=300), 10), RATE))
    content = bytearray(path.read_bytes())
    half = len(content) // 2
    content[half : half + 3_000] = np.random.default_rng(0).bytes(3_000)
    path.write_bytes(content)
    recording = load_audio(path)
    assert recording.duration_seconds == pytest.approx(10, abs=0.5)


@pytest.mark.parametrize(
    ("suffix", "container", "codec"),
    [("opus", "ogg", "libopus"), ("webm", "webm", "libopus"), ("ts", "mpegts", "aac")],
)
def test_stamps_that_begin_late_are_no_length(tmp_path, suffix, container, codec):
    path = encoded(tmp_path / f"a.{suffix}", container, codec, start=60.0)
    recording = load_audio(path, max_seconds=10)
    assert recording.notes == ()
    assert recording.duration_seconds == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize(
    ("suffix", "container", "codec"),
    [
        ("mp3", "mp3", "libmp3lame"), ("aac", "adts", "aac"), ("webm", "webm", "libopus"),
        ("ogg", "ogg", "libopus"), ("wav", "wav", "pcm_s16le"), ("ac3", "ac3", "ac3"),
    ],
)  # fmt: skip
def test_a_long_file_is_refused_undecoded(tmp_path, monkeypatch, suffix, container, codec):
    path = encoded(tmp_path / f"a.{suffix}", container, codec, seconds=90)
    if suffix == "mp3":  # as written by a program that cannot seek to its header
        content = path.read_bytes()
        assert b"Info" in content or b"Xing" in content
        path.write_bytes(content.replace(b"Info", b"\0" * 4).replace(b"Xing", b"\0" * 4))
    monkeypatch.setattr("rvc.untrusted.sound.APART", False)
    monkeypatch.setattr("rvc.decoding._channels", lambda frame: pytest.fail("decoded"))
    began = time.process_time()
    with pytest.raises(AudioError, match=r"Too long \(1\.[\d]* min\): 1 min"):
        load_audio(path, max_seconds=60)
    assert time.process_time() - began < 5


def test_lengths_are_told_in_the_unit_that_suits_them():
    lengths = {5: "5 s", 200: "3.33 min", 59_939: "999 min", 59_940: "17 h", 1e8: "27,778 h"}
    for seconds, words in lengths.items():
        error = too_long(seconds, 7_200)
        assert f"({words})" in str(error) and "120 min at most" in str(error)
        korean = error.text.in_language("ko")
        assert words.split()[0] in korean and "최대 120분" in korean


def test_every_suffix_is_taken_on_the_page_too():
    from rvc.ui.record_tab import FILE_TYPES

    assert set(SUFFIXES) <= set(FILE_TYPES)
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in SUFFIXES)
