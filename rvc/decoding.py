"""Any sound file to float samples, by FFmpeg's libraries (PyAV), with nothing from outside trusted.

The file comes as an open file object with a list of allowed containers: a playlist dressed up as
`song.wav` would otherwise make FFmpeg open and decode *another* file. Samples are counted while
they are decoded, so that a small file that unfolds into hours is stopped at the limit.
"""

import os
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from rvc.errors import AudioError, Text

MAX_SAMPLES = 60 * 60 * 96_000  # an hour at 96 kHz: 1.4 GB as float32
MIN_SAMPLE_RATE, MAX_SAMPLE_RATE = 4_000, 384_000
MAX_CHANNELS = 8
HEAD_BYTES = 65_536
GROWTH_SAMPLES = 2**23
CANCELLING_SHARE = 0.2  # / channels: a sum that keeps less of the mean energy has cancelled out

# Demuxers a person's recording can need; none of them opens further files.
CONTAINERS = (
    "wav,w64,aiff,au,caf,flac,mp3,ogg,mov,mp4,m4a,matroska,webm,aac,asf,amr,avi,mpegts,mpeg,flv,"
    "wv,tta,ape"
)
INTEGER_SCALES = {"u8": 2.0**-7, "s16": 2.0**-15, "s32": 2.0**-31, "s64": 2.0**-63}


@dataclass(frozen=True, eq=False)
class Decoded:
    """Mono sound as decoded: may be empty of meaning, hold NaN, or exceed full scale."""

    samples: np.ndarray  # (samples,) float32
    sample_rate: int
    notes: tuple[Text, ...]


def decode(file: BinaryIO, limit_seconds: float) -> Decoded:
    """The first sound track, folded to mono by the mean of its channels.

    Channels that cancel out are not folded: the first one is taken. Raises AudioError for what is
    no sound, has none, is longer than `limit_seconds`, or is of a kind nobody records in.
    """
    try:
        samples, sample_rate, cancelling, cut_short = _decode(file, limit_seconds, False)
        if cancelling:
            samples, sample_rate, _, cut_short = _decode(file, limit_seconds, True)
    except AudioError:
        raise
    except (OSError, ValueError, MemoryError) as error:  # PyAV's errors are children of the first
        raise _what_it_is(file) from error
    notes = []
    if cancelling:
        notes.append(
            Text(
                "The two channels cancel out; only the left one is used.",
                "두 채널이 서로 상쇄됩니다. 왼쪽 채널만 사용합니다.",
            )
        )
    if cut_short:
        seconds = len(samples) / sample_rate
        notes.append(
            Text(
                f"Only the first {seconds:.1f} s could be read.",
                f"처음 {seconds:.1f}초만 읽을 수 있었습니다.",
            )
        )
    return Decoded(samples, sample_rate, tuple(notes))


def _decode(
    file: BinaryIO, limit_seconds: float, first_channel_only: bool
) -> tuple[np.ndarray, int, bool, bool]:
    """-> samples, sample rate, whether the channels cancel out, whether the file is cut short"""
    import av

    file.seek(0)
    with av.open(file, options={"format_whitelist": CONTAINERS}) as container:
        stream = _sound_stream(container)
        declared_seconds = _declared_seconds(container, stream, file)
        if declared_seconds and declared_seconds > limit_seconds + 1:
            raise _too_long(declared_seconds, limit_seconds)
        samples = np.zeros(0, np.float32)
        rate, total, broken = 0, 0, False
        channel_energy, fold_energy = np.zeros(MAX_CHANNELS), 0.0
        try:
            for frame in container.decode(stream):
                if frame.sample_rate != (rate := rate or _checked_rate(frame.sample_rate)):
                    broken = True  # a second sound of another rate, chained to the first
                    break
                channels = _channels(frame)  # (channels, samples)
                block = channels[0] if first_channel_only else channels.mean(0)
                with np.errstate(over="ignore", invalid="ignore"):  # NaN is judged by the caller
                    channel_energy[: len(channels)] += np.square(channels).sum(1)
                    fold_energy += float(np.square(block).sum())
                    samples = _appended(samples, total, block)
                total += len(block)
                if total > min((limit_seconds + 1) * rate, MAX_SAMPLES):
                    raise _too_long(max(declared_seconds or 0.0, total / rate), limit_seconds)
        except (av.error.FFmpegError, EOFError) as error:
            if not total:
                raise ValueError("no frame could be decoded") from error
            broken = True
    if not total:
        raise AudioError("There is no sound in this file.", "이 파일에는 소리가 없습니다.")
    sounding = channel_energy[channel_energy > 0]
    cancelling = (
        len(sounding) > 1 and fold_energy < CANCELLING_SHARE / len(sounding) * sounding.mean()
    )
    cut_short = broken or (declared_seconds or 0.0) > total / rate / 0.98 + 0.1
    samples.resize(total, refcheck=False)
    return samples, rate, cancelling, cut_short


