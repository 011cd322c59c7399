"""From measures to a segment's score, and from scores to keep, review or drop."""

from rvc.messages import Message, joined
from rvc.quality.faults import FAULTS, named_faults, severity
from rvc.quality.measures import Measures

DECISIONS = ("keep", "review", "drop")
KEEP_SCORE, REVIEW_SCORE = 70.0, 50.0
MOST_GAIN = 45.0  # cleaning cannot make a better recording than that
OVRL_GOOD, OVRL_BAD, OVRL_COSTS = 3.0, 2.0, 0.35
DROPPED_CLIPPING_PERCENT, DROPPED_BANDWIDTH_HZ, DROPPED_SNR_DB = 0.1, 5000.0, 10.0
SHORTEST_SECONDS = 0.5  # of speech


def segment_score(measures: Measures) -> float:
    """Return 0 to 100: every fault takes its share of what the others have left."""
    score = 100.0
    for fault in FAULTS:
        score *= 1 - fault.costs * fault.of(measures)
    return score * (1 - OVRL_COSTS * severity(measures.dnsmos_ovrl, OVRL_GOOD, OVRL_BAD))


def score_segment(
    before: Measures, after: Measures, duration_seconds: float
) -> tuple[float, float, str, tuple[Message, ...]]:
    """Return (score before, score, decision, reasons) of one segment."""
    score_before = segment_score(before)
    score = min(segment_score(after), score_before + MOST_GAIN)
    decision = "keep" if score >= KEEP_SCORE else "review" if score >= REVIEW_SCORE else "drop"
    reasons = [fault.symptom for fault in FAULTS if fault.name in named_faults(after)]
    repaired = [
        fault.label for fault in FAULTS
        if fault.name in named_faults(before) and fault.name not in named_faults(after)
    ]  # fmt: skip
    if must := _must_drop(before, duration_seconds):
        decision = "drop"
        reasons = [must, *(reason for reason in reasons if reason != must)]
    elif decision == "keep" and _suspicious(before, after):
        decision = "review"
    if repaired:
        reasons.append(Message("Cleaned: {names}.", names=joined(repaired, ", ")))
    if decision != "keep" and not reasons:
        reasons.append(_costliest(after))
    return round(score_before, 1), round(score, 1), decision, tuple(reasons)


def _costliest(measures: Measures) -> Message:
    """Return the reason that costs most where no fault is bad enough by itself to be named."""
    costs = {fault.symptom: fault.costs * fault.of(measures) for fault in FAULTS}
    low = Message("The automatic listening score is low.")
    costs[low] = OVRL_COSTS * severity(measures.dnsmos_ovrl, OVRL_GOOD, OVRL_BAD)
    return max(costs, key=lambda reason: costs[reason])


def _must_drop(before: Measures, duration_seconds: float) -> Message | None:
    """Return the reason to drop a segment at any score, which no cleaning repairs; else None."""
    by_name = {fault.name: fault.symptom for fault in FAULTS}
    if duration_seconds < SHORTEST_SECONDS:
        return Message("Too short to learn from.")
    if "other_voice" in named_faults(before):
        return by_name["other_voice"]
    if before.clipping_percent is not None and before.clipping_percent > DROPPED_CLIPPING_PERCENT:
        return by_name["clipping"]
    if before.bandwidth_hz is not None and before.bandwidth_hz < DROPPED_BANDWIDTH_HZ:
        return by_name["bandwidth"]
    if before.snr_db is not None and before.snr_db < DROPPED_SNR_DB:
        return by_name["noise"]
    return None


def _suspicious(before: Measures, after: Measures) -> bool:
    """Return whether a person should check it although the score is good."""
    noisy = before.snr_db is not None and before.snr_db < 20
    return noisy or "f0" in named_faults(after)
