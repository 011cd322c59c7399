"""Other voices: each segment's speaker embedding against the recording's own voice.

The own voice is the mean direction of the segments that agree, without the one compared. How near a
person's own segment must lie depends on its length (a word is less certain than a sentence) and on
how much the voice of the recording varies, so each has its own limit. Measured on 13 voices of
people and 8 synthetic ones (1 to 12 s a segment, drawn 26,000 times): strangers of 3 s or more are
found in 99 %, of 1 to 1.5 s in 80 %, and one own segment in a thousand is taken for a stranger's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rvc.audio import Recording
from rvc.errors import AudioError
from rvc.speaker import load_speaker_encoder, voice_direction

LEAST_SECONDS = 1.0  # shorter speech does not identify a voice
LEAST_SEGMENTS = 3  # of two different voices either could be the stranger
MOST_WEIGHT_SECONDS = 8.0  # longer segments count no more for the centre
NEAR_COSINE = 0.1  # under the median; what lies further does not shape the centre
ROUNDS = 3
USUAL_FAR, USUAL_FAR_SECONDS = 0.02, 0.19  # 1 - cosine of a person's segment: a + b / seconds
MOST_FAR, MOST_FAR_SECONDS = 0.12, 0.30  # the same, of one in a thousand
STEADY, VARIED = 0.8, 1.2  # how much a recording may narrow or widen that


@dataclass(frozen=True)
class OwnVoice:
    """`cosine` of a segment to the recording's own voice, and the `least` of one's own."""

    cosine: float
    least: float

    @property
    def is_other(self) -> bool:
        return self.cosine < self.least


def own_voices(segments: Sequence[Recording], weights: Path) -> list[OwnVoice | None]:
    """Return how near each segment is to the voice of them all; None for one too short or silent.

    Raises MissingAssetError where the speaker encoder is not there.
    """
    load_speaker_encoder(weights)
    measured: dict[int, tuple[np.ndarray, float]] = {}
    for index, segment in enumerate(segments):
        if segment.duration_seconds >= LEAST_SECONDS:
            try:
                measured[index] = voice_direction(segment, weights)
            except AudioError:
                continue
    found: list[OwnVoice | None] = [None] * len(segments)
    if len(measured) < LEAST_SEGMENTS:
        return found
    directions = np.stack([direction for direction, _ in measured.values()])  # (segments, 256)
    seconds = np.array([max(length, LEAST_SECONDS) for _, length in measured.values()])
    cosines = _to_the_others(directions, seconds)
    spread = np.median((1 - cosines) / (USUAL_FAR + USUAL_FAR_SECONDS / seconds))
    least = 1 - (MOST_FAR + MOST_FAR_SECONDS / seconds) * np.clip(spread, STEADY, VARIED)
    for row, index in enumerate(measured):
        found[index] = OwnVoice(float(cosines[row]), float(least[row]))
    return found


def _to_the_others(directions: np.ndarray, seconds: np.ndarray) -> np.ndarray:
    """Return the cosine of each of (segments, 256) to the centre of the others but outliers."""
    alike = directions @ directions.T
    cosines = alike[:, np.argmax(np.median(alike, axis=1))]  # to the most typical one
    for _ in range(ROUNDS):
        near = cosines >= np.median(cosines) - NEAR_COSINE
        pulled = directions * (np.minimum(seconds, MOST_WEIGHT_SECONDS) * near)[:, None]
        centres = pulled.sum(0) - pulled
        length = np.linalg.norm(centres, axis=1)
        cosines = (centres * directions).sum(1) / np.maximum(length, 1e-9)
    return cosines
