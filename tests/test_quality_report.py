"""What follows from the measures: scores, decisions, faults in order, verdict, JSON and pages."""

import json
import re
from dataclasses import fields, replace

import numpy as np
import pytest

from rvc.audio import Recording
from rvc.cleaning import Cleaned, Segment
from rvc.cleaning.findings import Findings
from rvc.cleaning.hum import Hum
from rvc.errors import RVCError
from rvc.f0 import F0, RepairedF0, repair_f0
from rvc.messages import Message
from rvc.quality import (
    BY_NAME,
    FAULTS,
    Measures,
    QualityReport,
    SegmentReport,
    TakeReport,
    report_json,
)
from rvc.quality.bandwidth import Spectrum
from rvc.quality.charts import report_charts, worst_fault
from rvc.quality.faults import named_faults, severity, weight
from rvc.quality.html import render_html
from rvc.quality.report import verdict_of
from rvc.quality.score import score_segment, segment_score
from rvc.quality.voiced import voice_only

GOOD = Measures(
    snr_db=42, srmr=3.5, decay_seconds=0.2, bandwidth_hz=11_000, clipping_percent=0.0,
    clicks_per_minute=3, hum_db=5, f0_jumps_per_minute=2, f0_dropouts_per_minute=40,
    pauses_percent=10, lufs=-23, dnsmos_ovrl=3.3, own_voice=0.9, own_voice_least=0.8,
)  # fmt: skip
BAD = {
    "noise": {"snr_db": 5.0},
    "echo": {"decay_seconds": 0.5},
    "bandwidth": {"bandwidth_hz": 3600.0},
    "clipping": {"clipping_percent": 1.0},
    "clicks": {"clicks_per_minute": 90.0},
    "hum": {"hum_db": 30.0},
    "f0": {"f0_jumps_per_minute": 200.0},
    "other_voice": {"own_voice": 0.75},
    "pauses": {"pauses_percent": 80.0},
    "level": {"lufs": -55.0},
}


def _report(rows: list[tuple[Measures, Measures]], seconds: float = 10.0) -> QualityReport:
    """One take with a segment for each (before, after)."""
    rate = 1000
    sound = Recording(np.zeros(round(len(rows) * seconds * rate), np.float32), rate, "a<b>.wav")
    segments, parts = [], []
    for number, (before, after) in enumerate(rows):
        times = number * seconds, (number + 1) * seconds
        raw, score, decision, reasons = score_segment(before, after, seconds)
        parts.append(Segment(*times))
        segments.append(
            SegmentReport(0, "a<b>.wav", *times, before, after, raw, score, decision, reasons)
        )
    cleaned = Cleaned(sound, sound, tuple(parts), tuple(parts), (), 1.0, True)
    hz = np.where(np.arange(300) % 100 < 60, 150.0, 0).astype(np.float32)
    hz[30:34] *= 2
    f0 = F0(hz, np.full(300, 0.9, np.float32))
    spectrum = Spectrum(np.linspace(0, 8000, 100), np.linspace(0, -60, 100), 6500.0)
    take = TakeReport(
        cleaned,
        rows[0][0],
        rows[0][1],
        f0,
        repair_f0(f0),
        spectrum,
        spectrum,
        (Message("n"),),
    )
    return QualityReport((take,), tuple(segments), rows[0][0], rows[0][1], (Message("<x>"),))


def test_severity_runs_from_good_to_bad_in_either_direction():
    assert severity(35, 35, 10) == 0
    assert severity(10, 35, 10) == 1
    assert severity(22.5, 35, 10) == pytest.approx(0.5)
    assert severity(40, 12, 60) == pytest.approx(28 / 48)
    assert severity(None, 0, 1) == 0


def test_good_speech_scores_high_and_has_no_fault():
    assert segment_score(GOOD) > 98
    assert named_faults(GOOD) == ()
    assert score_segment(GOOD, GOOD, 5)[2:] == ("keep", ())


@pytest.mark.parametrize("name", list(BAD))
def test_each_fault_is_named_alone_and_explained_in_both_languages(name):
    before = replace(GOOD, **BAD[name])
    assert named_faults(before) == (name,)
    assert weight(name, before) > 0
    fault = BY_NAME[name]
    for text in (fault.label, fault.symptom, fault.effect, fault.advice):
        assert str(text)
        assert re.search("[가-힣]", text.in_language("ko"))
    if fault.costs:
        assert segment_score(before) < segment_score(GOOD) - 15
    report = _report([(before, GOOD)] * 3)
    assert report.main_fault == name
    assert fault.advice.in_language("ko") in report.advice.in_language("ko")


