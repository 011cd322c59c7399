"""Generate the sample recording: five and a half minutes of a synthetic voice with added faults.

    python -m tools.make_sample_recording weights/samples

Writes sample_recording.ogg and sample_recording.json with the places of faults and sentences. The
voice is "heart" of hibari-tts (Apache-2.0), which is synthetic. Deterministic.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.faults import at_snr, echo, fan, hum, with_clicks
from tools.pretrain_clips import level, trim
from tools.pretrain_sources import package_version
from tools.pretrain_speakers import speak
from tools.pretrain_text import sentences

PACKAGE = "hibari-tts"
SAMPLE_RATE = 24_000
OPUS_RATE = 48_000
BIT_RATE = 80_000
SEED = 20
ROOM_DB = -72.0  # noise floor of the whole recording
GAPS_SECONDS = (0.35, 0.9)
LICENCE = "Apache-2.0 (hibari-tts, a distillation of Kokoro-82M's voice af_heart, Apache-2.0)"


@dataclass(frozen=True)
class Passage:
    """A section of the recording with one fault, or none ("clean", "silence")."""

    fault: str
    seconds: float
    figures: dict[str, float]


PASSAGES = (
    Passage("clean", 70, {}),
    Passage("noise", 40, {"snr_db": 14.0}),  # a fan
    Passage("clean", 30, {}),
    Passage("hum", 35, {"base_hz": 60.0, "snr_db": 22.0}),
    Passage("clicks", 45, {"per_minute": 40.0}),
    Passage("silence", 14, {}),
    Passage("echo", 60, {"rt60_seconds": 0.6}),
    Passage("clean", 36, {}),
)


def main() -> None:
    """Write the recording and its description."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    utterances = zip(sentences("en", SEED), speak("heart", ["en"], seed=SEED), strict=False)
    samples, facts = record(((text, sound) for text, (sound, _) in utterances), PASSAGES)
    write_opus(folder / "sample_recording.ogg", samples)
    source = {"source": f"{PACKAGE} {package_version(PACKAGE)}, voice heart", "licence": LICENCE}
    text = json.dumps(source | facts, ensure_ascii=False, indent=1)
    (folder / "sample_recording.json").write_text(text + "\n", encoding="utf-8")
    size = (folder / "sample_recording.ogg").stat().st_size / 1e6
    print(f"{facts['seconds']:.0f} s, {size:.1f} MB")


def record(
    utterances: Iterator[tuple[str, np.ndarray]], passages: tuple[Passage, ...]
) -> tuple[np.ndarray, dict[str, object]]:
    """Return (samples,) at SAMPLE_RATE and its description.

    `utterances`: endless pairs of a text and its (samples,).
    """
    rng = np.random.default_rng(SEED)
    parts, faults, lines, start = [], [], [], 0.0
    for passage in passages:
        sound, passage_lines = talk(utterances, passage, rng)
        sound, clicks = spoil(sound, passage, rng)
        end = start + len(sound) / SAMPLE_RATE
        if passage.fault != "clean":
            fact = {"fault": passage.fault, "start_seconds": start, "end_seconds": end}
            if clicks.size:
                fact["at_seconds"] = (start + clicks / SAMPLE_RATE).round(3).tolist()
            faults.append(_rounded(fact | passage.figures))
        lines += [
            _rounded({"text": text, "start_seconds": start + a, "end_seconds": start + b})
            for text, a, b in passage_lines
        ]
        parts.append(sound)
        start = end
    samples = np.concatenate(parts)
    samples = samples + 10 ** (ROOM_DB / 20) * rng.standard_normal(len(samples))
    facts = {"seconds": round(start, 3), "planted": faults, "sentences": lines}
    return samples.astype(np.float32), facts


def talk(
    utterances: Iterator[tuple[str, np.ndarray]], passage: Passage, rng: np.random.Generator
) -> tuple[np.ndarray, list[tuple[str, float, float]]]:
    """Return sentences with gaps of about the passage's length, and (text, start, end) of each."""
    length = round(passage.seconds * SAMPLE_RATE)
    if passage.fault == "silence":
        return np.zeros(length, np.float32), []
    parts, lines, held = [], [], 0
    while held < length:
        text, sound = next(utterances)
        sound = level(trim(sound, SAMPLE_RATE), SAMPLE_RATE)
        gap = round(rng.uniform(*GAPS_SECONDS) * SAMPLE_RATE)
        lines.append((text, held / SAMPLE_RATE, (held + len(sound)) / SAMPLE_RATE))
        parts += [sound, np.zeros(gap, np.float32)]
        held += len(sound) + gap
    return np.concatenate(parts), lines


def spoil(
    sound: np.ndarray, passage: Passage, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return the passage with its fault, and the places of its clicks in samples."""
    figures, places = passage.figures, np.zeros(0, int)
    if passage.fault == "noise":
        rushing = fan(len(sound), SAMPLE_RATE, rng) * _swell(len(sound))
        sound = at_snr(sound, rushing, figures["snr_db"])
    elif passage.fault == "hum":
        mains = hum(len(sound), SAMPLE_RATE, figures["base_hz"], rng) * _swell(len(sound))
        sound = at_snr(sound, mains, figures["snr_db"])
    elif passage.fault == "clicks":
        count = round(figures["per_minute"] * len(sound) / SAMPLE_RATE / 60)
        places = np.sort(rng.integers(0, len(sound) - SAMPLE_RATE // 10, count))
        sound = with_clicks(sound, SAMPLE_RATE, places, 0.35, rng)
    elif passage.fault == "echo":
        sound = echo(sound, SAMPLE_RATE, figures["rt60_seconds"], rng)
        sound = level(sound, SAMPLE_RATE)
    return sound.astype(np.float32), places


def _swell(length: int) -> np.ndarray:
    """Return a gain (length,) of 1 with ramps of half a second, which avoid clicks at the ends."""
    ramp = np.minimum(np.arange(length), np.arange(length)[::-1]) / (SAMPLE_RATE / 2)
    return np.minimum(1.0, ramp)


def write_opus(path: Path, samples: np.ndarray, bit_rate: int = BIT_RATE) -> None:
    """Write (samples,) at SAMPLE_RATE as Ogg Opus; the same samples give the same bytes."""
    import av
    import soxr

    sound = soxr.resample(samples, SAMPLE_RATE, OPUS_RATE, quality="HQ")
    pcm = (np.clip(sound, -1, 1) * 32767).astype(np.int16)
    with av.open(str(path), "w", format="ogg", options={"fflags": "+bitexact"}) as output:
        stream = output.add_stream("libopus", rate=OPUS_RATE)
        stream.layout, stream.format, stream.bit_rate = "mono", "s16", bit_rate
        for start in range(0, len(pcm), OPUS_RATE):
            piece = np.ascontiguousarray(pcm[start : start + OPUS_RATE])[None]
            frame = av.AudioFrame.from_ndarray(piece, format="s16", layout="mono")
            frame.sample_rate, frame.pts = OPUS_RATE, start
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))


def _rounded(fact: dict[str, object]) -> dict[str, object]:
    return {k: round(v, 3) if isinstance(v, float) else v for k, v in fact.items()}


if __name__ == "__main__":
    main()
