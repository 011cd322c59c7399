"""Phonetic variety: how much of speech a recording holds often enough to learn it.

The content features of many voices in six languages fall into 256 clusters, sounds of speech in
their surroundings (weights/pretrained/speech_sounds.safetensors, by tools/make_speech_sounds.py);
voices and languages share them. A recording's variety is the share of ordinary speech that is made
of sounds it holds for a quarter of a second or more. An ordinary reading has 43 % after a minute,
two thirds after two, four fifths after four, for any speaker; ten digits read over and over stay
under a quarter. Noise, echo and a phone's band hardly change it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from rvc import assets
from rvc.audio import Recording, resample
from rvc.content import SAMPLE_RATE, TOKEN_SAMPLES, ContentEncoder, load_content_encoder
from rvc.messages import Message, joined

TABLE_FILE = "speech_sounds.safetensors"
TOKENS_PER_SECOND = SAMPLE_RATE // TOKEN_SAMPLES
ENOUGH_TOKENS = 13  # a quarter of a second
ACTIVE_DB = 35.0  # tokens this far below the loud ones are pauses
TOGETHER_SECONDS = 60.0  # of segments, encoded together
PRIOR_TOKENS = 500  # ten seconds of an average voice, against chance in a short recording
GOOD_SHARE = 0.80
SAME_TEXT = 0.85  # of what an ordinary reading of that length holds: less repeats itself
LEAST_MINUTES = 0.5  # of speech, for that to be reported


@dataclass(frozen=True, eq=False)
class SpeechSounds:
    """The table. projection (512, 48) and mean (512,) lead from content to a space in which centres
    (256, 48) are the sounds; frequency (256,): their share of speech; voiced (256,) bool, those
    first; ordinary (rows, 3): minutes of speech, `share` and `filled` of an ordinary reading."""

    projection: np.ndarray
    mean: np.ndarray
    centres: np.ndarray
    frequency: np.ndarray
    voiced: np.ndarray
    ordinary: np.ndarray


@dataclass(frozen=True)
class Variety:
    """What the used segments hold.

    `counts`: tokens of 20 ms of each sound; `share`: of speech, the sounds held often enough;
    `minutes`: of speech; `more_minutes`: of other sentences until `share` is good, None if it is;
    `repeats`: much less than an ordinary reading of that length would hold.
    """

    counts: tuple[int, ...]
    share: float
    minutes: float
    more_minutes: float | None
    repeats: bool


def load_speech_sounds(weights: Path) -> SpeechSounds:
    """Return the table, read once; raises MissingAssetError."""
    return _load(assets.resolve(TABLE_FILE, weights=Path(weights)))


@lru_cache(maxsize=2)
def _load(path: Path) -> SpeechSounds:
    table = {name: array.astype(np.float32) for name, array in load_file(path).items()}
    return SpeechSounds(**table | {"voiced": table["voiced"] > 0})


def count_sounds(segments: Sequence[Recording], weights: Path) -> list[tuple[int, ...]]:
    """Return for each segment how many tokens of each sound of speech are in it.

    Raises MissingAssetError where the table or the content encoder is not there.
    """
    sounds = load_speech_sounds(weights)
    encoder = _encoder(assets.resolve("whisper_base_encoder.safetensors", weights=weights).parent)
    encoded = [np.zeros((0, sounds.projection.shape[1]), np.float32)]
    lengths = []
    for together in _portions(segments):
        for tokens in _tokens(together, encoder, sounds):
            encoded.append(tokens)
            lengths.append(len(tokens))
    tokens = np.concatenate(encoded)  # (tokens, 48), their voice's mean still in them
    tokens -= tokens.sum(0) / (len(tokens) + PRIOR_TOKENS)
    belongs = np.split(nearest(tokens, sounds.centres), np.cumsum(lengths)[:-1])
    size = len(sounds.centres)
    return [tuple(np.bincount(own, minlength=size).tolist()) for own in belongs[: len(lengths)]]


def variety_of(counts: Sequence[Sequence[int]], sounds: SpeechSounds) -> Variety | None:
    """Return the variety of segments with such `counts` (see `count_sounds`); None without any."""
    totals: np.ndarray = np.sum([each for each in counts if each] or [[0]], axis=0)
    if not totals.any():
        return None
    minutes = totals.sum() / TOKENS_PER_SECOND / 60
    share = float(sounds.frequency[totals >= ENOUGH_TOKENS].sum())
    filled = float(sounds.frequency @ np.minimum(totals / ENOUGH_TOKENS, 1))
    at, ordinary_share, ordinary_filled = sounds.ordinary.T
    repeats = minutes >= LEAST_MINUTES and filled < SAME_TEXT * np.interp(
        minutes, at, ordinary_filled
    )
    more = None
    if share < GOOD_SHARE:
        good, now = np.interp([GOOD_SHARE, share], ordinary_share, at)
        more = float(max(0.0, good - now))
    return Variety(tuple(totals.tolist()), share, float(minutes), more, bool(repeats))


def variety_note(variety: Variety) -> Message:
    """Return the share of speech covered, what it means for the voice, and what to do."""
    share = f"{variety.share:.0%}"
    share_text = Message(
        "Sounds of speech: {share} of everyday speech is made of sounds that occur here often"
        " enough.",
        share=share,
    )
    if variety.repeats:
        advice = Message(
            "The same words come again and again; the voice has to guess the sounds that"
            " are missing. Read something else, such as a story or the news.",
        )
    elif variety.more_minutes is None:
        advice = Message("That is varied enough.")
    else:
        minutes = max(1, round(variety.more_minutes))
        advice = Message(
            "The voice has to guess the rest; about {minutes} min more of other sentences would"
            " make it {good_share:.0%}.",
            minutes=minutes,
            good_share=GOOD_SHARE,
        )
    return joined([share_text, advice])


def active_tokens(recording: Recording) -> np.ndarray:
    """Return (tokens,) bool of 16 kHz sound: which 20 ms contain speech."""
    samples = recording.samples[: len(recording.samples) // TOKEN_SAMPLES * TOKEN_SAMPLES]
    power = np.square(samples.reshape(-1, TOKEN_SAMPLES)).mean(1)
    loud = np.percentile(power, 95) if len(power) else 0.0
    return (power > loud * 10 ** (-ACTIVE_DB / 10)) & (power > 0)


def nearest(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Return (points,) int: the nearest of (centres, channels) to each of (points, channels)."""
    lengths = np.square(centres).sum(1)
    parts = [points[at : at + 8192] for at in range(0, len(points), 8192)]
    found = [(lengths - 2 * part @ centres.T).argmin(1) for part in parts]
    return np.concatenate([*found, np.zeros(0, np.int64)])


