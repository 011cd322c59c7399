"""Cleaning as a whole: what it removes, what it keeps, and input that must not break it."""

import numpy as np
import pytest
from voice_like import voice_like

from rvc.audio import Recording, rms_db
from rvc.cleaning import STRENGTHS, Cleaned, CleaningOptions, clean, listening_set
from rvc.errors import Cancelled, RVCError

RATE = 16_000


def with_floor(samples: np.ndarray, level_db: float) -> np.ndarray:
    noise = np.random.default_rng(9).standard_normal(len(samples))
    return (samples + 10 ** (level_db / 20) * noise).astype(np.float32)


def repair(cleaned: Cleaned, name: str):
    return next(each for each in cleaned.repairs if each.name == name)


@pytest.mark.parametrize("strength", STRENGTHS)
@pytest.mark.parametrize("rate", [8_000, 44_100])
def test_every_strength_keeps_length_rate_and_headroom(strength, rate):
    sound = with_floor(voice_like(3, rate=rate), -50)
    cleaned = clean(Recording(sound, rate), CleaningOptions(strength))
    assert cleaned.aligned.samples.shape == sound.shape
    assert cleaned.aligned.samples.dtype == np.float32 and cleaned.aligned.sample_rate == rate
    assert np.isfinite(cleaned.aligned.samples).all()
    limit = 10 ** (-0.3 / 20)
    assert np.abs(cleaned.aligned.samples).max() <= limit
    assert np.abs(cleaned.recording.samples).max(initial=0) <= limit


def test_off_changes_nothing():
    sound = with_floor(voice_like(3), -40)
    cleaned = clean(Recording(sound, RATE), CleaningOptions("off"))
    assert np.allclose(cleaned.aligned.samples, sound, atol=1e-7)
    assert cleaned.gain == pytest.approx(1.0)
    assert np.allclose(cleaned.removed.samples, 0, atol=1e-7)


def test_the_original_is_not_changed_and_removed_is_the_difference():
    sound = with_floor(voice_like(4), -35)
    kept = sound.copy()
    cleaned = clean(Recording(sound, RATE))
    assert np.array_equal(sound, kept) and cleaned.original.samples is sound
    total = cleaned.aligned.samples + cleaned.removed.samples
    assert np.allclose(total, cleaned.gain * sound, atol=1e-5)


def test_noise_between_the_words_goes_and_the_words_stay():
    voice = voice_like(8)
    # The gate's networks only accept a real voice; it has a separate test.
    cleaned = clean(Recording(with_floor(voice, -38), RATE), CleaningOptions(gate=False))
    after = cleaned.aligned.samples / cleaned.gain
    pause = np.convolve(np.abs(voice), np.ones(3_000), "same") < 1e-3
    assert rms_db(after[pause]) < -38 - 15
    assert rms_db(after[~pause]) == pytest.approx(rms_db(voice[~pause]), abs=1.0)
    noise = repair(cleaned, "noise")
    assert noise.ran and "DeepFilterNet3" in str(noise.text) and noise.text.in_language("ko")


def test_same_input_same_samples():
    recording = Recording(with_floor(voice_like(3), -40), RATE)
    assert np.array_equal(clean(recording).aligned.samples, clean(recording).aligned.samples)


def test_a_switch_overrules_the_strength():
    recording = Recording(with_floor(voice_like(3), -40), RATE)
    cleaned = clean(recording, CleaningOptions("standard", noise=False, level=False, trim=False))
    names = [each.name for each in cleaned.repairs]
    assert "noise" not in names and "high_pass" in names
    assert cleaned.gain == pytest.approx(1.0)
    assert len(cleaned.recording.samples) == len(recording.samples)
    assert "hum" in [
        each.name for each in clean(recording, CleaningOptions("light", hum=True)).repairs
    ]
    with pytest.raises(RVCError, match="standard"):
        CleaningOptions("thorough")


@pytest.mark.parametrize("engine", ["deepfilternet", "rnnoise", "noisereduce"])
def test_every_denoiser_stays_aligned(engine):
    voice = voice_like(4)
    options = CleaningOptions(engine=engine, gate=False, clicks=False)
    after = clean(Recording(with_floor(voice, -45), RATE), options).aligned.samples
    lags = np.arange(-200, 201)
    match = [
        np.dot(voice[1_000:-1_000], after[1_000 + lag : len(after) - 1_000 + lag]) for lag in lags
    ]
    assert lags[int(np.argmax(match))] == 0


