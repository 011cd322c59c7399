"""Where somebody speaks: long silences out, and segments of two to twelve seconds."""

from dataclasses import dataclass

import numpy as np

from rvc.cleaning.blocks import Watch, in_blocks, resampled, unwatched, watched
from rvc.cleaning.level import frame_powers
from rvc.cleaning.sessions import SAMPLE_RATE as LISTENING_RATE
from rvc.cleaning.sessions import VAD_FRAME, speech_probability

THRESHOLD, END_THRESHOLD = 0.4, 0.25
MIN_SPEECH_SECONDS = 0.1
MIN_PAUSE_SECONDS = 0.3
LONG_PAUSE_SECONDS, KEPT_PAUSE_SECONDS = 0.6, 0.3  # one longer than the first becomes the second
PAD_SECONDS = KEPT_PAUSE_SECONDS / 2
EDGE_SECONDS = 0.01  # speech begins and ends with a frame of 10 ms that is heard
EDGE_RANGE_DB = 40.0  # below the louder parts of the same stretch: nobody hears it
EDGE_FLOOR_SHARE = 4.0  # of the recording's quietest moments, in power
MAX_EDGE_SECONDS = 0.3  # the network is not mistaken by more
FADE_SECONDS = 0.005
MIN_SEGMENT_SECONDS, MAX_SEGMENT_SECONDS = 2.0, 12.0
DOUBTFUL_SHARE = 0.25  # of the time: a denoiser makes that much "speech" out of music alone
BRIDGED_SECONDS = 1.0  # a pause that may stay inside a segment when a part would be too short


@dataclass(frozen=True)
class Segment:
    """Speech, in seconds of the original recording. Shorter than 2 s only where it stands alone."""

    start_seconds: float
    end_seconds: float

    @property
    def duration_seconds(self) -> float:
        return self.end_seconds - self.start_seconds


def find_speech(
    samples: np.ndarray, sample_rate: int, *, watch: Watch = unwatched
) -> tuple[tuple[Segment, ...], np.ndarray]:
    """Where speech is, with 150 ms around it, and its probability in every 32 ms."""
    blocks = watched(in_blocks(samples, sample_rate), len(samples), watch)
    probability = speech_probability(resampled(blocks, sample_rate, LISTENING_RATE))
    step = VAD_FRAME / LISTENING_RATE
    duration = len(samples) / sample_rate
    powers = frame_powers(in_blocks(samples, sample_rate), sample_rate, EDGE_SECONDS)
    padded = []
    for first, last in _speaking(probability, step):
        first, last = _sounding(powers, first * step, last * step)
        start, end = max(0.0, first - PAD_SECONDS), min(duration, last + PAD_SECONDS)
        if padded and first - (padded[-1].end_seconds - PAD_SECONDS) <= LONG_PAUSE_SECONDS:
            padded[-1] = Segment(padded[-1].start_seconds, end)
        elif end > start:
            padded.append(Segment(start, end))
    return tuple(padded), probability


def nobody_speaks(
    samples: np.ndarray, sample_rate: int, speech: tuple[Segment, ...], *, watch: Watch = unwatched
) -> bool:
    """Whether a recording holds no speech; `speech` was found in what a denoiser left of it.

    A little of it counts only where it is heard in `samples` (samples,), not denoised, too.
    """
    seconds = sum(part.duration_seconds for part in speech)
    if not speech or seconds >= DOUBTFUL_SHARE * len(samples) / sample_rate:
        return not speech
    return not find_speech(samples, sample_rate, watch=watch)[0]


