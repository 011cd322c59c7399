"""What is left out because there is enough better speech without it."""

import pytest

from rvc.quality.measures import Measures
from rvc.quality.report import ENOUGH_SECONDS, SegmentReport
from rvc.quality.together import without_weaker

SECONDS = 10.0
FIVE_MINUTES = round(ENOUGH_SECONDS / SECONDS)


def segment(score: float, number: int = 0, **values) -> SegmentReport:
    times = number * SECONDS, (number + 1) * SECONDS
    rows = Measures(), Measures(), score, score
    return SegmentReport(0, "a.wav", *times, *rows, **{"decision": "keep", **values})


def used_scores(segments: list[SegmentReport]) -> list[float]:
    return [each.score for each in segments if each.used]


def test_weak_speech_is_left_out_where_five_better_minutes_are_there() -> None:
    segments = [segment(60.0), segment(95.0), segment(80.0)] * FIVE_MINUTES
    kept, notes = without_weaker(segments)
    assert sorted(set(used_scores(kept))) == [80.0, 95.0]
    assert len(kept) == len(segments) and len(used_scores(kept)) == 2 * FIVE_MINUTES
    assert "5:00" in str(notes[0])
    dropped = next(each for each in kept if not each.used)
    assert "spoil" in str(dropped.reasons[0])


def test_the_best_five_minutes_stay_whatever_their_score() -> None:
    strong = 2 * FIVE_MINUTES // 3
    segments = [segment(95.0)] * strong + [segment(60.0, n) for n in range(2 * FIVE_MINUTES)]
    kept, notes = without_weaker(segments)
    assert len(used_scores(kept)) == FIVE_MINUTES and notes
    assert used_scores(kept).count(95.0) == strong


@pytest.mark.parametrize(
    "segments",
    [
        [segment(95.0), segment(55.0)] * (FIVE_MINUTES // 2 - 1),  # under five minutes
        [segment(70.0), segment(85.0)] * FIVE_MINUTES,  # not far apart
        [segment(95.0, copy_of=0)] * FIVE_MINUTES + [segment(60.0)] * 20,  # copies teach nothing
        [segment(95.0, decision="drop")] * FIVE_MINUTES + [segment(60.0)] * 20,
    ],
)
def test_nothing_is_left_out_otherwise(segments: list[SegmentReport]) -> None:
    kept, notes = without_weaker(segments)
    assert kept == segments and notes == []
