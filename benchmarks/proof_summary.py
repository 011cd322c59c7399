"""The table of benchmarks/clean_beats_much.py, rank correlation, shares won back, spread."""

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from scipy.stats import rankdata, spearmanr

from benchmarks.proof_conditions import Condition, reference
from rvc.quality.report import minutes_factor, verdict_of

Result = dict[str, object]  # as proof_voice.run_condition stores it

# What a voice is ranked by, against the five clean minutes of the same person; +1: more is better.
RANKED = {"words": -1, "cos_output_target": 1, "dnsmos": 1, "distillmos": 1}
WORSE_ERROR, WORSE_SIMILARITY = 0.05, 0.1  # a voice worse by more should not have been "ready"
RESAMPLED = 500
OUTCOMES = (  # heading, key of the outcome, factor, digits
    ("errors %", "words", 100, 1),
    ("similarity", "cos_output_target", 1, 3),
    ("OVRL", "dnsmos", 1, 2),
    ("DistillMOS", "distillmos", 1, 2),
)
FAULTS_LEFT = (  # the same, of faults in the converted sentences
    ("pauses dB", "pause_db", 1, 0),
    ("voicing %", "voicing_error", 100, 1),
    ("f0 jumps", "f0_jumps_per_minute", 1, 1),
    ("SRMR", "srmr", 1, 1),
    ("decay s", "decay_seconds", 1, 2),
    ("SNR dB", "snr_db", 1, 0),
    ("clicks", "clicks_per_minute", 1, 0),
    ("kHz", "bandwidth_hz", 0.001, 1),
    ("hum dB", "hum_db", 1, 0),
)


def stored(work: Path, wanted: Iterable[Condition]) -> list[Result]:
    """Return the results that there are, in the order of `wanted`, with what the report says.

    "report" is None where it is not made yet.
    """
    results = []
    for condition in wanted:
        path = work / "results" / f"{condition.slug}.json"
        report = work / "reports" / f"{condition.material.name}.json"
        if path.exists():
            said = report.exists() and json.loads(report.read_text())
            said = foretold(said, condition.treatment) if said else None
            results.append(json.loads(path.read_text()) | {"report": said})
    return results


def foretold(report: dict[str, object], treatment: str) -> dict[str, object]:
    """Return what the report says beforehand of the sound that is trained on.

    `score` is the report's own for "selected", the mean over the segments it keeps. For "cleaned"
    it is the mean over all segments, for "raw" the mean of their scores before cleaning; each is
    less where there are under five minutes.
    """
    rows = report["segments"]
    kept = [row for row in rows if row["decision"] != "drop"]
    verdict = verdict_of(report["usable_seconds"], _mean(kept, "score"), report["main_fault"])
    if treatment == "selected":
        rows = kept
    seconds = sum(row["end_seconds"] - row["start_seconds"] for row in rows)
    score = _mean(rows, "score_before" if treatment == "raw" else "score")
    score *= minutes_factor(seconds)
    return {
        "score": round(score, 1),
        "report_score": report["score"],
        "verdict": verdict,
        "main_fault": report["main_fault"],
        "usable_minutes": round(report["usable_seconds"] / 60, 2),
        "total_minutes": round(report["total_seconds"] / 60, 2),
    }


def _mean(rows: Sequence[dict], key: str) -> float:
    """Return the mean of a score of segments by their duration; 0 for none."""
    seconds = [row["end_seconds"] - row["start_seconds"] for row in rows]
    return float(np.average([row[key] for row in rows], weights=seconds)) if rows else 0.0


def judged(results: Iterable[Result]) -> list[Result]:
    """Return the results that have a voice."""
    return [each for each in results if "outcome" in each]


def clean_voice(results: Iterable[Result], target: str) -> Result | None:
    """Return the result of the target's five clean minutes, None where it is not there."""
    name = reference(target).name
    return next((each for each in judged(results) if each["name"] == name), None)


def against_clean(result: Result, clean: Result) -> dict[str, float]:
    """Return how much better (positive) a voice is than the clean one, by measure."""
    return {
        key: sign * (result["outcome"][key] - clean["outcome"][key]) for key, sign in RANKED.items()
    }


def rank_correlations(results: list[Result]) -> dict[str, float]:
    """Return Spearman's correlation of the report's score with each measure and their mean rank.

    A measure is taken against the five clean minutes of the same person, so that persons can be
    pooled; "outcome" is the mean of its ranks.
    """
    rows = [
        (each["report"]["score"], against_clean(each, clean))
        for each in judged(results)
        if each["report"] and (clean := clean_voice(results, each["target"]))
    ]
    if len(rows) < 3:
        return {}
    scores = [score for score, _ in rows]
    ranks = {key: rankdata([row[key] for _, row in rows]) for key in RANKED}
    ranks["outcome"] = np.mean(list(ranks.values()), axis=0)
    return {key: float(spearmanr(scores, values).statistic) for key, values in ranks.items()}