def _portions(segments: Sequence[Recording]) -> Iterator[list[Recording]]:
    """Yield the segments in order, about a minute at a time."""
    portion: list[Recording] = []
    for segment in segments:
        portion.append(resample(segment, SAMPLE_RATE))
        if sum(part.duration_seconds for part in portion) >= TOGETHER_SECONDS:
            yield portion
            portion = []
    if portion:
        yield portion


def _tokens(
    portion: Sequence[Recording], encoder: ContentEncoder, sounds: SpeechSounds
) -> Iterator[np.ndarray]:
    """Yield the projected content (tokens, 48) of the speech in each of `portion`."""
    parts = [part.samples[: len(part.samples) // TOKEN_SAMPLES * TOKEN_SAMPLES] for part in portion]
    together = Recording(np.concatenate(parts), SAMPLE_RATE)
    content = encoder.encode(together)[::2] - sounds.mean
    active = active_tokens(together)
    content = content[: len(active)] @ sounds.projection
    ends = np.cumsum([len(part) // TOKEN_SAMPLES for part in parts])
    for start, end in zip([0, *ends[:-1]], ends, strict=True):
        yield content[start:end][active[start:end]]


@lru_cache(maxsize=1)
def _encoder(folder: Path) -> ContentEncoder:
    """Return the content encoder of `folder` (weights/pretrained), loaded once."""
    return load_content_encoder("whisper-base", folder.parent)
