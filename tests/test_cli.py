"""The command line: the contract of DESIGN.md, plain sentences, and nothing left behind."""

import json
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from rvc.audio import Recording, load_audio, save_audio
from rvc.cli import COMMANDS, main

ROOT = Path(__file__).parents[1]
DESIGN_MEASURES = {
    *("snr_db", "srmr", "bandwidth_hz", "clipping_percent", "clicks_per_minute", "hum_db"),
    *("f0_jumps_per_minute", "f0_dropouts_per_minute", "pauses_percent", "lufs", "dnsmos_ovrl"),
}


@pytest.fixture
def run(capsys: pytest.CaptureFixture):
    """run(*arguments) -> (exit code, standard output, standard error)."""

    def call(*arguments: object) -> tuple[int, str, str]:
        code = main([str(argument) for argument in arguments])
        told = capsys.readouterr()
        return code, told.out, told.err

    return call


@pytest.fixture
def weights(tiny_weights: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_weights, tmp_path / "weights"))


def _refused(told: tuple[int, str, str]) -> str:
    """The one plain sentence of a refusal; only progress may stand before it."""
    code, out, error = told
    assert code == 2 and out == "", told
    *before, sentence = error.splitlines()
    assert all(re.match(r" *\d+ %  ", line) for line in before), error
    return sentence


# -- the line itself


def test_help_names_every_command_in_both_languages(run) -> None:
    for arguments in ((), ("--help",)):
        code, out, _ = run(*arguments)
        assert code == 0 and all(f"  {name}" in out for name in COMMANDS)
    assert "목소리 만들기" in run("--lang", "ko", "--help")[1]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(run, capsys, name: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    assert f"python -m rvc {name}" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["sing"],
        ["--weights"],
        ["clean"],
        ["clean", "only_one.wav"],
        ["clean", "a.wav", "b.wav", "--strength", "brutal"],
        ["train", "a.wav"],
        ["train", "--name", "x"],
        ["train", "a.wav", "--name", "x", "--steps", "0"],
        ["train", "a.wav", "--name", "x", "--steps", "5", "--minutes", "1"],
        ["convert", "only_one.wav"],
        ["convert", "a.wav", "b.wav", "--semitones", "high"],
        ["convert", "a.wav", "b.wav", "--protect", "3"],
        ["voices", "sing"],
        ["voices", "show"],
        ["fetch", "sweets"],
        ["clean", "a.wav", "b.wav", "--unknown-flag"],
    ],
)
def test_a_line_that_makes_no_sense_gets_one_sentence(run, arguments: list[str]) -> None:
    english = _refused(run(*arguments))
    korean = _refused(run(*arguments, "--lang", "ko"))
    if arguments != ["--weights"]:
        assert english != korean and any("가" <= letter <= "힣" for letter in korean)


def test_the_systems_language_is_used(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "ko_KR.UTF-8")
    assert "없습니다" in _refused(run("clean", "nowhere.wav", "out.wav"))
    assert "There is no file" in _refused(run("--lang", "en", "clean", "nowhere.wav", "out.wav"))


def test_as_a_program(tmp_path: Path) -> None:
    line = [sys.executable, "-m", "rvc", "clean", tmp_path / "no.wav", tmp_path / "out.wav"]
    ended = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 2 and ended.stdout == ""
    assert ended.stderr.strip() == f"There is no file or folder {tmp_path / 'no.wav'}."


# -- clean


def test_clean_without_trimming_is_as_long_as_the_input(run, speech_file, tmp_path) -> None:
    output = tmp_path / "out.wav"
    code, out, _ = run("clean", speech_file, output, "--no-trim", "--json", "--strength", "light")
    assert code == 0
    told = json.loads(out)["files"][0]
    original = load_audio(speech_file)
    cleaned = load_audio(output)
    assert len(cleaned.samples) == len(original.samples)
    assert cleaned.sample_rate == original.sample_rate == told["sample_rate"]
    assert told["seconds"] == told["original_seconds"] == pytest.approx(12.0)
    assert {repair["name"] for repair in told["repairs"]} >= {"level"}
    lag = np.argmax(np.correlate(cleaned.samples[:48_000], original.samples[:24_000]))
    assert lag == 0, "aligned to the sample"


