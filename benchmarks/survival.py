"""Check that a kill at any moment leaves the old state or the new one, never a mixture.

    python -m benchmarks.survival [--times 20] [--seed 0] [WORK...]

WORK: save, replace, import, delete, train, retrain; all if none. Each runs in a child process,
which is killed (SIGKILL) at a random moment between its start and its end, --times times. After
each kill the library is opened as at the next start of the program. Voices and trainings are tiny.
Prints one JSON object; the exit code is 1 if any state was mixed.
"""

import argparse
import json
import multiprocessing
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

import numpy as np
import torch

from rvc import assets
from rvc.audio import Recording
from rvc.files import unsettled
from rvc.index import build_index
from rvc.network.lite import LiteConfig, LiteSynthesizer
from rvc.network.stft_discriminators import STFTDiscriminators
from rvc.slicing import Slices
from rvc.train import TrainingOptions, TrainingRun, train, training_folder
from rvc.training import build
from rvc.training.checkpoint import has_checkpoint, load_checkpoint
from rvc.training.job import saved_options
from rvc.training.preflight import Speed
from rvc.training.standing import read_standing
from rvc.voice import Voice, VoiceLibrary, import_voice
from tools.lite_base import save_lite_base

NAME = "kim"
OLD, NEW = 1, 2  # marks of two voices, in every one of their files
RATE = 24_000
STEPS, OLD_STEPS, SAVE_STEPS = 4, 50, 2
AROUND_THE_END = (0.7, 1.2)  # shares of the undisturbed duration
QUICKER, LEAST_SECONDS = 0.95, 0.01  # the assumed duration shrinks if a kill came too late
LATER = 1.1  # and grows after a kill near the end that left the old state
PATIENCE_SECONDS = 300
SPEED = Speed(0.01, 0.01, 0.01, 0.01, 0.01, 10.0)


@dataclass(frozen=True)
class Work:
    """`before` prepares the state, `do` is killed, `state` returns what is left ("old", "new") or
    raises AssertionError. `ends`: what may be left, before `do` and after it."""

    before: Callable[[Path], None]
    do: Callable[[Path], None]
    state: Callable[[Path], str]
    ends: tuple[str, str]


def marked_voice(mark: int, name: str = NAME) -> Voice:
    """Return a voice whose weights, index and card all contain `mark`."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        synthesizer = LiteSynthesizer(LiteConfig(channels=16, dilations=(1,)))
    weights = build.snapshot(synthesizer)
    weights["emb_g.weight"] = torch.full_like(weights["emb_g.weight"], mark)
    content = np.full((40 * mark, synthesizer.config.content_channels), mark, np.float32)
    content += np.random.default_rng(0).normal(0, 0.01, content.shape).astype(np.float32)
    return Voice(
        name=name,
        config=synthesizer.config,
        weights=weights,
        version="lite",
        uses_f0=True,
        sample_rate=synthesizer.sample_rate,
        index=build_index(content),
        card={"mark": mark, "f0_median_hz": 100.0},
    )


def mark_of(voice: Voice) -> int:
    """Return the mark in all parts of a voice; raises AssertionError if they differ."""
    marks = {int(voice.weights["emb_g.weight"].flatten()[0]), len(voice.index) // 40}
    marks.add(voice.card["mark"])
    assert len(marks) == 1, f"files of two voices are mixed: {marks}"
    return marks.pop()


def library_state(weights: Path) -> str:
    """Return "old", "new" or "none"; raises AssertionError for other states or left-over files."""
    library = VoiceLibrary(weights)
    names = library.names()
    left = [path.name for path in library.folder.glob(".*") if unsettled(path.name)]
    assert not left, f"left over: {left}"
    assert names in ([], [NAME]), names
    if not names:
        return "none"
    return {OLD: "old", NEW: "new"}[mark_of(library.load(NAME))]


def _save_old(weights: Path) -> None:
    VoiceLibrary(weights).save(marked_voice(OLD))


def _save_new(weights: Path) -> None:
    VoiceLibrary(weights).save(marked_voice(NEW))


def _bring(weights: Path) -> None:
    """Write a .pth and an .index to import."""
    folder = VoiceLibrary(weights / "elsewhere").save(marked_voice(NEW))
    shutil.copytree(folder, weights / "download")


def _import(weights: Path) -> None:
    folder = weights / "download"
    index = folder / f"{NAME}.index"
    import_voice(folder / f"{NAME}.pth", VoiceLibrary(weights), index_path=index)


def _delete(weights: Path) -> None:
    VoiceLibrary(weights).delete(NAME)


def speech(pieces: int = 2, seconds: float = 6.0) -> Slices:
    """Return synthetic voiced syllables."""
    moment = np.arange(round(seconds * RATE)) / RATE
    recordings = []
    for seed in range(pieces):
        phase = np.cumsum(150 * (1 + 0.1 * np.sin(4 * moment + seed))) / RATE
        sound = sum(np.cos(2 * np.pi * k * phase) / k for k in range(1, 12))
        syllables = np.clip(np.sin(12 * moment + seed), 0, 1) ** 0.5
        recordings.append(Recording((0.1 * sound * syllables).astype(np.float32), RATE))
    return Slices(tuple(recordings))


def make_machine(weights: Path) -> Path:
    """Create a weights folder with the shipped encoders, a tiny base and cached features."""
    pretrained = weights / "pretrained"
    pretrained.mkdir(parents=True)
    for shipped in assets.SHIPPED_FOLDER.glob("*.safetensors"):
        shutil.copy(shipped, pretrained)
    torch.manual_seed(0)
    small = {"refinement_channels": 16, "refinement_blocks": 1}
    base = LiteSynthesizer(LiteConfig(channels=16, dilations=(1,), **small))
    save_lite_base(pretrained / "lite_base.safetensors", base, STFTDiscriminators(channels=2), {})
    for _ in run_training(weights, name="features made", steps=1):
        pass
    shutil.rmtree(weights / "voices")
    return weights


def run_training(weights: Path, **asked: object):
    """Return the generator of a tiny, bit-exact training."""
    build.fast_bfloat16 = lambda device: False
    options = {"name": NAME, "steps": STEPS, "save_steps": SAVE_STEPS, "batch_size": 2} | asked
    slices = None if options.get("resume") else speech()
    run = TrainingRun.create(TrainingOptions(**options), weights=weights)
    return train(slices, run, speed=lambda _: SPEED)


def _train(weights: Path) -> None:
    for _ in run_training(weights):
        pass


def _half_train(weights: Path) -> None:
    """Leave a training of OLD_STEPS unfinished."""
    for progress in run_training(weights, steps=OLD_STEPS, seed=OLD):
        if progress.step >= SAVE_STEPS:
            return


def _retrain(weights: Path) -> None:
    for _ in run_training(weights, replace=True, seed=NEW):
        pass


def training_state(weights: Path) -> str:
    """Return "old", "new" or "none"; raises AssertionError if files of two trainings are mixed."""
    library, folder = VoiceLibrary(weights), training_folder(weights, NAME)
    done = NAME in library
    if done:
        assert library.load(NAME).index is not None
        assert (library.path(NAME) / "report.json").is_file()
    if not has_checkpoint(folder) or read_standing(folder).done:
        return "new" if done else "none"
    steps = saved_options(folder).steps
    assert load_checkpoint(folder)["total_steps"] == steps, "job and checkpoint do not belong"
    if steps == STEPS:
        for _ in run_training(weights, resume=True, steps=None):
            pass
        assert library.load(NAME).card["steps_trained"] == STEPS
    return {OLD_STEPS: "old", STEPS: "new"}[steps]


def _nothing(weights: Path) -> None:
    pass


WORKS = {
    "save": Work(_nothing, _save_new, library_state, ("none", "new")),
    "replace": Work(_save_old, _save_new, library_state, ("old", "new")),
    "import": Work(_bring, _import, library_state, ("none", "new")),
    "delete": Work(_save_old, _delete, library_state, ("old", "none")),
    "train": Work(_nothing, _train, training_state, ("none", "new")),
    "retrain": Work(_half_train, _retrain, training_state, ("old", "new")),
}
ALLOWED = {name: set(work.ends) for name, work in WORKS.items()}


def _child(work: str, weights: Path, ready: object) -> None:
    torch.set_num_threads(1)
    ready.set()
    WORKS[work].do(weights)


def start(work: str, weights: Path) -> BaseProcess:
    """Start the work in a child process; return when it begins."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tools.lite_base"])  # torch is imported once
    ready = context.Event()
    child = context.Process(target=_child, args=(work, weights, ready), daemon=True)
    child.start()
    assert ready.wait(PATIENCE_SECONDS), "the work did not start"
    return child


