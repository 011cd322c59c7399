"""`Recording`, mono audio samples: load any audio file, save it, resample it."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import numpy as np

from rvc.errors import AudioError
from rvc.files import storage_error, write_atomically
from rvc.messages import Message
from rvc.untrusted.sound import decode_apart

if TYPE_CHECKING:
    from av import AudioStream

FRAMES_PER_SECOND = 100  # a frame is 10 ms everywhere

MAX_SECONDS = 60 * 60  # most that is read from one file unless the caller allows less
MAX_BYTES = 500 * 2**20
MINIMUM_SECONDS = 0.5
SILENCE_DB = -66.0  # a recording whose every 50 ms is below this is silent
MAX_DAMAGED_SHARE = 0.01
MAX_HONEST_VALUE = 1e6  # float files scaled like integers stay below; larger values are damage
CHECKED_SAMPLES = 2**22  # per block of the check
WRITE_SECONDS = 10  # per encoded block, so that an hour needs no second copy


@dataclass(frozen=True, eq=False)
class Recording:
    """Mono audio. `samples`: (samples,) float32 in [-1, 1]; `notes`: remarks of the decoder.

    A song that is only saved may have two channels: (2, samples).
    """

    samples: np.ndarray
    sample_rate: int
    name: str = ""
    notes: tuple[Message, ...] = ()

    @property
    def duration_seconds(self) -> float:
        return self.samples.shape[-1] / self.sample_rate


def frame_count(samples: int, sample_rate: int) -> int:
    """Return the number of frames that cover `samples`; frame i is centred at (i + 0.5) * 10 ms."""
    return -(-samples * FRAMES_PER_SECOND // sample_rate)


def rms_db(samples: np.ndarray) -> float:
    """Return the level of `samples` (any shape) in dB of full scale; -120 if empty or silent."""
    if samples.size == 0:
        return -120.0
    return float(10 * np.log10(np.mean(np.square(samples, dtype=np.float64)) + 1e-12))


def resample(recording: Recording, sample_rate: int) -> Recording:
    """Return `recording` at `sample_rate`, round(n * new / old) samples, time-aligned (soxr HQ)."""
    if sample_rate == recording.sample_rate:
        return recording
    import soxr

    if recording.samples.ndim == 2:
        sides = [resample(replace(recording, samples=s), sample_rate) for s in recording.samples]
        return replace(sides[0], samples=np.stack([side.samples for side in sides]))
    length = round(len(recording.samples) * sample_rate / recording.sample_rate)
    samples = soxr.resample(recording.samples, recording.sample_rate, sample_rate, quality="HQ")
    samples = np.pad(samples[:length], (0, max(0, length - len(samples))))
    return replace(recording, samples=samples.astype(np.float32), sample_rate=sample_rate)


def load_audio(
    path: str | Path,
    *,
    max_seconds: float | None = None,
    minimum_seconds: float = MINIMUM_SECONDS,
    refuse_silence: bool = True,
) -> Recording:
    """Return the audio of any audio or video file: mono, at its own rate, finite, within [-1, 1].

    Raises AudioError for a file that is missing, longer than `max_seconds` (an hour if None),
    shorter than `minimum_seconds`, silent, damaged, or without audio.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            _check_size(os.fstat(file.fileno()).st_size)
            samples, rate, notes = decode_apart(
                file, MAX_SECONDS if max_seconds is None else max_seconds
            )
    except OSError as error:
        raise AudioError("The file cannot be opened: {name}", name=path.name) from error
    samples, repaired = _repair_damage(samples)
    _check_usable(samples, rate, minimum_seconds, refuse_silence)
    return Recording(samples, rate, path.name, notes + repaired)


def _check_size(size_bytes: int) -> None:
    if size_bytes == 0:
        raise AudioError("The file is empty.")
    if size_bytes > MAX_BYTES:
        raise AudioError(
            "The file is too big ({megabytes} MB): {limit_megabytes} MB at most.",
            megabytes=size_bytes >> 20,
            limit_megabytes=MAX_BYTES >> 20,
        )


def without_damage(samples: np.ndarray) -> tuple[np.ndarray, int]:
    """Return `samples` (samples,) with NaN and infinite values interpolated, and their count.

    The same array is returned if there are none.
    """
    limit = MAX_HONEST_VALUE  # NaN compares false
    blocks = range(0, len(samples), CHECKED_SAMPLES)
    damaged = [
        start + np.flatnonzero(~(np.abs(samples[start : start + CHECKED_SAMPLES]) <= limit))
        for start in blocks
    ]
    places = np.concatenate([*damaged, np.zeros(0, int)])
    if not len(places):
        return samples, 0
    sound = np.delete(np.arange(len(samples)), places)
    bridged = samples.copy()
    bridged[places] = np.interp(places, sound, samples[sound]) if len(sound) else 0
    return bridged, len(places)


def _repair_damage(samples: np.ndarray) -> tuple[np.ndarray, tuple[Message, ...]]:
    """Return finite `samples` within [-1, 1]: invalid ones interpolated, loud files scaled."""
    samples, count = without_damage(samples)
    if count > MAX_DAMAGED_SHARE * len(samples):
        raise AudioError("This file is damaged.")
    notes: tuple[Message, ...] = ()
    if count:
        notes = (Message("{count} damaged samples were repaired.", count=count),)
    peak = max(float(samples.max()), -float(samples.min()))
    if peak > 1:
        samples *= np.float32(
            1 / peak
        )  # in place: the array was decoded here and has no other reference
    return samples, notes