def test_clean_a_folder_into_a_folder(run, speech_like, tmp_path) -> None:
    source = tmp_path / "녹음 파일"
    (source / "sub").mkdir(parents=True)
    for name in ("a.wav", "sub/a.flac"):
        save_audio(source / name, Recording(speech_like(3.0), 24_000))
    (source / "notes.txt").write_text("no sound")
    code, out, _ = run("clean", source, tmp_path / "out", "--strength", "off", "--no-trim")
    assert code == 0 and "3.0 s" in out
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.wav", "a_2.wav"]


def test_clean_never_writes_over_the_recording(run, speech_file, tmp_path) -> None:
    original = speech_file.read_bytes()
    assert "never changed" in _refused(run("clean", speech_file, speech_file))
    copy = tmp_path / "copy.wav"
    copy.write_bytes(original)
    assert "never changed" in _refused(run("clean", copy, tmp_path / "." / "copy.wav"))
    assert "folder" in _refused(run("clean", speech_file, tmp_path / "nowhere" / "out.wav"))
    assert "endings" in _refused(run("clean", speech_file, tmp_path / "out.doc"))
    assert speech_file.read_bytes() == original


@pytest.fixture
def bad_file(request: pytest.FixtureRequest, tmp_path: Path, speech_like) -> Path:
    path = tmp_path / "bad.wav"
    kind = request.param
    if kind == "empty":
        path.write_bytes(b"")
    elif kind == "text":
        path.write_text("this is not sound\n" * 100)
    elif kind == "short":
        soundfile.write(path, speech_like(0.3), 24_000)
    else:
        samples = np.zeros(48_000, np.float32)
        if kind == "nan":
            samples[:] = np.nan
        soundfile.write(path, samples, 24_000, subtype="FLOAT")
    return path


BAD_FILES = ["empty", "text", "silent", "short", "nan"]


@pytest.mark.parametrize("bad_file", BAD_FILES, indirect=True)
def test_bad_input_gets_one_sentence_and_leaves_nothing(run, bad_file, weights) -> None:
    folder = bad_file.parent
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    for line in (
        ["clean", bad_file, folder / "out.wav"],
        ["report", bad_file, "--json", folder / "out.json", "--html", folder / "out.html"],
        ["train", bad_file, "--name", "nobody", "--weights", weights],
        ["convert", bad_file, folder / "out.wav", "--voice", "tiny", "--weights", weights],
    ):
        sentences = [_refused(run(*line, "--lang", language)) for language in ("en", "ko")]
        assert all("bad.wav" in sentence for sentence in sentences)
        assert sentences[0] != sentences[1]
    after = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert after == before


# -- report


def test_report_holds_what_the_contract_says(run, speech_file, tmp_path) -> None:
    paths = tmp_path / "report.json", tmp_path / "report.html"
    code, out, _ = run("report", speech_file, "--json", paths[0], "--html", paths[1])
    assert code == 0 and "of 100" in out
    report = json.loads(paths[0].read_text(encoding="utf-8"))
    assert report["verdict"] in ("ready", "usable", "again")
    assert 0 <= report["score"] <= 100
    assert report["total_seconds"] == pytest.approx(12.0, abs=0.1)
    assert {"usable_seconds", "main_fault", "faults"} <= set(report)
    for when in ("before", "after"):
        assert set(report["measures"][when]) >= DESIGN_MEASURES
    wanted = {"file", "start_seconds", "end_seconds", "score_before", "score", "decision"}
    for segment in report["segments"]:
        assert set(segment) >= {*wanted, "reasons"}
        assert segment["decision"] in ("keep", "review", "drop")
    assert "no folder" in _refused(run("report", speech_file, "--html", tmp_path / "no" / "r.html"))
    assert "<html" in paths[1].read_text(encoding="utf-8").lower()


