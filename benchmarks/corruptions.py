"""Faults added to clean speech for the benchmarks of the report.

Every function takes (samples,) float32 and a sample rate and returns the same length.
"""

import io
from collections.abc import Callable

import av
import numpy as np
import soxr
from scipy.signal import butter, fftconvolve, sosfilt, sosfiltfilt

Corruption = Callable[[np.ndarray, int, np.random.Generator], np.ndarray]


def _active_power(samples: np.ndarray, rate: int) -> float:
    frames = samples[: len(samples) // (rate // 50) * (rate // 50)].reshape(-1, rate // 50)
    powers = np.square(frames, dtype=np.float64).mean(1)
    return float(powers[powers > np.percentile(powers, 95) / 1000].mean())


def _mixed(samples: np.ndarray, noise: np.ndarray, snr_db: float) -> np.ndarray:
    """Return the mixture whose ratio of speech to noise energy, over the clip, is `snr_db`."""
    scale = np.sqrt(np.mean(samples**2) / np.mean(noise**2)) * 10 ** (-snr_db / 20)
    return _fitted(samples + scale * noise)


def _fitted(samples: np.ndarray) -> np.ndarray:
    """Return the samples attenuated below full scale, so that clipping adds no second fault."""
    return (samples * min(1.0, 0.95 / max(np.abs(samples).max(), 1e-9))).astype(np.float32)


def _shaped(length: int, rate: int, rng: np.random.Generator, shape: Callable) -> np.ndarray:
    spectrum = np.fft.rfft(rng.standard_normal(length))
    return np.fft.irfft(spectrum * shape(np.fft.rfftfreq(length, 1 / rate)), length)


def pink(
    samples: np.ndarray, rate: int, rng: np.random.Generator, snr_db: float = 10
) -> np.ndarray:
    noise = _shaped(len(samples), rate, rng, lambda hz: 1 / np.sqrt(np.maximum(hz, 20)))
    return _mixed(samples, noise, snr_db)


def fan(samples: np.ndarray, rate: int, rng: np.random.Generator, snr_db: float = 10) -> np.ndarray:
    """Add air noise (brown above 60 Hz) and the tone of fan blades."""
    air = _shaped(len(samples), rate, rng, lambda hz: 1 / (60 + hz))
    blades = rng.uniform(110, 190)
    t = np.arange(len(samples)) / rate
    wobble = 2 * np.pi * blades * t + 2 * np.sin(2 * np.pi * 0.4 * t)
    tone = sum(np.sin(k * wobble) / k for k in (1, 2, 3, 4))
    return _mixed(samples, air / air.std() + 0.25 * tone, snr_db)


def babble(
    samples: np.ndarray, rate: int, rng: np.random.Generator, others: list[np.ndarray], snr_db=10
) -> np.ndarray:
    """Add eight mixed pieces of other speakers."""
    long = np.concatenate(others)
    noise = sum(
        np.roll(long, int(rng.integers(len(long))))[: len(samples)] / np.sqrt(np.mean(long**2))
        for _ in range(8)
    )
    return _mixed(samples, noise, snr_db)


def hum(samples: np.ndarray, rate: int, rng: np.random.Generator, snr_db: float = 10) -> np.ndarray:
    base = float(rng.choice([50.0, 60.0])) + rng.uniform(-0.1, 0.1)
    t = np.arange(len(samples)) / rate
    lines = sum(
        np.sin(2 * np.pi * k * base * t + rng.uniform(0, 6)) / k**0.8 for k in (1, 2, 3, 4, 5, 7, 9)
    )
    return _mixed(samples, lines, snr_db)


def echo(samples: np.ndarray, rate: int, rng: np.random.Generator, rt60: float = 0.6) -> np.ndarray:
    """Add a room of reverberation time `rt60`, with as much late energy as direct sound."""
    length = round(1.5 * rt60 * rate)
    t = np.arange(length) / rate
    tail = rng.standard_normal(length) * 10 ** (-3 * t / rt60)
    tail[: round(0.0025 * rate)] = 0
    tail = sosfilt(butter(1, 6500, fs=rate, output="sos"), tail) if rate > 13_500 else tail
    tail /= np.sqrt(np.sum(tail**2))
    tail[0] += 1
    wet = fftconvolve(samples, tail)[: len(samples)]
    return _fitted(wet * np.sqrt(np.mean(samples**2) / np.mean(wet**2)))


def clicks(
    samples: np.ndarray, rate: int, rng: np.random.Generator, per_minute: float = 90
) -> np.ndarray:
    """Add bright clicks of 1.5 to 4 ms at -6 to +3 dB of loud speech."""
    out = samples.astype(np.float64).copy()
    level = np.sqrt(_active_power(samples, rate))
    band = butter(2, [2800, min(7000, 0.45 * rate)], "band", fs=rate, output="sos")
    for _ in range(max(1, round(per_minute * len(samples) / rate / 60))):
        size = round(rng.uniform(0.0015, 0.004) * rate)
        tick = sosfiltfilt(band, rng.standard_normal(size + 64))[32 : 32 + size] * np.hanning(size)
        tick *= level * 10 ** (rng.uniform(-6, 3) / 20) / np.abs(tick).max() * 2
        at = int(rng.integers(len(out) - size))
        out[at : at + size] += tick
    return _fitted(out)


def phone(samples: np.ndarray, rate: int, rng: np.random.Generator) -> np.ndarray:
    sections = butter(6, [300, 3400], "band", fs=rate, output="sos")
    return sosfiltfilt(sections, samples).astype(np.float32)


def clipping(
    samples: np.ndarray, rate: int, rng: np.random.Generator, share: float = 0.01
) -> np.ndarray:
    """Clip that share of the samples, then attenuate the result by a few dB."""
    limit = np.quantile(np.abs(samples), 1 - share)
    return (np.clip(samples, -limit, limit) * (rng.uniform(0.4, 0.95) / limit)).astype(np.float32)


def low_mp3(
    samples: np.ndarray, rate: int, rng: np.random.Generator, bit_rate: int = 16_000
) -> np.ndarray:
    """Encode as MP3 at a low rate (PyAV's libmp3lame) and decode, aligned in time."""
    coded_rate = 16_000 if rate < 22_050 else 22_050
    sound = soxr.resample(samples, rate, coded_rate)
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp3") as out:
        stream = out.add_stream("libmp3lame", rate=coded_rate, bit_rate=bit_rate, layout="mono")
        pcm = (np.clip(sound, -1, 1) * 32767).astype(np.int16)[None]
        frame = av.AudioFrame.from_ndarray(pcm, format="s16", layout="mono")
        frame.sample_rate = coded_rate
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            out.mux(packet)
    buffer.seek(0)
    with av.open(buffer) as source:
        decoded = np.concatenate([f.to_ndarray()[0] for f in source.decode(audio=0)])
    decoded = soxr.resample(decoded.astype(np.float32), coded_rate, rate)
    return np.pad(decoded, (0, max(0, len(samples) - len(decoded))))[: len(samples)]


FAULTS: dict[str, tuple[Corruption, str]] = {
    "pink": (pink, "noise"),
    "fan": (fan, "noise"),
    "hum": (hum, "hum"),
    "echo": (echo, "echo"),
    "clicks": (clicks, "clicks"),
    "phone": (phone, "bandwidth"),
    "clipping": (clipping, "clipping"),
    "low_mp3": (low_mp3, "bandwidth"),
}  # and babble, which needs other speakers
