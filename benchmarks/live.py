"""Live conversion with `lite`, fed in real time as by a microphone: latency and drop-outs.

    python -m benchmarks.live [--minutes 5] [--voice Heart]

Chunks of 20 ms at 48 kHz arrive on the clock; those that arrive while a block is computed are fed
together, as the page sends them. The latency of a part of the output is the time from its first
sample at the microphone to that sample's conversion; with the buffer, to its being played. The
player is that of the page: it starts --buffer milliseconds after the first sound arrives, and again
after every drop-out, when it has nothing left to play.
Prints one JSON object, with the distance of the streamed sound to that of an ordinary conversion
of the same recording, and of two ordinary ones with other noise, in dB of the spectrum's bands.
"""

import argparse
import json
import time
from pathlib import Path

from rvc.threads import wait_passively

wait_passively()

import numpy as np  # noqa: E402

from benchmarks.conversion import sample_recording, speech  # noqa: E402
from rvc.audio import Recording, resample  # noqa: E402
from rvc.convert import ConversionOptions, convert  # noqa: E402
from rvc.engine import Engine  # noqa: E402
from rvc.live import LiveConversion  # noqa: E402

RATE, CHUNK = 48_000, 960
COMPARED_SECONDS = 20.0
SETTLED_SECONDS = 1.0
N_FFT, HOP, BAND_BINS = 1024, 240, 8


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--voice", default="Heart")
    parser.add_argument("--recording", type=Path, default=sample_recording())
    parser.add_argument("--buffer", type=float, default=70.0, help="milliseconds")
    arguments = parser.parse_args()
    engine = Engine()
    source = resample(speech(arguments.recording, 60 * arguments.minutes), RATE)
    options = ConversionOptions(semitones=0.0, index_rate=0.0)
    live = engine.live(arguments.voice, options, RATE)
    row = in_real_time(live, source.samples, arguments.buffer / 1000)
    compared = Recording(source.samples[: round(COMPARED_SECONDS * RATE)], RATE)
    print(json.dumps(row | distances(engine, arguments.voice, compared), indent=1))


def in_real_time(live: LiveConversion, samples: np.ndarray, buffer: float) -> dict[str, object]:
    """Return latency and drop-outs of samples (samples,) at RATE fed on the clock."""
    ready: list[tuple[float, float]] = []  # when, and how many seconds of sound
    worked, began = time.process_time(), time.perf_counter()
    fed = 0
    while fed < len(samples) - CHUNK:
        wait = began + (fed + CHUNK) / RATE - time.perf_counter()
        if wait > 0:
            time.sleep(wait)
        arrived = int((time.perf_counter() - began) * RATE) // CHUNK * CHUNK  # all at once
        made = live.feed(samples[fed:arrived])
        fed = max(fed, arrived)
        if len(made):
            ready.append((time.perf_counter() - began, len(made) / live.sample_rate))
    processor = time.process_time() - worked
    # The first moment of every part of the output that became ready together.
    times, parts = np.array([time for time, _ in ready]), np.array([part for _, part in ready])
    moments = np.cumsum(parts) - parts
    latency = 1000 * (times - moments)[parts.cumsum() > SETTLED_SECONDS]
    gaps, offset = 0, times[0] + buffer  # a moment is played at `offset` after it
    for at, moment in zip(times, moments, strict=True):
        if at > moment + offset:  # the player has nothing left: it fills its buffer again
            gaps, offset = gaps + 1, at + buffer - moment
    return {
        "minutes": round(len(samples) / RATE / 60, 2),
        "latency_ms_median": round(float(np.median(latency)), 1),
        "latency_ms_99_percent": round(float(np.quantile(latency, 0.99)), 1),
        "latency_ms_most": round(float(latency.max()), 1),
        "with_buffer_ms": round(1000 * float(offset), 1),
        "drop_outs": gaps,
        "processor_ms_a_second": round(1000 * processor / float(parts.sum()), 1),
    }


def distances(engine: Engine, voice: str, source: Recording) -> dict[str, float]:
    """Return how far streamed sound is from an ordinary conversion, and two of those apart."""
    loaded, synthesizer = engine.voice(voice)
    parts = {"synthesizer": synthesizer, "encoder": engine.encoder(loaded.content_encoder)}
    ordinary, other = (
        convert(source, loaded, ConversionOptions(0.0, 0.0, seed=seed), **parts).recording.samples
        for seed in (0, 1)
    )
    live = engine.live(voice, ConversionOptions(0.0, 0.0), source.sample_rate)
    silence = np.zeros(source.sample_rate // 2, np.float32)
    streamed = np.concatenate([live.feed(source.samples), live.feed(silence)])
    return {
        "distance_db": round(band_distance(ordinary, streamed), 2),
        "distance_db_of_other_noise": round(band_distance(ordinary, other), 2),
    }


def band_distance(one: np.ndarray, other: np.ndarray) -> float:
    """Return the mean difference of bands of both spectra in dB, over the louder 70 % of frames."""
    length = min(len(one), len(other))
    first, second = (_bands_db(sound[:length]) for sound in (one, other))
    loud = first.mean(1) > np.quantile(first.mean(1), 0.3)
    return float(np.abs(first - second)[loud].mean())


def _bands_db(sound: np.ndarray) -> np.ndarray:
    windows = np.lib.stride_tricks.sliding_window_view(sound, N_FFT)[::HOP] * np.hanning(N_FFT)
    magnitudes = np.abs(np.fft.rfft(windows))[:, : N_FFT // 2]
    bands = magnitudes.reshape(len(windows), -1, BAND_BINS).mean(2)
    return 20 * np.log10(bands + 1e-4)


if __name__ == "__main__":
    main()
