"""A recording in, the same voice without noise, hum, clicks, echo and long silences out."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from rvc.audio import Recording, without_damage
from rvc.cleaning.blend import keep_the_voice
from rvc.cleaning.blocks import Watch, in_blocks, spans, written
from rvc.cleaning.denoise import DENOISERS, denoised, pick_engine
from rvc.cleaning.diagnose import diagnose
from rvc.cleaning.gate import revert_harmful_denoising
from rvc.cleaning.level import (
    CEILING_DB,
    PEAK_DB,
    TARGET_LUFS,
    active_db,
    frame_powers,
    loudness_lufs,
)
from rvc.cleaning.options import CleaningOptions
from rvc.cleaning.prepared import Prepared
from rvc.cleaning.repair import Repair
from rvc.cleaning.trim import (
    Segment,
    cut_segments,
    find_speech,
    nobody_speaks,
    without_pauses,
)
from rvc.memory import give_memory_back
from rvc.messages import Message, joined

Progress = Callable[[float, Message], None]

SILENT_DB = -100.0
NO_SPEECH = Message(
    "No speech was found; the recording is left as it is and not counted.",
)

# Parts of the work: (share of the progress bar it begins at, where it ends, what is said)
LISTENING = 0.0, 0.15, Message("Listening to the recording")
DENOISING = 0.15, 0.65, Message("Taking out noise")
BLENDING = 0.65, 0.75, Message("Keeping the voice as it is")
FINDING = 0.75, 0.8, Message("Finding speech")
CHECKING = (
    0.8,
    1.0,
    Message("Checking that the voice is unharmed"),
)


@dataclass(frozen=True, eq=False)
class Cleaned:
    """`aligned`: cleaned, sample for sample as long as `original`, nothing trimmed; `speech`:
    where somebody speaks, with a short pause on both sides; `segments`: the same in portions for
    training, in seconds of the original; `gain`: what `original` was multiplied by."""

    original: Recording
    aligned: Recording
    speech: tuple[Segment, ...]
    segments: tuple[Segment, ...]
    repairs: tuple[Repair, ...]
    gain: float
    trimmed: bool

    @property
    def speaks(self) -> bool:
        """Whether somebody speaks in it; where nobody does, the recording is left as it was."""
        return bool(self.speech)

    @property
    def recording(self) -> Recording:
        """The cleaned recording with its long pauses shortened; made anew at every call."""
        if not self.trimmed:
            return self.aligned
        rate = self.aligned.sample_rate
        return replace(
            self.aligned, samples=without_pauses(self.aligned.samples, rate, self.speech)
        )

    @property
    def removed(self) -> Recording:
        """What was taken out, at the level of `aligned`; made anew at every call."""
        samples = self.original.samples * np.float32(self.gain) - self.aligned.samples
        return replace(self.aligned, samples=samples)


def clean(
    recording: Recording,
    options: CleaningOptions | None = None,
    *,
    progress: Progress | None = None,
) -> Cleaned:
    """The recording after the repairs that its own faults ask for.

    Samples that are no numbers (NaN, infinite) are bridged first, in `original` too. `progress` is
    called with a share (0 to 1) and a sentence; an exception raised in it stops the cleaning. The
    same recording and options give the same samples, none above -0.3 dB of full scale.
    """
    options = options or CleaningOptions()
    tell = progress or (lambda fraction, text: None)
    tell(0.0, LISTENING[-1])
    recording = replace(recording, samples=without_damage(recording.samples)[0])
    samples, rate = recording.samples, recording.sample_rate
    powers = frame_powers(in_blocks(samples, rate), rate, 0.02)
    if len(samples) < 2 or active_db(powers) < SILENT_DB:
        return _left_alone(recording)

    engine = _engine(options)
    watch = _part(tell, LISTENING)
    prepared, repairs = diagnose(recording, options, engine=engine, watch=watch)
    aligned = _without_noise(prepared, options, engine, tell)
    speech, probability = find_speech(aligned, rate, watch=_part(tell, FINDING))
    if nobody_speaks(samples, rate, speech):
        tell(1.0, NO_SPEECH)
        return _left_alone(recording)
    segments = cut_segments(speech, probability)
    give_memory_back()
    if engine:
        enabled, watch = options.allows("gate"), _part(tell, CHECKING)
        repairs += revert_harmful_denoising(
            prepared, aligned, segments=segments, enabled=enabled, watch=watch
        )
        repairs = _with_engine(repairs, engine)
        give_memory_back()
    gain = _level(prepared, aligned, options)
    repairs += (_level_repair(gain), _trim_repair(recording, speech, options.trim))
    tell(1.0, Message("Cleaned"))
    cleaned = replace(recording, samples=aligned)
    return Cleaned(recording, cleaned, speech, segments, repairs, gain, options.trim)


def _left_alone(recording: Recording) -> Cleaned:
    """What becomes of a recording in which nobody speaks: only its peaks may be lowered."""
    aligned = recording.samples.copy()
    gain = _below_ceiling(aligned, 1.0, CEILING_DB)
    figures = {"speech_seconds": 0.0, "pause_seconds": recording.duration_seconds}
    repair = Repair("trim", False, NO_SPEECH, figures)
    cleaned = replace(recording, samples=aligned)
    return Cleaned(recording, cleaned, (), (), (repair,), gain, False)


def _part(tell: Progress, part: tuple[float, float, Message]) -> Watch:
    """Who watches one part of the work, and tells of the whole."""
    start, end, text = part
    return lambda share: tell(start + (end - start) * share, text)


def _without_noise(
    prepared: Prepared, options: CleaningOptions, engine: str | None, tell: Progress
) -> np.ndarray:
    """Everything prepared, and the noise out of it where an engine is to run. -> (samples,)"""
    samples, rate = prepared.recording.samples, prepared.recording.sample_rate
    aligned = np.empty(len(samples), np.float32)
    pieces = (prepared.interval(*span) for span in spans(len(samples), rate))
    if engine:
        pieces = denoised(pieces, rate, engine, strong=options.strength == "strong")
    watch = _part(tell, DENOISING)
    for done in written(pieces, aligned):
        watch(done / len(samples))
    if engine and prepared.room is None:  # in a room, what was taken out is the voice come late
        watch = _part(tell, BLENDING)
        keep_the_voice(prepared.interval, aligned, sample_rate=rate, watch=watch)
    return aligned


def listening_set(cleaned: Cleaned) -> tuple[Recording, Recording, Recording]:
    """Before, after and what was removed, to hear one after another.

    Before and after are equally loud, so that louder is not taken for better; what was removed
    stands as it did in "before", unless it would be cut off at full scale.
    """
    before, after = cleaned.original.samples, cleaned.aligned.samples
    rate = cleaned.original.sample_rate
    gain_db = loudness_lufs(after, rate) - loudness_lufs(before, rate)
    before = before * np.float32(10 ** (gain_db / 20))
    peaks = [float(np.abs(side).max(initial=0)) for side in (before, after)]
    scale = np.float32(min(1.0, 10 ** (PEAK_DB / 20) / max(*peaks, 1e-9)))
    removed = cleaned.removed.samples * scale
    _below_ceiling(removed, 1.0, PEAK_DB)
    sides = ((cleaned.original, before * scale), (cleaned.aligned, after * scale))
    heard = [replace(recording, samples=samples) for recording, samples in sides]
    return heard[0], heard[1], replace(cleaned.aligned, samples=removed)


def _engine(options: CleaningOptions) -> str | None:
    if not options.allows("noise"):
        return None
    return pick_engine(options.engine or ("noisereduce" if options.strength == "light" else None))


def _level(prepared: Prepared, aligned: np.ndarray, options: CleaningOptions) -> float:
    """Bring `aligned` to its final level, in place -> the gain from the original to it."""
    gain, highest_db = 1 / prepared.gain, CEILING_DB
    if options.allows("level"):
        loudness = loudness_lufs(aligned, prepared.recording.sample_rate)
        gain, highest_db = 10 ** ((TARGET_LUFS - loudness) / 20), PEAK_DB
    return _below_ceiling(aligned, gain, highest_db) * prepared.gain


def _below_ceiling(samples: np.ndarray, gain: float, highest_db: float) -> float:
    """Multiply `samples` by `gain`, in place, or by less where they would rise above the ceiling.

    -> what they were multiplied by
    """
    peak = max(float(samples.max(initial=0)), -float(samples.min(initial=0)))
    gain = min(gain, 10 ** (highest_db / 20) / max(peak, 1e-9))
    samples *= np.float32(gain)
    return gain


def _with_engine(repairs: tuple[Repair, ...], engine: str) -> tuple[Repair, ...]:
    """The "noise" repair names the denoiser that ran."""
    label = DENOISERS[engine]
    return tuple(
        replace(
            repair,
            text=joined([repair.text, joined(["(", label, ")"], "")]),
            figures={**repair.figures, "engine": engine},
        )
        if repair.name == "noise"
        else repair
        for repair in repairs
    )


def _level_repair(gain: float) -> Repair:
    gain_db = float(20 * np.log10(gain))
    if gain_db > 0:
        text = Message("Level raised by {decibels:.0f} dB.", decibels=gain_db)
    else:
        text = Message("Level lowered by {decibels:.0f} dB.", decibels=-gain_db)
    if not (changed := abs(gain_db) > 0.5):
        text = Message("The level was right.")
    return Repair("level", changed, text, {"gain_db": gain_db})


def _trim_repair(recording: Recording, speech: tuple[Segment, ...], trim: bool) -> Repair:
    kept = sum(part.duration_seconds for part in speech)
    cut = max(0.0, recording.duration_seconds - kept)
    figures = {"speech_seconds": kept, "pause_seconds": cut}
    text = Message("{cut:.0f} s of silence cut.", cut=cut)
    return Repair("trim", trim and cut >= 0.5, text, figures)
