"""Gentle autotune: f0 pulled towards the nearest semitone of the equal-tempered scale, A4 = 440 Hz.

The note is chosen for the pitch averaged over SMOOTH_FRAMES, with some reluctance to leave a note,
so that vibrato and short inflections do not jump between notes and keep their shape.
"""

from dataclasses import replace

import numpy as np

from rvc.f0.curve import F0, runs

A4_HZ, A4_NOTE = 440.0, 69.0
SMOOTH_FRAMES = 15  # of the pitch that chooses the note, and of the change from note to note
RELUCTANCE = 0.15  # semitones beyond the middle between two notes before the note changes


def autotune(f0: F0, strength: float) -> F0:
    """Return f0 with `strength` (0 to 1) of its distance to the nearest semitone removed.

    0 returns the same curve; with 1, a held note is exactly in tune. Unvoiced frames stay unvoiced.
    """
    if strength == 0:
        return f0
    hz = f0.hz.astype(np.float64).copy()
    for start, stop in runs(f0.voiced):
        notes = A4_NOTE + 12 * np.log2(hz[start:stop] / A4_HZ)
        average = _smoothed(notes)
        correction = _smoothed(_nearest(average) - average)
        hz[start:stop] *= 2.0 ** (strength * correction / 12)
    return replace(f0, hz=hz.astype(np.float32))


def _smoothed(values: np.ndarray) -> np.ndarray:
    """Return the mean of each frame's neighbourhood; the ends are continued."""
    frames = min(SMOOTH_FRAMES, max(1, len(values) // 2 * 2 - 1))
    window = np.hanning(frames + 2)[1:-1]
    padded = np.pad(values, frames // 2, mode="edge")
    return np.convolve(padded, window / window.sum(), mode="valid")


def _nearest(notes: np.ndarray) -> np.ndarray:
    """Return the note of each frame; it changes only RELUCTANCE beyond the middle between two."""
    chosen = np.empty_like(notes)
    current = np.round(notes[0])
    for frame, note in enumerate(notes):
        if abs(note - current) > 0.5 + RELUCTANCE:
            current = np.round(note)
        chosen[frame] = current
    return chosen
