"""Conversion of a recording of speech to a trained voice.

high-pass -> content + f0 -> retrieval, protect -> synthesizer, in pieces -> pauses attenuated to
the source's level -> loudness mix. The output has the duration of the input.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.signal import butter, sosfiltfilt

from rvc.audio import FRAMES_PER_SECOND, Recording, resample
from rvc.content import LONG_FRAMES, SAMPLE_RATE, ContentEncoder
from rvc.errors import VoiceError
from rvc.f0 import F0, METHODS, autotune, repair_f0, transpose, without_mains
from rvc.features import Features, extract
from rvc.formant import LIMIT_SEMITONES, formant_ratio, quickened, slowed, stretched_power
from rvc.loudness import mix_loudness, rms_envelope
from rvc.memory import give_memory_back
from rvc.messages import Message, joined
from rvc.network.base import Synthesizer, speak
from rvc.pauses import attenuate_pauses, digital_silence, frame_power, silence_where_silent
from rvc.pitch import pitch_shift
from rvc.progress import Progress, no_progress
from rvc.retrieval import choose_index_rate
from rvc.unvoiced import MODES, choose_unvoiced, fill_unvoiced
from rvc.voice import Voice

HIGH_PASS_HZ = 48
PIECE_FRAMES = 30 * FRAMES_PER_SECOND  # longest piece; cut at the quietest frame of its last third
CONTEXT_FRAMES = FRAMES_PER_SECOND  # of the neighbouring pieces, given to the network on both sides
CROSSFADE_FRAMES = 2
BLOCK_SECONDS = 60  # of the high-pass, with a second on both sides
PEAK = 0.99
SWITCHED_OFF = 0.5  # value of protect that turns it off


@dataclass(frozen=True)
class ConversionOptions:
    """Options of a conversion."""

    semitones: float | str = "auto"  # -24..24, or "auto": match the median f0 of the voice
    index_rate: float | None = None  # 0..1, share of retrieved features; None: chosen by the source
    protect: float = 0.33  # 0..0.5: lower blends unvoiced frames less; 0.5 turns it off
    loudness_mix: float = 0.8  # 0: loudness of the input, 1: of the voice; keeps emphasis
    f0_method: str = "auto"
    seed: int = 0
    speaker: int = 0  # of a voice trained on several: its number in the training, from 0
    unvoiced: str = "auto"  # f0 of unvoiced frames: "zero", "fill", or "auto": what the voice needs
    weights: Path | None = None  # folder of the f0 method's weights, by default the usual one
    formant_semitones: float = 0.0  # -6..6: resonances of the voice; above 0 a smaller speaker
    autotune: float = 0.0  # 0..1: share of the way to the nearest semitone

    def check(self) -> None:
        """Raise VoiceError for a number outside its range, or an unknown method."""
        shift = 0.0 if self.semitones == "auto" else float(self.semitones)
        rate = 0.0 if self.index_rate is None else self.index_rate
        if not (
            -24 <= shift <= 24
            and 0 <= rate <= 1
            and 0 <= self.protect <= 0.5
            and 0 <= self.loudness_mix <= 1
            and self.speaker >= 0
            and self.unvoiced in MODES
            and abs(self.formant_semitones) <= LIMIT_SEMITONES
            and 0 <= self.autotune <= 1
            and abs(self.seed) < 10**18
        ):
            raise VoiceError(
                "A setting is outside its range: pitch -24 to 24, index rate and loudness mix 0 to "
                "1, protect 0 to 0.5, formant shift -6 to 6, autotune 0 to 1, a seed of 18 digits "
                "at most.",
            )
        if self.f0_method not in METHODS:
            raise VoiceError(
                "There is no f0 method {name!r}: choose one of {methods}.",
                name=self.f0_method,
                methods=", ".join(METHODS),
            )


@dataclass(frozen=True, eq=False)
class Converted:
    """Result of a conversion: the recording, its pitch shift, and a message that explains it.

    warnings: problems of the input that degrade the result, the worst first.
    index_rate: the share of retrieved features that was used.
    unvoiced: "zero" or "fill", the f0 that unvoiced frames got.
    f0_source, f0_target: f0 before and after the shift, for the plot.
    """

    recording: Recording
    semitones: float
    text: Message
    f0_source: F0
    f0_target: F0
    warnings: tuple[Message, ...] = ()
    index_rate: float = 0.0
    unvoiced: str = "zero"


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
    _check_fit(voice, options, encoder)
    progress(0.0, Message("Extracting content and pitch"))
    source = _high_pass(_lean(recording))
    features = extract(source, encoder, f0_method=options.f0_method, weights=options.weights)
    power = frame_power(source, len(features.f0.hz))
    loudness = None
    if options.loudness_mix < 1:
        loudness = rms_envelope(source.samples, source.sample_rate)
    del source  # an hour of it is large
    _tidy(len(features.f0.hz))
    f0 = repair_f0(without_mains(features.f0)).f0
    semitones, text = pitch_shift(f0, voice, options.semitones)
    target_f0 = autotune(transpose(f0, semitones), options.autotune)
    rate = options.index_rate
    if rate is None:
        rate, why = choose_index_rate(voice, features.content)
        text = joined([text, why])
    content = _retrieve(features.content, target_f0, voice, rate, options.protect)
    mode, measured = choose_unvoiced(voice, options.unvoiced, synthesizer, encoder)
    if measured is not None:
        text = joined([text, measured])
    features = Features(content, fill_unvoiced(target_f0) if mode == "fill" else target_f0)
    progress(0.3, Message("Synthesizing"))
    sound = _with_formants(features, power, synthesizer, options, progress)
    if not np.isfinite(sound).all():
        raise VoiceError(
            "The voice {name!r} produces invalid sound (its file may be damaged). Import it "
            "again or try another voice.",
            name=voice.name,
        )
    sample_rate = synthesizer.sample_rate
    attenuate_pauses(power, sound, sample_rate)
    if loudness is not None:
        mix_loudness(loudness, sound, sample_rate, options.loudness_mix)
        silence_where_silent(power, sound)
    length = round(len(recording.samples) * sample_rate / recording.sample_rate)
    if len(sound) < length:
        sound = np.pad(sound, (0, length - len(sound)))
    sound = sound[:length]
    peak = max(float(sound.max(initial=0.0)), -float(sound.min(initial=0.0)))
    sound *= np.float32(min(1.0, PEAK / (peak + 1e-9)))
    progress(1.0, Message("Done"))
    converted = replace(recording, samples=sound, sample_rate=sample_rate, notes=())
    return Converted(converted, semitones, text, f0, target_f0, index_rate=rate, unvoiced=mode)


def _check_fit(voice: Voice, options: ConversionOptions, encoder: ContentEncoder) -> None:
    """Raise VoiceError for a speaker the voice does not have, or an encoder of another width."""
    if options.speaker >= voice.speakers:
        raise VoiceError(
            "The voice {name!r} has {count} speakers: choose a number from 0 to {last}.",
            name=voice.name,
            count=voice.speakers,
            last=voice.speakers - 1,
        )
    if encoder.channels != voice.content_channels:
        raise VoiceError(
            "The voice {name!r} expects {expected} numbers a frame of its content encoder, which "
            "makes {channels}: it was trained on another one.",
            name=voice.name,
            expected=voice.content_channels,
            channels=encoder.channels,
        )


def _lean(recording: Recording) -> Recording:
    """Return a long recording at the rate of the encoders, which is a third of its size."""
    if recording.duration_seconds * FRAMES_PER_SECOND <= LONG_FRAMES:
        return recording
    return resample(recording, min(recording.sample_rate, SAMPLE_RATE))


def _tidy(frames: int) -> None:
    """Give freed memory back during a long conversion: its pieces differ in size and leave gaps."""
    if frames > LONG_FRAMES:
        give_memory_back()


def _high_pass(recording: Recording) -> Recording:
    """Return the recording without what is below HIGH_PASS_HZ; digital silence stays silent."""
    samples, rate = recording.samples, recording.sample_rate
    if len(samples) < 64:
        return recording
    sos = butter(5, HIGH_PASS_HZ, "highpass", fs=rate, output="sos")
    filtered, step = np.empty(len(samples), np.float32), BLOCK_SECONDS * rate
    for start in range(0, len(samples), step):
        first, stop = max(0, start - rate), min(len(samples), start + step)
        block = samples[first : stop + rate].astype(np.float64)
        block = sosfiltfilt(sos, block, padlen=min(len(block) - 1, rate // 10))
        filtered[start:stop] = block[start - first : stop - first]
    filtered[digital_silence(recording)] = 0  # keep it free of the filter's ringing
    return replace(recording, samples=filtered)


def _retrieve(content: np.ndarray, f0: F0, voice: Voice, rate: float, protect: float) -> np.ndarray:
    """Return content blended with retrieved content; unvoiced frames less, by `protect`.

    As in RVC-WebUI, `protect` does nothing for a voice without f0.
    """
    if voice.index is None or rate == 0:
        return content
    made = np.empty_like(content)
    for start in range(0, len(content), PIECE_FRAMES):
        part = content[start : start + PIECE_FRAMES].astype(np.float32)
        blended = voice.index.blend(part, rate)
        if protect < SWITCHED_OFF and voice.uses_f0:
            unvoiced = (f0.hz[start : start + PIECE_FRAMES] == 0)[:, None]
            mixed = protect * blended + (1 - protect) * part
            blended = np.where(unvoiced, mixed, blended)
        made[start : start + PIECE_FRAMES] = blended
    return made


def _with_formants(
    features: Features,
    power: np.ndarray,
    synthesizer: Synthesizer,
    options: ConversionOptions,
    progress: Progress,
) -> np.ndarray:
    """Return the synthesized sound (samples,) with its formants shifted as the options say."""
    if options.formant_semitones == 0:
        return _synthesize(features, power, synthesizer, options, progress)
    ratio = formant_ratio(options.formant_semitones)
    slow = slowed(features, ratio)
    slow_power = stretched_power(power, len(slow.f0.hz))
    sound = _synthesize(slow, slow_power, synthesizer, options, progress)
    return quickened(sound, synthesizer.sample_rate, ratio)


def _synthesize(
    features: Features,
    power: np.ndarray,
    synthesizer: Synthesizer,
    options: ConversionOptions,
    progress: Progress,
) -> np.ndarray:
    """Return sound (frames * hop_length,) float32, synthesized in overlapping pieces.

    power: mean square of the source's frames, (frames,); pieces are cut where it is lowest. The
    pitch cycle continues from piece to piece, so that a crossfade adds waves of equal phase.
    """
    hop, frames = synthesizer.hop_length, len(features.f0.hz)
    sound = np.zeros(frames * hop, np.float32)
    fade = CROSSFADE_FRAMES * hop
    cycles = np.cumsum(features.f0.hz.astype(np.float64)) / FRAMES_PER_SECOND
    for start, stop in _pieces(power):
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
        _tidy(frames)
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
