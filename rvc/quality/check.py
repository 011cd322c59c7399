"""Warnings about the input of a conversion."""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from threading import Lock

import numpy as np

from rvc import assets
from rvc.audio import Recording
from rvc.cleaning.level import frame_powers
from rvc.cleaning.trim import Segment, find_speech, has_no_speech
from rvc.errors import MissingAssetError
from rvc.f0 import estimate_f0
from rvc.messages import Message
from rvc.quality.clipping import clipped_samples, clipping_percent
from rvc.quality.echo import ECHO_SECONDS, room_sound, rooms_of
from rvc.quality.noise import (
    ECHO_FOLLOWS,
    Split,
    follows_speech,
    snr_db,
    split_at_once,
    split_noise,
)
from rvc.quality.two_voices import are_two_voices

INPUTS_KNOWN = 64
CHECKED_SECONDS = 8.0  # of a long input, where it is loudest
VOICES_SECONDS = 20.0  # of which two voices are looked for, unless they have to be denoised first
STEP_SECONDS = 1.0
NOISY_SNR_DB, CLIPPED_PERCENT = 15.0, 0.1
MUSIC_SNR_DB = 20.0  # pitched sound is converted as if it were voice: less of it spoils the result
MUSIC_VOICED_SHARE = 0.2  # of what is taken away: music 0.25-0.7, a crowd 0.3, other noise 0-0.08

NOISE = Message(
    "The input is noisy: clean it first, or the words will blur.",
)
MUSIC = Message(
    "There is music or a crowd behind the voice: convert the bare voice only.",
)
ECHO = Message(
    "The input echoes: the result will sound smeared.",
)
CLIPPED = Message(
    "The input was recorded too loud: its peaks are cut.",
)
TWO_VOICES = Message(
    "There seem to be two people in the input: both will get the same voice.",
)
NO_SPEECH = Message("No speech was found in the input.")


class InputChecks:
    """Checks inputs of conversions; an input that is converted again is not checked again."""

    def __init__(self, weights: Path | None = None) -> None:
        """`weights`: as in `check_input`."""
        self._weights = weights
        self._known: OrderedDict[bytes, tuple[Message, ...]] = OrderedDict()
        self._lock = Lock()

    def __call__(self, recording: Recording) -> tuple[Message, ...]:
        """Return what `check_input` does."""
        rate = recording.sample_rate.to_bytes(8, "little")
        sound = np.ascontiguousarray(recording.samples).data  # not copied: it may be long
        key = hashlib.blake2b(sound, digest_size=16, salt=rate).digest()
        with self._lock:
            known = self._known.get(key)
        if known is None:
            known = check_input(recording, weights=self._weights)
        with self._lock:
            self._known[key] = known
            self._known.move_to_end(key)
            while len(self._known) > INPUTS_KNOWN:
                self._known.popitem(last=False)
        return known


def check_input(recording: Recording, *, weights: Path | None = None) -> tuple[Message, ...]:
    """Return warnings about a conversion's input, the worst first; empty where all is well.

    `weights`: the weights folder, for the speaker encoder; without it two voices are not detected.
    """
    whole, wider = recording, _loudest(recording, VOICES_SECONDS)
    recording = _loudest(wider, CHECKED_SECONDS)
    if not recording.samples.any():
        return (NO_SPEECH,)
    split = split_at_once(recording) or split_noise(recording)
    rate = split.sample_rate
    speech, _ = find_speech(split.speech, rate)
    if has_no_speech(recording.samples, rate, speech):
        elsewhere = (
            len(whole.samples) > len(recording.samples) and find_speech(whole.samples, rate)[0]
        )
        return () if elsewhere else (NO_SPEECH,)
    found = []
    room = room_sound(split)
    decay = rooms_of(lambda a, b: room[a:b], len(room), rate).decay_seconds(0, CHECKED_SECONDS)
    echoing = decay is not None and decay >= ECHO_SECONDS
    snr, follows = snr_db(split), follows_speech(split) >= ECHO_FOLLOWS
    if snr < MUSIC_SNR_DB and not follows and _is_music(split):
        found.append(MUSIC)
    elif snr < NOISY_SNR_DB and not (echoing and follows):
        found.append(NOISE)
    if snr >= MUSIC_SNR_DB and len(wider.samples) > len(recording.samples):
        sound, speech = wider.samples, find_speech(wider.samples, rate)[0]
    else:
        sound = split.speech
    if _two_voices(sound, rate, speech, weights):
        found.append(TWO_VOICES)
    if echoing:
        found.append(ECHO)
    if clipping_percent(clipped_samples(recording.samples)) > CLIPPED_PERCENT:
        found.append(CLIPPED)
    return tuple(found)


def _loudest(recording: Recording, seconds: float) -> Recording:
    """Return the loudest stretch of `seconds`, in whole steps; all of a shorter recording."""
    samples, rate = recording.samples, recording.sample_rate
    wanted = round(seconds / STEP_SECONDS)
    powers = frame_powers([samples], rate, STEP_SECONDS)
    if len(powers) <= wanted:
        return recording
    total = np.concatenate([[0.0], np.cumsum(powers)])
    start = int(np.argmax(total[wanted:] - total[:-wanted])) * round(STEP_SECONDS * rate)
    return replace(recording, samples=samples[start : start + round(seconds * rate)])


def _is_music(split: Split) -> bool:
    """Return whether the noise that a denoiser removes is pitched most of the time."""
    noise = estimate_f0(Recording(split.noise, split.sample_rate))
    return bool(noise.voiced.mean() > MUSIC_VOICED_SHARE)


def _two_voices(
    sound: np.ndarray, rate: int, speech: Sequence[Segment], weights: Path | None
) -> bool:
    """Return whether two people speak in the stretches `speech` of `sound` (samples,); False where
    the speaker encoder is missing."""
    stretches = [
        Recording(sound[round(p.start_seconds * rate) : round(p.end_seconds * rate)], rate)
        for p in speech
    ]
    try:
        return are_two_voices(stretches, weights or assets.weights_dir())
    except MissingAssetError:
        return False