def test_a_fault_that_cleaning_removed_is_said_as_removed():
    humming = replace(GOOD, **BAD["hum"])
    cleaned, left = _report([(humming, GOOD)] * 3), _report([(humming, humming)] * 3)
    assert cleaned.faults == cleaned.removed == ("hum",) and left.removed == ()
    assert "Cleaning removed it" in str(cleaned.advice) and "buzz" not in str(cleaned.advice)
    assert "Cleaning removed it" not in str(left.advice) and "buzz" in str(left.advice)
    assert "mains hum, removed by cleaning" in report_charts(cleaned, "en")
    assert "removed by cleaning" not in report_charts(left, "en")
    partly = _report([(humming, GOOD), (humming, humming)])
    assert partly.removed == () and report_json(cleaned)["removed"] == ["hum"]
    clipped = _report([(replace(GOOD, **BAD["clipping"]), GOOD)] * 2)
    assert clipped.removed == (), "these segments are dropped"


def test_a_score_below_that_of_the_segments_says_why():
    little, enough = _report([(GOOD, GOOD)] * 13), _report([(GOOD, GOOD)] * 31)
    assert round(little.mean_score) == 100 and round(little.score) == 66
    for part in ("100 of 100", "scores 66", "2:10", "5:00"):
        assert part in str(little.score_note)
    assert enough.score_note is None and enough.score == pytest.approx(enough.mean_score, abs=0.1)


def test_hum_is_no_voice():
    """A tracker that follows 100 Hz hum in pauses, and in the voice itself once."""
    hz = np.zeros(600, np.float32)
    hz[:200] = 100.2  # a pause
    hz[200:400] = 150 + 20 * np.sin(np.arange(200) / 9)
    hz[400:430] = 100.1  # between words
    hz[430:600] = 100 + 6 * np.sin(np.arange(170) / 9)  # a low voice that moves
    sound = Recording(np.zeros(6000, np.float32), 1000)
    speech = (Segment(2.0, 6.0),)
    found = RepairedF0(F0(hz, np.ones(600)), np.ones(600, bool), (100, 250), (100, 410))
    cleaned = Cleaned(sound, sound, speech, speech, (), 1.0, True)
    assert not voice_only(found, cleaned).f0.voiced[:200].any()
    assert voice_only(found, cleaned).f0.voiced[200:].all(), "no hum was found"
    humming = replace(cleaned, findings=Findings(Hum(50.1, 20, 20.0)))
    alone = voice_only(found, humming)
    assert not alone.f0.voiced[400:430].any()
    assert alone.f0.voiced[200:400].all() and alone.f0.voiced[430:].mean() > 0.9
    assert alone.jumps == (250,) and alone.dropouts == () and not alone.repaired[:200].any()


def test_a_fault_of_a_part_is_told_with_its_minutes():
    echoing = replace(GOOD, **BAD["echo"])
    partly = _report([(echoing, GOOD), *[(GOOD, GOOD)] * 5], seconds=15.0).advice
    assert "in 0:15 of 1:30 of speech" in str(partly) and "1:30 중 0:15" in partly.in_language("ko")
    assert "of speech" not in str(_report([(echoing, GOOD)] * 3).advice)


def test_a_fault_whose_parts_are_left_out_does_not_threaten_the_voice():
    echoing = replace(GOOD, **BAD["echo"])
    left_out = _report([(GOOD, GOOD)] * 30 + [(echoing, echoing)] * 15)
    learned = left_out.with_decision(40, "keep")
    assert left_out.verdict == "ready" and left_out.main_fault == learned.main_fault == "echo"
    effect = str(BY_NAME["echo"].effect)
    assert effect in str(learned.advice) and effect not in str(left_out.advice)
    assert "left out" in str(left_out.advice)


@pytest.mark.parametrize("name", ["noise", "bandwidth", "clipping", "other_voice"])
def test_what_cleaning_cannot_mend_is_dropped_and_says_why(name):
    decision, reasons = score_segment(replace(GOOD, **BAD[name]), GOOD, 5)[2:]
    assert decision == "drop"
    assert reasons[0] == BY_NAME[name].symptom


def test_repaired_noise_is_for_review_and_score_gain_is_capped():
    raw, score, decision, reasons = score_segment(replace(GOOD, snr_db=15.0), GOOD, 5)
    assert decision == "review"
    assert "background noise" in str(reasons[-1])
    wreck = replace(GOOD, snr_db=12.0, decay_seconds=0.5, hum_db=30.0)
    raw, score, decision, _ = score_segment(wreck, GOOD, 5)
    assert score == pytest.approx(raw + 45, abs=0.2)
    assert score_segment(GOOD, GOOD, 0.3)[2] == "drop"