def _sounding(powers: np.ndarray, start: float, end: float) -> tuple[float, float]:
    """The stretch between two times, in seconds, without the quiet at its ends.

    The network goes on believing in speech for up to 0.3 s after its end.
    """
    first, last = round(start / EDGE_SECONDS), round(end / EDGE_SECONDS)
    inside = powers[first:last]
    if not len(inside):
        return start, end
    loud = np.percentile(inside, 90)
    limit = max(loud * 10 ** (-EDGE_RANGE_DB / 10), EDGE_FLOOR_SHARE * np.percentile(powers, 5))
    heard = np.flatnonzero(inside > min(limit, loud / 100))
    if not len(heard):
        return start, end
    first, last = first + heard[0], first + heard[-1] + 1
    latest, earliest = start + MAX_EDGE_SECONDS, end - MAX_EDGE_SECONDS
    return min(first * EDGE_SECONDS, latest), max(last * EDGE_SECONDS, earliest)


def _speaking(probability: np.ndarray, step: float) -> list[tuple[int, int]]:
    """Runs of speech frames: begun at one threshold, ended at a lower one."""
    runs: list[list[int]] = []
    begun = None
    for index, value in enumerate(probability):
        if begun is None and value >= THRESHOLD:
            begun = index
        elif begun is not None and value < END_THRESHOLD:
            runs.append([begun, index])
            begun = None
    if begun is not None:
        runs.append([begun, len(probability)])
    joined: list[list[int]] = []
    for run in runs:
        if joined and (run[0] - joined[-1][1]) * step < MIN_PAUSE_SECONDS:
            joined[-1][1] = run[1]
        else:
            joined.append(run)
    return [(first, last) for first, last in joined if (last - first) * step >= MIN_SPEECH_SECONDS]


def without_pauses(
    samples: np.ndarray, sample_rate: int, speech: tuple[Segment, ...]
) -> np.ndarray:
    """`samples` with every pause over 0.6 s shortened to 0.3 s; nothing where nobody speaks."""
    if not speech:
        return samples[:0]
    fade = max(1, round(FADE_SECONDS * sample_rate))
    ramp = np.linspace(0, 1, fade, dtype=np.float32)
    edges = [
        (round(p.start_seconds * sample_rate), round(p.end_seconds * sample_rate)) for p in speech
    ]
    result = np.empty(sum(end - start for start, end in edges), samples.dtype)
    place = 0
    for index, (start, end) in enumerate(edges):
        piece = result[place : place + end - start]
        piece[:] = samples[start:end]
        if len(piece) > 2 * fade:
            if index > 0:
                piece[:fade] *= ramp
            if index < len(speech) - 1:
                piece[-fade:] *= ramp[::-1]
        place += len(piece)
    return result


def cut_segments(speech: tuple[Segment, ...], probability: np.ndarray) -> tuple[Segment, ...]:
    """Segments of 2 to 12 s: short neighbours joined, long stretches cut where speech is least."""
    joined: list[Segment] = []
    for part in speech:
        last = joined[-1] if joined else None
        if (
            last is not None
            and part.start_seconds - last.end_seconds <= BRIDGED_SECONDS
            and min(part.duration_seconds, last.duration_seconds) < MIN_SEGMENT_SECONDS
            and part.end_seconds - last.start_seconds <= MAX_SEGMENT_SECONDS
        ):
            joined[-1] = Segment(last.start_seconds, part.end_seconds)
        else:
            joined.append(part)
    return tuple(piece for part in joined for piece in _cut(part, probability))


def _cut(segment: Segment, probability: np.ndarray) -> list[Segment]:
    if segment.duration_seconds <= MAX_SEGMENT_SECONDS:
        return [segment]
    step = VAD_FRAME / LISTENING_RATE
    latest = min(MAX_SEGMENT_SECONDS, segment.duration_seconds - MIN_SEGMENT_SECONDS)
    first = int((segment.start_seconds + latest / 2) / step)
    last = int((segment.start_seconds + latest) / step)
    smooth = np.convolve(probability, np.ones(3) / 3, "same")
    at = (first + int(np.argmin(smooth[first:last])) + 0.5) * step
    rest = Segment(at, segment.end_seconds)
    return [Segment(segment.start_seconds, at), *_cut(rest, probability)]