def test_a_missing_denoiser_is_replaced_and_named(monkeypatch):
    from rvc.cleaning import denoise
    from rvc.errors import MissingAssetError

    def missing():
        raise MissingAssetError("gone")

    monkeypatch.setattr(denoise, "_deep_filter_library", missing)
    denoise.pick_engine.cache_clear()
    try:
        cleaned = clean(Recording(with_floor(voice_like(3), -40), RATE))
    finally:
        denoise.pick_engine.cache_clear()
    assert repair(cleaned, "noise").figures["engine"] == "rnnoise"


@pytest.mark.parametrize("rate", [8_000, 96_000])
@pytest.mark.parametrize(
    "sound",
    [
        np.zeros(1),
        np.ones(1),
        np.zeros(40_000),
        np.full(40_000, 0.5),
        np.full(100, 0.5),
        np.sin(np.arange(3_000) * 0.1),
        np.random.default_rng(0).uniform(-1, 1, 30_000),
        np.eye(1, 40_000, 20_000)[0],
        1e-4 * np.random.default_rng(0).standard_normal(30_000) + 0.3,
    ],
    ids=[
        "one",
        "one loud",
        "silence",
        "dc",
        "dc short",
        "3000",
        "full noise",
        "impulse",
        "dc faint",
    ],
)
def test_odd_sounds_give_sound_of_the_same_length(sound, rate):
    cleaned = clean(Recording(sound.astype(np.float32), rate))
    assert cleaned.aligned.samples.shape == sound.shape
    assert np.isfinite(cleaned.aligned.samples).all()
    assert (
        np.isfinite(cleaned.recording.samples).all() and np.isfinite(cleaned.removed.samples).all()
    )
    if len(sound) > 1:
        assert all(np.isfinite(each.samples).all() for each in listening_set(cleaned))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e30])
@pytest.mark.parametrize("share", [0.001, 0.3, 1.0])
def test_samples_that_are_no_numbers_are_bridged(bad, share):
    sound = with_floor(voice_like(2), -50)
    places = np.random.default_rng(1).permutation(len(sound))[: round(share * len(sound))]
    sound[places] = bad
    cleaned = clean(Recording(sound, RATE), CleaningOptions("light"))
    for each in (cleaned.original, cleaned.aligned, cleaned.removed, *listening_set(cleaned)):
        assert each.samples.shape == sound.shape and np.isfinite(each.samples).all()
    assert not np.isfinite(sound).all() or bad == 1e30  # the input is not changed


@pytest.mark.parametrize("strength", STRENGTHS)
def test_nothing_comes_out_above_the_ceiling(strength):
    loud = np.clip(20 * voice_like(3), -1, 1)
    for sound in (loud, np.ones(1, np.float32), loud * 3):
        for level in (None, False):
            cleaned = clean(Recording(sound, RATE), CleaningOptions(strength, level=level))
            assert np.abs(cleaned.aligned.samples).max() <= 10 ** (-0.3 / 20)


def test_what_is_heard_is_equally_loud():
    quiet = 0.01 * with_floor(voice_like(4), -30)
    before, after, removed = listening_set(clean(Recording(quiet, RATE)))
    assert before.samples.shape == after.samples.shape == quiet.shape
    assert rms_db(before.samples) == pytest.approx(rms_db(after.samples), abs=1.5)
    assert max(np.abs(each.samples).max() for each in (before, after, removed)) <= 10 ** (-0.9 / 20)


def test_progress_rises_to_one_and_can_stop_the_work():
    recording = Recording(with_floor(voice_like(3), -40), RATE)
    seen = []
    clean(
        recording,
        progress=lambda share, text: seen.append((share, str(text), text.in_language("ko"))),
    )
    shares = [share for share, _, _ in seen]
    assert shares == sorted(shares) and shares[0] == 0.0 and shares[-1] == 1.0

    def stop(share, text):
        if share > 0.2:
            raise Cancelled

    with pytest.raises(Cancelled):
        clean(recording, progress=stop)


def test_blocks_leave_no_joint(monkeypatch):
    recording = Recording(with_floor(voice_like(12), -38), RATE)
    whole = clean(recording).aligned.samples
    from rvc.cleaning import blocks

    monkeypatch.setattr(blocks.spans, "__defaults__", (3.7,))
    parts = clean(recording).aligned.samples
    assert rms_db(parts - whole) < rms_db(whole) - 50
