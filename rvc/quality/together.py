"""What only all segments together show: the own voice, copies, sounds of speech, weaker parts."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from rvc.audio import Recording
from rvc.clock import clock
from rvc.errors import MissingAssetError
from rvc.messages import Message
from rvc.quality.duplicates import find_duplicates
from rvc.quality.echo import ECHO_SECONDS
from rvc.quality.other_voice import OwnVoice, own_voices
from rvc.quality.report import ENOUGH_SECONDS, SegmentReport
from rvc.quality.variety import SpeechSounds, count_sounds, load_speech_sounds

# A room moves a voice so far from itself. Nine voices, RT60 0.6 s, cleaned: 0.69 to 0.85 to their
# own dry centre, where dry ones reach 0.81 and more; strangers in that room 0.55, at most 0.75.
ROOM_COSINE = 0.15

WEAKER = 20.0  # points of score below the best five minutes

Found = tuple[list[SegmentReport], list[Message]]  # the segments with what was found, and notes


def with_own_voice(
    sounds: Sequence[Recording], segments: Sequence[SegmentReport], weights: Path
) -> Found:
    """Return the segments with their speaker cosine, or a note on why they have none.

    `sounds`: the segments' sound after cleaning, here and below.
    """
    try:
        voices = own_voices(sounds, weights)
    except MissingAssetError:
        note = Message(
            "Other voices were not looked for: the speaker encoder is missing.",
        )
        return list(segments), [note]
    echoing = [(each.before.decay_seconds or 0.0) >= ECHO_SECONDS for each in segments]
    usual = sum(echoing) > len(segments) / 2
    return [
        segment if own is None else _with_voice(segment, own, elsewhere=room != usual)
        for segment, own, room in zip(segments, voices, echoing, strict=True)
    ], []


def _with_voice(segment: SegmentReport, own: OwnVoice, *, elsewhere: bool) -> SegmentReport:
    """Return the segment with its speaker cosine.

    `elsewhere`: it was recorded in another room than most of the others.
    """
    least = own.least - ROOM_COSINE if elsewhere else own.least
    found = {"own_voice": own.cosine, "own_voice_least": least}
    before, after = replace(segment.before, **found), replace(segment.after, **found)
    return replace(segment, before=before, after=after)


def with_copies(sounds: Sequence[Recording], segments: Sequence[SegmentReport]) -> Found:
    """Return the segments, those that repeat another marked, and a note where there are some."""
    copies = dict((copy, first) for first, copy in find_duplicates(sounds))
    if not copies:
        return list(segments), []
    marked = [replace(segment, copy_of=copies.get(index)) for index, segment in enumerate(segments)]
    seconds = sum(segments[copy].duration_seconds for copy in copies)
    where = ", ".join(dict.fromkeys(segments[copy].file for copy in copies))
    note = Message(
        "{seconds:.0f} s are copies of other parts and teach nothing new ({where}).",
        seconds=seconds,
        where=where,
    )
    return marked, [note]


def with_sounds(
    sounds: Sequence[Recording], segments: Sequence[SegmentReport], weights: Path
) -> tuple[list[SegmentReport], list[Message], SpeechSounds | None]:
    """Return the segments with their sounds of speech, notes, and the table these count in."""
    try:
        table = load_speech_sounds(weights)
        counts = count_sounds(sounds, weights)
    except MissingAssetError:
        note = Message(
            "The sounds of speech were not counted: a file they are counted with is missing.",
        )
        return list(segments), [note], None
    counted = [replace(segment, sounds=own) for segment, own in zip(segments, counts, strict=True)]
    return counted, [], table


def without_weaker(segments: Sequence[SegmentReport]) -> Found:
    """Return the scored segments, those far weaker than the best five minutes dropped, and a note.

    What is added to five clean minutes from a worse recording is learned with them: fifteen
    echoing minutes took the voice away from its speaker (docs/clean-beats-much.md).
    """
    best = _best(segments)
    seconds = [segments[index].duration_seconds for index in best]
    if sum(seconds) < ENOUGH_SECONDS:
        return list(segments), []
    level = float(np.average([segments[index].score for index in best], weights=seconds))
    weaker = [
        index
        for index, each in enumerate(segments)
        if each.used and index not in best and each.score < level - WEAKER
    ]
    if not weaker:
        return list(segments), []
    reason = Message("Much weaker than the best five minutes: it would spoil them.")
    kept = list(segments)
    for index in weaker:
        reasons = (reason, *kept[index].reasons)
        kept[index] = replace(kept[index], decision="drop", reasons=reasons)
    note = Message(
        "{left_out} of weaker speech are left out: there are five better minutes without them, and "
        "the voice would learn the rest along with those.",
        left_out=clock(sum(segments[index].duration_seconds for index in weaker)),
    )
    return kept, [note]


def _best(segments: Sequence[SegmentReport]) -> list[int]:
    """Return the numbers of the used segments of the highest scores, copies excepted, of five
    minutes at most and the one with which these are full."""
    usable = (n for n, each in enumerate(segments) if each.used and each.copy_of is None)
    best, seconds = [], 0.0
    for index in sorted(usable, key=lambda n: -segments[n].score):
        if seconds >= ENOUGH_SECONDS:
            break
        best.append(index)
        seconds += segments[index].duration_seconds
    return best
