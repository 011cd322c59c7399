"""The command line with bad files, unwritable folders, full disks and existing trainings."""

import errno
import json
import os
import shutil
import unicodedata
from pathlib import Path

import pytest
from cli_line import refused

from rvc.audio import Recording, save_audio
from rvc.errors import VoiceError
from rvc.training.checkpoint import LATEST, save_checkpoint
from rvc.training.folder import only_training
from rvc.training.job import save_job
from rvc.training.options import TrainingOptions

READ_ONLY, FULL = errno.EROFS, errno.ENOSPC


@pytest.fixture
def quick_convert(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the conversion by a copy of its input, so that no network runs."""
    from types import SimpleNamespace

    from rvc.engine import Engine
    from rvc.errors import Message

    def convert(self, recording, voice, options, progress=None):
        if recording.name == "silent.wav":
            raise VoiceError("The voice makes no usable sound.")
        text = Message("As it was.")
        facts = {
            "semitones": 0.0,
            "index_rate": 0.0,
            "text": text,
            "warnings": (),
            "unvoiced": "zero",
        }
        return SimpleNamespace(recording=recording, **facts)

    monkeypatch.setattr(Engine, "convert", convert)


@pytest.fixture
def sounds(tmp_path: Path, speech_like) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a bad one.wav").write_text("no sound")
    for name in ("b.wav", "silent.wav", "z.wav"):
        save_audio(folder / name, Recording(speech_like(1.0), 24_000))
    return folder


def refuse(code: int):
    def refusing(self, *_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code), str(self))

    return refusing


# -- convert of a folder


def test_convert_goes_on_after_a_bad_file(run, weights, sounds, tmp_path, quick_convert) -> None:
    line = ["convert", sounds, tmp_path / "out", "--voice", "tiny", "--weights", weights]
    code, out, _ = run(*line, "--json")
    result = json.loads(out)
    assert code == 1
    assert [Path(each["output"]).name for each in result["files"]] == ["b.wav", "z.wav"]
    assert ["a bad one.wav" in left for left in result["left_out"]] == [True, False]
    assert "silent.wav" in result["left_out"][1]
    assert sorted(each.name for each in (tmp_path / "out").iterdir()) == ["b.wav", "z.wav"]
    code, out, _ = run(*line, "--lang", "ko")
    assert code == 1 and "변환: 4개 중 2개." in out and out.count("제외: ") == 2


def test_convert_of_a_good_folder_ends_with_0(run, weights, sounds, tmp_path, quick_convert):
    (sounds / "a bad one.wav").unlink()
    (sounds / "silent.wav").unlink()
    line = ["convert", sounds, tmp_path / "out", "--voice", "tiny", "--weights", weights]
    code, out, _ = run(*line)
    assert code == 0 and out.splitlines()[-1] == "Converted: 2 of 2."


def test_convert_of_bad_files_alone_is_one_sentence(run, weights, tmp_path, quick_convert) -> None:
    (tmp_path / "in").mkdir()
    for name in ("a.wav", "b.wav"):
        (tmp_path / "in" / name).write_text("no sound")
    line = ["convert", tmp_path / "in", tmp_path / "out", "--voice", "tiny", "--weights", weights]
    assert "b.wav" in refused(run(*line))


# -- unwritable folders and full disks


def test_a_full_disk_ends_the_folder_with_one_sentence(
    run, weights, sounds, tmp_path, quick_convert, monkeypatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(FULL, os.strerror(FULL))

    monkeypatch.setattr("os.fsync", full)
    for command, more in (("convert", ["--voice", "tiny"]), ("clean", ["--strength", "off"])):
        line = [command, sounds, tmp_path / "out", *more]
        line += ["--weights", weights] if command == "convert" else []
        for language, words in (("en", "The disk is full."), ("ko", "디스크가 가득 찼습니다.")):
            assert words in refused(run(*line, "--lang", language))
    assert not [path for path in (tmp_path / "out").iterdir()]


@pytest.mark.parametrize("command", ["clean", "report", "convert"])
def test_a_read_only_output_folder_is_reported_before_any_work(
    command, run, weights, sounds, tmp_path, monkeypatch
) -> None:
    from rvc.cli import inputs

    monkeypatch.setattr(Path, "touch", refuse(READ_ONLY))
    monkeypatch.setattr(inputs, "load_audio", None)  # any call would raise
    line = {
        "clean": ["clean", sounds / "b.wav", tmp_path / "out.wav"],
        "report": ["report", sounds / "b.wav", "--json", tmp_path / "out.json"],
        "convert": ["convert", sounds, tmp_path / "new", "--voice", "tiny", "--weights", weights],
    }[command]
    for language, words in (("en", "cannot be written to"), ("ko", "쓰거나 읽을 수 없습니다")):
        sentence = refused(run(*line, "--lang", language))
        assert words in sentence and str(tmp_path) not in sentence


def test_train_with_a_read_only_weights_folder_refuses_before_it_cleans(
    run, weights, sounds, monkeypatch
) -> None:
    from rvc.engine import Engine

    monkeypatch.setattr(Engine, "clean", None)  # any call would raise
    monkeypatch.setattr(Path, "touch", refuse(READ_ONLY))
    before = sorted(weights.rglob("*"))
    line = ["train", sounds, "--name", "anna", "--weights", weights]
    sentence = refused(run(*line))
    assert "cannot be written to" in sentence and str(weights) not in sentence
    assert sorted(weights.rglob("*")) == before


@pytest.mark.parametrize(
    "line",
    [
        ["voices", "list"],
        ["voices", "show", "x"],
        ["voices", "delete", "x"],
        ["convert", "SOUND", "OUT", "--voice", "x"],
    ],
)
def test_a_missing_weights_folder_is_a_sentence(line, run, sounds, tmp_path) -> None:
    places = {"SOUND": sounds / "b.wav", "OUT": tmp_path / "out.wav"}
    line = [places.get(part, part) for part in line]
    for language, words in (("en", "no weights folder 'nowhere'"), ("ko", "가중치 폴더 'nowhere'")):
        error = refused(run(*line, "--weights", tmp_path / "nowhere", "--lang", language))
        assert words in error and str(tmp_path) not in error
    assert not (tmp_path / "nowhere").exists()


def test_any_other_refusal_of_the_system_is_a_sentence_too(run, weights, monkeypatch) -> None:
    def broken(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error", "/srv/secret/voices")

    monkeypatch.setattr("rvc.voice.library.VoiceLibrary.names", broken)
    sentence = refused(run("voices", "list", "--weights", weights))
    assert "secret" not in sentence and "disk is connected" in sentence


# -- a training that has begun


@pytest.fixture
def begun(weights: Path) -> Path:
    """Return the folder of a training "anna" that has begun."""
    folder = weights / "training" / "anna"
    folder.mkdir(parents=True)
    options = TrainingOptions("anna", steps=400, seed=3)
    save_job(folder, options, {})
    save_checkpoint(folder, {"step": 120})
    return folder


@pytest.mark.parametrize(
    ("flags", "named"),
    [(["--preset", "40k"], "--preset"), (["--seed", 7], "--seed"), (["--base", "x"], "--base")],
)
def test_what_cannot_be_changed_when_resuming_is_named(flags, named, run, weights, begun) -> None:
    line = ["train", "--name", "anna", "--resume", *flags, "--weights", weights]
    assert f"another {named}" in refused(run(*line))
    assert f"다른 {named}" in refused(run(*line, "--lang", "ko"))
    assert (begun / LATEST).exists()


def test_a_name_that_is_trained_elsewhere_is_refused_before_cleaning(
    run, weights, sounds, begun, monkeypatch
) -> None:
    from rvc.engine import Engine

    monkeypatch.setattr(Engine, "clean", None)  # any call would raise
    with only_training(weights, "anna"):
        for line in (["train", sounds, "--name", "anna"], ["train", "--name", "Anna", "--resume"]):
            assert "another window or program" in refused(run(*line, "--weights", weights))


def test_both_forms_of_a_name_are_one_on_the_command_line(
    run, weights, sounds, tmp_path, quick_convert
) -> None:
    composed, apart = (unicodedata.normalize(form, "é 한") for form in ("NFC", "NFD"))
    tiny = weights / "voices" / "tiny"
    shutil.copytree(tiny, weights / "voices" / apart)
    listed = json.loads(run("voices", "list", "--json", "--weights", weights)[1])["voices"]
    assert {each["name"] for each in listed} == {"tiny", composed}
    for name in (composed, apart):
        assert run("voices", "show", name, "--weights", weights)[0] == 0
        line = ["convert", sounds / "b.wav", tmp_path / "out.wav", "--voice", name]
        assert run(*line, "--weights", weights)[0] == 0
    assert "already" in refused(run("train", sounds, "--name", apart, "--weights", weights))
    assert run("voices", "delete", composed, "--weights", weights)[0] == 0
    assert run("voices", "list", "--weights", weights)[1] == "tiny\n"
