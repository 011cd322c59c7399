"""Songs: separate the vocals, convert them, and mix them back at their own level.

Separation is the work of demucs (Rouard et al. 2023), an optional package; its weights are fetched
at the first song. What it takes for vocals is taken out of the song, so that accompaniment and
vocals add up to the original exactly, and every sample of the result stays in its place.
"""

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from rvc.audio import Recording, load_audio, resample, without_damage
from rvc.convert import Converted
from rvc.errors import AudioError, MissingAssetError
from rvc.messages import Message
from rvc.progress import Progress, no_progress, within
from rvc.untrusted.sound import decode_apart

SEPARATION_MODEL = "hf://htdemucs"  # as safetensors; without the prefix, also as a pickle
SEPARATION_SHARE = 0.5  # of the progress
PEAK = 0.99
FRAME_SECONDS = 0.05
ACTIVE_DB = -30.0  # below the loudest frames: not counted in the level of a part
SEPARATING = Message("Separating the vocals")
SILENT_RMS = 1e-4  # vocals below this everywhere: there are none
BALANCE_SECONDS = 0.5  # over which the place of the vocals between the channels is measured

# (samples (channels, samples) float32, sample rate) -> the vocals in them, of the same shape
Separator = Callable[[np.ndarray, int, Progress], np.ndarray]
Conversion = Callable[[Recording, Progress], Converted]


@dataclass(frozen=True, eq=False)
class Song:
    """Sound of one or two channels: samples (channels, samples) float32 in [-1, 1]."""

    samples: np.ndarray
    sample_rate: int
    name: str = ""


@dataclass(frozen=True, eq=False)
class ConvertedSong:
    """The song with converted vocals, of the length of the original, and how they were converted.

    vocals: the converted vocals alone, at their level in the song, (samples,).
    """

    song: Song
    vocals: np.ndarray
    converted: Converted


def load_song(path: Path, *, max_seconds: float | None = None) -> Song:
    """Return the first two channels of a file, which may be equal.

    Raises AudioError as `load_audio` does.
    """
    checked = load_audio(path, max_seconds=max_seconds)
    sides = []
    for channel in (0, 1):
        with path.open("rb") as file:
            samples, rate, _ = decode_apart(file, checked.duration_seconds + 1, channel)
        sides.append(without_damage(samples)[0])
    stereo = np.stack(sides)
    stereo /= np.float32(max(1.0, np.abs(stereo).max()))
    return Song(stereo, rate, path.name)


def convert_song(
    song: Song,
    convert: Conversion,
    separate: Separator,
    progress: Progress = no_progress,
) -> ConvertedSong:
    """Return the song with its vocals converted by `convert`; raises AudioError if it has none."""
    before = within(progress, 0.0, SEPARATION_SHARE)
    before(0.0, SEPARATING)
    vocals = np.asarray(separate(song.samples, song.sample_rate, before), np.float32)
    if vocals.shape != song.samples.shape:
        raise ValueError(f"vocals of shape {vocals.shape} for {song.samples.shape}")
    centre = vocals.mean(0)
    if _level(centre, song.sample_rate) < SILENT_RMS:
        raise AudioError("No vocals were found in this song.")
    part = within(progress, SEPARATION_SHARE, 1.0)
    converted = convert(Recording(centre, song.sample_rate, song.name), part)
    sung = resample(converted.recording, song.sample_rate).samples
    sung = np.pad(sung, (0, max(0, len(centre) - len(sung))))[: len(centre)]
    sung *= _level(centre, song.sample_rate) / max(_level(sung, song.sample_rate), 1e-9)
    mixed = song.samples - vocals
    for channel, gain in zip(mixed, _balance(vocals, song.sample_rate), strict=True):
        channel += gain * sung
    mixed *= min(1.0, PEAK / float(np.abs(mixed).max(initial=1e-9)))
    return ConvertedSong(replace(song, samples=mixed), sung, converted)


def _level(samples: np.ndarray, sample_rate: int) -> float:
    """Return the RMS of the frames that are loud enough to be sung in; 0 for none."""
    powers = _powers(samples, sample_rate, FRAME_SECONDS)
    loud = powers[powers > powers.max(initial=0.0) * 10 ** (ACTIVE_DB / 10)]
    return float(np.sqrt(loud.mean())) if len(loud) else 0.0


