"""The choice of repairs a recording needs, each by its own measure."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import soxr

from rvc.audio import Recording
from rvc.cleaning.blocks import BLOCK_SECONDS, reporting, spans
from rvc.cleaning.denoise import denoised
from rvc.cleaning.echo import BAND_RATE, learn_room, srmr
from rvc.cleaning.highpass import INFRASOUND_HZ, RUMBLE_DB, RUMBLE_HZ, rumble_db
from rvc.cleaning.hum import Hum, find_hum
from rvc.cleaning.level import active_db, floor_rms, frame_powers, working_gain
from rvc.cleaning.options import CleaningOptions
from rvc.cleaning.prepared import Prepared
from rvc.cleaning.repair import Repair
from rvc.messages import Message
from rvc.progress import StageProgress, no_progress, part

ECHO_SRMR, STRONG_ECHO_SRMR = 3.1, 3.5  # a room is audible below, once noise is removed
BARE_ECHO_SRMR, STRONG_BARE_ECHO_SRMR = 2.9, 3.3  # the same with the noise: it lowers the measure
ROOM_SNR_DB = 12.0  # a denoiser leaves dry voices above 15 dB of what it takes, rooms below 9 dB
EXCERPT_SECONDS, EXCERPTS = 15, 4
NOTABLE_OFFSET = 1e-3


def diagnose(
    recording: Recording,
    options: CleaningOptions,
    *,
    engine: str | None,
    progress: StageProgress = no_progress,
) -> tuple[Prepared, tuple[Repair, ...]]:
    """Return the recording with its repairs chosen, all but the denoiser, and their descriptions.

    `engine`: the denoiser that will run, None for none.
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
        excerpt = np.concatenate([samples[a:b] for a, b in _loudest_spans(prepared)])
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
    if options.allows("echo"):
        prepared, repair = _with_echo_found(prepared, options.strength == "strong", engine)
        repairs.append(repair)
    progress(1.0)
    return prepared, tuple(repairs)


def _with_echo_found(
    prepared: Prepared, strong: bool, engine: str | None
) -> tuple[Prepared, Repair]:
    """Return `prepared` with its room learned from excerpts where their modulation shows one."""
    rate = prepared.recording.sample_rate
    excerpts = [prepared.interval(*span) for span in _loudest_spans(prepared)]
    if engine:
        sound = np.concatenate([*denoised(excerpts, rate, engine), np.zeros(rate, np.float32)])
        voice = np.split(sound, np.cumsum([len(each) for each in excerpts]))[:-1]
        limit = STRONG_ECHO_SRMR if strong else ECHO_SRMR
    else:
        voice, limit = excerpts, STRONG_BARE_ECHO_SRMR if strong else BARE_ECHO_SRMR
    measured = _mean_srmr(voice, rate)
    dry = engine is not None and _snr_db(excerpts, voice) > ROOM_SNR_DB  # at any SRMR
    if 0 < measured < limit and not dry:
        prepared = replace(prepared, room=learn_room(excerpts, rate))
    return prepared, _echo_repair(measured, prepared.room is not None)


def _snr_db(excerpts: list[np.ndarray], voice: list[np.ndarray]) -> float:
    """Return the energy the denoiser kept over the energy it removed, in dB."""
    kept, taken = 1e-12, 1e-12
    for before, after in zip(excerpts, voice, strict=True):
        before = before[: len(after)]
        after = after[: len(before)]
        kept += float(np.square(after, dtype=np.float64).sum())
        taken += float(np.square(before - after, dtype=np.float64).sum())
    return 10 * float(np.log10(kept / taken))


def _loudest_spans(prepared: Prepared) -> list[tuple[int, int]]:
    """Return the loudest fifteen seconds of every quarter, or all of a short recording."""
    samples, rate = prepared.recording.samples, prepared.recording.sample_rate
    if len(samples) <= EXCERPTS * EXCERPT_SECONDS * rate:
        return spans(len(samples), rate, BLOCK_SECONDS)
    candidates = spans(len(samples), rate, EXCERPT_SECONDS)
    powers = [np.square(samples[a:b] - prepared.offset).mean() for a, b in candidates]
    quarters = np.array_split(np.arange(len(candidates)), EXCERPTS)
    return [candidates[quarter[np.argmax(np.array(powers)[quarter])]] for quarter in quarters]


def _mean_srmr(excerpts: list[np.ndarray], rate: int) -> float:
    values = [srmr(soxr.resample(each, rate, BAND_RATE)) for each in excerpts if len(each) >= rate]
    return float(np.mean(values)) if values else 0.0


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


def _echo_repair(measured: float, ran: bool) -> Repair:
    if ran:
        text = Message(
            "Room echo reduced (SRMR {measured:.1f}).",
            measured=measured,
        )
    else:
        text = Message(
            "Hardly any room echo (SRMR {measured:.1f}).",
            measured=measured,
        )
    return Repair("echo", ran, text, {"srmr": measured})
