"""The report as data: segments with their decisions, and everything that follows from them.

Verdict, headline and main fault are worked out from the segments each time, so overruling one
decision (`with_decision`) changes them all.
"""

from dataclasses import dataclass, replace

import numpy as np

from rvc.cleaning import Cleaned, Segment
from rvc.clock import clock
from rvc.errors import RVCError
from rvc.f0 import F0, RepairedF0
from rvc.messages import Message, joined
from rvc.quality.bandwidth import Spectrum
from rvc.quality.expression import Speaking
from rvc.quality.faults import BY_NAME, FAULTS, TOO_SHORT, weight
from rvc.quality.measures import Measures
from rvc.quality.score import DECISIONS
from rvc.quality.variety import SpeechSounds, Variety, variety_note, variety_of

ENOUGH_SECONDS, COMFORTABLE_SECONDS, LEAST_SECONDS = 300.0, 600.0, 120.0
READY_SCORE, USABLE_SCORE, SHORT_SCORE = 70.0, 50.0, 75.0
ECHO_SCORE = 65.0  # instead of USABLE_SCORE: cleaning wins little of the lost similarity back
MOSTLY = 0.9  # of the speech: a fault that is nearly everywhere need not be placed
OF_TAKES = ("pauses", "level")  # faults of a recording, not of a segment
DROPPED_WEIGHT = 3.0  # a second lost counts more than a second repaired


HEADLINES = {
    "ready": Message("{usable} of {total} is clean speech: ready to train."),
    "usable": Message("{usable} of {total} is clean speech: usable."),
    "again": Message("{usable} of {total} is clean speech: record again."),
}

REMOVED = Message("Cleaning removed it: the voice will not have it.")
LEFT_OUT = Message("Those parts are left out: the voice will not have it.")
NEXT_TIME = Message("For the next recording:")


def verdict_of(usable_seconds: float, mean_score: float, main_fault: str) -> str:
    """Return "ready", "usable" or "again" for so much speech of such a score."""
    enough = usable_seconds >= ENOUGH_SECONDS
    if enough and mean_score >= READY_SCORE:
        return "ready"
    least = ECHO_SCORE if main_fault == "echo" else USABLE_SCORE
    short = usable_seconds >= LEAST_SECONDS and mean_score >= SHORT_SCORE
    return "usable" if short or (enough and mean_score >= least) else "again"


def minutes_factor(seconds: float) -> float:
    """Return what the score of `seconds` of usable speech is multiplied by, 1 from five minutes."""
    return min(1.0, seconds / ENOUGH_SECONDS) ** 0.5


@dataclass(frozen=True)
class SegmentReport:
    """Two to twelve seconds of speech, in seconds of the original.

    `take`: index of its recording; `score_before`, `score`: 0 to 100, raw and cleaned; `decision`:
    "keep" and "review" are trained on, "drop" is not; `overruled`: a person decided; `copy_of`: the
    segment it repeats; `sounds`: how many tokens of each sound of speech are in it.
    """

    take: int
    file: str
    start_seconds: float
    end_seconds: float
    before: Measures
    after: Measures
    score_before: float
    score: float
    decision: str
    reasons: tuple[Message, ...] = ()
    overruled: bool = False
    copy_of: int | None = None
    sounds: tuple[int, ...] = ()

    @property
    def duration_seconds(self) -> float:
        return self.end_seconds - self.start_seconds

    @property
    def used(self) -> bool:
        return self.decision != "drop"


@dataclass(frozen=True, eq=False)
class TakeReport:
    """One recording: measures over all of it, and the curves that the charts draw."""

    cleaned: Cleaned
    before: Measures
    after: Measures
    f0_before: F0
    f0: RepairedF0
    spectrum_before: Spectrum | None
    spectrum: Spectrum | None
    notes: tuple[Message, ...] = ()

    @property
    def name(self) -> str:
        return self.cleaned.original.name

    @property
    def counted_seconds(self) -> float:
        """The duration of the recording; 0 for one without speech."""
        return self.cleaned.original.duration_seconds if self.cleaned.speaks else 0.0


