"""Songs: exact length, the accompaniment untouched, vocals in place, at their level."""

from pathlib import Path

import fake_demucs
import numpy as np
import pytest
from cli_line import refused

from rvc.audio import Recording, load_audio, resample, save_audio
from rvc.convert import Converted
from rvc.engine import Engine
from rvc.errors import AudioError
from rvc.f0 import F0
from rvc.messages import Message
from rvc.songs import Song, convert_song, demucs_separator, load_song

RATE = 44_100
NO_PITCH = F0(np.zeros(0, np.float32), np.zeros(0, np.float32))


@pytest.fixture
def mix(speech_like) -> tuple[np.ndarray, np.ndarray]:
    """Return vocals, louder on the left, and an accompaniment, each (2, samples)."""
    voice = np.pad(speech_like(2.0, RATE), (RATE // 2, RATE // 2 + 7)) * 0.5
    t = np.arange(len(voice)) / RATE
    band = np.stack([np.sin(2 * np.pi * hz * t) * 0.2 for hz in (220, 330)])
    return np.stack([voice, 0.5 * voice]).astype(np.float32), band.astype(np.float32)


def quieter(recording: Recording, progress) -> Converted:
    """A conversion that changes rate and level, and nothing else."""
    made = resample(recording, 24_000)
    made = Recording(made.samples * np.float32(0.1), 24_000)
    return Converted(made, 0.0, Message("Done"), NO_PITCH, NO_PITCH)


def test_vocals_return_at_their_level_and_place(mix) -> None:
    vocals, band = mix
    song = Song(vocals + band, RATE)
    made = convert_song(song, quieter, lambda samples, rate: vocals).song.samples
    assert made.shape == song.samples.shape
    alone = slice(0, RATE // 4)  # of the accompaniment; all was scaled to avoid clipping
    scale = (made[:, alone] * band[:, alone]).sum() / np.square(band[:, alone]).sum()
    sung = made / scale - band
    low = resample(Recording(vocals, RATE), 24_000)
    wanted = resample(Recording(low.samples, 24_000), RATE).samples
    length = min(sung.shape[1], wanted.shape[1])
    for side, given in zip(sung[:, :length], wanted[:, :length], strict=True):
        assert np.corrcoef(side, given)[0, 1] > 0.99, "neither late nor another channel"
        assert 20 * np.log10(side.std() / given.std()) == pytest.approx(0, abs=0.5)


def test_a_song_without_vocals_says_so(mix) -> None:
    song = Song(mix[1], RATE)
    with pytest.raises(AudioError, match="vocals"):
        convert_song(song, quieter, lambda samples, rate: np.zeros_like(samples))


def test_files_keep_two_channels(mix, tmp_path: Path) -> None:
    song = mix[0] + mix[1]
    for suffix in (".wav", ".flac", ".mp3", ".ogg", ".m4a"):
        path = save_audio(tmp_path / f"song{suffix}", Recording(song, RATE))
        back = load_song(path)
        assert back.samples.shape[0] == 2
        if suffix in (".wav", ".flac"):
            np.testing.assert_allclose(back.samples, song, atol=1e-4)
        length = min(song.shape[1], back.samples.shape[1])
        apart = np.subtract(*back.samples[:, :length]) / np.subtract(*song[:, :length]).std()
        assert apart.std() == pytest.approx(1, abs=0.1), suffix
    mono = save_audio(tmp_path / "mono.wav", Recording(song[0], RATE))
    np.testing.assert_array_equal(*load_song(mono).samples)
    np.testing.assert_allclose(load_audio(tmp_path / "song.wav").samples, song.mean(0), atol=1e-4)


def test_the_whole_way(mix, weights: Path, tmp_path: Path, run, monkeypatch) -> None:
    """The command's path with a real voice; only the separating network is replaced."""
    fake_demucs.install(monkeypatch)
    source = save_audio(tmp_path / "song.wav", Recording(mix[0] + mix[1], RATE))
    target, alone = tmp_path / "new.wav", tmp_path / "alone.wav"
    code, out, _ = run(
        "--weights", weights, "song", source, target, "--voice", "tiny", "--vocals", alone
    )
    assert code == 0 and str(target) in out
    assert load_song(target).samples.shape == mix[0].shape
    assert len(load_audio(alone).samples) == mix[0].shape[1]
    vocals = demucs_separator()(mix[0] + mix[1], RATE)
    assert vocals.shape == mix[0].shape
    assert Engine(weights).device  # the separator runs on the engine's device


def test_without_the_package_the_command_says_what_to_install(
    mix, weights: Path, tmp_path: Path, run, monkeypatch
) -> None:
    monkeypatch.setattr("rvc.songs._installed", lambda: False)
    source = save_audio(tmp_path / "song.wav", Recording(mix[0], RATE))
    result = run("--weights", weights, "song", source, tmp_path / "new.wav", "--voice", "tiny")
    assert "pip install" in refused(result) and not (tmp_path / "new.wav").exists()
