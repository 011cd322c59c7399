"""Blend two voices of one shape: a voice whose weights lie between theirs."""

from dataclasses import replace

import numpy as np

from rvc.errors import VoiceError
from rvc.index import FeatureIndex, build_index
from rvc.messages import Message, in_every_language
from rvc.voice.voice import Voice

BLENDED_KEY = "blended_from"  # of the card: both names with their shares
NOTE = Message("AI voice blended with Moksori from two voices")
SEED = 0  # of the choice of index rows


def blend_voices(first: Voice, second: Voice, share: float, name: str) -> Voice:
    """Return a voice called `name` with `share` (0 to 1) of the second voice and the rest of the
    first.

    Weights are interpolated one by one, which works for voices trained from the same base. Its
    index holds rows of both in that proportion. Raises VoiceError, with the reason, for one voice
    twice and unless both have the same version, sample rate, content encoder and network.
    """
    if not 0 <= share <= 1:
        raise VoiceError("The share of the second voice must be between 0 and 1.")
    if first.name == second.name:
        raise VoiceError("Choose two different voices to blend.")
    _check_alike(first, second)
    weights = {
        key: (1 - share) * value.float() + share * second.weights[key].float()
        for key, value in first.weights.items()
    }
    index = _blended_index(first.index, second.index, share)
    blended = replace(first, name=name, weights=weights, index=index, notes=())
    return replace(blended, card=_card(first, second, share))


def _check_alike(first: Voice, second: Voice) -> None:
    differences = (
        (
            first.version != second.version,
            Message("one is {a}, the other {b}", a=first.version, b=second.version),
        ),
        (
            first.sample_rate != second.sample_rate,
            Message(
                "one is made for {a} Hz, the other for {b} Hz",
                a=first.sample_rate,
                b=second.sample_rate,
            ),
        ),
        (
            first.content_encoder != second.content_encoder,
            Message(
                "one needs the content encoder {a}, the other {b}",
                a=first.content_encoder,
                b=second.content_encoder,
            ),
        ),
        (first.uses_f0 != second.uses_f0, Message("only one of them uses the pitch")),
        (
            first.speakers != second.speakers,
            Message("one has {a} speakers, the other {b}", a=first.speakers, b=second.speakers),
        ),
        (_shapes(first) != _shapes(second), Message("their networks differ in size")),
        (first.config != second.config, Message("their networks are built differently")),
    )
    for differ, reason in differences:
        if differ:
            raise VoiceError(
                "'{first}' and '{second}' cannot be blended: {reason}. Choose two voices of the "
                "same kind.",
                first=first.name,
                second=second.name,
                reason=reason,
            )


def _shapes(voice: Voice) -> dict[str, tuple[int, ...]]:
    return {key: tuple(value.shape) for key, value in voice.weights.items()}


def _blended_index(
    first: FeatureIndex | None, second: FeatureIndex | None, share: float
) -> FeatureIndex | None:
    """Return an index of rows of both, by the share; None if a voice that has a part has none."""
    if share in (0, 1):
        return second if share else first
    if first is None or second is None:
        return None
    rng = np.random.default_rng(SEED)
    rows = min(len(first) / (1 - share), len(second) / share)  # of the largest index that is whole
    parts = [
        rng.permutation(index.rows())[: max(1, round(rows * part))]
        for index, part in ((first, 1 - share), (second, share))
    ]
    return build_index(np.concatenate(parts), seed=SEED)


def _card(first: Voice, second: Voice, share: float) -> dict[str, object]:
    """Return a card that names both voices; its pitch lies between theirs."""
    card: dict[str, object] = {
        BLENDED_KEY: f"{first.name} {100 * (1 - share):.0f} % + {second.name} {100 * share:.0f} %",
        "note": in_every_language(NOTE),
    }
    if first.card.get("preset") and first.card.get("preset") == second.card.get("preset"):
        card["preset"] = first.card["preset"]
    consents = [voice.card.get("consent") for voice in (first, second)]
    if all(isinstance(each, str) for each in consents):
        card["consent"] = " / ".join(dict.fromkeys(map(str, consents)))
    pitches = [voice.card.get("f0_median_hz") for voice in (first, second)]
    low, high = (each if isinstance(each, int | float) else 0.0 for each in pitches)
    if low > 0 and high > 0:
        card["f0_median_hz"] = round(float(low ** (1 - share) * high**share), 1)
    return card
