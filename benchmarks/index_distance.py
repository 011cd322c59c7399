"""How far sources lie from a voice's own content, as rvc/retrieval.py measures it.

    python -m benchmarks.index_distance --korean KOREAN --english DATA_TEST

Prints, for a Korean and an Italian target, the distance of each kind of source's content to the
target's index, in units of the target's own held-out sentences: quartiles over the sentences.
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from benchmarks import voice_material as material
from benchmarks.voice_material import SAMPLE_RATE, Clip
from rvc import assets
from rvc.audio import Recording
from rvc.content import ContentEncoder, load_content_encoder
from rvc.index import build_index
from rvc.presets import PRESETS
from rvc.retrieval import content_distance
from rvc.training.build import LITE_INDEX_ROWS

SENTENCES = 12  # of each kind


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--korean", type=Path, required=True)
    parser.add_argument("--english", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    encoder = load_content_encoder(PRESETS["lite"].encoder, assets.weights_dir(None))
    rng = np.random.default_rng(0)
    sources = {
        "Korean sources": contents(encoder, material.korean_sources(arguments.korean)),
        "Korean moods": contents(encoder, material.mood_sources(arguments.korean)),
        "English sources": contents(encoder, material.english_sources(arguments.english, rng)),
    }
    targets = [
        material.korean_target(arguments.korean, "lmy"),
        material.english_target(arguments.english, "asterisk_it", rng),
    ]
    for target in targets:
        rows = np.concatenate(contents(encoder, target.training, len(target.training)))
        index = build_index(rows[:: -(-len(rows) // LITE_INDEX_ROWS)])
        held_out = contents(encoder, target.held_out)
        own = float(np.median([content_distance(index, each) for each in held_out]))
        for name, each in sources.items():
            times = [content_distance(index, content) / own for content in each]
            print(target.name, name, np.percentile(times, [0, 25, 50, 75, 100]).round(2).tolist())


def contents(encoder: ContentEncoder, clips: list[Clip], most: int = SENTENCES) -> list[np.ndarray]:
    """Return the content (frames, channels) of the first clips."""
    return [encoder.encode(Recording(clip.samples, SAMPLE_RATE)) for clip in clips[:most]]


if __name__ == "__main__":
    main()
