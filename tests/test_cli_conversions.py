"""The command line's flags of conversions reach the options, and every format is written."""

from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from cli_line import refused

from rvc.audio import Recording, load_audio, save_audio
from rvc.cli.flags import FORMATS
from rvc.convert import ConversionOptions, Converted
from rvc.engine import Engine
from rvc.f0 import F0
from rvc.messages import Message


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[ConversionOptions]:
    """Return the options of every conversion; each returns its input."""
    options: list[ConversionOptions] = []
    silent = F0(np.zeros(0, np.float32), np.zeros(0, np.float32))

    def convert(self, recording, voice, wanted, progress) -> Converted:
        options.append(wanted)
        return Converted(recording, 0.0, Message("Done"), silent, silent)

    monkeypatch.setattr(Engine, "convert", convert)
    return options


@pytest.fixture
def folder(tmp_path: Path, speech_like) -> Path:
    """Return a folder of one recording."""
    (tmp_path / "in").mkdir()
    save_audio(tmp_path / "in" / "a.wav", Recording(speech_like(1.0), 24_000))
    return tmp_path / "in"


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_is_written_and_says_that_it_is_ai(
    run, weights, folder, tmp_path, asked, format
) -> None:
    line = ["convert", folder, tmp_path / "out", "--format", format, "--weights", weights]
    code, _, error = run(*line)
    assert code == 0, error
    (made,) = (tmp_path / "out").iterdir()
    assert made.name == f"a.{format}"
    back, source = load_audio(made), load_audio(folder / "a.wav")
    assert back.duration_seconds == pytest.approx(1.0, abs=0.06)
    assert back.samples.std() == pytest.approx(source.samples.std(), rel=0.1)
    with av.open(made) as file:
        tags = {**file.metadata, **file.streams.audio[0].metadata}
        assert "AI" in " ".join(tags.values())


def test_flags_reach_the_options(run, weights, folder, tmp_path, asked) -> None:
    flags = {
        "--unvoiced": ("fill", "unvoiced", "fill"),
        "--formant": ("-1.5", "formant_semitones", -1.5),
        "--autotune": ("0.4", "autotune", 0.4),
        "--speaker": ("3", "speaker", 3),
        "--semitones": ("-12", "semitones", -12.0),
        "--index-rate": ("0.25", "index_rate", 0.25),
        "--protect": ("0.1", "protect", 0.1),
        "--loudness-mix": ("0.5", "loudness_mix", 0.5),
        "--f0-method": ("rmvpe", "f0_method", "rmvpe"),
        "--seed": ("7", "seed", 7),
    }
    line = ["convert", folder / "a.wav", tmp_path / "out.wav", "--weights", weights]
    assert run(*line)[0] == 0
    assert asked.pop() == ConversionOptions()
    given = [text for flag, (value, _, _) in flags.items() for text in (flag, value)]
    assert run(*line, *given)[0] == 0
    wanted = {field: value for _, field, value in flags.values()}
    assert asked.pop() == replace(ConversionOptions(), **wanted)
    song = {**vars(ConversionOptions()), "semitones": 0.0}  # the key of the accompaniment
    from rvc.cli.conversions import conversion_options
    from rvc.cli.flags import build_parser

    parsed = build_parser("song", Message("x"), "en").parse_args(["a.wav", "b.wav"])
    assert vars(conversion_options(parsed)) == song


@pytest.mark.parametrize(
    ("flag", "value", "reason"),
    [
        ("--unvoiced", "sometimes", "sometimes"),
        ("--formant", "7", "outside its range"),
        ("--formant", "nan", "outside its range"),
        ("--autotune", "1.5", "outside its range"),
        ("--speaker", "-1", "number of a speaker"),
        ("--speaker", "x", "--speaker"),
        ("--format", "mp2", "mp2"),
        ("--seed", "x", "--seed"),
        ("--seed", "9" * 19, "outside its range"),
    ],
)
def test_values_that_make_no_sense_are_refused(run, tmp_path, flag, value, reason) -> None:
    assert reason in refused(run("convert", "a.wav", tmp_path / "out.wav", f"{flag}={value}"))


def test_a_speaker_that_a_voice_does_not_have_is_refused(run, weights, folder, tmp_path) -> None:
    line = ["convert", folder / "a.wav", tmp_path / "out.wav", "--weights", weights]
    assert "speaker" in refused(run(*line, "--speaker", 999))
    assert not (tmp_path / "out.wav").exists()