@dataclass(frozen=True, eq=False)
class QualityReport:
    """What a model would learn from the recordings, by segment.

    `remarks`: further findings; `speaking`: pitch and loudness of the reading; `speech_sounds`: the
    table in which segments count their sounds, None where they could not be counted.
    """

    takes: tuple[TakeReport, ...]
    segments: tuple[SegmentReport, ...]
    before: Measures
    after: Measures
    remarks: tuple[Message, ...] = ()
    speaking: Speaking | None = None
    speech_sounds: SpeechSounds | None = None

    @property
    def total_seconds(self) -> float:
        """The duration of the recordings that contain speech."""
        return sum(take.counted_seconds for take in self.takes)

    @property
    def usable_seconds(self) -> float:
        """Clean speech that training will use: the headline."""
        return sum(segment.duration_seconds for segment in self.segments if segment.used)

    @property
    def score(self) -> float:
        """0 to 100: mean of the used segments, less where they are under five minutes.

        Its square root is taken of the share: one or two clean minutes train a voice almost as good
        as that of five, and far better than that of five dirty ones (docs/clean-beats-much.md).
        """
        return round(self.mean_score * minutes_factor(self.usable_seconds), 1)

    @property
    def mean_score(self) -> float:
        """0 to 100: mean of the used segments by duration, however few."""
        used = [segment for segment in self.segments if segment.used]
        seconds = [segment.duration_seconds for segment in used]
        return float(np.average([s.score for s in used], weights=seconds)) if used else 0.0

    @property
    def score_note(self) -> Message | None:
        """Why the score is lower than those of the segments; None where it is not."""
        if not 0 < self.usable_seconds < ENOUGH_SECONDS:
            return None
        return Message(
            "The segments score {mean:.0f} of 100 on average. The whole scores {score:.0f}, "
            "because only {usable} of the {enough} minutes that a good voice needs are there.",
            mean=self.mean_score,
            score=self.score,
            usable=clock(self.usable_seconds),
            enough=clock(ENOUGH_SECONDS),
        )

    @property
    def verdict(self) -> str:
        """ "ready", "usable" or "again"."""
        return verdict_of(self.usable_seconds, self.mean_score, self.main_fault)

    @property
    def faults(self) -> tuple[str, ...]:
        """Names of all faults of the sound, the one costing the most minutes first."""
        costs = {fault.name: self._cost(fault.name) for fault in FAULTS}
        return tuple(sorted((n for n, c in costs.items() if c > 0), key=lambda n: -costs[n]))

    @property
    def main_fault(self) -> str:
        """The first of `faults`; "too_short" where only minutes are missing, else "none"."""
        if self.faults:
            return self.faults[0]
        return "too_short" if self.usable_seconds < ENOUGH_SECONDS else "none"

    @property
    def removed(self) -> tuple[str, ...]:
        """Those of `faults` that cleaning removed everywhere; nothing was dropped for them."""
        return tuple(name for name in self.faults if self._is_removed(name))

    def _is_removed(self, name: str) -> bool:
        if name in OF_TAKES:
            return all(weight(name, take.after) == 0 for take in self.takes)
        faulty = [segment for segment in self.segments if weight(name, segment.before) > 0]
        return all(segment.used and weight(name, segment.after) == 0 for segment in faulty)

    def _is_left_out(self, name: str) -> bool:
        """Return whether there is enough speech without a part that has this fault."""
        learned = any(s.used and weight(name, s.before) > 0 for s in self.segments)
        return name not in OF_TAKES and self.verdict != "again" and not learned

    def _cost(self, name: str) -> float:
        """Return the seconds this fault spoils; those dropped for it count most."""
        if name in OF_TAKES:
            return sum(take.counted_seconds * weight(name, take.before) for take in self.takes)
        total = sum(segment.duration_seconds for segment in self.segments)
        cost = 0.0
        for segment in self.segments:
            own = weight(name, segment.before)
            cost += segment.duration_seconds * (own if segment.used else own * DROPPED_WEIGHT)
        return cost if cost >= 0.05 * total else 0.0  # a second in a minute is no fault of it

    @property
    def headline(self) -> Message:
        """Usable of total time, and the verdict, in one line."""
        if self.takes and not self.total_seconds:
            return Message("No speech was found: record again.")
        usable, total = clock(self.usable_seconds), clock(self.total_seconds)
        if self.verdict == "again" and self.mean_score >= READY_SCORE:  # good, but too little
            return Message(
                "{usable} of {total} is clean speech: record more.",
                usable=usable,
                total=total,
            )
        return HEADLINES[self.verdict].with_values(usable=usable, total=total)

    @property
    def advice(self) -> Message:
        """The main fault: its symptom, its effect on the voice or that cleaning removed it, and
        what to do about it."""
        if self.main_fault == "none":
            return Message("Nothing to repair. Go on to training.")
        if self.main_fault == "too_short":
            return TOO_SHORT
        fault = BY_NAME[self.main_fault]
        parts = [fault.symptom, fault.effect, fault.advice]
        if fault.name in self.removed:
            parts[1:2] = [REMOVED, NEXT_TIME]
        elif self._is_left_out(fault.name):
            parts[1:2] = [LEFT_OUT, NEXT_TIME]
        there, all_of_it = self._seconds_with(self.main_fault), self._seconds_with(None)
        if 0 < there < MOSTLY * all_of_it:
            where = clock(there), clock(all_of_it)
            parts.insert(
                1,
                Message(
                    "That is so in {there} of {whole} of speech.",
                    there=where[0],
                    whole=where[1],
                ),
            )
        return joined(parts)

    def _seconds_with(self, name: str | None) -> float:
        """Return the seconds of speech in which this fault is named; None: of all speech."""
        return sum(
            segment.duration_seconds
            for segment in self.segments
            if name is None or weight(name, segment.before) > 0
        )

    @property
    def variety(self) -> Variety | None:
        """Which sounds of speech the used segments hold, a copy counted once; None if unknown."""
        if self.speech_sounds is None:
            return None
        counts = [s.sounds for s in self.segments if s.used and not self._is_copy(s)]
        return variety_of(counts, self.speech_sounds)

    def _is_copy(self, segment: SegmentReport) -> bool:
        return segment.copy_of is not None and self.segments[segment.copy_of].used

    @property
    def notes(self) -> tuple[Message, ...]:
        """The variety of what is used, then the remarks."""
        variety = self.variety
        return self.remarks if variety is None else (variety_note(variety), *self.remarks)

    def kept_segments(self) -> list[tuple[Cleaned, Segment]]:
        """Return what training uses: every segment that is not dropped, with its recording."""
        return [
            (self.takes[s.take].cleaned, Segment(s.start_seconds, s.end_seconds))
            for s in self.segments
            if s.used
        ]

    def with_decision(self, index: int, decision: str) -> "QualityReport":
        """Return the report with segment `index` decided by a person."""
        if decision not in DECISIONS or not 0 <= index < len(self.segments):
            raise RVCError(
                "There is no segment {index} to {decision}.",
                index=index,
                decision=decision,
            )
        segments = list(self.segments)
        segments[index] = replace(segments[index], decision=decision, overruled=True)
        return replace(self, segments=tuple(segments))
