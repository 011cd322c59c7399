"""Conversion of a recording of speech to a trained voice.

high-pass -> content + f0 -> retrieval, protect -> synthesizer, in pieces -> pauses attenuated to
the source's level -> loudness mix. The output has the duration of the input.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import SupportsFloat

import numpy as np
from scipy.signal import butter, sosfiltfilt

from rvc.audio import FRAMES_PER_SECOND, Recording, frame_count
from rvc.content import ContentEncoder
from rvc.errors import VoiceError
from rvc.f0 import F0, median_hz, repair_f0, transpose
from rvc.features import Features, extract
from rvc.loudness import mix_loudness
from rvc.messages import Message, joined
from rvc.network.base import Synthesizer, speak
from rvc.progress import Progress, no_progress
from rvc.retrieval import choose_index_rate
from rvc.voice import Voice

HIGH_PASS_HZ = 48
PIECE_FRAMES = 30 * FRAMES_PER_SECOND  # longest piece; cut at the quietest frame of its last third
CONTEXT_FRAMES = FRAMES_PER_SECOND  # of the neighbouring pieces, given to the network on both sides
CROSSFADE_FRAMES = 2
PEAK = 0.99
PAUSE_DB = -45.0  # quieter than this against speech is a pause
GATE_DB = -60.0  # pauses quieter than this are attenuated to it, against speech
ACTIVE_QUANTILE = 0.8
SWITCHED_OFF = 0.5  # value of protect that turns it off


@dataclass(frozen=True)
class ConversionOptions:
    """Options of a conversion."""

    semitones: float | str = "auto"  # -24..24, or "auto": match the median f0 of the voice
    index_rate: float | None = None  # 0..1, share of retrieved features; None: chosen by the source
    protect: float = 0.33  # 0..0.5: lower blends unvoiced frames less; 0.5 turns it off
    loudness_mix: float = 1.0  # 0: loudness of the input, 1: of the voice (Applio's default)
    f0_method: str = "auto"
    seed: int = 0
    speaker: int = 0  # of a voice trained on several: its number in the training, from 0

    def check(self) -> None:
        """Raise VoiceError for a number outside its range."""
        shift = 0.0 if self.semitones == "auto" else float(self.semitones)
        rate = 0.0 if self.index_rate is None else self.index_rate
        if not (
            -24 <= shift <= 24
            and 0 <= rate <= 1
            and 0 <= self.protect <= 0.5
            and 0 <= self.loudness_mix <= 1
            and self.speaker >= 0
        ):
            raise VoiceError(
                "A setting is outside its range: pitch -24 to 24, index rate and loudness mix 0 to "
                "1, protect 0 to 0.5.",
            )


@dataclass(frozen=True, eq=False)
class Converted:
    """Result of a conversion: the recording, its pitch shift, and a message that explains it.

    warnings: problems of the input that degrade the result, the worst first.
    index_rate: the share of retrieved features that was used.
    f0_source, f0_target: f0 before and after the shift, for the plot.
    """

    recording: Recording
    semitones: float
    text: Message
    f0_source: F0
    f0_target: F0
    warnings: tuple[Message, ...] = ()
    index_rate: float = 0.0


def convert(
    recording: Recording,
    voice: Voice,
    options: ConversionOptions = ConversionOptions(),
    *,
    synthesizer: Synthesizer,
    encoder: ContentEncoder,
    progress: Progress = no_progress,
) -> Converted:
    """Return `recording` converted to `voice`, at the voice's sample rate and of equal duration.

    `synthesizer` and `encoder` are the voice's networks. Digital silence stays silent. Raises
    VoiceError if the synthesizer's output is not finite.
    """
    options.check()
    if options.speaker >= voice.speakers:
        raise VoiceError(
            "The voice {name!r} has {count} speakers: choose a number from 0 to {last}.",
            name=voice.name,
            count=voice.speakers,
            last=voice.speakers - 1,
        )
    progress(0.0, Message("Extracting content and pitch"))
    source = _high_pass(recording)
    features = extract(source, encoder, f0_method=options.f0_method)
    f0 = repair_f0(features.f0).f0
    semitones, text = pitch_shift(f0, voice, options.semitones)
    target_f0 = transpose(f0, semitones)
    rate = options.index_rate
    if rate is None:
        rate, why = choose_index_rate(voice, features.content)
        text = joined([text, why])
    content = _retrieve(features.content, target_f0, voice, rate, options.protect)
    features = Features(content, target_f0)
    progress(0.3, Message("Synthesizing"))
    sound = _synthesize(features, source, synthesizer, options, progress)
    if not np.isfinite(sound).all():
        raise VoiceError(
            "The voice {name!r} produces invalid sound (its file may be damaged). Import it "
            "again or try another voice.",
            name=voice.name,
        )
    sample_rate = synthesizer.sample_rate
    sound = sound * _pause_gain(source, sound, sample_rate)
    if options.loudness_mix < 1:
        sound = mix_loudness(
            source.samples, source.sample_rate, sound, sample_rate, options.loudness_mix
        )
        sound = sound * _silence_gain(source, len(sound))
    length = round(len(recording.samples) * sample_rate / recording.sample_rate)
    sound = np.pad(sound, (0, max(0, length - len(sound))))[:length]
    sound = sound * min(1.0, PEAK / (np.abs(sound).max(initial=0.0) + 1e-9))
    progress(1.0, Message("Done"))
    converted = replace(
        recording, samples=sound.astype(np.float32), sample_rate=sample_rate, notes=()
    )
    return Converted(converted, semitones, text, f0, target_f0, index_rate=rate)


def pitch_shift(f0: F0, voice: Voice, semitones: float | str) -> tuple[float, Message]:
    """Return the shift in semitones and a message that explains it; "auto" matches the medians."""
    median = voice.card.get("f0_median_hz")
    source, target = median_hz(f0), float(median) if isinstance(median, SupportsFloat) else 0.0
    if semitones != "auto":
        return float(semitones), Message(
            "Pitch shifted by {semitones:+.1f} semitones, as requested.",
            semitones=float(semitones),
        )
    if source <= 0:
        return 0.0, Message(
            "No pitch was found in the recording, so it was not shifted.",
        )
    if target <= 0:
        return 0.0, Message(
            "The pitch of this voice is not known, so nothing was shifted. If the result sounds "
            "too low or too high, try +12 or -12.",
        )
    shift = float(np.clip(round(12 * np.log2(target / source), 1), -24, 24))
    if abs(shift) < 0.5:
        return shift, Message(
            "The recording and the voice have the same pitch (about {target:.0f} Hz).",
            target=target,
        )
    if shift > 0:
        moved = Message(
            "The recording is around {source:.0f} Hz and the voice around {target:.0f} Hz, so "
            "the pitch was raised by {semitones:.1f} semitones.",
            source=source,
            target=target,
            semitones=shift,
        )
    else:
        moved = Message(
            "The recording is around {source:.0f} Hz and the voice around {target:.0f} Hz, so "
            "the pitch was lowered by {semitones:.1f} semitones.",
            source=source,
            target=target,
            semitones=-shift,
        )
    return shift, moved


def _high_pass(recording: Recording) -> Recording:
    if len(recording.samples) < 64:
        return recording
    sos = butter(5, HIGH_PASS_HZ, "highpass", fs=recording.sample_rate, output="sos")
    pad = min(len(recording.samples) - 1, recording.sample_rate // 10)
    filtered = sosfiltfilt(sos, recording.samples.astype(np.float64), padlen=pad)
    silent = _digital_silence(recording)  # keep it free of the filter's ringing
    return replace(recording, samples=np.where(silent, 0, filtered).astype(np.float32))


def _digital_silence(recording: Recording) -> np.ndarray:
    """Return (samples,) bool: True in runs of zeros of a frame or more, not at zero crossings."""
    zero = np.concatenate([[False], recording.samples == 0, [False]])
    edges = np.flatnonzero(np.diff(zero.astype(np.int8)))
    silent = np.zeros(len(recording.samples), bool)
    for start, stop in edges.reshape(-1, 2):
        if stop - start >= recording.sample_rate // FRAMES_PER_SECOND:
            silent[start:stop] = True
    return silent


def _retrieve(content: np.ndarray, f0: F0, voice: Voice, rate: float, protect: float) -> np.ndarray:
    """Return content blended with retrieved content; unvoiced frames less, by `protect`.

    As in RVC-WebUI, `protect` does nothing for a voice without f0.
    """
    if voice.index is None or rate == 0:
        return content
    blended = voice.index.blend(content, rate)
    if protect < SWITCHED_OFF and voice.uses_f0:
        unvoiced = (f0.hz == 0)[:, None]
        mixed = protect * blended + (1 - protect) * content
        blended = np.where(unvoiced, mixed, blended)
    return blended


def _synthesize(
    features: Features,
    source: Recording,
    synthesizer: Synthesizer,
    options: ConversionOptions,
    progress: Progress,
) -> np.ndarray:
    """Return sound (frames * hop_length,) float32, synthesized in overlapping pieces.

    The pitch cycle continues from piece to piece, so that a crossfade adds waves of equal phase.
    """
    hop, frames = synthesizer.hop_length, len(features.f0.hz)
    sound = np.zeros(frames * hop, np.float32)
    fade = CROSSFADE_FRAMES * hop
    cycles = np.cumsum(features.f0.hz.astype(np.float64)) / FRAMES_PER_SECOND
    for start, stop in _pieces(frame_power(source, frames)):
        first, last = max(0, start - CONTEXT_FRAMES), min(frames, stop + CONTEXT_FRAMES)
        window = slice(first, last)
        piece = speak(
            synthesizer,
            features.content[window],
            features.f0.hz[window],
            seed=options.seed + first,
            speaker=options.speaker,
            phase=float(cycles[first - 1] % 1.0) if first else 0.0,
        )[(start - first) * hop :]
        if start:  # crossfade from the end of the previous piece
            ramp = np.linspace(0, 1, min(fade, len(piece)), dtype=np.float32)
            overlap = slice(start * hop, start * hop + len(ramp))
            piece[: len(ramp)] = sound[overlap] * (1 - ramp) + piece[: len(ramp)] * ramp
        end = min(frames, stop + CROSSFADE_FRAMES) * hop
        sound[start * hop : end] = piece[: end - start * hop]
        progress(0.3 + 0.65 * stop / frames, Message("Synthesizing"))
    return sound


def _pieces(power: np.ndarray) -> Iterator[tuple[int, int]]:
    """Yield frame ranges of at most PIECE_FRAMES, cut where the sound is quietest."""
    start = 0
    while len(power) - start > PIECE_FRAMES:
        low = start + PIECE_FRAMES * 2 // 3
        stop = low + int(np.argmin(power[low : start + PIECE_FRAMES]))
        yield start, stop
        start = stop
    yield start, len(power)


def frame_power(recording: Recording, frames: int) -> np.ndarray:
    """Return the mean square (frames,) of every 10 ms, zero past the end."""
    edges = np.arange(frames + 1) * recording.sample_rate // FRAMES_PER_SECOND
    total = np.concatenate([[0.0], np.cumsum(recording.samples.astype(np.float64) ** 2)])
    total = total[np.minimum(edges, len(recording.samples))]
    return np.diff(total) / (recording.sample_rate / FRAMES_PER_SECOND)


def _pause_gain(source: Recording, sound: np.ndarray, rate: int) -> np.ndarray:
    """Return the gain (samples,) that keeps pauses as far below speech as in the source.

    Only frames quieter than PAUSE_DB against the source's speech are changed; the gain is zero in
    digital silence.
    """
    frames = len(sound) * FRAMES_PER_SECOND // rate
    given = frame_power(source, frames)
    made = frame_power(Recording(sound, rate), frames)
    given_db = _relative_db(given)
    excess_db = np.maximum(0, _relative_db(made) - np.maximum(given_db, GATE_DB))
    gain = np.where(given_db < PAUSE_DB, 10 ** (-excess_db / 20), 1.0)
    gain = np.where(given == 0, 0.0, gain)
    return _smooth(gain, len(sound))


def _silence_gain(source: Recording, length: int) -> np.ndarray:
    """Return a gain (length,) that is zero where the source is digitally silent."""
    power = frame_power(source, frame_count(len(source.samples), source.sample_rate))
    return _smooth((power > 0).astype(np.float64), length)


def _relative_db(power: np.ndarray) -> np.ndarray:
    active = power[power >= np.quantile(power, ACTIVE_QUANTILE)].mean()
    return 10 * np.log10((power + 1e-14) / (active + 1e-12))


def _smooth(frame_gain: np.ndarray, length: int) -> np.ndarray:
    """Interpolate gains of frames to samples; a frame of gain zero stays all zero."""
    centres = (np.arange(len(frame_gain)) + 0.5) * length / len(frame_gain)
    gain = np.interp(np.arange(length), centres, frame_gain)
    zero = np.repeat(frame_gain == 0, -(-length // len(frame_gain)))[:length]
    return np.where(zero, 0.0, gain).astype(np.float32)