def test_the_fault_that_costs_most_comes_first():
    noisy, clicky = replace(GOOD, snr_db=5.0), replace(GOOD, clicks_per_minute=70.0)
    report = _report([(noisy, GOOD)] * 2 + [(clicky, GOOD)] * 3 + [(GOOD, GOOD)] * 5)
    assert report.faults == ("noise", "clicks")  # two segments lost, three mended
    assert report.main_fault == "noise"
    # f0 errors due to noise are reported, but not first
    both = replace(GOOD, snr_db=12.0, f0_jumps_per_minute=300.0)
    assert _report([(both, GOOD)]).faults == ("noise", "f0")


@pytest.mark.parametrize(
    ("after", "segments", "verdict"),
    [
        (GOOD, 31, "ready"),
        (GOOD, 13, "usable"),  # two minutes, very good
        (GOOD, 8, "again"),
        (replace(GOOD, decay_seconds=0.38), 31, "usable"),
        (replace(GOOD, decay_seconds=0.42), 31, "again"),
        (replace(GOOD, decay_seconds=0.5, dnsmos_ovrl=2.0), 31, "again"),
    ],
)
def test_verdict(after, segments, verdict):
    report = _report([(after, after)] * segments)
    assert report.verdict == verdict


def test_as_many_minutes_are_judged_harder_where_they_echo():
    assert verdict_of(900, 60, "noise") == "usable" and verdict_of(900, 60, "echo") == "again"
    assert verdict_of(900, 66, "echo") == "usable" and verdict_of(900, 71, "echo") == "ready"
    assert verdict_of(200, 80, "too_short") == "usable"


def test_headline_counts_usable_minutes_and_asks_for_more_where_only_length_lacks():
    report = _report([(GOOD, GOOD)] * 8 + [(replace(GOOD, **BAD["clipping"]), GOOD)] * 2)
    assert report.usable_seconds == 80
    assert report.total_seconds == 100
    assert "1:20 of 1:40" in str(report.headline)
    assert "record more" in str(report.headline)
    assert _report([(GOOD, GOOD)]).main_fault == "too_short"
    assert _report([(GOOD, GOOD)] * 40).main_fault == "none"


def test_a_person_overrules_and_everything_follows():
    report = _report([(GOOD, GOOD)] * 3)
    changed = report.with_decision(1, "drop")
    assert [s.decision for s in changed.segments] == ["keep", "drop", "keep"]
    assert changed.segments[1].overruled
    assert changed.usable_seconds == 20
    assert [part.start_seconds for _, part in changed.kept_segments()] == [0, 20]
    assert len(report.kept_segments()) == 3, "the report given is not changed"
    for index, decision in ((9, "keep"), (0, "perhaps"), (-1, "keep")):
        with pytest.raises(RVCError):
            report.with_decision(index, decision)


def test_json_holds_the_contract():
    noisy = replace(GOOD, snr_db=None, **BAD["clicks"])
    values = json.loads(json.dumps(report_json(_report([(noisy, GOOD)] * 2)), allow_nan=False))
    assert values["verdict"] == "again"
    assert {"score", "usable_seconds", "total_seconds", "main_fault", "faults"} <= set(values)
    wanted = {field.name for field in fields(Measures)}
    assert set(values["measures"]["before"]) == set(values["measures"]["after"]) == wanted
    assert values["measures"]["before"]["snr_db"] is None
    segment = values["segments"][0]
    assert segment["decision"] == "keep"
    assert segment["score_before"] < segment["score"]
    assert segment["end_seconds"] == 10
    assert segment["reasons"][0]["ko"]


@pytest.mark.parametrize("language", ["en", "ko", ""])
def test_page_is_self_contained_and_escapes_names(language):
    page = render_html(_report([(replace(GOOD, **BAD["hum"]), GOOD), (GOOD, GOOD)]), language)
    assert "a&lt;b&gt;.wav" in page
    assert "<b>.wav" not in page
    assert "<x>" not in page
    assert not re.search(r"(src|href)=|@import|url\(|<script", page)
    assert page.count("<svg") == 3
    assert "prefers-color-scheme:dark" in page
    assert ("Check the cable" in page) == (language != "ko")
    assert ("케이블" in page) == (language != "en")


def test_charts_mark_jumps_edge_and_faults():
    report = _report([(replace(GOOD, **BAD["echo"]), GOOD), (GOOD, GOOD)])
    assert [worst_fault(segment) for segment in report.segments] == ["echo", None]
    drawn = report_charts(report, "en")
    assert "room echo" in drawn
    assert "jumps: 2" in drawn
    assert "reaches 6.5 kHz" in drawn
    nothing = replace(
        report.takes[0], f0=repair_f0(F0(np.zeros(0, np.float32), np.zeros(0, np.float32))),
        spectrum_before=None, spectrum=None,
    )  # fmt: skip
    assert report_charts(replace(report, takes=(nothing,)), "ko").count("<svg") == 1


def test_every_fault_has_its_own_name():
    assert len(BY_NAME) == len(FAULTS)
