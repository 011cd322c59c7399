"""Room echo: its measure (SRMR) and its reduction (WPE).

SRMR: a voice changes its energy 4 to 10 times a second; a room smears that into faster, noise-like
flutter. The ratio of the two modulation bands is the measure (Falk, Zheng and Chan 2010, "A
non-intrusive quality and intelligibility measure of reverberant and dereverberated speech"; up to
30 Hz as in Santos, Senoussaoui and Falk 2014, so that a low voice is not taken for a room).
WPE: every bin of the spectrum is predicted from its own past, a few frames back; what can be
predicted is late echo (Nakatani et al. 2010, "Speech dereverberation based on variance-normalized
delayed linear prediction").
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from rvc.cleaning.spectrum import istft, stft, window_samples

BAND_RATE = 16_000
BANDS, LOWEST_HZ, HIGHEST_HZ = 23, 125.0, 7_000.0
MODULATION_HZ = tuple(4 * 7.5 ** (index / 7) for index in range(8))  # 4 to 30 Hz: above, f0 counts
MODULATION_Q = 2.0
FRAME_SECONDS, FRAME_STEP_SECONDS = 0.256, 0.064
ENVELOPE_RATE = 1_000

WINDOW_SECONDS = 0.064  # four to a window: a hop of 16 ms
TAPS, DELAY, ITERATIONS = 20, 3, 5  # frames, frames
TREATED_HZ = 8_000.0  # above, rooms absorb the echo


def srmr(samples: np.ndarray) -> float:
    """Return the speech-to-reverberation modulation energy ratio of mono sound at 16 kHz.

    Measured: dry voices 3.0 to 4.4, RT60 of 0.3 s 2.2 to 2.8, of 0.6 s 1.6 to 2.2.
    """
    from scipy.signal import resample_poly, sosfilt

    if len(samples) < BAND_RATE // 2:
        return 0.0
    size = round(FRAME_SECONDS * ENVELOPE_RATE)
    step = round(FRAME_STEP_SECONDS * ENVELOPE_RATE)
    window = np.hamming(size)
    energies = np.zeros((BANDS, len(MODULATION_HZ)))
    for band, envelope in enumerate(_envelopes(samples)):
        slow = resample_poly(envelope, 1, BAND_RATE // ENVELOPE_RATE)
        for index, sections in enumerate(_modulation_filters()):
            moving = sosfilt(sections, slow)
            frames = np.lib.stride_tricks.sliding_window_view(moving, size)[::step]
            energies[band, index] = np.square(frames * window).sum(1).mean()
    return float(energies[:, :4].sum() / (energies[:, 4:].sum() + 1e-12))


def _envelopes(samples: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the Hilbert envelope (samples,) of each gammatone band."""
    n_fft = 1 << (len(samples) + BAND_RATE // 4 - 1).bit_length()
    spectrum = np.fft.fft(samples, n_fft)
    hz = np.fft.fftfreq(n_fft, 1 / BAND_RATE)
    for centre_hz in _band_centres_hz():
        bandwidth_hz = 1.019 * 24.7 * (4.37 * centre_hz / 1000 + 1)
        response = (1 + 1j * (hz - centre_hz) / bandwidth_hz) ** -4.0  # fourth-order gammatone
        response[hz < 0] = 0  # analytic: its magnitude is the envelope
        yield np.abs(np.fft.ifft(2 * spectrum * response))[: len(samples)]


@lru_cache
def _band_centres_hz() -> tuple[float, ...]:
    low, high = 21.4 * np.log10(4.37e-3 * np.array([LOWEST_HZ, HIGHEST_HZ]) + 1)
    return tuple((10 ** (np.linspace(low, high, BANDS) / 21.4) - 1) / 4.37e-3)


@lru_cache
def _modulation_filters() -> tuple[np.ndarray, ...]:
    from scipy.signal import iirpeak, tf2sos

    return tuple(tf2sos(*iirpeak(hz, MODULATION_Q, fs=ENVELOPE_RATE)) for hz in MODULATION_HZ)


@dataclass(frozen=True, eq=False)
class RoomFilter:
    """`weights`: (bins, taps) complex, the share of each earlier frame that is echo in this one."""

    weights: np.ndarray
    sample_rate: int

    @property
    def n_fft(self) -> int:
        return window_samples(WINDOW_SECONDS, self.sample_rate)

    @property
    def hop_length(self) -> int:
        return self.n_fft // 4


def learn_room(excerpts: Sequence[np.ndarray], sample_rate: int) -> RoomFilter:
    """Return the filter that predicts the echo of the room all `excerpts` (samples,) come from."""
    empty = RoomFilter(np.zeros((0, TAPS), np.complex64), sample_rate)
    spectra = [stft(excerpt, empty.n_fft) for excerpt in excerpts]  # (frames, bins)
    bins = min(spectra[0].shape[1], round(TREATED_HZ * empty.n_fft / sample_rate) + 1)
    weights = np.zeros((bins, TAPS), np.complex64)
    for index in range(bins):
        columns = [np.ascontiguousarray(spectrum[:, index]) for spectrum in spectra]
        pasts = [_past(column) for column in columns]
        target, past = np.concatenate(columns), np.concatenate(pasts)
        weights[index] = _predictor(target, past)
    return RoomFilter(weights, sample_rate)


def _predictor(target: np.ndarray, past: np.ndarray) -> np.ndarray:
    """Return the weights (taps,) that predict `target` (frames,) from `past` (frames, taps)."""
    dry = target
    weights = np.zeros(past.shape[1], past.dtype)
    floor = 1e-4 * float(np.mean(np.abs(target) ** 2)) + 1e-12
    for _ in range(ITERATIONS):
        scaled = past / np.maximum(np.abs(dry) ** 2, floor)[:, None]
        correlation = scaled.conj().T @ past
        correlation += np.eye(len(correlation)) * (1e-6 * np.trace(correlation).real + 1e-12)
        weights = np.linalg.solve(correlation, scaled.conj().T @ target)
        dry = target - past @ weights
    return weights


def _past(column: np.ndarray) -> np.ndarray:
    """Return (frames, taps): the frames DELAY, DELAY + 1, ... before each of `column` (frames,)."""
    padded = np.concatenate([np.zeros(DELAY + TAPS - 1, column.dtype), column])
    windows = np.lib.stride_tricks.sliding_window_view(padded, TAPS)[: len(column)]
    return windows[:, ::-1]


def remove_echo(samples: np.ndarray, room: RoomFilter) -> np.ndarray:
    """Return `samples` (samples,) without the room's echo; less exact in the outer windows."""
    spectrum = stft(samples, room.n_fft)
    for index, weights in enumerate(room.weights):
        column = spectrum[:, index].copy()
        spectrum[:, index] = column - _past(column) @ weights
    return istft(spectrum, room.n_fft, len(samples))
