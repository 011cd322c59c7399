"""The index rate of a conversion: how far its content is mixed with the voice's own.

Retrieval brings sounds unknown to the voice closer to it, at some cost of intelligibility
(benchmarks/voice_quality.py). A source in the voice's own language does not need it. How different
a source is shows in its content: the distance to the voice's index, against that of sentences of
the voice itself which the index does not hold. Measured with benchmarks/index_distance.py: 1.3 to
1.6 for other speakers of the same language, up to 2.1 in another room, and 1.9 to 3.2 for another
language.
"""

import numpy as np

from rvc.index import FeatureIndex
from rvc.messages import Message
from rvc.voice import Voice

CARD_KEY = "content_distance"  # of the voice's own held-out sentences, in its card
NEAR, FAR = 1.8, 2.5  # times that distance: no retrieval up to the first, all of it from the second
LITE_RATE = 0.6  # identity .69 -> .74, words wrong 0 -> 2 to 4 % for a source of another language
MOST_FRAMES = 60_000
RVC_RATE = 0.75  # the field's habit; community voices have no such distance


def content_distance(index: FeatureIndex, content: np.ndarray) -> float:
    """Return the median squared distance of content (frames, channels) to its nearest rows.

    Of long content, evenly spaced frames are taken.
    """
    return float(np.median(index.distances(content[:: -(-len(content) // MOST_FRAMES)])))


def choose_index_rate(voice: Voice, content: np.ndarray) -> tuple[float, Message]:
    """Return the index rate that suits a source's content (frames, channels), and why."""
    if voice.index is None:
        return 0.0, Message("This voice has no index.")
    if voice.version != "lite":
        return RVC_RATE, Message(
            "Index rate {rvc_rate}, the usual value of RVC voices.",
            rvc_rate=RVC_RATE,
        )
    own = voice.card.get(CARD_KEY)
    if not isinstance(own, int | float) or not own > 0 or len(content) == 0:
        return 0.0, Message(
            "Index rate 0: this voice does not know how near its own sentences lie.",
        )
    times = content_distance(voice.index, content) / own
    rate = LITE_RATE * float(np.clip((times - NEAR) / (FAR - NEAR), 0, 1))
    rate = round(rate, 2)
    if rate == 0:
        return rate, Message(
            "Index rate 0: the sounds are close to the voice's own, and words stay clearest so.",
        )
    return rate, Message(
        "Index rate {rate}: the sounds differ from what the voice has learned (another language "
        "or accent), so they are drawn towards its own.",
        rate=rate,
    )
