"""Other voices: each segment's speaker embedding against the most typical one of all."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rvc.audio import Recording
from rvc.errors import AudioError
from rvc.speaker import load_speaker_encoder, speaker_embedding

LEAST_SECONDS = 1.0  # shorter speech tells no voice
LEAST_SEGMENTS = 3  # of two different voices nobody can say which is the stranger


def own_voice_cosines(segments: Sequence[Recording], weights: Path) -> list[float | None]:
    """Return each segment's cosine to the medoid; None for one too short or silent.

    Raises MissingAssetError where the speaker encoder is not there.
    """
    load_speaker_encoder(weights)
    directions: dict[int, np.ndarray] = {}
    for index, segment in enumerate(segments):
        if segment.duration_seconds >= LEAST_SECONDS:
            try:
                directions[index] = speaker_embedding(segment, weights)
            except AudioError:
                continue
    cosines: list[float | None] = [None] * len(segments)
    if len(directions) < LEAST_SEGMENTS:
        return cosines
    matrix = np.stack(list(directions.values()))  # (segments, 256)
    alike = matrix @ matrix.T
    medoid = int(np.argmax(np.median(alike, axis=1)))
    for row, index in enumerate(directions):
        cosines[index] = float(alike[row, medoid])
    return cosines
