"""Whether a recording has a room's echo, decided in its loudest parts."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import soxr

from rvc.cleaning.denoise import denoised
from rvc.cleaning.diagnose import loudest_spans
from rvc.cleaning.echo import BAND_RATE, learn_room, srmr
from rvc.cleaning.prepared import Prepared
from rvc.cleaning.repair import Repair
from rvc.messages import Message

ECHO_SRMR, STRONG_ECHO_SRMR = 3.1, 3.5  # a room is audible below, once noise is removed
BARE_ECHO_SRMR, STRONG_BARE_ECHO_SRMR = 2.9, 3.3  # the same with the noise: it lowers the measure
ROOM_SNR_DB = 12.0  # a denoiser leaves dry voices above 15 dB of what it takes, rooms below 9 dB


def find_room(
    prepared: Prepared, aligned: np.ndarray, *, engine: str | None, strong: bool
) -> tuple[Prepared, Repair]:
    """Return `prepared` with its room learned where the modulation of speech shows one.

    `aligned`: (samples,) of `prepared` after the denoiser `engine`, or as it is where that is None.
    """
    rate, places = prepared.recording.sample_rate, loudest_spans(prepared)
    excerpts = [prepared.interval(*span) for span in places]
    voice = [aligned[first:last] for first, last in places]
    if engine and strong:  # the post filter changes the modulation
        voice = _denoised_alone(excerpts, rate, engine)
    limits = (ECHO_SRMR, STRONG_ECHO_SRMR) if engine else (BARE_ECHO_SRMR, STRONG_BARE_ECHO_SRMR)
    measured = _mean_srmr(voice, rate)
    dry = engine is not None and _snr_db(excerpts, voice) > ROOM_SNR_DB  # at any SRMR
    if 0 < measured < limits[strong] and not dry:
        prepared = replace(prepared, room=learn_room(excerpts, rate))
    return prepared, _repair(measured, prepared.room is not None)


def _denoised_alone(excerpts: Sequence[np.ndarray], rate: int, engine: str) -> list[np.ndarray]:
    """Return the excerpts after the denoiser at its usual strength."""
    sound = np.concatenate([*denoised(excerpts, rate, engine), np.zeros(rate, np.float32)])
    return np.split(sound, np.cumsum([len(each) for each in excerpts]))[:-1]


def _snr_db(excerpts: Sequence[np.ndarray], voice: Sequence[np.ndarray]) -> float:
    """Return the energy the denoiser kept over the energy it removed, in dB."""
    kept, taken = 1e-12, 1e-12
    for before, after in zip(excerpts, voice, strict=True):
        before = before[: len(after)]
        after = after[: len(before)]
        kept += float(np.square(after, dtype=np.float64).sum())
        taken += float(np.square(before - after, dtype=np.float64).sum())
    return 10 * float(np.log10(kept / taken))


def _mean_srmr(excerpts: Sequence[np.ndarray], rate: int) -> float:
    values = [srmr(soxr.resample(each, rate, BAND_RATE)) for each in excerpts if len(each) >= rate]
    return float(np.mean(values)) if values else 0.0


def _repair(measured: float, ran: bool) -> Repair:
    if ran:
        text = Message("Room echo reduced (SRMR {measured:.1f}).", measured=measured)
    else:
        text = Message("Hardly any room echo (SRMR {measured:.1f}).", measured=measured)
    return Repair("echo", ran, text, {"srmr": measured})