# -- voices


def test_voices_go_in_and_out_and_away(run, weights, tmp_path) -> None:
    def voices(*arguments: object) -> tuple[int, str, str]:
        return run("voices", *arguments, "--weights", weights)

    assert voices("list")[1] == "tiny\n"
    source = ROOT / "tests" / "golden" / "v2_40k_f0.pth"
    code, out, _ = voices("import", source, "--name", "새 목소리", "--json")
    assert code == 0 and json.loads(out)["version"] == "v2"
    code, out, _ = voices("show", "새 목소리", "--json")
    shown = json.loads(out)
    assert (shown["sample_rate"], shown["uses_f0"]) == (40_000, True)
    code, _, _ = voices("export", "새 목소리", tmp_path / "new.zip")
    assert code == 0 and (tmp_path / "new.zip").stat().st_size > 1000
    assert voices("delete", "새 목소리")[0] == 0
    assert json.loads(voices("list", "--json")[1])["voices"][0]["name"] == "tiny"
    assert "There is no voice" in _refused(voices("show", "새 목소리"))
    assert _refused(voices("delete", "../weights"))
    assert (weights / "voices" / "tiny").is_dir()


def test_a_file_that_is_no_voice_is_refused(run, weights, tmp_path, speech_file) -> None:
    fake = tmp_path / "fake.pth"
    fake.write_bytes(b"PK\x03\x04 not a voice at all" * 50)
    before = sorted((weights / "voices").rglob("*"))
    for line in (
        ["voices", "import", fake],
        ["convert", speech_file, tmp_path / "out.wav", "--voice", fake],
        ["convert", speech_file, tmp_path / "out.wav", "--voice", "nobody"],
        ["convert", speech_file, tmp_path / "out.wav", "--voice", tmp_path / "none.pth"],
    ):
        _refused(run(*line, "--weights", weights))
    assert sorted((weights / "voices").rglob("*")) == before
    assert not (tmp_path / "out.wav").exists()


# -- convert


def test_convert_is_as_long_as_its_input_and_repeatable(run, weights, tmp_path, speech_like):
    source = tmp_path / "source.wav"
    save_audio(source, Recording(speech_like(2.345, 16_000), 16_000))
    told = []
    for name in ("one.wav", "two.wav"):
        line = ["convert", source, tmp_path / name, "--voice", "tiny", "--weights", weights]
        code, out, _ = run(*line, "--json", "--seed", 3, "--f0-method", "swift")
        assert code == 0
        told.append(json.loads(out))
    one, two = (
        load_audio(tmp_path / name, refuse_silence=False) for name in ("one.wav", "two.wav")
    )
    assert len(one.samples) == round(2.345 * 24_000) and one.sample_rate == 24_000
    assert np.array_equal(one.samples, two.samples), "the same seed gives the same sound"
    assert told[0]["voice"] == "tiny" and told[0]["files"][0]["semitones"] != 0
    import av

    with av.open(tmp_path / "one.wav") as file:
        assert "AI" in " ".join(file.metadata.values()), "the file says what made it"


def test_convert_takes_the_only_voice(run, weights, tmp_path, speech_like) -> None:
    source = tmp_path / "source.wav"
    save_audio(source, Recording(speech_like(1.0), 24_000))
    line = ["convert", source, tmp_path / "out.wav", "--weights", weights, "--semitones", "-12"]
    assert run(*line)[0] == 0
    shutil.rmtree(weights / "voices")
    assert "There is no voice yet" in _refused(run(*line))


# -- train