def _appended(samples: np.ndarray, total: int, block: np.ndarray) -> np.ndarray:
    """`samples`, of which `total` count, and `block`: grown in place, so that an hour lies in
    memory once."""
    end = total + len(block)
    if end > len(samples):
        samples.resize(end + GROWTH_SAMPLES, refcheck=False)
    samples[total:end] = block
    return samples


def _sound_stream(container):
    """The first sound track of an open container."""
    if not container.streams.audio:
        if container.streams.video:
            raise AudioError("This video has no sound track.", "이 영상에는 소리 트랙이 없습니다.")
        raise AudioError("There is no sound in this file.", "이 파일에는 소리가 없습니다.")
    stream = container.streams.audio[0]
    codec = stream.codec_context
    if codec is None or codec.name.startswith("adpcm") or codec.channels > MAX_CHANNELS:
        raise _unsupported()
    if codec.sample_rate:
        _checked_rate(codec.sample_rate)
    return stream


def _declared_seconds(container, stream, file: BinaryIO) -> float | None:
    """How long the file says it is; None where it does not say, or only a guess can be made."""
    position = file.tell()
    file.seek(0)
    head = file.read(HEAD_BYTES)
    file.seek(position)
    if container.format.name == "wav":  # FFmpeg's duration is already cut to the file's size
        place = head.find(b"data", 36)
        size = int.from_bytes(head[place + 4 : place + 8], "little") if place > 0 else 0
        bits_per_second = stream.codec_context.bit_rate
        unknown = size in (0, 0xFFFFFFFF) or size > 100 * os.fstat(file.fileno()).st_size
        return None if unknown or not bits_per_second else size * 8 / bits_per_second
    if container.format.name == "mp3" and b"Xing" not in head and b"Info" not in head:
        return None  # guessed from the first frame's bit rate
    if stream.duration is None or stream.time_base is None:
        return None
    return float(stream.duration * stream.time_base)


def _channels(frame) -> np.ndarray:
    """The frame's sound, full scale 1. -> (channels, samples) float64"""
    values = frame.to_ndarray()
    if frame.format.is_packed:
        values = values.reshape(-1, frame.layout.nb_channels).T
    if len(values) > MAX_CHANNELS:
        raise _unsupported()
    offset = 128.0 if values.dtype == np.uint8 else 0.0
    scale = INTEGER_SCALES.get(frame.format.packed.name, 1.0)
    return (values.astype(np.float64) - offset) * scale


def _checked_rate(sample_rate: int) -> int:
    if not MIN_SAMPLE_RATE <= sample_rate <= MAX_SAMPLE_RATE:
        raise _unsupported()
    return sample_rate


def _too_long(seconds: float, limit_seconds: float) -> AudioError:
    (length, length_ko), (limit, limit_ko) = (
        (f"{s / 60:.3g} min", f"{s / 60:.3g}분") if s >= 60 else (f"{s:.3g} s", f"{s:.3g}초")
        for s in (seconds, limit_seconds)
    )
    return AudioError(
        f"Too long ({length}): {limit} at most here. Run it on your own computer for more, or cut "
        "the file into parts.",
        f"너무 깁니다({length_ko}). 여기서는 최대 {limit_ko}입니다. 더 긴 파일은 내 컴퓨터에서 "
        "실행하거나 나누어 올려 주세요.",
    )


def _unsupported() -> AudioError:
    return AudioError(
        "This kind of sound file is not supported; save it as WAV, FLAC, MP3, M4A or OGG.",
        "지원하지 않는 소리 파일입니다. WAV, FLAC, MP3, M4A, OGG로 저장해 주세요.",
    )


def _what_it_is(file: BinaryIO) -> AudioError:
    """The error for a file that no demuxer wants, naming what its first bytes look like."""
    file.seek(0)
    head = file.read(1024)
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    sound_heads = (b"RIFF", b"OggS", b"fLaC", b"\x1aE\xdf\xa3")
    if head[8:12] != b"WEBP" and (head.startswith(sound_heads) or head[4:8] == b"ftyp"):
        return AudioError(
            "This file is damaged or was cut short, and cannot be read.",
            "파일이 손상되었거나 중간에 잘려서 읽을 수 없습니다.",
        )
    kinds = (
        (text.startswith((b"<!doctype", b"<html")), "a web page", "웹 페이지"),
        (text.startswith((b"#extm3u", b"ffconcat", b"[playlist]")), "a playlist", "재생 목록"),
        (
            head.startswith((b"PK\x03\x04", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!")),
            "an archive or a voice file",
            "압축 파일이나 목소리 파일",
        ),
        (
            head.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"RIFF")),
            "an image",
            "이미지",
        ),
        (b"\0" not in head, "text", "글"),
    )
    for matches, en, ko in kinds:
        if matches:
            return AudioError(
                f"This is not a sound file (it looks like {en}).",
                f"소리 파일이 아닙니다({ko}처럼 보입니다).",
            )
    return _unsupported()