def measure(work: str, times: int, seed: int, machine: Path) -> dict[str, object]:
    """Kill `work` `times` times; return {"states": counts of states, "mixed": [...]}.

    Every second kill is near the end, when the new state replaces the old one; the assumed duration
    adapts to what the kills find. Work that ended before its kill is checked, too, but does not
    count.
    """
    chance, states, mixed, kills = random.Random(seed), {}, [], 0
    seconds = max(_killed(work, machine, None, mixed)[1], LEAST_SECONDS)  # undisturbed
    while kills < times:
        late = bool(kills % 2)
        share = chance.uniform(*(AROUND_THE_END if late else (0, 1)))
        state, _, killed = _killed(work, machine, share * seconds, mixed)
        kills += killed
        if killed and state:
            states[state] = states.get(state, 0) + 1
        if not killed or state == WORKS[work].ends[1]:
            seconds = max(QUICKER * seconds, LEAST_SECONDS)
        elif late:
            seconds *= LATER
    return {"kills": kills, "states": states, "mixed": mixed}


def _killed(
    work: str, machine: Path, moment: float | None, mixed: list[str]
) -> tuple[str, float, bool]:
    """Run `work`, killed after `moment` seconds; return the state, the time, whether it was killed.

    Faults of the state are appended to `mixed`.
    """
    with tempfile.TemporaryDirectory() as folder:
        weights = Path(shutil.copytree(machine, Path(folder) / "weights"))
        WORKS[work].before(weights)
        child, began = start(work, weights), time.monotonic()
        if moment is not None:
            time.sleep(moment)
            child.kill()
        child.join(PATIENCE_SECONDS)
        seconds, killed, state = time.monotonic() - began, child.exitcode != 0, ""
        assert moment is not None or not killed, f"{work} failed undisturbed"
        try:
            state = WORKS[work].state(weights)
            assert state in ALLOWED[work], state
        except Exception as error:  # a mixed state may raise anything
            mixed.append(f"{type(error).__name__}: {error}")
    return state, seconds, killed


def main() -> None:
    """Measure and print one JSON object; exit with 1 if the bar is not met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("works", nargs="*", metavar="WORK", help=", ".join(WORKS))
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        machine = make_machine(Path(folder) / "weights")
        works = arguments.works or list(WORKS)
        results = {work: measure(work, arguments.times, arguments.seed, machine) for work in works}
    met = not any(each["mixed"] for each in results.values())
    print(json.dumps(results | {"met": met}, indent=1))
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
