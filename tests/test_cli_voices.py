"""The command line's voices: imported, trained, used for conversion."""

import json
import shutil
import signal
import threading
from dataclasses import replace

import numpy as np
import pytest
from cli_line import ROOT, refused
from hub import Hub
from lite_voice import lite_voice

from rvc.audio import Recording, load_audio, save_audio
from rvc.voice import VoiceLibrary, import_voice

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
    assert voices("export", "새 목소리", tmp_path)[1] == f"{tmp_path / '새 목소리.zip'}\n"
    assert voices("delete", "새 목소리")[0] == 0
    assert json.loads(voices("list", "--json")[1])["voices"][0]["name"] == "tiny"
    assert "There is no voice" in refused(voices("show", "새 목소리"))
    assert refused(voices("delete", "../weights"))
    assert (weights / "voices" / "tiny").is_dir()


def test_a_file_that_is_no_voice_isrefused(run, weights, tmp_path, speech_file) -> None:
    fake = tmp_path / "fake.pth"
    fake.write_bytes(b"PK\x03\x04 not a voice at all" * 50)
    before = sorted((weights / "voices").rglob("*"))
    for line in (
        ["voices", "import", fake],
        ["convert", speech_file, tmp_path / "out.wav", "--voice", fake],
        ["convert", speech_file, tmp_path / "out.wav", "--voice", "missing"],
        ["convert", speech_file, tmp_path / "out.wav", "--voice", tmp_path / "none.pth"],
    ):
        refused(run(*line, "--weights", weights))
    assert sorted((weights / "voices").rglob("*")) == before
    assert not (tmp_path / "out.wav").exists()


def test_two_voices_are_blended(run, weights) -> None:
    library = VoiceLibrary(weights)
    library.save(lite_voice("anna"))
    library.save(replace(lite_voice("ben"), card={"f0_median_hz": 90.0}))
    line = ["voices", "blend", "anna", "ben", "--weights", weights]
    code, out, error = run(*line, "--share", 0.25, "--name", "사이", "--json")
    assert code == 0, error
    blended = json.loads(out)
    assert blended["name"] == "사이" and blended["card"]["blended_from"] == "anna 75 % + ben 25 %"
    assert "사이" in library.names() and blended["index_rows"] == 120
    assert "anna + ben" in run(*line)[1]
    before = library.names()
    assert "between 0 and 1" in refused(run(*line, "--share", 1.5))
    assert "between 0 and 1" in refused(run(*line, "--share", "nan"))
    assert "cannot be blended" in refused(run("voices", "blend", "anna", "tiny", *line[-2:]))
    assert "There is no voice" in refused(run("voices", "blend", "anna", "nobody", *line[-2:]))
    assert "two different voices" in refused(run("voices", "blend", "anna", "anna", *line[-2:]))
    assert "takes 2" in refused(run("voices", "blend", "anna", *line[-2:]))
    assert library.names() == before


def test_an_onnx_file_runs_without_torch(run, weights, tmp_path) -> None:
    pytest.importorskip("onnx", reason="the extra for ONNX is not installed")
    import onnxruntime

    import_voice(ROOT / "tests" / "golden" / "v2_40k_f0.pth", VoiceLibrary(weights), name="big")
    target = tmp_path / "big.onnx"
    code, out, error = run("voices", "onnx", "big", target, "--weights", weights, "--json")
    assert code == 0 and json.loads(out) == {"name": "big", "output": str(target)}, error
    session = onnxruntime.InferenceSession(target, providers=["CPUExecutionProvider"])
    inputs = {
        "content": np.zeros((1, 20, 768), np.float32),
        "f0_hz": np.full((1, 20), 150, np.float32),
        "speaker": np.zeros(1, np.int64),
    }
    (sound,) = session.run(["sound"], inputs)
    assert sound.shape == (1, 20 * 400) and np.isfinite(sound).all() and sound.any()
    assert "no folder" in refused(
        run("voices", "onnx", "big", tmp_path / "nowhere" / "big.onnx", "--weights", weights)
    )
    small = tmp_path / "small.onnx"
    assert "lite voice" in refused(run("voices", "onnx", "tiny", small, "--weights", weights))
    assert not small.exists()


def test_voices_are_imported_from_links_of_the_hub_only(run, weights, monkeypatch) -> None:
    with Hub() as hub:
        threading.Thread(target=hub.serve_forever, daemon=True).start()
        monkeypatch.setenv("MOKSORI_HUB", hub.url)
        monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
        voice = (ROOT / "tests" / "golden" / "v2_40k_f0.pth").read_bytes()
        hub.files["/anna/voices/resolve/main/singer.pth"] = voice
        for other in ("https://example.com/a/b/resolve/main/v.pth", "http://127.0.0.1:1/v.pth"):
            for flags in ([other], [f"{hub.url}/a/b/resolve/main/v.pth", "--index", other]):
                line = ["voices", "import", *flags, "--weights", weights]
                assert "Only links to" in refused(run(*line))
        assert hub.requests == [], "the links are checked before any is opened"
        link = f"{hub.url}/anna/voices/blob/main/singer.pth"
        code, out, error = run("voices", "import", link, "--weights", weights, "--json")
        hub.shutdown()
    assert code == 0, error
    imported = json.loads(out)
    assert imported["name"] == "singer" and imported["version"] == "v2"
    assert imported["card"]["source_link"] == link.replace("/blob/", "/resolve/")


# -- convert


