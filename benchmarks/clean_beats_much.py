"""Clean beats much: one speaker in good and bad recordings, trained alike, judged alike.

    python -m benchmarks.clean_beats_much WORK --korean KOREAN [--english DATA_TEST]
    python -m benchmarks.clean_beats_much WORK --korean KOREAN --summary --figures docs/images

For every condition (benchmarks/proof_conditions.py) a voice is trained with the program's own
functions and equal steps, held-out sentences of other speakers are converted, and judged. Beside
the outcome stands what the report said of the recording before. Every condition is stored as JSON
under WORK/results; an interrupted run goes on there. The same seed and machine give the same
scores. `--summary` trains nothing: it prints the table of what is there and draws the figures.
"""

import argparse
import os
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from benchmarks import proof_figures, proof_summary
from benchmarks import voice_material as material
from benchmarks.proof_conditions import Condition, Shelf, conditions
from benchmarks.proof_voice import Bench, report_of, run_condition
from benchmarks.voice_material import Clip
from rvc import assets
from rvc.errors import RVCError


def main() -> None:
    """Read the arguments; run what is missing; print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path)
    parser.add_argument("--korean", type=Path, required=True, help="folder with index.json")
    parser.add_argument("--lone", default="lmy", help="the speaker with planted faults")
    parser.add_argument("--english", type=Path, help="folder of tools.pretrain_data --test-dir")
    parser.add_argument("--voice", default="kokoro_test_man", help="the English speaker in it")
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--batch-size", type=int, help="default: the preset's")
    parser.add_argument("--sentences", type=int, default=16, help="to convert")
    parser.add_argument("--seed", type=int, default=0, help="chooses the sentences and the faults")
    parser.add_argument("--jobs", type=int, default=1, help="conditions at once")
    parser.add_argument("--only", nargs="+", default=[], help="conditions with all these words")
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--summary", action="store_true")
    parser.add_argument("--figures", type=Path, help="folder for three figures")
    parser.add_argument("--key-figures", type=Path, help="JSON for the page")
    arguments = parser.parse_args()
    english = arguments.voice if arguments.english else None
    wanted = [
        each
        for each in conditions(arguments.lone, english)
        if all(word in each.name for word in arguments.only)
    ]
    if not arguments.summary:
        run_all(make_bench(arguments, wanted), wanted, arguments.jobs)
    results = proof_summary.stored(arguments.work, wanted)
    proof_summary.print_summary(results)
    if arguments.figures:
        proof_figures.draw(results, arguments.figures)
    if arguments.key_figures:
        proof_figures.write_key_figures(results, arguments.key_figures)


def make_bench(arguments: argparse.Namespace, wanted: list[Condition]) -> Bench:
    """Return what the conditions share, with the sentences to convert to each target."""
    shelf = Shelf(arguments.korean, arguments.english, arguments.seed)
    korean = evenly(material.korean_sources(arguments.korean), arguments.sentences)
    sources: dict[str, list[Clip]] = {}
    for target in {each.material.target for each in wanted}:
        sources[target] = korean
        if target == arguments.voice:
            rng = np.random.default_rng(arguments.seed)
            known = material.english_sources(arguments.english, rng)
            others = [clip for clip in known if not clip.name.startswith(target)]
            sources[target] = others[: arguments.sentences]
    return Bench(
        arguments.work,
        assets.weights_dir(arguments.weights),
        shelf,
        arguments.steps,
        arguments.batch_size,
        sources,
    )


def evenly(clips: list[Clip], count: int) -> list[Clip]:
    """Return `count` clips, in turns of every speaker, whose names begin a clip's name."""
    speakers: dict[str, list[Clip]] = {}
    for clip in clips:
        speakers.setdefault(clip.name.rstrip("0123456789"), []).append(clip)
    turns = [(number, clip) for own in speakers.values() for number, clip in enumerate(own)]
    return [clip for _, clip in sorted(turns, key=lambda turn: (turn[0], turn[1].name))][:count]


def run_all(bench: Bench, wanted: list[Condition], jobs: int) -> None:
    """Make every missing result in the order of importance, then the reports still missing.

    `jobs`: conditions, or reports, at a time.
    """
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    materials = list(dict.fromkeys(each.material for each in wanted))
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for line in pool.map(partial(attempt, bench), wanted):
            print(line, flush=True)
        for _ in pool.map(partial(report_of, bench), materials):
            print("reported", flush=True)


def attempt(bench: Bench, condition: Condition) -> str:
    """Return a line about the result; a training that fails leaves none, and the others go on."""
    try:
        run_condition(bench, condition)
    except RVCError as error:
        return f"failed {condition.name}: {error}"
    return f"finished {condition.name}"


if __name__ == "__main__":
    main()
