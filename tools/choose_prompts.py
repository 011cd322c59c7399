"""Choose the sentences to read aloud from a larger pool, by the report's phonetic variety.

    python -m tools.choose_prompts ko

Every sentence of tools/prompt_pool/LANGUAGE.txt (mood, tab, sentence) is read by synthetic voices,
and the sounds of speech in it are counted as the report counts them (rvc.quality.variety).
`COUNT` sentences are chosen one after another: of the mood that is furthest behind its share of the
pool, the one that adds most speech not covered yet. So any first part of the script is varied, and
neighbours differ in mood. Writes rvc/locale/LANGUAGE/prompts.txt and prints what it covers, beside
as many sentences chosen by chance. Needs the packages of tools/pretrain_speakers.py.
"""

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rvc.audio import Recording
from rvc.messages import LOCALE_DIR
from rvc.places import shipped_weights
from rvc.quality.variety import (
    ENOUGH_TOKENS,
    TOKENS_PER_SECOND,
    SpeechSounds,
    count_sounds,
    load_speech_sounds,
)
from tools.pretrain_speakers import reading

COUNT = 60
VOICES = {"en": ("joe", "heart"), "ko": ("heart",)}
POOL = Path(__file__).with_name("prompt_pool")
TRIALS = 200  # choices by chance, for comparison


def main() -> None:
    """Write the chosen sentences of one language."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("language", choices=sorted(file.stem for file in POOL.glob("*.txt")))
    language = parser.parse_args().language
    lines = (POOL / f"{language}.txt").read_text(encoding="utf-8").splitlines()
    moods, texts = zip(*(line.split("\t") for line in lines), strict=True)
    sounds = load_speech_sounds(shipped_weights())
    counts = spoken_counts(texts, language)
    chosen = choose(counts, moods, sounds, COUNT)
    target = LOCALE_DIR / language / "prompts.txt"
    target.write_text("".join(f"{lines[i]}\n" for i in chosen), encoding="utf-8")
    rng = np.random.default_rng(0)
    trials = [rng.choice(len(lines), COUNT, replace=False) for _ in range(TRIALS)]
    chance = np.mean([coverage(counts[list(trial)], sounds) for trial in trials], axis=0)
    for name, (share, filled) in (
        ("chosen", coverage(counts[chosen], sounds)),
        ("by chance", chance),
        ("first 20 chosen", coverage(counts[chosen[:20]], sounds)),
        ("20 by chance", np.mean([coverage(counts[list(t[:20])], sounds) for t in trials], 0)),
    ):
        print(f"{name}: share {share:.3f}, filled {filled:.3f}")
    minutes = counts[chosen].sum() / TOKENS_PER_SECOND / 60
    print(f"{minutes:.1f} min of speech; {dict(Counter(moods[i] for i in chosen))}")


def spoken_counts(texts: Sequence[str], language: str) -> np.ndarray:
    """Return (texts, sounds): tokens of each sound in each text, the mean of the voices."""
    read = []
    for voice in VOICES[language]:
        takes = reading(voice, texts, language)
        recordings = [Recording(samples, rate) for samples, rate in takes]
        read.append(np.array(count_sounds(recordings, shipped_weights()), float))
    return np.mean(read, axis=0)


def choose(counts: np.ndarray, moods: Sequence[str], sounds: SpeechSounds, most: int) -> list[int]:
    """Return the places of `most` rows of (texts, sounds), in the order they are chosen."""
    pool, taken = Counter(moods), Counter[str]()
    chosen: list[int] = []
    total = np.zeros(counts.shape[1])
    while len(chosen) < most:
        mood = min(pool, key=lambda name: ((taken[name] + 1) / pool[name], name))
        left = [i for i, own in enumerate(moods) if own == mood and i not in chosen]
        best = max(left, key=lambda i: coverage((total + counts[i])[None], sounds)[1])
        chosen.append(best)
        taken[mood] += 1
        total += counts[best]
    return chosen


def coverage(counts: np.ndarray, sounds: SpeechSounds) -> tuple[float, float]:
    """Return (share, filled) of the sum of (texts, sounds), as rvc.quality.variety does."""
    totals = counts.sum(0)
    share = float(sounds.frequency[totals >= ENOUGH_TOKENS].sum())
    return share, float(sounds.frequency @ np.minimum(totals / ENOUGH_TOKENS, 1))


if __name__ == "__main__":
    main()