def _check_usable(
    samples: np.ndarray, sample_rate: int, minimum_seconds: float, refuse_silence: bool
) -> None:
    if len(samples) < minimum_seconds * sample_rate:
        seconds = 10 * len(samples) // sample_rate / 10  # 0.49 s is not to be called 0.5 s
        raise AudioError(
            "Too short ({seconds:.1f} s): at least {minimum_seconds:g} s is needed "
            "(training: 10 s of speech).",
            seconds=seconds,
            minimum_seconds=minimum_seconds,
        )
    block = max(1, sample_rate // 20)
    parts = (samples[start : start + block] for start in range(0, len(samples), block))
    if refuse_silence and all(rms_db(part - part.mean()) < SILENCE_DB for part in parts):
        raise AudioError(
            "This recording is silent. Check the microphone and its volume.",
        )


@dataclass(frozen=True)
class Encoding:
    """Encoding of one suffix: container, codec, sample format, rates in Hz, bits a second."""

    container: str
    codec: str
    sample_format: str
    sample_rates: tuple[int, ...] = ()  # ascending; empty: any
    bit_rate: int | None = None


MPEG_RATES = (16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
ENCODINGS = {
    ".wav": Encoding("wav", "pcm_s16le", "s16"),
    ".flac": Encoding("flac", "flac", "s16"),
    ".mp3": Encoding("mp3", "libmp3lame", "s16p", MPEG_RATES, 192_000),
    ".ogg": Encoding("ogg", "libopus", "s16", (48_000,), 128_000),
    ".opus": Encoding("ogg", "libopus", "s16", (48_000,), 128_000),
    ".m4a": Encoding("ipod", "aac", "fltp", MPEG_RATES, 160_000),
}


def save_audio(
    path: str | Path, recording: Recording, *, metadata: Mapping[str, str] | None = None
) -> Path:
    """Write `recording` in the format of the suffix (16 bit for .wav and .flac); return the path.

    Its samples may have two channels: (2, samples).

    The write is atomic: to a temporary name in the same folder, then renamed. `metadata`: tags such
    as title, artist, comment. Formats with fixed rates are resampled. The same samples give the
    same bytes. Raises AudioError for an unknown suffix, StorageError if the file cannot be written.
    """
    path = Path(path)
    encoding = ENCODINGS.get(path.suffix.lower())
    if encoding is None:
        raise AudioError(
            "Cannot write {suffix}: use one of {endings}.",
            suffix=path.suffix or Message("a file without a suffix"),
            endings=", ".join(ENCODINGS),
        )
    rates = encoding.sample_rates
    if rates and recording.sample_rate not in rates:
        higher = [rate for rate in rates if rate > recording.sample_rate]
        recording = resample(recording, higher[0] if higher else rates[-1])
    try:
        write_atomically(
            path, lambda file: _encode(_Sink(file), recording, encoding, metadata or {})
        )
    except OSError as error:
        raise storage_error(error, path) from error
    return path


class _Sink:
    """An open file for PyAV, which replaces a file's OSError by other errors or prints it.

    The first OSError is kept for `check` to raise; later calls do nothing.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._error: OSError | None = None

    def check(self) -> None:
        """Raise the first OSError of the file, if there was one."""
        if self._error is not None:
            raise self._error

    def write(self, data: bytes) -> int:
        return self._tried(self._file.write, data, instead=len(data))

    def read(self, size: int = -1) -> bytes:
        return self._tried(self._file.read, size, instead=b"")

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._tried(self._file.seek, offset, whence, instead=0)

    def tell(self) -> int:
        return self._tried(self._file.tell, instead=0)

    def _tried(self, call: Callable[..., Any], *arguments: object, instead: object) -> Any:
        if self._error is None:
            try:
                return call(*arguments)
            except OSError as error:
                self._error = error
        return instead


def _encode(
    sink: _Sink, recording: Recording, encoding: Encoding, metadata: Mapping[str, str]
) -> None:
    import av

    # bitexact: no library version, random serial number or date in the file
    with av.open(sink, "w", format=encoding.container, options={"fflags": "+bitexact"}) as output:
        output.metadata.update(metadata)
        stream = cast("AudioStream", output.add_stream(encoding.codec, rate=recording.sample_rate))
        channels = np.atleast_2d(recording.samples)  # (channels, samples)
        layout = "mono" if len(channels) == 1 else "stereo"
        stream.layout = layout
        stream.format = encoding.sample_format
        stream.options = {"flags": "+bitexact"}
        if encoding.bit_rate:
            stream.bit_rate = encoding.bit_rate
        step = WRITE_SECONDS * recording.sample_rate
        for start in range(0, max(1, channels.shape[1]), step):
            piece = np.clip(channels[:, start : start + step], -1, 1)
            if encoding.sample_format.startswith("s16"):
                piece = np.clip(np.rint(piece * 32768), -32768, 32767).astype(np.int16)
            if not piece.size:
                break
            if not encoding.sample_format.endswith("p"):  # one row, of samples in turns
                piece = piece.T.reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(piece), format=encoding.sample_format, layout=layout
            )
            frame.sample_rate = recording.sample_rate
            frame.pts = start
            output.mux(stream.encode(frame))
            sink.check()
        output.mux(stream.encode(None))
    sink.check()
