"""How the person speaks: pauses, range of pitch and loudness. None of it is a fault of the sound,
but a voice only learns what it is told."""

from collections.abc import Sequence

import numpy as np

from rvc.audio import Recording
from rvc.cleaning import Cleaned
from rvc.cleaning.level import frame_powers
from rvc.errors import Text
from rvc.quality.duplicates import find_duplicates
from rvc.quality.report import SegmentReport, TakeReport

MONOTONE_SEMITONES = 1.6  # standard deviation of f0; lively reading has 2.5 to 4
FLAT_DB = 6.0  # from the 10th to the 95th percentile of 400 ms loudness in speech
LEAST_VOICED_FRAMES = 1000


def pauses_percent(cleaned: Cleaned, *, trimmed: bool) -> float:
    """Return the share of time without speech: in the original, or in the `trimmed` recording."""
    total = cleaned.original.duration_seconds
    speech = sum(part.duration_seconds for part in cleaned.speech)
    length = speech if trimmed else total
    pads = 0.3 * len(cleaned.speech)  # each stretch of speech keeps 150 ms of pause on both sides
    return 100 * max(0.0, 1 - max(0.0, speech - pads) / length) if length > 0 else 100.0


def f0_range(takes: Sequence[TakeReport]) -> tuple[float, float, float] | None:
    """Return (5th percentile Hz, 95th percentile Hz, deviation in semitones) of all voiced frames.

    None with under ten seconds of voice.
    """
    hz = np.concatenate([take.f0.f0.hz[take.f0.f0.voiced] for take in takes] or [np.zeros(0)])
    if len(hz) < LEAST_VOICED_FRAMES:
        return None
    semitones = 12 * np.log2(hz)
    low, high = np.percentile(hz, [5, 95])
    inside = (hz >= low / 1.3) & (hz <= high * 1.3)  # slips of the tracker are not range
    return float(low), float(high), float(semitones[inside].std())


def loudness_range_db(take: TakeReport) -> float | None:
    """Return how far loud and soft speech lie apart, in dB; None without speech."""
    sound, powers = take.cleaned.aligned, []
    for part in take.cleaned.segments:
        first, last = (
            round(at * sound.sample_rate) for at in (part.start_seconds, part.end_seconds)
        )
        powers.append(frame_powers([sound.samples[first:last]], sound.sample_rate, 0.4))
    powers = np.concatenate(powers) if powers else np.zeros(0)
    powers = powers[powers > 1e-8]
    if len(powers) < 10:
        return None
    return float(np.diff(10 * np.log10(np.percentile(powers, [10, 95])))[0])


def speaking_notes(takes: Sequence[TakeReport], segments: Sequence[SegmentReport]) -> list[Text]:
    """Return what a person should know about how it was read."""
    notes = []
    found = f0_range(takes)
    if found is not None:
        low, high, deviation = found
        notes.append(
            Text(
                f"Pitch from {low:.0f} to {high:.0f} Hz.",
                f"음높이 {low:.0f}~{high:.0f}Hz.",
            )
        )
        if deviation < MONOTONE_SEMITONES:
            notes.append(
                Text(
                    "The reading is monotone: the voice will be unsure of other pitches. Read a"
                    " lively story, or sing a little.",
                    "읽기가 단조롭습니다. 다른 음높이에서는 목소리가 불안해집니다. 감정을 담아"
                    " 읽거나 조금 노래해 보세요.",
                )
            )
    ranges = [value for take in takes if (value := loudness_range_db(take)) is not None]
    if ranges and max(ranges) < FLAT_DB:
        notes.append(
            Text(
                "All of it is equally loud: soft and loud speech will sound alike.",
                "소리 크기가 모두 같습니다. 작게 말하나 크게 말하나 똑같이 들립니다.",
            )
        )
    return notes


def duplicate_notes(sounds: Sequence[Recording], segments: Sequence[SegmentReport]) -> list[Text]:
    """Return a note where takes repeat each other; `sounds`: the segments after cleaning."""
    copies = [segments[copy] for _, copy in find_duplicates(sounds)]
    if not copies:
        return []
    seconds = sum(copy.duration_seconds for copy in copies)
    where = ", ".join(dict.fromkeys(copy.file for copy in copies))
    return [
        Text(
            f"{seconds:.0f} s are copies of other parts and teach nothing new ({where}).",
            f"{seconds:.0f}초는 다른 부분과 똑같아 새로 배울 것이 없습니다({where}).",
        )
    ]
