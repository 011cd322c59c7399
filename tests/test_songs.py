"""Songs: exact length, the accompaniment untouched, vocals in place, at their level."""

import json
import sys
from pathlib import Path

import fake_demucs
import numpy as np
import pytest
from cli_line import refused

from rvc.audio import Recording, load_audio, resample, save_audio
from rvc.convert import Converted
from rvc.errors import AudioError, Cancelled
from rvc.f0 import F0
from rvc.messages import Message
from rvc.progress import no_progress
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
    made = convert_song(song, quieter, lambda *_: vocals).song.samples
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
        convert_song(song, quieter, lambda samples, *_: np.zeros_like(samples))


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


@pytest.fixture
def songs(mix, tmp_path: Path) -> Path:
    """Return a folder of two songs, one without vocals, and a file that is none."""
    folder = tmp_path / "songs"
    folder.mkdir()
    save_audio(folder / "good.wav", Recording(mix[0] + mix[1], RATE))
    save_audio(folder / "instrumental.wav", Recording(np.stack([mix[1][0], -mix[1][0]]), RATE))
    (folder / "text.mp3").write_text("no sound")
    return folder


def test_a_folder_of_songs(songs: Path, mix, weights: Path, tmp_path, run, monkeypatch) -> None:
    """The command's path with a real voice; only the separating network is replaced."""
    fake_demucs.install(monkeypatch)
    monkeypatch.setattr("rvc.cli.console.QUIET_SECONDS", 0)  # a fast machine is done before
    monkeypatch.setattr("rvc.cli.console.STEP_SECONDS", 0)
    target, alone = tmp_path / "new", tmp_path / "alone"
    line = ["song", songs, target, "--vocals", alone, "--format", "flac", "--weights", weights]
    code, out, error = run(*line, "--semitones", 12, "--json")
    result = json.loads(out)
    assert code == 1 and "Separating the vocals" in error, "some were left out"
    (done,) = result["files"]
    assert done["output"] == str(target / "good.flac") and done["semitones"] == 12
    assert done["seconds"] == pytest.approx(mix[0].shape[1] / RATE)
    reasons = " ".join(result["left_out"])
    assert "instrumental.wav: No vocals" in reasons and "text.mp3" in reasons
    made, sung = load_song(target / "good.flac"), load_audio(alone / "good.flac")
    assert made.samples.shape == mix[0].shape and len(sung.samples) == mix[0].shape[1]
    assert not (target / "instrumental.flac").exists()
    assert "AI" in tags(target / "good.flac") and "AI" in tags(alone / "good.flac")


def tags(path: Path) -> str:
    import av

    with av.open(path) as file:
        return " ".join(file.metadata.values())


def test_song_errors_name_the_cause(songs: Path, weights, tmp_path, run, monkeypatch) -> None:
    fake_demucs.install(monkeypatch)
    good, out = songs / "good.wav", tmp_path / "out.wav"
    cases = (
        ([good], "Name the file of the converted song"),
        ([good, out, "--vocals", out], "two different outputs"),
        ([songs, out], "need a folder"),
        ([good, good], "never changed"),
        ([good, out, "--vocals", good], "never changed"),
        ([good, tmp_path / "out.txt"], "endings"),
        ([tmp_path / "none.wav", out], "There is no file"),
        ([songs / "text.mp3", out], "text.mp3"),
        ([songs / "instrumental.wav", out], "No vocals"),
        ([good, out, "--voice", "missing"], "There is no voice"),
        ([good, out, "--semitones", 99], "outside its range"),
    )
    for line, reason in cases:
        assert reason in refused(run("song", *line, "--weights", weights))
    assert not out.exists()


def test_separation_reports_its_progress_can_be_stopped_and_takes_one_channel(mix, monkeypatch):
    fake_demucs.install(monkeypatch)
    separate, shares = demucs_separator(), []
    song = mix[0] + mix[1]
    vocals = separate(song, RATE, lambda share, _: shares.append(share))
    assert vocals.shape == song.shape and shares == sorted(shares) and len(shares) == 4
    one = separate(song[:1], RATE, no_progress)
    assert one.shape == (1, song.shape[1]) and np.abs(one).max() > 0.1

    def stop(share: float, text: Message) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        separate(song, RATE, stop)


def test_without_the_package_the_command_says_what_to_install(
    mix, weights: Path, tmp_path: Path, run, monkeypatch
) -> None:
    monkeypatch.setattr("rvc.songs._installed", lambda: False)
    source = save_audio(tmp_path / "song.wav", Recording(mix[0], RATE))
    line = ["song", source, tmp_path / "new.wav", "--voice", "tiny", "--weights", weights]
    assert 'pip install "demucs>=' in refused(run(*line)) and not (tmp_path / "new.wav").exists()
    monkeypatch.setattr("rvc.songs._installed", lambda: True)
    monkeypatch.setitem(sys.modules, "demucs", None)  # as if it did not load
    assert "--force-reinstall" in refused(run(*line))