def _powers(samples: np.ndarray, sample_rate: int, seconds: float) -> np.ndarray:
    size = max(1, round(seconds * sample_rate))
    padded = np.pad(samples, (0, -len(samples) % size))
    return np.mean(np.square(padded, dtype=np.float64).reshape(-1, size), axis=1)


def _balance(vocals: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return gains (channels, samples) that place the middle of the vocals where they were."""
    powers = [_powers(channel, sample_rate, BALANCE_SECONDS) for channel in vocals]
    root = np.sqrt(np.array(powers) + 1e-12)
    shares = root / root.mean(0)
    centres = (np.arange(shares.shape[1]) + 0.5) * round(BALANCE_SECONDS * sample_rate)
    at = np.arange(vocals.shape[1])
    return np.stack([np.interp(at, centres, share) for share in shares]).astype(np.float32)


def song_converter(
    convert: Conversion, device: str, keep_vocals: Callable[[Song, Recording], None] | None = None
) -> Callable[[Song, Progress], Converted]:
    """Return a function that converts songs with demucs, whose result is the whole song.

    `convert`: converts the vocals; `device`: of the separation. `keep_vocals` gets every song with
    its converted vocals alone. Raises MissingAssetError as `demucs_separator` does.
    """
    separate = demucs_separator(device)

    def convert_one(song: Song, progress: Progress) -> Converted:
        made = convert_song(song, convert, separate, progress)
        rate = made.song.sample_rate
        if keep_vocals is not None:
            keep_vocals(song, Recording(made.vocals, rate, song.name))
        return replace(made.converted, recording=Recording(made.song.samples, rate, song.name))

    return convert_one


def demucs_separator(device: str = "cpu", model: str = SEPARATION_MODEL) -> Separator:
    """Return demucs as a separator; its weights are fetched once, into its package's own cache.

    Equal songs are separated equally. Raises MissingAssetError where the package is not installed
    or its weights cannot be fetched.
    """
    if not _installed():
        raise MissingAssetError(
            'Songs need one more package, which separates the vocals: pip install "demucs>=4.1,<5"',
        )
    try:
        from demucs.api import Separator as Demucs

        separator = Demucs(model, device=device, shifts=0)  # a shift would be drawn at random
    except ImportError as error:  # of the package or of one that it needs
        raise MissingAssetError(
            "The package that separates vocals does not load. Install it again: pip install "
            '--force-reinstall "demucs>=4.1,<5"',
        ) from error
    except Exception as error:  # of its hub, of the network, or of a damaged cache
        raise MissingAssetError(
            "The weights that separate vocals could not be fetched. Connect to the internet for "
            "the first song and try again.",
        ) from error
    return lambda samples, rate, progress: _separated(separator, samples, rate, progress)


def _installed() -> bool:
    return importlib.util.find_spec("demucs") is not None


def _separated(
    separator: Any, samples: np.ndarray, sample_rate: int, progress: Progress
) -> np.ndarray:
    """Return the vocals (channels, samples) that a demucs Separator finds in the samples."""
    import torch

    channels, length = samples.shape

    def report(state: dict[str, Any]) -> None:
        progress(min(1.0, state["segment_offset"] / state["audio_length"]), SEPARATING)

    separator.update_parameter(callback=report)
    stereo = np.broadcast_to(samples, (separator.audio_channels, length))
    ours, theirs = sample_rate, separator.samplerate
    _, stems = separator.separate_tensor(torch.from_numpy(_at_rate(stereo, ours, theirs)))
    vocals = _at_rate(stems["vocals"].cpu().numpy(), theirs, ours)
    vocals = np.pad(vocals, ((0, 0), (0, max(0, length - vocals.shape[1]))))[:, :length]
    return vocals if channels > 1 else vocals.mean(0, keepdims=True)


def _at_rate(channels: np.ndarray, old: int, new: int) -> np.ndarray:
    return np.stack([resample(Recording(channel, old), new).samples for channel in channels])
