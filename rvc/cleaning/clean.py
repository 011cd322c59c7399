"""The verb of this package: a recording in, the voice without noise, hum, clicks and echo out."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from rvc.audio import Recording, without_damage
from rvc.cleaning.blend import keep_the_voice
from rvc.cleaning.blocks import in_blocks, spans, written
from rvc.cleaning.denoise import DENOISERS, denoised, pick_engine
from rvc.cleaning.diagnose import diagnose
from rvc.cleaning.findings import NO_FINDINGS, Findings
from rvc.cleaning.gate import revert_harmful_denoising
from rvc.cleaning.highpass import INFRASOUND_HZ
from rvc.cleaning.level import (
    CEILING_DB,
    PEAK_DB,
    SILENT_DB,
    TARGET_LUFS,
    active_db,
    frame_powers,
    loudness_lufs,
)
from rvc.cleaning.options import CleaningOptions
from rvc.cleaning.prepared import Prepared
from rvc.cleaning.repair import Repair
from rvc.cleaning.room import find_room
from rvc.cleaning.trim import (
    Segment,
    cut_segments,
    find_speech,
    has_no_speech,
    without_pauses,
)
from rvc.memory import give_memory_back
from rvc.messages import Message, joined
from rvc.progress import Progress, StageProgress, no_progress, stage

NO_SPEECH = Message(
    "No speech was found; the recording is left as it is and not counted.",
)

# Stages of the work: (start and end on the progress bar, message)
ANALYSIS = 0.0, 0.15, Message("Listening to the recording")
DENOISING = 0.15, 0.65, Message("Taking out noise")
ECHO = 0.65, 0.75, Message("Taking out noise")
BLENDING = 0.65, 0.75, Message("Keeping the voice as it is")
SPEECH = 0.75, 0.8, Message("Finding speech")
GATE = 0.8, 1.0, Message("Checking that the voice is unharmed")


@dataclass(frozen=True, eq=False)
class Cleaned:
    """A recording before and after cleaning.

    `aligned`: the cleaned sound, sample for sample as long as `original`, with nothing trimmed.
    `speech`: the parts with speech, with a short pause on both sides. `segments`: the same in
    portions for training, in seconds of the original. `gain`: the factor from `original` to
    `aligned`. `findings`: measurements of `original` for the report.
    """

    original: Recording
    aligned: Recording
    speech: tuple[Segment, ...]
    segments: tuple[Segment, ...]
    repairs: tuple[Repair, ...]
    gain: float
    trimmed: bool
    findings: Findings = NO_FINDINGS

    @property
    def speaks(self) -> bool:
        """Return whether the recording contains speech; one without is left as it was."""
        return bool(self.speech)

    @property
    def recording(self) -> Recording:
        """Return the cleaned recording with its long pauses shortened; computed at every call."""
        if not self.trimmed:
            return self.aligned
        rate = self.aligned.sample_rate
        return replace(
            self.aligned, samples=without_pauses(self.aligned.samples, rate, self.speech)
        )

    @property
    def removed(self) -> Recording:
        """Return what was removed, at the level of `aligned`; computed at every call."""
        samples = self.original.samples * np.float32(self.gain) - self.aligned.samples
        return replace(self.aligned, samples=samples)


def clean(
    recording: Recording,
    options: CleaningOptions | None = None,
    *,
    progress: Progress = no_progress,
) -> Cleaned:
    """Return the recording after the repairs that its own faults call for.

    Samples that are no numbers (NaN, infinite) are interpolated first, in `original` too. An
    exception raised in `progress` stops the cleaning. The same recording and options give the same
    samples, none above -0.3 dB of full scale.
    """
    options = options or CleaningOptions()
    analysis = stage(progress, *ANALYSIS)
    analysis(0.0)
    recording = replace(recording, samples=without_damage(recording.samples)[0])
    samples, rate = recording.samples, recording.sample_rate
    powers = frame_powers(in_blocks(samples, rate), rate, 0.02)
    if len(samples) < 2 or active_db(powers) < SILENT_DB:
        return _unchanged(recording)

    engine = _engine(options)
    prepared, repairs = diagnose(recording, options, engine=engine, progress=analysis)
    quiet = _without_noise(prepared, options, engine, progress)
    aligned, prepared = quiet.aligned, quiet.prepared
    repairs += quiet.repairs
    speech, probability = find_speech(aligned, rate, progress=stage(progress, *SPEECH))
    if has_no_speech(samples, rate, speech):
        progress(1.0, NO_SPEECH)
        return _unchanged(recording)
    segments = cut_segments(speech, probability)
    give_memory_back()
    if engine:
        gate = stage(progress, *GATE)
        repairs += revert_harmful_denoising(
            prepared, aligned, segments=segments, enabled=options.allows("gate"), progress=gate
        )
        repairs = _with_engine(repairs, engine)
        give_memory_back()
    gain = _level(prepared, aligned, options)
    repairs += (_level_repair(gain), _trim_repair(recording, speech, options.trim))
    progress(1.0, Message("Cleaned"))
    cleaned = replace(recording, samples=aligned)
    return Cleaned(
        recording, cleaned, speech, segments, repairs, gain, options.trim, quiet.findings
    )


def _unchanged(recording: Recording) -> Cleaned:
    """Return the result for a recording without speech: only its peaks may be lowered."""
    aligned = recording.samples.copy()
    gain = _below_ceiling(aligned, 1.0, CEILING_DB)
    figures = {"speech_seconds": 0.0, "pause_seconds": recording.duration_seconds}
    repair = Repair("trim", False, NO_SPEECH, figures)
    cleaned = replace(recording, samples=aligned)
    return Cleaned(recording, cleaned, (), (), (repair,), gain, False)


@dataclass(frozen=True, eq=False)
class _Denoised:
    """`aligned`: (samples,) with every repair of `prepared`, without noise where a denoiser ran."""

    aligned: np.ndarray
    prepared: Prepared
    repairs: tuple[Repair, ...]
    findings: Findings


def _without_noise(
    prepared: Prepared, options: CleaningOptions, engine: str | None, progress: Progress
) -> _Denoised:
    """Return the sound without noise and, where a room is found in it, denoised again without that.

    The denoiser's own output is among the findings only where the report can use it: of the best
    engine at its usual strength, with the room's echo still in its input.
    """
    aligned, strong = (
        np.empty(len(prepared.recording.samples), np.float32),
        options.strength == "strong",
    )
    _denoise(prepared, aligned, engine, strong, stage(progress, *DENOISING))
    findings = Findings(
        hum=prepared.hum,
        clicks=prepared.clicks if options.allows("clicks") else None,
        offset=prepared.offset,
        cutoff_hz=min(prepared.cutoff_hz, INFRASOUND_HZ),  # rumble above it counts as noise
        gain=prepared.gain,
    )
    if engine and options.strength == "standard" and options.engine is None:
        findings = replace(findings, denoised=aligned.astype(np.float16))
    repairs: tuple[Repair, ...] = ()
    if options.allows("echo"):
        prepared, repair = find_room(prepared, aligned, engine=engine, strong=strong)
        repairs = (repair,)
    if prepared.room is not None:
        _denoise(prepared, aligned, engine, strong, stage(progress, *ECHO))
    elif engine:  # in a room, the denoiser removes late parts of the voice
        blending = stage(progress, *BLENDING)
        rate = prepared.recording.sample_rate
        keep_the_voice(prepared.interval, aligned, sample_rate=rate, progress=blending)
    return _Denoised(aligned, prepared, repairs, findings)


def _denoise(
    prepared: Prepared,
    aligned: np.ndarray,
    engine: str | None,
    strong: bool,
    progress: StageProgress,
) -> None:
    """Write `prepared` into `aligned` (samples,), through the denoiser where there is one."""
    rate = prepared.recording.sample_rate
    pieces: Iterator[np.ndarray] = (prepared.interval(*span) for span in spans(len(aligned), rate))
    if engine:
        pieces = denoised(pieces, rate, engine, strong=strong)
    for done in written(pieces, aligned):
        progress(done / len(aligned))


def listening_set(cleaned: Cleaned) -> tuple[Recording, Recording, Recording]:
    """Return the sound before and after cleaning and what was removed, for comparison by ear.

    Before and after are equally loud, because louder is taken for better; what was removed has its
    level in "before", unless it would clip.
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
    levelled = [replace(recording, samples=samples) for recording, samples in sides]
    return levelled[0], levelled[1], replace(cleaned.aligned, samples=removed)


