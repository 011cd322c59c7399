"""Open the container of an untrusted audio file and find its duration."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO, Literal

from rvc.errors import AudioError
from rvc.formats import CONTAINERS, unsupported
from rvc.messages import Message

if TYPE_CHECKING:  # av is loaded at the first file
    from av import AudioStream, Packet
    from av.container import InputContainer

MIN_SAMPLE_RATE, MAX_SAMPLE_RATE = 4_000, 384_000
MAX_CHANNELS = 8
HEAD_BYTES = 65_536
COUNTED_BYTES = 2**22  # above this, a file of unknown length is measured before decoding
MAX_CHUNKS = 1_000


def opened(file: BinaryIO) -> "InputContainer":
    """Return the open container of `file`, whatever the encoding of its tags."""
    import av

    file.seek(0)
    allowed = {"format_whitelist": CONTAINERS}  # as `options` it crashes PyAV 16 on FLV and MPEG
    try:
        return av.open(file, "r", container_options=allowed, metadata_errors="replace")
    except TypeError:  # PyAV 19 reads tags of any encoding by default
        file.seek(0)
        return av.open(file, "r", container_options=allowed)


def packets(
    container: "InputContainer", stream: "AudioStream"
) -> Iterator["Packet[AudioStream] | None"]:
    """Yield the packets of `stream`; None as the last item if the container breaks off."""
    import av

    try:
        yield from container.demux(stream)
    except (av.error.FFmpegError, EOFError, ValueError):
        yield None


def sound_stream(container: "InputContainer") -> "AudioStream":
    """Return the first audio stream of an open container; raises AudioError without one."""
    if not container.streams.audio:
        if container.streams.video:
            raise AudioError("This video has no sound track.")
        raise AudioError("There is no sound in this file.")
    stream = container.streams.audio[0]
    codec = stream.codec_context
    if codec is None or codec.channels > MAX_CHANNELS:
        raise unsupported()
    if codec.sample_rate and not codec.name.startswith("dsd_"):
        checked_rate(codec.sample_rate)
    return stream


def checked_rate(sample_rate: int) -> int:
    if not MIN_SAMPLE_RATE <= sample_rate <= MAX_SAMPLE_RATE:
        raise unsupported()
    return sample_rate


def checked_length(file: BinaryIO, limit_seconds: float) -> float | None:
    """Return the duration in the file's header in seconds; None if it is absent or only a guess.

    Raises AudioError if the file is longer than the limit. If the header gives no duration, or one
    above the limit, the packets' durations are summed without decoding: headers may be wrong.
    """
    with opened(file) as container:
        stream = sound_stream(container)
        declared = _declared_seconds(container, stream, file)
        likely = declared
        if declared is None and container.duration:
            likely = (container.duration - max(0, container.start_time or 0)) / 1e6
        size = _size(file)
        if limit_seconds + 1 >= (likely or 0.0) and (likely or size <= COUNTED_BYTES):
            return declared
        counted, share = _counted_seconds(container, stream, size, limit_seconds + 1)
    if counted > limit_seconds + 1 or (not counted and (likely or 0.0) > limit_seconds + 1):
        raise too_long(max(declared or counted / share, counted), limit_seconds)
    return declared


def _counted_seconds(
    container: "InputContainer", stream: "AudioStream", size: int, enough: float
) -> tuple[float, float]:
    """Return the seconds in the packets of `stream`, up to `enough`, and the share of file read."""
    counted, place = 0.0, 0
    for packet in packets(container, stream):
        if packet is None:
            break
        counted += float((packet.duration or 0) * (packet.time_base or 0))
        place = max(place, packet.pos or 0)
        if counted > enough:
            break
    return counted, min(1.0, max(place / size, 1e-3)) if place else 1.0


def _declared_seconds(
    container: "InputContainer", stream: "AudioStream", file: BinaryIO
) -> float | None:
    kind = container.format.name
    if kind == "wav":  # FFmpeg's duration is already cut to the file's size
        size = _wav_data_bytes(file)
        bits_per_second = stream.codec_context.bit_rate
        unknown = size in (0, 0xFFFFFFFF) or size > 100 * _size(file)
        return None if unknown or not bits_per_second else size * 8 / bits_per_second
    if kind == "mp3" and not any(mark in _head(file) for mark in (b"Xing", b"Info", b"VBRI")):
        return None  # guessed from the first frame's bit rate
    if stream.duration is None or not stream.time_base:
        return None
    start = max(0, stream.start_time or 0) if kind == "ogg" else 0  # a stream cut out of another
    return float((stream.duration - start) * stream.time_base)


def _size(file: BinaryIO) -> int:
    position = file.tell()
    size = file.seek(0, os.SEEK_END)
    file.seek(position)
    return size


def _head(file: BinaryIO) -> bytes:
    """Return the first bytes after an ID3 tag."""
    position = file.tell()
    try:
        file.seek(0)
        head = file.read(10)
        if head[:3] == b"ID3":
            size = 0
            for byte in head[6:10]:
                size = size << 7 | byte & 0x7F
            file.seek(10 + size)
        return file.read(HEAD_BYTES)
    finally:
        file.seek(position)


def _wav_data_bytes(file: BinaryIO) -> int:
    """Return the size of the audio data in a RIFF header, in bytes; 0 if absent."""
    position = file.tell()
    try:
        file.seek(0)
        order: Literal["big", "little"] = "big" if file.read(12)[:4] == b"RIFX" else "little"
        for _ in range(MAX_CHUNKS):
            chunk = file.read(8)
            size = int.from_bytes(chunk[4:], order)
            if len(chunk) < 8 or chunk[:4] == b"data":
                return size if len(chunk) == 8 else 0
            file.seek(size + size % 2, os.SEEK_CUR)
        return 0
    finally:
        file.seek(position)


def too_long(seconds: float, limit_seconds: float) -> AudioError:
    return AudioError(
        "Too long ({length}): {limit} at most here. Run it on your own computer for more, or cut "
        "the file into parts.",
        length=_duration(seconds),
        limit=_duration(limit_seconds),
    )


def _duration(seconds: float) -> Message:
    if seconds >= 999 * 60:
        return Message("{hours:,.0f} h", hours=seconds / 3600)
    if seconds >= 60:
        return Message("{minutes:.3g} min", minutes=seconds / 60)
    return Message("{seconds:.3g} s", seconds=seconds)
