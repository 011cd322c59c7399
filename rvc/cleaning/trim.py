"""Speech and pauses: find speech, shorten long pauses, cut segments of two to twelve seconds."""

from dataclasses import dataclass

import numpy as np

from rvc.cleaning.blocks import in_blocks, reporting, resampled
from rvc.cleaning.level import frame_powers
from rvc.cleaning.sessions import SAMPLE_RATE as VAD_RATE
from rvc.cleaning.sessions import VAD_FRAME, speech_probability
from rvc.progress import StageProgress, no_progress

THRESHOLD, END_THRESHOLD = 0.4, 0.25
MIN_SPEECH_SECONDS = 0.1
MIN_PAUSE_SECONDS = 0.3
LONG_PAUSE_SECONDS, KEPT_PAUSE_SECONDS = 0.6, 0.3  # one longer than the first becomes the second
PAD_SECONDS = KEPT_PAUSE_SECONDS / 2
EDGE_SECONDS = 0.01  # speech begins and ends with an audible frame of 10 ms
EDGE_RANGE_DB = 40.0  # below the loud parts of the same interval: inaudible
EDGE_FLOOR_SHARE = 4.0  # of the recording's quietest moments, in power
MAX_EDGE_SECONDS = 0.3  # the largest error of the network
FADE_SECONDS = 0.005
MIN_SEGMENT_SECONDS, MAX_SEGMENT_SECONDS = 2.0, 12.0
DOUBTFUL_SHARE = 0.25  # of the time: music alone leaves that much "speech" in a denoiser
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
    samples: np.ndarray, sample_rate: int, *, progress: StageProgress = no_progress
) -> tuple[tuple[Segment, ...], np.ndarray]:
    """Return where speech is, with 150 ms around it, and its probability in every 32 ms."""
    blocks = reporting(in_blocks(samples, sample_rate), len(samples), progress)
    probability = speech_probability(resampled(blocks, sample_rate, VAD_RATE))
    step = VAD_FRAME / VAD_RATE
    duration = len(samples) / sample_rate
    powers = frame_powers(in_blocks(samples, sample_rate), sample_rate, EDGE_SECONDS)
    padded: list[Segment] = []
    for begin, stop in _speech_runs(probability, step):
        first, last = _audible(powers, begin * step, stop * step)
        start, end = max(0.0, first - PAD_SECONDS), min(duration, last + PAD_SECONDS)
        if padded and first - (padded[-1].end_seconds - PAD_SECONDS) <= LONG_PAUSE_SECONDS:
            padded[-1] = Segment(padded[-1].start_seconds, end)
        elif end > start:
            padded.append(Segment(start, end))
    return tuple(padded), probability


def has_no_speech(
    samples: np.ndarray,
    sample_rate: int,
    speech: tuple[Segment, ...],
    *,
    progress: StageProgress = no_progress,
) -> bool:
    """Return whether a recording holds no speech; `speech` was found in its denoised sound.

    A little of it counts only where some is found in `samples` (samples,), not denoised, too.
    """
    seconds = sum(part.duration_seconds for part in speech)
    if not speech or seconds >= DOUBTFUL_SHARE * len(samples) / sample_rate:
        return not speech
    return not find_speech(samples, sample_rate, progress=progress)[0]


def _audible(powers: np.ndarray, start: float, end: float) -> tuple[float, float]:
    """Return the interval between two times, in seconds, without the quiet at its ends.

    The network reports speech for up to 0.3 s after its end.
    """
    first, last = round(start / EDGE_SECONDS), round(end / EDGE_SECONDS)
    inside = powers[first:last]
    if not len(inside):
        return start, end
    loud = np.percentile(inside, 90)
    limit = max(loud * 10 ** (-EDGE_RANGE_DB / 10), EDGE_FLOOR_SHARE * np.percentile(powers, 5))
    audible = np.flatnonzero(inside > min(limit, loud / 100))
    if not len(audible):
        return start, end
    first, last = first + audible[0], first + audible[-1] + 1
    latest, earliest = start + MAX_EDGE_SECONDS, end - MAX_EDGE_SECONDS
    return min(first * EDGE_SECONDS, latest), max(last * EDGE_SECONDS, earliest)


def _speech_runs(probability: np.ndarray, step: float) -> list[tuple[int, int]]:
    """Return the runs of speech frames, begun at one threshold, ended at a lower one."""
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
    """Return `samples` with pauses over 0.6 s shortened to 0.3 s; empty without speech."""
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
    """Return segments of 2 to 12 s: short neighbours joined, long ones cut in a pause."""
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
    step = VAD_FRAME / VAD_RATE
    latest = min(MAX_SEGMENT_SECONDS, segment.duration_seconds - MIN_SEGMENT_SECONDS)
    first = int((segment.start_seconds + latest / 2) / step)
    last = int((segment.start_seconds + latest) / step)
    smooth = np.convolve(probability, np.ones(3) / 3, "same")
    at = (first + int(np.argmin(smooth[first:last])) + 0.5) * step
    rest = Segment(at, segment.end_seconds)
    return [Segment(segment.start_seconds, at), *_cut(rest, probability)]
