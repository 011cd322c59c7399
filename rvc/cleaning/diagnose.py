"""The choice of repairs a recording needs, each by its own measure."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from rvc.audio import Recording
from rvc.cleaning.blocks import BLOCK_SECONDS, reporting, spans
from rvc.cleaning.highpass import INFRASOUND_HZ, RUMBLE_DB, RUMBLE_HZ, rumble_db
from rvc.cleaning.hum import Hum, find_hum
from rvc.cleaning.level import active_db, floor_rms, frame_powers, working_gain
from rvc.cleaning.options import CleaningOptions
from rvc.cleaning.prepared import Prepared
from rvc.cleaning.repair import Repair
from rvc.messages import Message
from rvc.progress import StageProgress, no_progress, part

EXCERPT_SECONDS, EXCERPTS = 15, 4
NOTABLE_OFFSET = 1e-3


def diagnose(
    recording: Recording,
    options: CleaningOptions,
    *,
    engine: str | None,
    progress: StageProgress = no_progress,
) -> tuple[Prepared, tuple[Repair, ...]]:
    """Return the recording with its repairs chosen and their descriptions.

    `engine`: the denoiser that will run, None for none. The room's echo is found later, by
    `find_room`, in the denoised sound.
    """
    samples, rate = recording.samples, recording.sample_rate
    prepared, repairs = Prepared(recording), []
    if options.allows("hum"):
        hum = find_hum(samples, rate)
        prepared = replace(prepared, hum=hum)
        repairs.append(_hum_repair(hum))
    if options.allows("high_pass"):
        offset = float(np.mean(samples, dtype=np.float64))
        prepared = replace(prepared, offset=offset, cutoff_hz=INFRASOUND_HZ)
    blocks: Iterator[np.ndarray] = (prepared.interval(*span) for span in spans(len(samples), rate))
    blocks = reporting(blocks, len(samples), part(progress, 0.0, 0.4))
    powers = frame_powers(blocks, rate, 0.02)
    voice_db = active_db(powers)
    if options.allows("high_pass"):
        excerpt = np.concatenate([samples[a:b] for a, b in loudest_spans(prepared)])
        rumbling = rumble_db(excerpt, rate) > voice_db + RUMBLE_DB
        prepared = replace(prepared, cutoff_hz=RUMBLE_HZ if rumbling else INFRASOUND_HZ)
        repairs.insert(0, _high_pass_repair(prepared.offset, prepared.cutoff_hz))
    if engine or options.allows("clicks") or options.allows("level"):
        prepared = replace(prepared, gain=working_gain(powers))
    if options.allows("clicks"):
        active, floor = 10 ** (voice_db / 20), floor_rms(powers)
        prepared = prepared.with_clicks_found(
            active * prepared.gain, floor * prepared.gain, part(progress, 0.4, 0.8)
        )
        repairs.append(_click_repair(len(prepared.clicks), recording.duration_seconds))
    progress(1.0)
    return prepared, tuple(repairs)


def loudest_spans(prepared: Prepared) -> list[tuple[int, int]]:
    """Return the loudest fifteen seconds of every quarter, or all of a short recording."""
    samples, rate = prepared.recording.samples, prepared.recording.sample_rate
    if len(samples) <= EXCERPTS * EXCERPT_SECONDS * rate:
        return spans(len(samples), rate, BLOCK_SECONDS)
    candidates = spans(len(samples), rate, EXCERPT_SECONDS)
    powers = [np.square(samples[a:b] - prepared.offset).mean() for a, b in candidates]
    quarters = np.array_split(np.arange(len(candidates)), EXCERPTS)
    return [candidates[quarter[np.argmax(np.array(powers)[quarter])]] for quarter in quarters]


def _high_pass_repair(offset: float, cutoff_hz: float) -> Repair:
    figures = {"offset": offset, "cutoff_hz": cutoff_hz}
    if abs(offset) >= NOTABLE_OFFSET:
        text = Message(
            "A constant offset ({percent:.1f} %) taken out.",
            percent=100 * offset,
        )
    elif cutoff_hz > INFRASOUND_HZ:
        text = Message(
            "Rumble below {cutoff_hz:.0f} Hz taken out.",
            cutoff_hz=cutoff_hz,
        )
    else:
        text = Message("No rumble.")
        return Repair("high_pass", False, text, figures)
    return Repair("high_pass", True, text, figures)


def _hum_repair(hum: Hum) -> Repair:
    figures = {"base_hz": hum.base_hz, "lines": hum.lines, "prominence_db": hum.prominence_db}
    if not hum.lines:
        return Repair("hum", False, Message("No mains hum."), figures)
    if hum.passages:
        text = Message(
            "Mains hum at {base_hz:.0f} Hz taken out where it was found.", base_hz=hum.base_hz
        )
    else:
        text = Message("Mains hum at {base_hz:.0f} Hz taken out.", base_hz=hum.base_hz)
    return Repair("hum", True, text, figures)


def _click_repair(count: int, seconds: float) -> Repair:
    figures = {"count": count, "per_minute": 60 * count / seconds}
    if not count:
        return Repair("clicks", False, Message("No mouth clicks."), figures)
    text = Message("Mouth clicks repaired: {count}.", count=count)
    return Repair("clicks", True, text, figures)
