"""Turn prompts of a voice into training clips: trim, join, level. Pure functions on samples."""

from collections.abc import Iterable, Iterator

import numpy as np

from rvc.audio import FRAMES_PER_SECOND

ACTIVE_BELOW_PEAK_DB = 35.0  # a 10 ms frame this far under the loudest one is a pause
EDGE_SECONDS = 0.1  # own silence kept around a prompt: two joined prompts are 0.2 s apart
FADE_SECONDS = 0.01
MINIMUM_PROMPT_SECONDS = 0.25
TARGET_DB = -23.0  # active level of a clip, dB of full scale
PEAK = 0.97
BANDWIDTH_BELOW_PEAK_DB = 65.0  # what is above the bandwidth lies this far under the loudest band


def frame_db(samples: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return the power (frames,) of each whole 10 ms frame, dB of full scale, -120 for silence."""
    size = sample_rate // FRAMES_PER_SECOND
    frames = samples[: len(samples) // size * size].reshape(-1, size)  # (frames, size)
    return 10 * np.log10(np.mean(np.square(frames, dtype=np.float64), axis=1) + 1e-12)


def active_rms_db(samples: np.ndarray, sample_rate: int) -> float:
    """Return the level of the frames with speech in dB of full scale; -120 for silence."""
    levels = frame_db(samples, sample_rate)
    if levels.size == 0:
        return -120.0
    speech = levels[levels > levels.max() - ACTIVE_BELOW_PEAK_DB]
    return float(10 * np.log10(np.mean(10 ** (speech / 10))))


def trim(samples: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return the prompt with exactly EDGE_SECONDS of pause around its speech, faded at both ends.

    The pause is the recording's own as far as possible. Empty if there is no speech.
    """
    levels = frame_db(samples, sample_rate)
    if levels.size == 0 or levels.max() < -60:
        return np.zeros(0, np.float32)
    speech = np.flatnonzero(levels > levels.max() - ACTIVE_BELOW_PEAK_DB - 5)
    size, edge = sample_rate // FRAMES_PER_SECOND, round(EDGE_SECONDS * sample_rate)
    start, end = int(speech[0]) * size - edge, (int(speech[-1]) + 1) * size + edge
    cut = samples[max(0, start) : end].astype(np.float32)
    fade = np.linspace(0, 1, round(FADE_SECONDS * sample_rate), dtype=np.float32)
    cut[: len(fade)] *= fade
    cut[-len(fade) :] *= fade[::-1]
    return np.pad(cut, (max(0, -start), max(0, end - len(samples))))


def level(samples: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return the clip at TARGET_DB of active level, or as near as its peak allows."""
    gain = 10 ** ((TARGET_DB - active_rms_db(samples, sample_rate)) / 20)
    peak = float(np.abs(samples).max(initial=1e-6))
    return (samples * min(gain, PEAK / peak)).astype(np.float32)


def pack(
    prompts: Iterable[np.ndarray],
    sample_rate: int,
    *,
    shortest_seconds: float = 4.0,
    longest_seconds: float = 10.0,
) -> Iterator[np.ndarray]:
    """Yield trimmed prompts, joined to clips of `shortest_seconds` to `longest_seconds`.

    A long prompt is a clip by itself; a longer one is cut at its quietest places. The rest is a
    clip if it has at least a second.
    """
    waiting: list[np.ndarray] = []
    shortest = shortest_seconds * sample_rate
    for prompt in prompts:
        for piece in split(trim(prompt, sample_rate), sample_rate, longest_seconds):
            if len(piece) >= shortest:
                yield piece
                continue
            waiting.append(piece)
            if sum(map(len, waiting)) >= shortest:  # both were shorter: below 2 * shortest
                yield np.concatenate(waiting)
                waiting = []
    if sum(map(len, waiting)) >= sample_rate:
        yield np.concatenate(waiting)


def split(samples: np.ndarray, sample_rate: int, longest_seconds: float) -> list[np.ndarray]:
    """Return the prompt in pieces of at most `longest_seconds`, cut where quietest; [] if short."""
    if len(samples) < (MINIMUM_PROMPT_SECONDS + 2 * EDGE_SECONDS) * sample_rate:
        return []
    if len(samples) <= longest_seconds * sample_rate:
        return [samples]
    levels = np.convolve(10 ** (frame_db(samples, sample_rate) / 10), np.ones(10) / 10, "same")
    middle = len(levels) // 2
    reach = len(levels) // 4
    cut = middle - reach + int(np.argmin(levels[middle - reach : middle + reach]))
    size = sample_rate // FRAMES_PER_SECOND
    halves = samples[: cut * size], samples[cut * size :]
    return [piece for half in halves for piece in split(half, sample_rate, longest_seconds)]


def bandwidth_hz(clips: list[np.ndarray], sample_rate: int) -> int:
    """Return the highest frequency in the clips' long-term spectrum, to 100 Hz."""
    size = 1024
    power = np.zeros(size // 2 + 1)
    for clip in clips:
        frames = clip[: len(clip) // size * size].reshape(-1, size)  # (frames, size)
        power += np.square(np.abs(np.fft.rfft(frames * np.hanning(size), axis=1))).sum(0)
    decibels = 10 * np.log10(power / power.max() + 1e-15)
    highest = int(np.flatnonzero(decibels > -BANDWIDTH_BELOW_PEAK_DB)[-1])
    return round(highest * sample_rate / size / 100) * 100
