"""Decode an untrusted audio file to float samples with FFmpeg's libraries (PyAV).

The input is an open file object with an allow-list of containers: a playlist renamed to `song.wav`
would otherwise make FFmpeg open and decode *another* file. Samples are counted during decoding, so
that a small file that expands to hours is stopped at the limit. `rvc.untrusted.sound` runs this in
a separate process.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from rvc.container import (
    MAX_CHANNELS,
    checked_length,
    checked_rate,
    opened,
    packets,
    sound_stream,
    too_long,
)
from rvc.errors import AudioError
from rvc.formats import unsupported, what_it_is
from rvc.messages import Message

if TYPE_CHECKING:  # av is loaded at the first file
    from av import AudioFrame
    from av.container import InputContainer

MAX_SAMPLES = 60 * 60 * 96_000  # an hour at 96 kHz: 1.4 GB as float32
DSD_RATE = 88_200  # Hz, of decoded one-bit audio; above its half there is only quantization noise
PLANES = 8  # with this many planar channels PyAV reads beyond the last and crashes
CANCELLING_SHARE = 0.2  # / channels: a mean with less of the channels' energy counts as cancelled
INTEGER_SCALES = {"u8": 2.0**-7, "s16": 2.0**-15, "s32": 2.0**-31, "s64": 2.0**-63}


class SinkError(Exception):
    """The decoded samples cannot be written, because of the machine and not of the file."""


@dataclass(frozen=True)
class Decoded:
    """Mono audio as decoded: it may be silent, contain NaN, or exceed full scale."""

    samples: int
    sample_rate: int
    notes: tuple[Message, ...]


@dataclass
class _State:
    """State of a decoding. `gaps`: number of times audio resumed after an unreadable part."""

    sample_rate: int = 0
    samples: int = 0
    gaps: int = 0
    broken: bool = False
    cancelling: bool = False
    declared_seconds: float | None = None


def decode(
    file: BinaryIO, sink: BinaryIO, limit_seconds: float, channel: int | None = None
) -> Decoded:
    """Write the first audio stream to `sink` as float32, mixed to mono by the mean of its channels.

    If the channels cancel out, the first one is used instead. `channel`: that one only (the last,
    if there are fewer). Raises AudioError for a file that is
    not audio, has no audio stream, is longer than `limit_seconds` or has an unsupported format;
    SinkError if `sink` cannot be written.
    """
    try:
        found = _decode(file, sink, limit_seconds, channel)
        if cancelling := found.cancelling and channel is None:
            found = _decode(file, sink, limit_seconds, 0)
    except (AudioError, SinkError):
        raise
    except Exception as error:  # FFmpeg's errors, and those that invalid header values cause
        raise what_it_is(file) from error
    try:
        sink.flush()
    except OSError as error:
        raise SinkError from error
    return Decoded(found.samples, found.sample_rate, tuple(_notes(found, cancelling)))


def _notes(found: _State, cancelling: bool) -> Iterator[Message]:
    if cancelling:
        yield Message(
            "The two channels cancel out; only the left one is used.",
        )
    seconds = found.samples / found.sample_rate
    if found.broken or (found.declared_seconds or 0.0) > seconds / 0.98 + 0.1:
        yield Message(
            "Only the first {seconds:.1f} s could be read.",
            seconds=seconds,
        )
    elif found.gaps:
        yield Message("Damaged parts of this file were left out.")


def _decode(file: BinaryIO, sink: BinaryIO, limit_seconds: float, channel: int | None) -> _State:
    declared_seconds = checked_length(file, limit_seconds)
    found = _State(declared_seconds=declared_seconds)
    _rewind(sink)
    channel_energy, fold_energy = np.zeros(MAX_CHANNELS), 0.0
    # The caller checks for NaN.
    with opened(file) as container, np.errstate(over="ignore", invalid="ignore"):
        for frame in _frames(container, found):
            if frame.sample_rate != (found.sample_rate or checked_rate(frame.sample_rate)):
                found.broken = True  # a chained second stream of another rate
                break
            found.sample_rate = rate = frame.sample_rate
            channels = _channels(frame)  # (channels, samples)
            one = len(channels) == 1 or channel is not None
            block = channels[min(channel or 0, len(channels) - 1)] if one else channels.mean(0)
            if len(channels) > 1:
                channel_energy[: len(channels)] += np.square(channels).sum(1)
                fold_energy += float(np.square(block).sum())
            _write(sink, block)
            found.samples += len(block)
            if found.samples > min((limit_seconds + 1) * rate, MAX_SAMPLES):
                raise too_long(max(declared_seconds or 0.0, found.samples / rate), limit_seconds)
    if not found.samples:
        raise AudioError("There is no sound in this file.")
    sounding = channel_energy[channel_energy > 0]
    found.cancelling = bool(
        len(sounding) > 1 and fold_energy < CANCELLING_SHARE / len(sounding) * sounding.mean()
    )
    return found


def _frames(container: "InputContainer", found: _State) -> Iterator["AudioFrame"]:
    """Yield the frames of the first audio stream; skip undecodable parts and note them in `found`.

    Raises ValueError if nothing can be decoded.
    """
    import av

    stream = sound_stream(container)
    resampler = None
    if stream.codec_context.name.startswith("dsd_"):
        resampler = av.AudioResampler(format="flt", rate=DSD_RATE)
    failed = begun = False
    for packet in packets(container, stream):
        if packet is None:
            found.broken = True
            break
        try:
            frames = packet.decode()
        except (av.error.FFmpegError, EOFError, ValueError):
            failed = True
            continue
        if frames:
            found.gaps += failed and begun
            failed, begun = False, True
        for frame in frames:
            if frame.format.is_planar and frame.layout.nb_channels >= PLANES and not resampler:
                resampler = av.AudioResampler(format="flt")
            yield from resampler.resample(frame) if resampler else [frame]
    if resampler and begun:
        yield from resampler.resample(None)
    if failed and not begun:
        raise ValueError("no frame could be decoded")
    found.broken |= failed


def _channels(frame: "AudioFrame") -> np.ndarray:
    """Return the frame's samples (channels, samples), float32 or float64, full scale 1."""
    values = frame.to_ndarray()
    if frame.format.is_packed:
        values = values.reshape(-1, frame.layout.nb_channels).T
    if len(values) > MAX_CHANNELS:
        raise unsupported()
    scale = INTEGER_SCALES.get(frame.format.packed.name)
    if scale is None:
        return values
    offset = 128.0 if values.dtype == np.uint8 else 0.0
    return (values.astype(np.float64) - offset) * scale


def _rewind(sink: BinaryIO) -> None:
    try:
        sink.seek(0)
        sink.truncate()
    except OSError as error:
        raise SinkError from error


def _write(sink: BinaryIO, block: np.ndarray) -> None:
    try:
        sink.write(np.ascontiguousarray(block, np.float32).data)
    except OSError as error:
        raise SinkError from error
