"""Every repair alone: it finds its fault, takes it out, and leaves what has no fault."""

import numpy as np
import pytest
from scipy.signal import fftconvolve
from voice_like import noise, voice_like

from rvc.audio import Recording, rms_db
from rvc.cleaning.blend import blend, keep_the_voice
from rvc.cleaning.blocks import rebuffered, resampled, spans
from rvc.cleaning.declick import find_clicks, repair_clicks
from rvc.cleaning.echo import learn_room, remove_echo, srmr
from rvc.cleaning.gate import Comparison, compare, revert_harmful_denoising
from rvc.cleaning.highpass import RUMBLE_HZ, high_pass, rumble_db
from rvc.cleaning.hum import Hum, find_hum, without_hum
from rvc.cleaning.level import active_db, frame_powers, loudness_lufs
from rvc.cleaning.prepared import Prepared
from rvc.cleaning.spectrum import istft, stft, window_samples
from rvc.cleaning.trim import Segment

RATE = 16_000


# ---- blocks -------------------------------------------------------------------------------------


def test_rebuffering_keeps_every_sample_in_order():
    samples = np.arange(1_000)
    pieces = list(rebuffered(np.array_split(samples, 7), 128))
    assert [len(piece) for piece in pieces] == [128] * 7 + [104]
    assert np.array_equal(np.concatenate(pieces), samples)


def test_resampling_in_pieces_equals_resampling_at_once():
    samples = noise(50_000, -20).astype(np.float32)
    once = np.concatenate(list(resampled([samples], RATE, 48_000)))
    often = np.concatenate(list(resampled(np.array_split(samples, 9), RATE, 48_000)))
    assert np.allclose(once, often, atol=1e-5) and abs(len(once) - 150_000) < 10


def test_a_spectrum_turns_back_into_its_sound():
    samples = noise(9_999, -20).astype(np.float32)
    assert np.allclose(istft(stft(samples, 640), 640, len(samples)), samples, atol=1e-5)


# ---- level and high-pass ------------------------------------------------------------------------


def test_loudness_agrees_with_the_standard():
    """ITU-R BS.1770: a 997 Hz sine at full scale in one channel reads -3.01 LUFS."""
    tone = np.sin(2 * np.pi * 997 * np.arange(5 * 48_000) / 48_000)
    assert loudness_lufs(tone, 48_000) == pytest.approx(-3.01, abs=0.05)
    with_silence = np.concatenate([tone, np.zeros(20 * 48_000)])
    assert loudness_lufs(with_silence, 48_000) == pytest.approx(-3.01, abs=0.2)  # gated


def test_active_level_ignores_the_pauses():
    voice = voice_like(6)
    sparse = np.concatenate([voice, np.zeros(10 * RATE)])
    levels = [active_db(frame_powers([sound], RATE, 0.02)) for sound in (voice, sparse)]
    assert levels[1] == pytest.approx(levels[0], abs=2.5)


def test_high_pass_takes_rumble_and_leaves_the_voice_in_place():
    t = np.arange(4 * RATE) / RATE
    rumble, tone = 0.1 * np.sin(2 * np.pi * 12 * t) + 0.2, 0.1 * np.sin(2 * np.pi * 150 * t)
    after = high_pass(rumble + tone, RATE, RUMBLE_HZ)
    assert rms_db((after - tone)[RATE:-RATE]) < rms_db(tone) - 35


def test_steady_rumble_is_told_from_a_voice():
    voice = voice_like(5)
    rumble = 0.02 * np.sin(2 * np.pi * 30 * np.arange(len(voice)) / RATE)
    assert rumble_db(voice, RATE) < -65
    assert rumble_db(voice + rumble, RATE) == pytest.approx(rms_db(rumble), abs=6)


# ---- hum ----------------------------------------------------------------------------------------


def hum(length: int, base_hz: float, level: float = 0.03) -> np.ndarray:
    t = np.arange(length) / RATE
    return sum(level / k * np.sin(2 * np.pi * k * base_hz * t + k) for k in range(1, 9))


@pytest.mark.parametrize("base_hz", [50.0, 49.9, 60.08])
def test_hum_is_found_to_a_hundredth_hertz_and_taken_out(base_hz):
    voice = voice_like(9) + noise(9 * RATE, -70)
    lines = hum(len(voice), base_hz)
    found = find_hum(voice + lines, RATE)
    assert found.base_hz == pytest.approx(base_hz, abs=0.01) and found.lines > 8
    after = without_hum((voice + lines).astype(np.float32), RATE, found)
    assert rms_db(after - voice) < rms_db(lines) - 18


