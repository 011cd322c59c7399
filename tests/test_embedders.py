"""Voices of other content encoders: recognised, refused until it is here, fetched, and opened."""

import hashlib
import json
import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hub import Hub
from plain_sentences import JARGON

from rvc import embedders
from rvc.audio import Recording
from rvc.content import load_content_encoder
from rvc.embedders import PUBLISHED, encoder_folder, fetch_encoder, find_encoder
from rvc.engine import Engine
from rvc.errors import MissingAssetError, RVCError, VoiceError
from rvc.voice import VoiceLibrary, import_voice, load_voice

GOLDEN = Path(__file__).parent / "golden"
SPEECH = Recording(np.random.default_rng(0).normal(0, 0.1, 8000).astype(np.float32), 16_000)


@pytest.fixture(scope="module")
def hubert() -> tuple[dict, dict[str, torch.Tensor]]:
    """Return the config and the weights of a small random HuBERT of 768 numbers a frame."""
    from rvc._torchaudio import ensure_torchaudio

    ensure_torchaudio()
    from transformers import HubertConfig, HubertModel

    torch.manual_seed(0)
    config = HubertConfig(
        hidden_size=768, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        conv_dim=(8,) * 7, num_conv_pos_embeddings=4, num_conv_pos_embedding_groups=16,
    )  # fmt: skip
    return config.to_dict(), HubertModel(config).state_dict()


def check_sentence(error: RVCError) -> None:
    """Assert that it is short, in both languages, and names nothing but the files to put there."""
    for language in ("en", "ko"):
        sentence = error.text.in_language(language)
        for file in embedders.WEIGHT_FILES:
            sentence = sentence.replace(file, "")
        assert len(sentence) < 400 and not JARGON.search(sentence), sentence
    assert error.text.in_language("ko") != str(error.text)


def put(folder: Path, hubert: tuple[dict, dict], *, kind: str = "bin") -> Path:
    config, state = hubert
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(config))
    if kind == "safetensors":
        from safetensors.torch import save_file

        save_file(state, folder / "model.safetensors", {"format": "pt"})
        return folder
    if kind == "old names":
        names = {"original0": "weight_g", "original1": "weight_v"}
        state = {
            name.replace(f"parametrizations.weight.{name[-9:]}", names[name[-9:]])
            if name.endswith(tuple(names))
            else name: value
            for name, value in state.items()
        }
        assert any(name.endswith("weight_g") for name in state)
    torch.save(state, folder / "pytorch_model.bin")
    return folder


@pytest.fixture
def spin_voice(tmp_path: Path) -> Path:
    file = torch.load(GOLDEN / "v2_40k_f0.pth", weights_only=True)
    torch.save(file | {"embedder_model": "korean_hubert_base"}, tmp_path / "k.pth")
    return tmp_path / "k.pth"


def test_the_encoder_stays_with_the_voice(tmp_path, spin_voice):
    library = VoiceLibrary(tmp_path / "weights")
    voice = import_voice(spin_voice, library)
    assert voice.embedder == voice.content_encoder == "korean-hubert-base"
    path = library.path(voice.name)
    assert library.load(voice.name).embedder == "korean-hubert-base"  # from the checked copy
    assert load_voice(path / "k.pth").embedder == "korean-hubert-base"
    named = import_voice(GOLDEN / "v2_40k_f0.pth", library, embedder="My_HuBERT")
    assert library.load(named.name).content_encoder == "my-hubert"
    with pytest.raises(VoiceError, match="not valid") as caught:
        import_voice(GOLDEN / "v2_40k_f0.pth", library, embedder="../../etc")
    check_sentence(caught.value)


@pytest.mark.parametrize("kind", ["bin", "safetensors", "old names"])
def test_a_voice_converts_once_its_encoder_is_here(tmp_path, spin_voice, hubert, kind):
    engine = Engine(tmp_path / "weights", device="cpu")
    with pytest.raises(MissingAssetError, match="python -m rvc fetch korean-hubert-base") as caught:
        engine.encoder(load_voice(spin_voice).content_encoder)
    check_sentence(caught.value)
    put(encoder_folder("korean-hubert-base", engine.weights), hubert, kind=kind)
    encoder = engine.encoder("korean-hubert-base")
    content = encoder.encode(SPEECH)
    assert (encoder.name, content.shape) == ("korean-hubert-base", (50, 768))
    other = put(tmp_path / "w2" / "encoders" / "korean-hubert-base", hubert)
    again = load_content_encoder(other.name, tmp_path / "w2").encode(SPEECH)
    np.testing.assert_allclose(content, again, atol=1e-5)


