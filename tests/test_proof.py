"""benchmarks/clean_beats_much.py: the conditions, and what its summary concludes."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from benchmarks import proof_conditions
from benchmarks.proof_conditions import CLEAN_ROOM, READER, Material, Shelf, conditions
from benchmarks.proof_figures import draw, key_figures
from benchmarks.proof_summary import (
    foretold,
    print_summary,
    rank_correlations,
    spread,
    won_back,
    wrongly_ready,
)
from rvc.audio import Recording

RATE = 16_000


@pytest.fixture(autouse=True)
def _read_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read the small files of these tests without a child process for each."""

    def read(path: Path) -> Recording:
        samples, rate = soundfile.read(path, dtype="float32")
        return Recording(samples, rate, path.name)

    monkeypatch.setattr(proof_conditions, "load_audio", read)


NOISY = "lmy 5 fan 10 dB"
DANCE = "deeply_a DanceStudio 5 + DanceStudio more 15"


def result(material: str, treatment: str, score: float, words: float, **more: object) -> dict:
    """Return a stored result; `words`: error rate, from which the other scores follow."""
    by_sentence = {
        "words": [words, words], "dnsmos": [3 - words, 3 - words], "distillmos": [4, 4],
    }  # fmt: skip
    outcome = {
        "words": words,
        "cos_output_target": 0.9 - words,
        "dnsmos": 3 - words,
        "distillmos": 4 - words,
        "cos_target_target": 0.92,
        "by_sentence": by_sentence,
    }
    seed = more.pop("seed", 0)
    report = {"score": score, "verdict": more.pop("verdict", "again"), "usable_minutes": 5.0}
    return {
        "name": f"{material} {treatment} {seed}",
        "target": material.split()[0],
        "material": material,
        "treatment": treatment,
        "seed": seed,
        "steps": 100,
        "trained_minutes": 5.0,
        "report": report,
        "outcome": outcome,
    }


@pytest.fixture
def results() -> list[dict]:
    return [
        result("lmy 5", "selected", 95, 0.04, verdict="ready"),
        result(NOISY, "raw", 30, 0.10),
        result(NOISY, "cleaned", 60, 0.08),
        result(NOISY, "selected", 70, 0.06, verdict="usable"),
        result("deeply_a AnechoicChamber 5", "selected", 97, 0.05, verdict="ready"),
        result("deeply_a AnechoicChamber 5", "selected", 97, 0.06, verdict="ready", seed=1),
        result(DANCE, "raw", 40, 0.09),
        result(DANCE, "raw", 40, 0.08, seed=1),
    ]


def test_every_condition_has_files_of_its_own_and_clean_ones_come_first() -> None:
    every = conditions("lmy", "kokoro_test_man")
    slugs = [each.slug for each in every]
    assert len(set(slugs)) == len(slugs)
    assert every[0].material.takes == ((CLEAN_ROOM, 5),)
    assert not any("kokoro" in each.name for each in conditions("lmy", None))


def test_rooms_hold_the_same_sentences_and_none_that_is_held_out(tmp_path: Path) -> None:
    rows, tone = [], np.tile([1, -1], 9 * RATE // 2).astype(np.float32)
    for room in (CLEAN_ROOM, "DanceStudio"):
        for number in range(45):  # six minutes and three quarters
            file = f"{room}-{number}.wav"
            level = (number + 1) / 100
            soundfile.write(tmp_path / file, level * tone, RATE)
            rows.append(
                {"file": file, "speaker": READER, "room": room, "seconds": 9.0, "text": str(number)}
            )
    (tmp_path / "index.json").write_text(json.dumps(rows))
    shelf = Shelf(tmp_path, None)
    rooms = [
        shelf.recordings(Material(READER, ((room, 5.0),)))[0].samples
        for room in (CLEAN_ROOM, "DanceStudio")
    ]
    np.testing.assert_allclose(rooms[0], rooms[1], atol=1e-3)
    used = set(np.round(np.unique(rooms[0]), 2))
    held_out = {round(float(r.samples[0]), 2) for r in shelf.held_out(READER)}
    assert len(held_out) == 45 - 34 and not used & held_out


def test_a_planted_fault_differs_from_file_to_file_and_not_from_run_to_run(tmp_path: Path) -> None:
    rows = []
    for number in range(12):
        tone = 0.3 * np.sin(np.arange(8 * RATE) / 20).astype(np.float32)
        soundfile.write(tmp_path / f"{number}.wav", tone, RATE)
        rows.append({"file": f"{number}.wav", "speaker": "a", "seconds": 8.0, "text": str(number)})
    (tmp_path / "index.json").write_text(json.dumps(rows))
    noisy = Material("a", (("", 0.5), ("", 0.5)), "fan 10 dB")
    first, again = (Shelf(tmp_path, None).recordings(noisy) for _ in range(2))
    np.testing.assert_array_equal(first[0].samples, again[0].samples)
    assert np.abs(first[0].samples - first[1].samples).max() > 0.01


def test_the_summary(results: list[dict], capsys: pytest.CaptureFixture[str]) -> None:
    assert rank_correlations(results)["words"] > 0.7  # a high score goes with few errors
    (cleaned, selected) = won_back(results)
    assert cleaned[:2] == (NOISY, "cleaned") and cleaned[2] == pytest.approx(1 / 3)
    assert selected[2] == pytest.approx(2 / 3) and selected[5] == pytest.approx(2 / 3)
    rows = spread(results, "deeply_a AnechoicChamber 5 selected", f"{DANCE} raw")
    assert [row["seed"] for row in rows] == [0, 1]
    assert rows[0]["words"] == pytest.approx(0.04) and rows[1]["words"] == pytest.approx(0.02)
    assert wrongly_ready(results) == []
    results.append(result("lmy 2", "selected", 90, 0.12, verdict="ready"))
    assert wrongly_ready(results) == ["lmy 2 selected 0"]
    print_summary(results)
    assert "| lmy 5 | selected | 95 | ready |" in capsys.readouterr().out


def test_the_score_of_what_is_trained_on() -> None:
    segments = [
        {"start_seconds": 0, "end_seconds": 200, "score": 90, "score_before": 60,
         "decision": "keep"},
        {"start_seconds": 200, "end_seconds": 400, "score": 40, "score_before": 20,
         "decision": "drop"},
    ]  # fmt: skip
    report = {
        "segments": segments, "score": 60.0, "verdict": "usable", "main_fault": "noise",
        "usable_seconds": 200, "total_seconds": 420,
    }  # fmt: skip
    scores = {name: foretold(report, name)["score"] for name in ("raw", "cleaned", "selected")}
    assert scores == {"raw": 40, "cleaned": 65, "selected": 73.5}  # 90 * (200 / 300) ** 0.5


def test_figures_and_the_figures_of_the_page(results: list[dict], tmp_path: Path) -> None:
    paths = draw(results, tmp_path)
    assert [path.name for path in paths] == [
        "clean-rooms.svg",
        "clean-faults.svg",
        "clean-report.svg",
    ]
    assert all(path.read_text().startswith('<svg xmlns="http') for path in paths)
    figures = key_figures(results)
    assert [row["id"] for row in figures["rooms"]] == ["clean_5", "dance_20"]
    assert figures["noise"][0]["errors"] == 0.667 and figures["sentences"] == 2