@pytest.mark.parametrize("sound", ["voice", "noise", "silence", "tone"])
def test_no_hum_where_there_is_none(sound):
    t = np.arange(6 * RATE) / RATE
    samples = {
        "voice": voice_like(6) + noise(6 * RATE, -60),
        "noise": noise(6 * RATE, -40),
        "silence": np.zeros(6 * RATE),
        "tone": 0.1 * np.sin(2 * np.pi * 440 * t) + noise(6 * RATE, -60),
    }[sound]
    assert find_hum(samples, RATE).lines == 0


# ---- clicks -------------------------------------------------------------------------------------


def click(rate: int = RATE) -> np.ndarray:
    t = np.arange(round(0.006 * rate)) / rate
    return 0.05 * np.exp(-t / 0.0008) * np.sin(2 * np.pi * 4_000 * t)


def clicks_in(samples: np.ndarray, rate: int = RATE):
    return find_clicks(samples, rate, active=0.1, floor=0.0005)


@pytest.mark.parametrize("rate", [16_000, 44_100])
def test_clicks_in_a_pause_are_found_and_pressed_down(rate):
    pause = 0.0003 * np.random.default_rng(0).standard_normal(3 * rate)
    sound, places = pause.copy(), [int(s * rate) for s in (0.5, 1.0, 1.7, 2.4)]
    for place in places:
        sound[place : place + len(click(rate))] += click(rate)
    found = clicks_in(sound, rate)
    assert len(found) == 4
    assert all(
        abs(each.start - place) < 0.002 * rate for each, place in zip(found, places, strict=True)
    )
    after = repair_clicks(sound, rate, found)
    assert rms_db(after - pause) < rms_db(sound - pause) - 10


