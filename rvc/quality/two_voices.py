"""Two people in one sound, who may take turns at short intervals.

Every 1.6 s of speech has a direction (`rvc.speaker`); the directions are split in two groups, as
far apart as possible. Measured on nine voices, 18 clips of 20 to 25 s each: the centres of
one person's two groups have a cosine of 0.89 or more, those of two people in turns of 4 to 7 s 0.78
or less, of 1.5 to 3 s 0.85 or less.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from rvc.audio import Recording
from rvc.errors import AudioError
from rvc.speaker import voice_direction

WINDOW_SECONDS, STEP_SECONDS = 1.6, 0.8
LEAST_WINDOWS = 8  # 7.2 s of speech: groups of fewer stray too far
LEAST_GROUP = 3  # a cough is not a person
OTHER_COSINE = 0.85
ROUNDS = 12


def are_two_voices(speech: Iterable[Recording], weights: Path) -> bool:
    """Return whether stretches of speech are by two people; False where there is too little.

    Raises MissingAssetError where the speaker encoder is not there.
    """
    directions = [
        direction
        for stretch in speech
        for window in _windows(stretch)
        if (direction := _direction(window, weights)) is not None
    ]
    if len(directions) < LEAST_WINDOWS:
        return False
    cosine, smaller = _split(np.stack(directions))
    return cosine < OTHER_COSINE and smaller >= LEAST_GROUP


def _windows(stretch: Recording) -> Iterable[Recording]:
    size, step = (round(s * stretch.sample_rate) for s in (WINDOW_SECONDS, STEP_SECONDS))
    for start in range(0, len(stretch.samples) - size + 1, step):
        yield Recording(stretch.samples[start : start + size], stretch.sample_rate)


def _direction(window: Recording, weights: Path) -> np.ndarray | None:
    try:
        return voice_direction(window, weights)[0]
    except AudioError:  # hardly any speech
        return None


def _split(directions: np.ndarray) -> tuple[float, int]:
    """Split (windows, 256) in two groups by k-means.

    Returns the cosine of their centres and the size of the smaller group.
    """
    alike = directions @ directions.T
    centres = directions[list(np.unravel_index(alike.argmin(), alike.shape))]
    for _ in range(ROUNDS):
        second = directions @ centres[1] > directions @ centres[0]
        if second.all() or not second.any():
            return 1.0, 0
        centres = np.stack([directions[~second].mean(0), directions[second].mean(0)])
        centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    return float(centres[0] @ centres[1]), int(min(second.sum(), (~second).sum()))