def test_convert_is_as_long_as_its_input_and_repeatable(run, weights, tmp_path, speech_like):
    source = tmp_path / "source.wav"
    save_audio(source, Recording(speech_like(2.345, 16_000), 16_000))
    results = []
    for name in ("one.wav", "two.wav"):
        line = ["convert", source, tmp_path / name, "--voice", "tiny", "--weights", weights]
        code, out, _ = run(*line, "--json", "--seed", 3, "--f0-method", "swift")
        assert code == 0
        results.append(json.loads(out))
    one, two = (
        load_audio(tmp_path / name, refuse_silence=False) for name in ("one.wav", "two.wav")
    )
    assert len(one.samples) == round(2.345 * 24_000) and one.sample_rate == 24_000
    assert np.array_equal(one.samples, two.samples), "the same seed gives the same sound"
    assert results[0]["voice"] == "tiny" and results[0]["files"][0]["semitones"] != 0
    import av

    with av.open(tmp_path / "one.wav") as file:
        assert "AI" in " ".join(file.metadata.values()), "the file is labelled"


def test_convert_takes_the_only_voice(run, weights, tmp_path, speech_like) -> None:
    source = tmp_path / "source.wav"
    save_audio(source, Recording(speech_like(1.0), 24_000))
    line = ["convert", source, tmp_path / "out.wav", "--weights", weights, "--semitones", "-12"]
    assert run(*line)[0] == 0
    shutil.rmtree(weights / "voices")
    assert "There is no voice yet" in refused(run(*line))


# -- train


def test_train_makes_a_voice_that_converts(run, weights, tmp_path, speech_like) -> None:
    source = tmp_path / "recordings"
    source.mkdir()
    save_audio(source / "0.wav", Recording(speech_like(16.0), 24_000))
    line = ["train", source, "--name", "새 목소리", "--steps", 2, "--json", "--weights", weights]
    code, out, error = run(*line)
    assert code == 0, error
    result = json.loads(out)
    assert result["stage"] == "done" and result["steps"] == 2 and result["preset"] == "lite"
    assert all(np.isfinite(value) for value in result["losses"].values())
    output = tmp_path / "out.wav"
    line = ["convert", source / "0.wav", output, "--voice", "새 목소리", "--weights", weights]
    assert run(*line)[0] == 0
    assert len(load_audio(output, refuse_silence=False).samples) == 16 * 24_000


def test_an_interrupted_training_is_saved_and_goes_on(
    run, weights, tmp_path, speech_like, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = signal.getsignal(signal.SIGINT)  # shells let background jobs ignore it
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
        refused(run(*line))
    assert not (weights / "voices" / "x").exists()
    assert signal.getsignal(signal.SIGINT) is before
    resumed = ["train", "--name", "x", "--steps", 2, "--weights", weights, "--resume", "--json"]
    code, out, _ = run(*resumed)
    assert code == 0 and json.loads(out)["steps"] == 2


def test_train_refuses_too_little_speech(run, weights, tmp_path, speech_like) -> None:
    source = tmp_path / "source.wav"
    save_audio(source, Recording(speech_like(3.0), 24_000))
    line = ["train", source, "--name", "x", "--steps", 1, "--weights", weights]
    sentence = refused(run(*line))
    assert "speech" in sentence
    assert not (weights / "voices" / "x").exists()


def test_a_broken_file_in_a_folder_is_named_and_left_out(
    run, weights, tmp_path, speech_like
) -> None:
    """Also check the estimate, the summary, and the card's thirty seconds."""
    source = tmp_path / "recordings"
    source.mkdir()
    save_audio(source / "good.wav", Recording(speech_like(30.0), 24_000))
    (source / "bad.wav").write_bytes(b"RIFF of nothing")
    line = ["train", source, "--name", "short", "--steps", 2, "--weights", weights]
    code, out, error = run(*line)
    assert code == 0, error
    assert "bad.wav" in error and "left out" in error
    assert "Expected: about" in error and "GB of memory" in error
    assert "0:30 recorded" in out and "slices" in out
    card = json.loads((weights / "voices" / "short" / "card.json").read_text())
    assert "s of speech" in card["warning"] and card["report"]["segments"]
    assert len(json.dumps(card)) < 20_000
    again = refused(run(*line))
    assert "already" in again and "short" in again


@pytest.mark.parametrize("name", ["a/b", "../x", "smile 😀", "x" * 300, "", "con"])
def test_a_name_that_cannot_be_is_refused_before_any_work(
    run, weights, tmp_path, speech_like, name
) -> None:
    source = tmp_path / "source.wav"
    save_audio(source, Recording(speech_like(12.0), 24_000))
    code, out, error = run("train", source, "--name", name, "--weights", weights)
    assert code == 2 and out == "" and len(error.splitlines()) == 1
    assert not (weights / "training").exists()


def test_a_base_that_does_not_fit_is_named(run, weights, tmp_path, speech_like) -> None:
    source, base = tmp_path / "source.wav", tmp_path / "G.pth"
    save_audio(source, Recording(speech_like(16.0), 24_000))
    base.write_bytes(b"no weights")
    line = ["train", source, "--name", "x", "--steps", 2, "--weights", weights, "--base"]
    assert "G.pth does not fit" in refused(run(*line, base))
    assert "nowhere.pth" in refused(run(*line, tmp_path / "nowhere.pth"))
    assert "is 1 file(s), not 2" in refused(run(*line, base, "--base", base))
    own = shutil.copy(
        weights / "pretrained" / "lite_base.safetensors", tmp_path / "own.safetensors"
    )
    assert run(*line, own)[0] == 0