class Harm:
    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self):
        return os.mkdir, (str(self.mark),)


def test_files_that_are_no_encoder_are_refused(tmp_path, hubert):
    config, state = hubert
    mark = tmp_path / "mark"
    fewer = {name: value for name, value in state.items() if "layer_norm" not in name}
    harmful = {"config": config, "state": state | {"x": Harm(mark)}}
    cases = {
        "another network": (config | {"model_type": "wavlm"}, state),
        "other frames": (config | {"conv_stride": [5, 2, 2, 2, 2, 2, 1]}, state),
        "too large": (config | {"num_hidden_layers": 10**9}, state),
        "no numbers": (config | {"hidden_size": "x"}, state),
        "endless": (config | {"conv_stride": [float("inf")]}, state),
        "a huge kernel": (config | {"num_conv_pos_embeddings": 10**9}, state),
        "huge layers": (config | {"conv_dim": [10**7] * 7}, state),
        "missing weights": (config, fewer),
        "other sizes": (config | {"intermediate_size": 32}, state),
        "code": (harmful["config"], harmful["state"]),
    }
    for number, (case, files) in enumerate(cases.items()):
        put(encoder_folder(f"e{number}", tmp_path), files)
        with pytest.raises(VoiceError, match=f"weights/encoders/e{number}") as caught:
            load_content_encoder(f"e{number}", tmp_path)
            pytest.fail(f"{case} was loaded")
        check_sentence(caught.value)
    assert not mark.exists()


def test_an_encoder_of_the_own_hand_is_named_with_its_place(tmp_path):
    with pytest.raises(MissingAssetError, match="weights/encoders/custom") as caught:
        find_encoder("custom", tmp_path)
    check_sentence(caught.value)
    with pytest.raises(MissingAssetError):
        fetch_encoder("custom", tmp_path)


@pytest.fixture
def hub(monkeypatch) -> Iterator[Hub]:
    server = Hub()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setenv("MOKSORI_HUB", server.url)
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def offered(hub: Hub, name: str, config: bytes, weights: bytes) -> None:
    digest = hashlib.sha256(weights).hexdigest()
    pointer = (
        f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize {len(weights)}\n"
    )
    path = f"main/Resources/embedders/{PUBLISHED[name]}"
    base = f"/{embedders.REPOSITORY}"
    hub.files = {
        f"{base}/raw/{path}/config.json": config,
        f"{base}/raw/{path}/pytorch_model.bin": pointer.encode(),
        f"{base}/resolve/{path}/pytorch_model.bin": weights,
    }


def test_a_published_encoder_is_fetched_and_verified(tmp_path, hub, hubert, run):
    source = put(tmp_path / "source", hubert)
    files = [(source / name).read_bytes() for name in ("config.json", "pytorch_model.bin")]
    offered(hub, "spin-v2", *files)
    code, _, error = run("fetch", "spin-v2", "--weights", tmp_path / "w")
    assert code == 0, error
    folder = find_encoder("spin-v2", tmp_path / "w")
    assert [(folder / n).read_bytes() for n in ("config.json", "pytorch_model.bin")] == files
    asked = len(hub.requests)
    assert fetch_encoder("spin-v2", tmp_path / "w") == folder and len(hub.requests) == asked
    (folder / "config.json").write_text("{}")  # damaged: a new fetch mends it
    assert fetch_encoder("spin-v2", tmp_path / "w") == folder
    hub.files[next(path for path in hub.files if "resolve" in path)] = b"x" * len(files[1])
    with pytest.raises(MissingAssetError, match="not the published file") as caught:
        fetch_encoder("spin-v2", tmp_path / "other")
    check_sentence(caught.value)
    assert not list((tmp_path / "other").rglob("config.json"))


def test_a_voice_of_another_width_than_its_encoder_is_refused(tmp_path, hubert):
    put(encoder_folder("e", tmp_path), hubert)
    voice = replace(load_voice(GOLDEN / "v1_40k_f0.pth"), embedder="e")
    with pytest.raises(RVCError, match="expects 256 numbers"):
        Engine(tmp_path, device="cpu").convert(SPEECH, voice)