def test_train_makes_a_voice_that_converts(run, weights, tmp_path, speech_like) -> None:
    source = tmp_path / "recordings"
    source.mkdir()
    save_audio(source / "0.wav", Recording(speech_like(16.0), 24_000))
    line = ["train", source, "--name", "새 목소리", "--steps", 2, "--json", "--weights", weights]
    code, out, error = run(*line)
    assert code == 0, error
    told = json.loads(out)
    assert told["stage"] == "done" and told["steps"] == 2 and told["preset"] == "lite"
    assert all(np.isfinite(value) for value in told["losses"].values())
    output = tmp_path / "out.wav"
    line = ["convert", source / "0.wav", output, "--voice", "새 목소리", "--weights", weights]
    assert run(*line)[0] == 0
    assert len(load_audio(output, refuse_silence=False).samples) == 16 * 24_000


def test_an_interrupted_training_is_saved_and_goes_on(
    run, weights, tmp_path, speech_like, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = signal.getsignal(signal.SIGINT)  # a shell's background jobs have it ignored
    from rvc.engine import Engine

    source = tmp_path / "source.wav"
    save_audio(source, Recording(speech_like(16.0), 24_000))
    train, pressed = Engine.train, []

    def press_early(self, report, options, **keywords):
        for progress in train(self, report, options, **keywords):
            yield progress
            if not pressed:  # once: a second press ends the program at once
                pressed.append(progress)
                signal.raise_signal(signal.SIGINT)

    line = ["train", source, "--name", "x", "--steps", 2, "--weights", weights]
    with monkeypatch.context() as patch:
        patch.setattr(Engine, "train", press_early)
        _refused(run(*line))
    assert not (weights / "voices" / "x").exists()
    assert signal.getsignal(signal.SIGINT) is before
    resumed = ["train", "--name", "x", "--steps", 2, "--weights", weights, "--resume", "--json"]
    code, out, _ = run(*resumed)
    assert code == 0 and json.loads(out)["steps"] == 2


def test_train_refuses_too_little_speech(run, weights, tmp_path, speech_like) -> None:
    source = tmp_path / "source.wav"
    save_audio(source, Recording(speech_like(3.0), 24_000))
    line = ["train", source, "--name", "x", "--steps", 1, "--weights", weights]
    sentence = _refused(run(*line))
    assert "speech" in sentence
    assert not (weights / "voices" / "x").exists()


# -- doctor and fetch


def test_doctor_tells_a_program_everything(run, weights, monkeypatch) -> None:
    from rvc.doctor import packages
    from rvc.doctor.packages import Device, PackageState

    states = [PackageState(package, "ok", "1") for package in packages.PACKAGES]
    monkeypatch.setattr("rvc.doctor.diagnosis.probe", lambda: (states, Device()))
    code, out, _ = run("doctor", "--json", "--weights", weights)
    told = json.loads(out)
    assert code == 0 and told["ok"] and told["preset"] == "lite"
    assert told["weights_folder"] == str(weights)
    monkeypatch.setattr("rvc.assets.SHIPPED_FOLDER", weights / "nothing")
    monkeypatch.setattr("rvc.assets.SHIPPED_FOLDER", weights / "nothing")
    code, out, error = run("doctor", "--weights", weights / "nothing", "--lang", "ko")
    assert code == 2 and "컴퓨터" in out and len(error.splitlines()) == 1


def test_fetch_says_how_when_it_cannot(run, weights, monkeypatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    sentence = _refused(run("fetch", "--weights", weights))
    assert "HF_HUB_OFFLINE" in sentence and "weights/pretrained/hubert_base" in sentence


def test_the_flags_offer_what_the_verbs_know() -> None:
    from rvc.cleaning import STRENGTHS
    from rvc.cli import flags
    from rvc.f0 import METHODS
    from rvc.presets import PRESETS

    assert set(flags.STRENGTHS) == set(STRENGTHS)
    assert flags.F0_METHODS == METHODS
    offered = list(flags.PRESETS)
    assert offered == ["auto", *PRESETS]