def wrongly_ready(results: list[Result]) -> list[str]:
    """Return names of recordings called "ready" whose voice is much worse than the clean one.

    Only voices trained as the program trains count: the verdict is about those.
    """
    wrong = []
    for each in judged(results):
        clean = clean_voice(results, each["target"])
        ready = each["report"] and each["report"]["verdict"] == "ready"
        if clean is None or not ready or each["treatment"] != "selected":
            continue
        better = against_clean(each, clean)
        if better["words"] < -WORSE_ERROR or better["cos_output_target"] < -WORSE_SIMILARITY:
            wrong.append(each["name"])
    return wrong


def won_back(results: list[Result]) -> list[tuple[str, str, float, float, float, float]]:
    """Return (material, treatment, share of the error rate won back, its 5th and 95th percentile
    over resampled sentences, the same share of DNSMOS), of what the raw material loses."""
    raw = {each["material"]: each for each in judged(results) if _is_first(each, "raw")}
    rows = []
    for each in judged(results):
        worse, clean = raw.get(each["material"]), clean_voice(results, each["target"])
        if worse is None or clean is None or not _is_first(each, "cleaned", "selected"):
            continue
        words, low, high = _share(each, worse, clean, "words")
        rows.append((each["material"], each["treatment"], words, low, high,
                     _share(each, worse, clean, "dnsmos")[0]))  # fmt: skip
    return rows


def _is_first(result: Result, *treatments: str) -> bool:
    return result["treatment"] in treatments and result["seed"] == 0


def _share(each: Result, raw: Result, clean: Result, key: str) -> tuple[float, float, float]:
    """Return the share of the raw loss won back, and the range of it over resampled sentences."""
    values = [np.array(r["outcome"]["by_sentence"][key]) for r in (each, raw, clean)]

    def share(chosen: np.ndarray | slice) -> float:
        mine, worse, best = (value[chosen].mean() for value in values)
        return float((mine - worse) / (best - worse)) if abs(best - worse) > 1e-6 else np.nan

    rng = np.random.default_rng(0)
    count = len(values[0])
    draws = [share(rng.integers(count, size=count)) for _ in range(RESAMPLED)]
    low, high = np.nanpercentile(draws, [5, 95])
    return share(slice(None)), float(low), float(high)


def spread(results: list[Result], first: str, second: str) -> list[dict[str, float]]:
    """Return the differences of two conditions (names without their seed), one row a seed."""
    rows = []
    by_name = {each["name"]: each for each in judged(results)}
    for seed in range(10):
        pair = [by_name.get(f"{name} {seed}") for name in (first, second)]
        if all(pair):
            rows.append({"seed": seed} | against_clean(*pair))
    return rows


def print_summary(results: list[Result]) -> None:
    """Print two tables as Markdown, the correlations, the shares and the spread."""
    _print_table(results, ("score", "verdict", "usable", "trained"), _foretold_cells, OUTCOMES)
    print()
    _print_table(results, (), lambda result: [], FAULTS_LEFT)
    own_way = [each for each in results if each["treatment"] == "selected"]
    for label, some in (("all", results), ("as the program trains", own_way)):
        found = {key: round(value, 2) for key, value in rank_correlations(some).items()}
        count = sum(each["report"] is not None for each in judged(some))
        print(f"\nSpearman, {label} ({count} voices): {found}")
    print("wrongly ready:", wrongly_ready(results) or "none")
    for row in won_back(results):
        print("won back: {} {}: errors {:.0%} ({:.0%} to {:.0%}), OVRL {:.0%}".format(*row))
    for name in ("raw", "selected"):
        clean, dirty = reference("deeply_a").name[:-2], f"deeply_a {DIRTY} {name}"
        print(f"5 clean minus {dirty}:", spread(results, clean, dirty))


DIRTY = "DanceStudio 5 + DanceStudio more 15"


def _print_table(
    results: list[Result],
    headings: tuple[str, ...],
    cells: Callable[[Result], list[str]],
    columns: tuple[tuple[str, str, float, int], ...],
) -> None:
    """Print (name, treatment, cells, scores) of every result."""
    names = ("material", "treatment", *headings, *(heading for heading, *_ in columns))
    print("| " + " | ".join(names) + " |\n" + "|---" * len(names) + "|")
    for each in results:
        seed = f" (seed {each['seed']})" if each["seed"] else ""
        row = [str(each["material"]) + seed, str(each["treatment"]), *cells(each)]
        row += [_cell(each.get("outcome", {}).get(key), *form) for _, key, *form in columns]
        print("| " + " | ".join(row) + " |")


def _cell(value: float | None, factor: float, digits: int) -> str:
    return "" if value is None else f"{factor * value:.{digits}f}"


def _foretold_cells(result: Result) -> list[str]:
    report = result["report"]
    cells = ["", "", ""]
    if report:
        cells = [f"{report['score']:.0f}", report["verdict"], f"{report['usable_minutes']:.1f}"]
    return [*cells, f"{result['trained_minutes']:.1f}"]