def _engine(options: CleaningOptions) -> str | None:
    if not options.allows("noise"):
        return None
    return pick_engine(options.engine or ("noisereduce" if options.strength == "light" else None))


def _level(prepared: Prepared, aligned: np.ndarray, options: CleaningOptions) -> float:
    """Bring `aligned` to its final level in place; return the gain from the original to it."""
    gain, highest_db = 1 / prepared.gain, CEILING_DB
    if options.allows("level"):
        loudness = loudness_lufs(aligned, prepared.recording.sample_rate)
        gain, highest_db = 10 ** ((TARGET_LUFS - loudness) / 20), PEAK_DB
    return _below_ceiling(aligned, gain, highest_db) * prepared.gain


def _below_ceiling(samples: np.ndarray, gain: float, highest_db: float) -> float:
    """Multiply `samples` by `gain` in place, or by less where they would rise above the ceiling.

    Returns the factor used.
    """
    peak = max(float(samples.max(initial=0)), -float(samples.min(initial=0)))
    gain = min(gain, 10 ** (highest_db / 20) / max(peak, 1e-9))
    samples *= np.float32(gain)
    return gain


def _with_engine(repairs: tuple[Repair, ...], engine: str) -> tuple[Repair, ...]:
    """Return the repairs with the name of the denoiser added to the "noise" repair."""
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
