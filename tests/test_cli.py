"""The command line: results, exit codes, one-sentence errors, and no left-over files."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from cli_line import ROOT, refused

from rvc.audio import Recording, load_audio, save_audio
from rvc.cli import COMMANDS, main

DESIGN_MEASURES = {
    *("snr_db", "srmr", "bandwidth_hz", "clipping_percent", "clicks_per_minute", "hum_db"),
    *("f0_jumps_per_minute", "f0_dropouts_per_minute", "pauses_percent", "lufs", "dnsmos_ovrl"),
}


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
    english = refused(run(*arguments))
    korean = refused(run(*arguments, "--lang", "ko"))
    if arguments != ["--weights"]:
        assert english != korean and any("가" <= letter <= "힣" for letter in korean)


def test_the_systems_language_is_used(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "ko_KR.UTF-8")
    assert "없습니다" in refused(run("clean", "nowhere.wav", "out.wav"))
    assert "There is no file" in refused(run("--lang", "en", "clean", "nowhere.wav", "out.wav"))


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
    result = json.loads(out)["files"][0]
    original = load_audio(speech_file)
    cleaned = load_audio(output)
    assert len(cleaned.samples) == len(original.samples)
    assert cleaned.sample_rate == original.sample_rate == result["sample_rate"]
    assert result["seconds"] == result["original_seconds"] == pytest.approx(12.0)
    assert {repair["name"] for repair in result["repairs"]} >= {"level"}
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


def test_a_bad_file_does_not_stop_the_cleaning_of_the_others(run, speech_like, tmp_path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    (source / "a.wav").write_text("no sound")
    flags = ("--strength", "off", "--json")
    assert "a.wav" in refused(run("clean", source, tmp_path / "none", *flags))
    save_audio(source / "b.wav", Recording(speech_like(3.0), 24_000))
    code, out, _ = run("clean", source, tmp_path / "out", *flags)
    result = json.loads(out)
    assert code == 1 and [Path(each["output"]).name for each in result["files"]] == ["b.wav"]
    assert len(result["left_out"]) == 1 and "a.wav" in result["left_out"][0]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["b.wav"]


def test_clean_never_writes_over_the_recording(run, speech_file, tmp_path) -> None:
    original = speech_file.read_bytes()
    assert "never changed" in refused(run("clean", speech_file, speech_file))
    copy = tmp_path / "copy.wav"
    copy.write_bytes(original)
    assert "never changed" in refused(run("clean", copy, tmp_path / "." / "copy.wav"))
    assert "folder" in refused(run("clean", speech_file, tmp_path / "nowhere" / "out.wav"))
    assert "endings" in refused(run("clean", speech_file, tmp_path / "out.doc"))
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
        ["train", bad_file, "--name", "missing", "--weights", weights],
        ["convert", bad_file, folder / "out.wav", "--voice", "tiny", "--weights", weights],
    ):
        sentences = [refused(run(*line, "--lang", language)) for language in ("en", "ko")]
        assert all("bad.wav" in sentence for sentence in sentences)
        assert sentences[0] != sentences[1]
    after = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert after == before


# -- report


def test_report_contains_all_promised_values(run, speech_file, tmp_path) -> None:
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
    assert "no folder" in refused(run("report", speech_file, "--html", tmp_path / "no" / "r.html"))
    assert "<html" in paths[1].read_text(encoding="utf-8").lower()


# -- doctor and fetch


def test_doctor_prints_everything_as_json(run, weights, monkeypatch) -> None:
    from rvc.doctor import packages
    from rvc.doctor.packages import Device, PackageState

    states = [PackageState(package, "ok", "1") for package in packages.PACKAGES]
    monkeypatch.setattr("rvc.doctor.diagnosis.probe", lambda: (states, Device()))
    code, out, _ = run("doctor", "--json", "--weights", weights)
    result = json.loads(out)
    assert code == 0 and result["ok"] and result["preset"] == "lite"
    assert result["weights_folder"] == str(weights)
    monkeypatch.setattr("rvc.assets.SHIPPED_FOLDER", weights / "nothing")
    monkeypatch.setattr("rvc.assets.SHIPPED_FOLDER", weights / "nothing")
    code, out, error = run("doctor", "--weights", weights / "nothing", "--lang", "ko")
    assert code == 2 and "컴퓨터" in out and len(error.splitlines()) == 1


def test_fetch_explains_a_failed_download(run, weights, monkeypatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    sentence = refused(run("fetch", "--weights", weights))
    assert "HF_HUB_OFFLINE" in sentence and "weights/pretrained/hubert_base" in sentence


def test_the_content_encoder_alone_can_be_fetched(run, weights, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("MOKSORI_HUB", str(tmp_path))  # an empty folder
    sentence = refused(run("fetch", "contentvec", "--weights", weights))
    assert "hubert_base/config.json" in sentence and "rvc fetch contentvec" in sentence


def test_the_flags_offer_what_the_verbs_know() -> None:
    from rvc.cleaning import STRENGTHS
    from rvc.cli import flags
    from rvc.f0 import METHODS
    from rvc.presets import PRESETS
    from rvc.unvoiced import MODES

    assert set(flags.STRENGTHS) == set(STRENGTHS)
    assert flags.F0_METHODS == METHODS
    assert flags.UNVOICED == MODES
    offered = list(flags.PRESETS)
    assert offered == ["auto", *PRESETS]
