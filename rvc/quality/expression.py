"""How the person speaks: pauses, range of pitch and loudness.

None of it is a fault of the sound, but a voice only learns what it is given."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rvc.audio import FRAMES_PER_SECOND
from rvc.cleaning import Cleaned
from rvc.cleaning.level import frame_powers
from rvc.f0 import RepairedF0
from rvc.messages import Message

MONOTONE_SEMITONES = 1.6  # deviation of f0; people read with 2.5 to 4.4 (measured, 12 voices)
FLAT_DB = 5.0  # from soft to loud 400 ms of speech; people read over 6 to 15 (same)
LEAST_VOICED_FRAMES = 1000
COVERED_SECONDS = 1.0  # of a semitone, for the voice to know it
SLIP = 1.3  # beyond the range by more is an error of the f0 estimate


@dataclass(frozen=True)
class Speaking:
    """f0_low_hz, f0_high_hz: 5th and 95th percentile; f0_deviation_semitones: how far it moves;
    semitones: (Hz, seconds) of every semitone used, from low to high; loudness_range_db: from
    soft to loud (10th to 95th percentile of 400 ms). None and () where there is too little voice.
    """

    f0_low_hz: float | None = None
    f0_high_hz: float | None = None
    f0_deviation_semitones: float | None = None
    semitones: tuple[tuple[float, float], ...] = ()
    loudness_range_db: float | None = None

    @property
    def covered_semitones(self) -> int:
        """Return the number of semitones with a second of voice or more."""
        return sum(seconds >= COVERED_SECONDS for _, seconds in self.semitones)


def pauses_percent(cleaned: Cleaned, *, trimmed: bool) -> float:
    """Return the share of time without speech: in the original, or in the `trimmed` recording."""
    total = cleaned.original.duration_seconds
    speech = sum(part.duration_seconds for part in cleaned.speech)
    length = speech if trimmed else total
    pads = 0.3 * len(cleaned.speech)  # each stretch of speech keeps 150 ms of pause on both sides
    return 100 * max(0.0, 1 - max(0.0, speech - pads) / length) if length > 0 else 100.0


def speaking_of(takes: Sequence[tuple[Cleaned, RepairedF0]]) -> Speaking:
    """Return the ranges of pitch and loudness of all recordings, with their f0, together."""
    ranges = [value for cleaned, _ in takes if (value := _loudness_range_db(cleaned)) is not None]
    loudness = max(ranges, default=None)
    curves = [found.f0.hz[found.f0.voiced] for _, found in takes]
    hz = np.concatenate([*curves, np.zeros(0)]).astype(np.float64)
    if len(hz) < LEAST_VOICED_FRAMES:
        return Speaking(loudness_range_db=loudness)
    low, high = np.percentile(hz, [5, 95])
    semitones = 12 * np.log2(hz[(hz >= low / SLIP) & (hz <= high * SLIP)])
    steps, frames = np.unique(np.rint(semitones).astype(int), return_counts=True)
    bars = [(2.0 ** (step / 12), count / FRAMES_PER_SECOND)
            for step, count in zip(steps.tolist(), frames.tolist(), strict=True)]  # fmt: skip
    return Speaking(float(low), float(high), float(semitones.std()), tuple(bars), loudness)


def _loudness_range_db(cleaned: Cleaned) -> float | None:
    """Return the difference of soft and loud speech in dB; None without speech."""
    sound, parts = cleaned.aligned, []
    for part in cleaned.segments:
        first, last = (
            round(at * sound.sample_rate) for at in (part.start_seconds, part.end_seconds)
        )
        parts.append(frame_powers([sound.samples[first:last]], sound.sample_rate, 0.4))
    powers = np.concatenate(parts) if parts else np.zeros(0)
    powers = powers[powers > 1e-8]
    if len(powers) < 10:
        return None
    return float(np.diff(10 * np.log10(np.percentile(powers, [10, 95])))[0])


def speaking_notes(speaking: Speaking) -> list[Message]:
    """Return notes on the pitch and loudness of a reading."""
    notes = []
    if speaking.f0_deviation_semitones is not None:
        low, high = speaking.f0_low_hz, speaking.f0_high_hz
        covered = speaking.covered_semitones
        notes.append(
            Message(
                "Pitch from {low:.0f} to {high:.0f} Hz; {covered} semitones have a second or more."
                " The voice is surest there.",
                low=low,
                high=high,
                covered=covered,
            )
        )
        if speaking.f0_deviation_semitones < MONOTONE_SEMITONES:
            notes.append(
                Message(
                    "The reading is monotone: the voice will be unsure of other pitches. Read a"
                    " lively story, or sing a little.",
                )
            )
    loudness = speaking.loudness_range_db
    if loudness is not None:
        notes.append(
            Message(
                "From soft to loud: {loudness:.0f} dB.",
                loudness=loudness,
            )
        )
        if loudness < FLAT_DB:
            notes.append(
                Message(
                    "All of it is equally loud: soft and loud speech will sound alike. Switch off"
                    " automatic gain and compressors.",
                )
            )
    return notes
