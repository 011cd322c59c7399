"""Content encoders: the frame grid, long recordings, and loading."""

import itertools
import json

import numpy as np
import pytest
import torch

from rvc.audio import Recording, frame_count
from rvc.content import ContentVec, _windows, load_content_encoder
from rvc.errors import MissingAssetError


@pytest.fixture(scope="module")
def whisper(tiny_weights):
    return load_content_encoder("whisper-base-5", tiny_weights)


@pytest.fixture(scope="module")
def hubert_folder(tmp_path_factory):
    """Return a folder with a tiny random HuBERT in the layout of the published `hubert_base`."""
    from rvc._torchaudio import ensure_torchaudio

    ensure_torchaudio()
    from transformers import HubertConfig, HubertModel

    torch.manual_seed(0)
    config = HubertConfig(
        hidden_size=32,
        num_hidden_layers=12,
        num_attention_heads=2,
        intermediate_size=32,
        conv_dim=(16,) * 7,
        classifier_proj_size=8,
        num_conv_pos_embeddings=16,
        num_conv_pos_embedding_groups=2,
    )
    model = HubertModel(config)
    model.final_proj = torch.nn.Linear(32, 8)
    folder = tmp_path_factory.mktemp("hubert_base")
    torch.save(model.state_dict(), folder / "pytorch_model.bin")
    (folder / "config.json").write_text(json.dumps(config.to_dict()))
    return folder


@pytest.mark.parametrize(("samples", "rate"), [(1, 16_000), (441, 44_100), (40_123, 24_000)])
def test_one_frame_every_ten_milliseconds(whisper, samples, rate):
    sound = np.random.default_rng(0).standard_normal(samples).astype(np.float32) * 0.1
    content = whisper.encode(Recording(sound, rate))
    assert content.shape == (frame_count(samples, rate), 512) and content.dtype == np.float32
    assert np.isfinite(content).all()


def test_older_voices_get_the_layer_before(whisper, tiny_weights):
    before = load_content_encoder("whisper-base", tiny_weights)
    assert (before.name, len(before.layers), len(whisper.layers)) == ("whisper-base", 4, 5)
    sound = np.random.default_rng(0).standard_normal((80, 400)).astype(np.float32)
    tokens = torch.from_numpy(before.hidden(sound, 200))[None]
    with torch.inference_mode():
        assert torch.allclose(
            whisper.layers[4](tokens)[0], torch.from_numpy(whisper.hidden(sound, 200)), atol=1e-4
        )


def test_silence_has_content_too(whisper):
    assert np.isfinite(whisper.encode(Recording(np.zeros(8000, np.float32), 16_000))).all()


def test_windows_keep_every_token_once_and_away_from_edges():
    for tokens in (1, 499, 500, 501, 949, 951, 3000):
        kept = [(start + first, start + last) for start, _, first, last in _windows(tokens)]
        assert kept[0][0] == 0 and kept[-1][1] == tokens
        assert all(a[1] == b[0] for a, b in itertools.pairwise(kept))
        for start, stop, first, last in _windows(tokens):
            assert stop - start <= 500
            assert first >= 50 or start == 0
            assert stop - start - last >= 50 or stop == tokens


def test_joints_of_long_sound_leave_no_jump(whisper, speech_like):
    sound = speech_like(22.0, 16_000)
    content = whisper.encode(Recording(sound, 16_000))
    steps = np.linalg.norm(np.diff(content, axis=0), axis=1)
    joints = [2 * (start + first) for start, _, first, _ in list(_windows(1101))[1:]]
    around = [steps[joint - 3 : joint + 3].max() for joint in joints]
    assert max(around) < np.quantile(steps, 0.99) * 1.2


def test_louder_sound_has_the_same_content(whisper, speech_like):
    sound = speech_like(3.0, 16_000)
    quiet, loud = (whisper.encode(Recording(sound * gain, 16_000)) for gain in (0.05, 1.0))
    assert np.linalg.norm(quiet - loud) < 0.02 * np.linalg.norm(loud)


@pytest.mark.parametrize(("version", "channels"), [("v2", 32), ("v1", 8)])
def test_contentvec_repeats_each_token(hubert_folder, version, channels):
    encoder = ContentVec(hubert_folder, version).eval()
    sound = np.random.default_rng(0).standard_normal(16_123).astype(np.float32) * 0.1
    content = encoder.encode(Recording(sound, 16_000))
    assert content.shape == (101, channels) and np.array_equal(content[0], content[1])
    assert not np.array_equal(content[1], content[2])


def test_contentvec_layers_are_those_of_transformers(hubert_folder):
    encoder = ContentVec(hubert_folder, "v1").eval()
    sound = np.random.default_rng(0).standard_normal(3200).astype(np.float32) * 0.1
    padded = torch.from_numpy(np.pad(sound, 40))[None]
    with torch.inference_mode():
        hidden = encoder.hubert(padded, output_hidden_states=True).hidden_states[9]
        expected = encoder.hubert.final_proj(hidden)[0].numpy()
    assert np.allclose(encoder.encode(Recording(sound, 16_000))[::2], expected, atol=1e-5)


def test_a_missing_encoder_names_the_command_that_fetches_it(tmp_path):
    with pytest.raises(MissingAssetError, match="hubert_base"):
        load_content_encoder("contentvec", tmp_path)