def test_an_s_and_a_release_are_no_clicks():
    sound = noise(2 * RATE, -70)
    hiss = noise(RATE // 8, -25, seed=1) * np.hanning(RATE // 8)
    sound[4_000 : 4_000 + len(hiss)] += hiss
    vowel = 0.1 * np.sin(2 * np.pi * 200 * np.arange(4_000) / RATE)
    sound[16_000:20_000] += vowel
    sound[15_800 : 15_800 + len(click())] += click()  # 12 ms before the vowel: a p, t or k
    assert clicks_in(sound) == ()


def test_a_click_right_after_a_word_is_found_by_standing_alone():
    sound = noise(2 * RATE, -70)
    sound[8_000:12_000] += 0.1 * np.sin(2 * np.pi * 200 * np.arange(4_000) / RATE)
    sound[12_400 : 12_400 + len(click())] += click()  # 25 ms after: neither pause nor vowel
    (found,) = clicks_in(sound)
    assert abs(found.start - 12_400) < 0.002 * RATE


def test_a_sound_without_clicks_is_not_touched():
    voice = voice_like(6).astype(np.float32)
    assert len(clicks_in(voice)) <= 1  # per six seconds: ten a minute would still be "good"
    assert repair_clicks(voice, RATE, ()) is voice
    assert clicks_in(np.zeros(50)) == () == clicks_in(np.zeros(RATE))


# ---- echo ---------------------------------------------------------------------------------------


def in_room(voice: np.ndarray, rt60_seconds: float) -> np.ndarray:
    t = np.arange(round(rt60_seconds * RATE)) / RATE
    tail = np.random.default_rng(3).standard_normal(len(t)) * 10 ** (-3 * t / rt60_seconds)
    tail[:48] = 0
    tail /= np.sqrt(np.square(tail).sum())
    tail[0] = 1
    return fftconvolve(voice, tail)[: len(voice)]


def test_srmr_falls_with_the_room():
    voice = voice_like(8)
    dry, small, large = (srmr(x) for x in (voice, in_room(voice, 0.3), in_room(voice, 1.0)))
    assert dry > small > large


def test_wpe_takes_the_tail_out_and_leaves_a_dry_voice():
    voice = voice_like(10) + noise(10 * RATE, -75)
    wet = in_room(voice, 0.6)
    after = remove_echo(wet, learn_room([wet], RATE))
    assert srmr(after) > srmr(wet)
    pause = np.convolve(np.abs(voice_like(10)), np.ones(1_600), "same") < 1e-3
    assert rms_db(after[pause]) < rms_db(wet[pause]) - 0.8
    dry = remove_echo(voice, learn_room([voice], RATE))
    assert rms_db(dry - voice) < rms_db(voice) - 10


# ---- stretches ----------------------------------------------------------------------------------


def test_a_stretch_comes_out_the_same_wherever_it_is_cut():
    voice = (voice_like(12) + noise(12 * RATE, -60) + hum(12 * RATE, 50.0)).astype(np.float32)
    recording = Recording(voice, RATE)
    room = learn_room([voice], RATE)
    prepared = Prepared(recording, 0.01, 20.0, find_hum(voice, RATE), 0.7, (), room)
    prepared = prepared.with_clicks_found(0.07, 0.001)
    whole = prepared.interval(0, len(voice))
    parts = np.concatenate([prepared.interval(*span) for span in spans(len(voice), RATE, 3.3)])
    assert rms_db(parts - whole) < rms_db(whole) - 60


# ---- gate ---------------------------------------------------------------------------------------


def test_the_gate_knows_harm_from_help():
    voice = voice_like(5) + noise(5 * RATE, -80)
    assert compare(voice, voice, sample_rate=RATE).was_clean
    whisper = noise(len(voice), -30, seed=4) * (np.abs(voice) > 0.01)  # every pitch gone
    assert compare(voice, whisper, sample_rate=RATE).harmed
    assert not Comparison(snr_db=15.0, gain=1.0).harmed


def test_voices_behind_the_voice_are_no_loss_and_the_voice_is():
    speaking = np.repeat([1.0, 0.0, 1.0, 0.0, 1.0], RATE)
    voice = voice_like(5) * speaking
    crowd = 0.12 * sum(voice_like(5, seed=seed) for seed in (3, 4, 5))
    assert not compare(voice + crowd, voice, sample_rate=RATE).harmed
    assert compare(voice + crowd, crowd, sample_rate=RATE).harmed


@pytest.mark.parametrize("hum", [None, Hum(50.0, 5, 20.0)])
def test_the_denoiser_keeps_the_last_word_only_where_there_was_hum(hum):
    """What a comb leaves of a hum is faint, and is heard as pitch in every pause."""
    voice = voice_like(5).astype(np.float32)
    denoised = (voice + noise(len(voice), rms_db(voice) - 45)).astype(np.float32)
    prepared = Prepared(Recording(voice, RATE), hum=hum)
    aligned = denoised.copy()
    revert_harmful_denoising(prepared, aligned, segments=[Segment(0.0, 5.0)], enabled=True)
    kept = denoised if hum else prepared.interval(0, len(voice))
    assert rms_db(aligned - kept) < rms_db(voice) - 70


# ---- the voice kept -----------------------------------------------------------------------------


def test_the_recording_is_kept_where_the_voice_drowns_the_noise():
    voice, hiss = voice_like(6), noise(6 * RATE, -50)
    hollow = 0.8 * voice  # a denoiser that redraws the voice too faintly, and is silent in pauses
    recorded = (voice + hiss).astype(np.float32)
    kept = blend(recorded, hollow, window_samples(0.04, RATE))
    pause = np.convolve(np.abs(voice), np.ones(3_000), "same") < 1e-3
    assert rms_db((kept - voice)[~pause]) < rms_db((hollow - voice)[~pause]) - 6
    assert rms_db(kept[pause]) < rms_db(recorded[pause]) - 15


def test_the_blend_has_no_joints(monkeypatch):
    from rvc.cleaning import blend as blending

    voice = voice_like(9)
    recorded = (voice + noise(9 * RATE, -45)).astype(np.float32)
    whole, parts = 0.9 * voice, 0.9 * voice
    keep_the_voice(lambda a, b: recorded[a:b], whole, sample_rate=RATE)
    monkeypatch.setattr(blending, "BLOCK_SECONDS", 2.3)
    seen = []
    keep_the_voice(lambda a, b: recorded[a:b], parts, sample_rate=RATE, progress=seen.append)
    assert rms_db(parts - whole) < rms_db(whole) - 60
    assert len(seen) == 4 and seen[-1] == 1.0
