"""Autotune on sung pitch: a glide becomes steps, a held note comes into tune, vibrato stays."""

import numpy as np
import pytest

from rvc.f0 import F0, autotune


def curve(notes: np.ndarray) -> F0:
    hz = 440 * 2.0 ** ((notes - 69) / 12)
    return F0(hz.astype(np.float32), np.ones(len(hz), np.float32))


def notes_of(f0: F0) -> np.ndarray:
    return 69 + 12 * np.log2(f0.hz.astype(float) / 440)


def off_tune(f0: F0) -> float:
    """Mean distance to the nearest semitone, in semitones."""
    notes = notes_of(f0)
    return float(np.abs(notes - np.round(notes)).mean())


def test_strength_0_changes_nothing() -> None:
    glide = curve(np.linspace(57, 64, 700))
    assert autotune(glide, 0.0) is glide


@pytest.mark.parametrize("strength", [0.25, 0.5, 0.75, 1.0])
def test_a_sung_glide_is_drawn_to_the_semitones_by_the_strength(strength: float) -> None:
    glide = curve(np.linspace(57, 64, 700))  # a fifth in seven seconds
    tuned = autotune(glide, strength)
    assert off_tune(glide) == pytest.approx(0.25, abs=0.01)
    assert off_tune(tuned) == pytest.approx(0.25 * (1 - 0.75 * strength), abs=0.06)
    moved = np.abs(notes_of(tuned) - notes_of(glide))
    assert moved.max() <= 0.66 * strength + 1e-3
    assert np.abs(np.diff(notes_of(tuned))).max() < 0.2  # it glides between the notes, too


@pytest.mark.parametrize("strength", [0.5, 1.0])
def test_a_held_note_comes_into_tune_and_keeps_its_vibrato(strength: float) -> None:
    vibrato = 0.3 * np.sin(2 * np.pi * 5.5 * np.arange(300) / 100)
    sung = curve(60.4 + vibrato)
    tuned = notes_of(autotune(sung, strength))
    assert tuned.mean() == pytest.approx(60.4 - 0.4 * strength, abs=0.02)
    assert np.ptp(tuned) > 0.6 * np.ptp(vibrato)


def test_unvoiced_frames_stay_so_and_do_not_join_notes() -> None:
    hz = np.concatenate([np.full(50, 225.0), np.zeros(10), np.full(50, 300.0), [0.0], [310.0]])
    tuned = autotune(F0(hz.astype(np.float32), np.ones(len(hz), np.float32)), 1.0).hz
    assert ((tuned > 0) == (hz > 0)).all()
    assert tuned[25] == pytest.approx(220.0, abs=0.05) and tuned[85] == pytest.approx(
        293.66, abs=0.05
    )
