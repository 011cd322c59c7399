"""Any sound file to float samples, by FFmpeg's libraries (PyAV), with nothing from outside trusted.

The file comes as an open file object with a list of allowed containers: a playlist dressed up as
`song.wav` would otherwise make FFmpeg open and decode *another* file. Samples are counted while
they are decoded, so that a small file that unfolds into hours is stopped at the limit.
`rvc.untrusted.sound` runs this in a process of its own.
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
DSD_RATE = 88_200  # one-bit sound is brought to this rate; above it there is only its own noise
PLANES = 8  # with that many channels apart, PyAV looks for one more and crashes
CANCELLING_SHARE = 0.2  # / channels: a sum that keeps less of the mean energy has cancelled out
INTEGER_SCALES = {"u8": 2.0**-7, "s16": 2.0**-15, "s32": 2.0**-31, "s64": 2.0**-63}


class SinkError(Exception):
    """The decoded sound cannot be written: the reason is the machine's, not the file's."""


@dataclass(frozen=True)
class Decoded:
    """Mono sound as decoded: may be empty of meaning, hold NaN, or exceed full scale."""

    samples: int
    sample_rate: int
    notes: tuple[Message, ...]


@dataclass
class _Heard:
    """What decoding found so far. `gaps`: how often sound went on after something unreadable."""

    sample_rate: int = 0
    samples: int = 0
    gaps: int = 0
    broken: bool = False
    cancelling: bool = False
    declared_seconds: float | None = None


def decode(file: BinaryIO, sink: BinaryIO, limit_seconds: float) -> Decoded:
    """Write the first sound track to `sink` as float32, folded to mono by the mean of its channels.

    Channels that cancel out are not folded: the first one is taken. Raises AudioError for what is
    no sound, has none, is longer than `limit_seconds`, or is of a kind nobody records in; SinkError
    where `sink` cannot be written.
    """
    try:
        heard = _decode(file, sink, limit_seconds, first_channel_only=False)
        if cancelling := heard.cancelling:
            heard = _decode(file, sink, limit_seconds, first_channel_only=True)
    except (AudioError, SinkError):
        raise
    except Exception as error:  # FFmpeg's own kinds of error, and what a false number leads to
        raise what_it_is(file) from error
    try:
        sink.flush()
    except OSError as error:
        raise SinkError from error
    return Decoded(heard.samples, heard.sample_rate, tuple(_notes(heard, cancelling)))


def _notes(heard: _Heard, cancelling: bool) -> Iterator[Message]:
    if cancelling:
        yield Message(
            "The two channels cancel out; only the left one is used.",
        )
    seconds = heard.samples / heard.sample_rate
    if heard.broken or (heard.declared_seconds or 0.0) > seconds / 0.98 + 0.1:
        yield Message(
            "Only the first {seconds:.1f} s could be read.",
            seconds=seconds,
        )
    elif heard.gaps:
        yield Message("Damaged parts of this file were left out.")


def _decode(
    file: BinaryIO, sink: BinaryIO, limit_seconds: float, *, first_channel_only: bool
) -> _Heard:
    declared_seconds = checked_length(file, limit_seconds)
    heard = _Heard(declared_seconds=declared_seconds)
    _rewind(sink)
    channel_energy, fold_energy = np.zeros(MAX_CHANNELS), 0.0
    # NaN is judged by the caller
    with opened(file) as container, np.errstate(over="ignore", invalid="ignore"):
        for frame in _frames(container, heard):
            if frame.sample_rate != (heard.sample_rate or checked_rate(frame.sample_rate)):
                heard.broken = True  # a second sound of another rate, chained to the first
                break
            heard.sample_rate = rate = frame.sample_rate
            channels = _channels(frame)  # (channels, samples)
            block = channels[0] if first_channel_only or len(channels) == 1 else channels.mean(0)
            if len(channels) > 1:
                channel_energy[: len(channels)] += np.square(channels).sum(1)
                fold_energy += float(np.square(block).sum())
            _write(sink, block)
            heard.samples += len(block)
            if heard.samples > min((limit_seconds + 1) * rate, MAX_SAMPLES):
                raise too_long(max(declared_seconds or 0.0, heard.samples / rate), limit_seconds)
    if not heard.samples:
        raise AudioError("There is no sound in this file.")
    sounding = channel_energy[channel_energy > 0]
    heard.cancelling = bool(
        len(sounding) > 1 and fold_energy < CANCELLING_SHARE / len(sounding) * sounding.mean()
    )
    return heard


def _frames(container: "InputContainer", heard: _Heard) -> Iterator["AudioFrame"]:
    """The sound of the first track; what cannot be decoded is left out, and remarked in `heard`.

    Raises ValueError where nothing can be decoded.
    """
    import av

    stream = sound_stream(container)
    resampler = None
    if stream.codec_context.name.startswith("dsd_"):
        resampler = av.AudioResampler(format="flt", rate=DSD_RATE)
    failed = begun = False
    for packet in packets(container, stream):
        if packet is None:
            heard.broken = True
            break
        try:
            frames = packet.decode()
        except (av.error.FFmpegError, EOFError, ValueError):
            failed = True
            continue
        if frames:
            heard.gaps += failed and begun
            failed, begun = False, True
        for frame in frames:
            if frame.format.is_planar and frame.layout.nb_channels >= PLANES and not resampler:
                resampler = av.AudioResampler(format="flt")
            yield from resampler.resample(frame) if resampler else [frame]
    if resampler and begun:
        yield from resampler.resample(None)
    if failed and not begun:
        raise ValueError("no frame could be decoded")
    heard.broken |= failed


def _channels(frame: "AudioFrame") -> np.ndarray:
    """The frame's sound, full scale 1. -> (channels, samples) float32 or float64"""
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
