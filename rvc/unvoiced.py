"""f0 of unvoiced frames: zero, or filled from the voiced frames around them.

A voice has to get what it was trained with, and its file does not say. RVC-WebUI since July 2026
fills unvoiced frames in training and conversion; before, and in Applio and Moksori, they are 0. A
voice trained with zeros buzzes in consonants and breaths that are given an f0; one trained with
filled f0 has learned to leave it out there. (In RVC's excitation, a frame with f0 has a tenth of
the noise of one without it, so a network that makes hisses of that noise is left with little but
the tone.) Where nothing says which it was, it is measured: a test sound of vowels and hisses is
converted with f0 throughout, and the periodicity of the hisses is compared with that of the vowels.
"""

from dataclasses import replace

import numpy as np
from scipy.signal import butter, lfilter, sosfilt

from rvc.audio import FRAMES_PER_SECOND, Recording
from rvc.content import SAMPLE_RATE, ContentEncoder
from rvc.f0 import F0
from rvc.messages import Message
from rvc.network.base import Synthesizer, speak
from rvc.voice import Voice

MODES = ("auto", "zero", "fill")
UNVOICED_KEY = "unvoiced_f0"  # of a voice's card: "zero" or "fill"

# The test sound: vowels (by their formants) and hisses (by their band) in turn.
PART_FRAMES = 30
VOWELS_HZ = ((730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480))
HISSES_HZ = ((4000, 7500), (2000, 6000), (1000, 7000), (5000, 7800))
FORMANT_WIDTH_HZ = 90.0
LEVELS = (0.1, 0.03)  # of vowels and of hisses
TEST_HZ = (150.0, 190.0)  # f0 rises from the first to the second
EDGE_FRAMES = 9  # of a part that are not measured, as the sound changes there
WINDOW_SECONDS = 0.03
LAG_SLACK = 0.03  # of the period, within which the wave may repeat
BUZZ_SHARE = 0.5  # hisses of more than this share of the vowels' periodicity buzz
CLEAR_VOWELS = 0.4  # periodicity of the vowels, below which nothing follows from that of hisses


def fill_unvoiced(f0: F0) -> F0:
    """Return f0 with unvoiced frames interpolated, and held before and after the voiced ones."""
    at = np.flatnonzero(f0.voiced)
    if len(at) == 0:
        return f0
    hz = np.interp(np.arange(len(f0.hz)), at, f0.hz[at])
    return replace(f0, hz=hz.astype(np.float32))


def known_mode(voice: Voice) -> str | None:
    """Return "zero" or "fill" where the voice's kind or card decides, else None."""
    noted = voice.card.get(UNVOICED_KEY)
    if noted in ("zero", "fill"):
        return str(noted)
    if voice.version == "lite" or not voice.uses_f0 or "model_hash" in voice.card:
        return "zero"  # Applio, which writes the hash, never fills
    return None


def measured_mode(synthesizer: Synthesizer, encoder: ContentEncoder) -> str:
    """Return "fill" if the voice's hisses do not buzz with an f0, else, or if unclear, "zero"."""
    vowels, hisses = periodicity(synthesizer, encoder)
    return "fill" if vowels >= CLEAR_VOWELS and hisses < BUZZ_SHARE * vowels else "zero"


def choose_unvoiced(
    voice: Voice, wanted: str, synthesizer: Synthesizer, encoder: ContentEncoder
) -> tuple[str, Message | None]:
    """Return "zero" or "fill" for a conversion, and a message if it was measured."""
    mode = known_mode(voice) if wanted == "auto" else wanted
    if mode is not None:
        return mode, None
    mode = measured_mode(synthesizer, encoder)
    if mode == "fill":
        return mode, Message(
            "A test of the voice shows that it was trained with f0 filled in unvoiced sounds, so "
            "it is filled here, too.",
        )
    return mode, Message(
        "A test of the voice shows that unvoiced sounds need an f0 of 0, as usual.",
    )


def periodicity(synthesizer: Synthesizer, encoder: ContentEncoder) -> tuple[float, float]:
    """Return the periodicity, 0 to 1, of vowels and of hisses converted with f0 throughout."""
    sound = vowels_and_hisses()
    content = encoder.encode(Recording(sound, SAMPLE_RATE))
    f0_hz = np.linspace(*TEST_HZ, len(content), dtype=np.float32)
    made = speak(synthesizer, content, f0_hz, seed=0)
    at_frames = [
        _repeats(made, synthesizer.sample_rate, frame, float(hz)) for frame, hz in enumerate(f0_hz)
    ]
    parts = np.reshape(at_frames, (-1, 2, PART_FRAMES))[:, :, EDGE_FRAMES:-EDGE_FRAMES]
    vowels, hisses = np.median(parts.swapaxes(0, 1).reshape(2, -1), axis=1)
    return float(vowels), float(hisses)


def vowels_and_hisses() -> np.ndarray:
    """Return the test sound (samples,) float32 at 16 kHz."""
    rng = np.random.default_rng(0)
    length = PART_FRAMES * SAMPLE_RATE // FRAMES_PER_SECOND
    count = 2 * len(VOWELS_HZ) * length
    cycles = np.cumsum(np.linspace(*TEST_HZ, count)) / SAMPLE_RATE
    pulses = np.diff(np.floor(cycles), prepend=0.0)
    fade = np.minimum(1.0, np.minimum(np.arange(length), np.arange(length)[::-1]) / (length / 8))
    parts = []
    for number, (formants, band) in enumerate(zip(VOWELS_HZ, HISSES_HZ, strict=True)):
        vowel = pulses[2 * number * length :][:length]
        for hz in formants:
            radius = np.exp(-np.pi * FORMANT_WIDTH_HZ / SAMPLE_RATE)
            poles = [1, -2 * radius * np.cos(2 * np.pi * hz / SAMPLE_RATE), radius**2]
            vowel = lfilter([sum(poles)], poles, vowel)
        sos = butter(2, band, "bandpass", fs=SAMPLE_RATE, output="sos")
        hiss = sosfilt(sos, rng.standard_normal(length))
        for part, level in zip((vowel, hiss), LEVELS, strict=True):
            parts.append(level * fade * part / part.std())
    return np.concatenate(parts).astype(np.float32)


def _repeats(sound: np.ndarray, sample_rate: int, frame: int, hz: float) -> float:
    """Return the correlation of the wave around a frame with itself one period later."""
    period = sample_rate / hz
    width = round(WINDOW_SECONDS * sample_rate)
    middle = (frame + 0.5) * sample_rate / FRAMES_PER_SECOND
    start = round(middle - (width + period) / 2)
    if start < 0:
        return 0.0
    first, best = sound[start : start + width], 0.0
    slack = round(LAG_SLACK * period)
    for lag in range(round(period) - slack, round(period) + slack + 1):
        later = sound[start + lag : start + lag + width]
        if len(later) < width:
            break
        norm = float(np.linalg.norm(first) * np.linalg.norm(later))
        best = max(best, float(first @ later) / (norm + 1e-12))
    return best
