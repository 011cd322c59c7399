"""RVC's networks: the original's numbers, and properties that training needs."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from rvc.errors import VoiceError
from rvc.network.attention import WINDOW_FRAMES, RelativeAttention
from rvc.network.config import UPSAMPLING, RVCConfig
from rvc.network.discriminators import PERIODS, Discriminators
from rvc.network.encoders import coarse_f0
from rvc.network.flow import Flow
from rvc.network.layers import WeightNormConv1d, fold_weight_norm
from rvc.network.nsf_hifigan import sine_at
from rvc.network.synthesizer import RVCSynthesizer, random_starts, segments

GOLDEN = Path(__file__).parent / "golden"
VOICES = sorted(path.stem for path in GOLDEN.glob("v*.pth"))
GOLDEN_TOLERANCE = 1e-4  # of the array's largest magnitude, fp32 on a CPU


def tiny_config(**changes) -> RVCConfig:
    config = RVCConfig.preset("v2", 40000)
    small = {
        "inter_channels": 16,
        "hidden_channels": 16,
        "filter_channels": 32,
        "layers": 2,
        "upsample_initial_channels": 32,
        "speakers": 3,
        "speaker_channels": 16,
    }
    return replace(config, **(small | changes))


def golden_synthesizer(name: str) -> tuple[RVCSynthesizer, dict[str, np.ndarray]]:
    file = torch.load(GOLDEN / f"{name}.pth", weights_only=True)
    weight = file["weight"]
    config = RVCConfig.from_list(
        file["config"],
        content_channels=weight["enc_p.emb_phone.weight"].shape[1],
        uses_f0=bool(file["f0"]),
    )
    assert config.to_list() == file["config"]
    synthesizer = RVCSynthesizer(config, with_posterior=False).eval()
    synthesizer.load_state_dict({key: value.float() for key, value in weight.items()})
    return synthesizer, dict(np.load(GOLDEN / f"{name}.npz"))


def test_there_are_seven_golden_voices():
    assert len(VOICES) == 7


@pytest.mark.parametrize("name", VOICES)
def test_golden_voice(name):
    synthesizer, golden = golden_synthesizer(name)
    content = torch.from_numpy(golden["content"])[None]
    f0_hz = torch.from_numpy(golden["f0_hz"])[None]
    speaker = torch.tensor([int(golden["speaker_id"])])
    stages = synthesizer.infer_stages(content, f0_hz, speaker, noise_scale=0)
    for stage, value in stages._asdict().items():
        error = np.abs(value[0].numpy() - golden[stage]).max()
        assert error <= GOLDEN_TOLERANCE * np.abs(golden[stage]).max(), stage
    np.testing.assert_array_equal(coarse_f0(f0_hz)[0], golden["f0_coarse"])


def test_coarse_f0_ends():
    hz = torch.tensor([[0.0, 30.0, 50.0, 1100.0, 2000.0]])
    assert coarse_f0(hz).tolist() == [[1, 1, 1, 255, 255]]


@pytest.mark.parametrize(("version", "sample_rate"), sorted(UPSAMPLING))
def test_presets_keep_ten_millisecond_frames(version, sample_rate):
    config = RVCConfig.preset(version, sample_rate)
    again = RVCConfig.from_list(config.to_list(), content_channels=config.content_channels)
    assert again == config
    assert config.hop_length * 100 == sample_rate
    assert config.version == version


@pytest.mark.parametrize(
    ("position", "value"),
    [
        (6, 10**6),
        (12, [10**6, 2]),
        (17, -40000),
        (0, "many"),
        (10, None),
        (13, 8),
        (3, float("nan")),
        (11, [[]] * 3),
        (9, "2"),
    ],
)
def test_absurd_configs_are_refused_before_anything_is_built(position, value):
    values = RVCConfig.preset("v2", 40000).to_list()
    values[position] = value
    with pytest.raises(VoiceError):
        RVCConfig.from_list(values)


def test_relative_attention_equals_the_written_out_sum():
    torch.manual_seed(0)
    channels, heads, frames = 8, 2, 25  # longer than the window on both sides
    attention = RelativeAttention(channels, heads, 0.0)
    x = torch.randn(1, channels, frames)
    q, k, v = (
        conv(x)[0].reshape(heads, channels // heads, frames)
        for conv in (attention.conv_q, attention.conv_k, attention.conv_v)
    )
    mixed = torch.zeros(heads, channels // heads, frames)
    for head in range(heads):
        for i in range(frames):
            keys, values = k[head].clone(), v[head].clone()
            for j in range(frames):
                if abs(j - i) <= WINDOW_FRAMES:
                    keys[:, j] += attention.emb_rel_k[0, j - i + WINDOW_FRAMES]
                    values[:, j] += attention.emb_rel_v[0, j - i + WINDOW_FRAMES]
            weights = (q[head][:, i] @ keys / (channels // heads) ** 0.5).softmax(-1)
            mixed[head, :, i] = values @ weights
    expected = attention.conv_o(mixed.reshape(1, channels, frames))
    torch.testing.assert_close(attention(x, torch.ones(1, 1, frames)), expected)


def test_flow_is_undone_by_its_reverse():
    torch.manual_seed(0)
    config = tiny_config()
    flow = Flow(config)
    for coupling in flow.flows[::2]:
        torch.nn.init.normal_(coupling.post.weight)
    x, mask = torch.randn(2, 16, 30), torch.ones(2, 1, 30)
    speaker = torch.randn(2, 16, 1)
    there = flow(x, mask, speaker)
    assert (there - x).abs().max() > 0.1
    torch.testing.assert_close(flow(there, mask, speaker, reverse=True), x, atol=1e-4, rtol=1e-4)


def test_weight_norm_equals_torchs():
    torch.manual_seed(0)
    ours = WeightNormConv1d(4, 6, 3)
    theirs = torch.nn.utils.parametrizations.weight_norm(torch.nn.Conv1d(4, 6, 3))
    theirs.parametrizations.weight.original0.data = ours.weight_g.data * 2
    theirs.parametrizations.weight.original1.data = ours.weight_v.data
    theirs.bias.data = ours.bias.data
    ours.weight_g.data *= 2
    x = torch.randn(1, 4, 20)
    torch.testing.assert_close(ours(x), theirs(x))


def test_sine_keeps_its_frequency_for_ten_minutes():
    frames, rate = 60_000, 40_000
    sine, voiced = sine_at(torch.full((1, frames), 220.0), rate // 100, rate)
    assert voiced.min() == 1
    last = sine[0, 0, -rate:].numpy()  # the last second
    spectrum = np.abs(np.fft.rfft(last))
    assert spectrum.argmax() == 220
    assert spectrum[220] / np.sqrt((spectrum**2).sum()) > 0.9999


def test_sine_has_no_jump_between_frames_and_is_silent_unvoiced():
    f0_hz = torch.tensor([[200.0] * 20 + [300.0] * 20])
    sine, _ = sine_at(f0_hz, 400, 40_000)
    assert sine.diff().abs().max() <= 2 * np.pi * 300 / 40_000 * 1.001
    _, voiced = sine_at(torch.tensor([[0.0, 220.0]]), 400, 40_000)
    assert voiced[0, 0].tolist() == [0.0] * 400 + [1.0] * 400


def test_a_seed_repeats_the_sound_and_another_changes_it():
    torch.manual_seed(0)
    synthesizer = RVCSynthesizer(tiny_config()).eval()
    content, f0_hz = torch.randn(1, 20, 768), torch.full((1, 20), 150.0)
    speaker = torch.tensor([1])

    def sound(seed: int) -> torch.Tensor:
        generator = torch.Generator().manual_seed(seed)
        return synthesizer.infer(content, f0_hz, speaker, generator=generator)

    assert sound(1).shape == (1, 20 * 400)
    assert sound(1).dtype == torch.float32
    assert torch.equal(sound(1), sound(1))
    assert not torch.equal(sound(1), sound(2))


def test_padding_does_not_change_the_prior():
    torch.manual_seed(0)
    encoder = RVCSynthesizer(tiny_config()).eval().enc_p
    content, f0_hz = torch.randn(1, 30, 768), torch.rand(1, 30) * 300
    mask = torch.ones(1, 1, 30)
    mask[..., 22:] = 0
    long, _ = encoder(content, f0_hz, mask)
    short, _ = encoder(content[:, :22], f0_hz[:, :22], mask[..., :22])
    torch.testing.assert_close(long[..., :22], short)
    assert long[..., 22:].abs().max() == 0


def test_random_starts_use_every_place_and_no_other():
    lengths = torch.tensor([12, 10, 4]).repeat_interleave(400)
    starts = random_starts(lengths, 10, torch.Generator().manual_seed(0)).view(3, 400)
    assert set(starts[0].tolist()) == {0, 1, 2}
    assert set(starts[1].tolist()) == {0}
    assert set(starts[2].tolist()) == {0}


def test_segments_start_at_the_given_frames():
    x = torch.arange(20.0).view(1, 1, 20).repeat(2, 1, 1)
    cut = segments(x, torch.tensor([0, 7]), 3)
    assert cut[:, 0].tolist() == [[0, 1, 2], [7, 8, 9]]


@pytest.mark.parametrize("uses_f0", [True, False])
def test_training_moves_every_weight_of_the_speakers_in_the_batch(uses_f0):
    """Several steps, because the flow's last layers start at zero and pass no gradient at first."""
    torch.manual_seed(0)
    config = tiny_config(uses_f0=uses_f0)
    synthesizer = RVCSynthesizer(config)
    optimizer = torch.optim.Adam(synthesizer.parameters(), lr=1e-3)  # without weight decay
    batch, frames, segment = 2, 100, 16
    generator = torch.Generator().manual_seed(0)
    inputs = (
        torch.randn(batch, frames, 768),
        torch.full((batch, frames), 150.0),
        torch.rand(batch, config.spec_channels, frames),
        torch.tensor([0, 2]),
    )
    before = {name: weight.detach().clone() for name, weight in synthesizer.named_parameters()}
    losses = []
    for _ in range(4):
        output = synthesizer(
            *inputs,
            segment_frames=segment,
            lengths=torch.tensor([100, 60]),
            generator=generator,
        )
        loss = (output.waveform**2).mean() + (output.flowed - output.prior_mean).square().mean()
        loss = loss + output.posterior_log_std.square().mean()
        loss = loss + output.prior_log_std.square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert output.waveform.shape == (batch, 1, segment * config.hop_length)
    assert output.mask.sum() == 160
    assert output.slice_starts[1] <= 60 - segment
    assert output.flowed.shape == output.prior_mean.shape == (batch, 16, frames)
    assert losses[-1] < 0.8 * losses[0]
    after = dict(synthesizer.named_parameters())
    assert all(torch.isfinite(weight).all() for weight in after.values())
    assert not [name for name in before if torch.equal(before[name], after[name])]
    moved = (before["emb_g.weight"] != after["emb_g.weight"]).any(1)
    assert moved.tolist() == [True, False, True]  # speaker 1 is in no batch


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_discriminators_have_the_communitys_keys(version):
    with torch.device("meta"):
        shapes = {key: tuple(v.shape) for key, v in Discriminators(version).state_dict().items()}
    assert {key.split(".")[1] for key in shapes} == {
        str(i) for i in range(1 + len(PERIODS[version]))
    }
    assert shapes["discriminators.0.convs.0.weight_v"] == (16, 1, 15)
    assert shapes["discriminators.0.convs.4.weight_v"] == (1024, 4, 41)
    assert shapes["discriminators.0.conv_post.weight_g"] == (1, 1, 1)
    assert shapes["discriminators.1.convs.0.weight_v"] == (32, 1, 5, 1)
    assert shapes["discriminators.6.convs.4.bias"] == (1024,)
    assert shapes["discriminators.6.conv_post.weight_v"] == (1, 1024, 3, 1)


def test_discriminators_judge_real_and_made_in_one_pass_as_in_two():
    torch.manual_seed(0)
    discriminators = Discriminators("v1")
    real, made = torch.randn(1, 1, 3000), torch.randn(1, 1, 3000)
    with torch.no_grad():
        of_real, of_made = discriminators.compare(real, made)
        alone = discriminators(made)
    assert len(of_real) == 1 + len(PERIODS["v1"])
    for together, single in zip(of_made, alone, strict=True):
        torch.testing.assert_close(together.score, single.score)
        torch.testing.assert_close(together.features[0], single.features[0])
    assert not torch.allclose(of_real[0].score, of_made[0].score)


@pytest.mark.parametrize("name", ["v2_40k_f0", "v1_32k_nof0"])
def test_folded_weight_norm_gives_the_same_bits(name):
    synthesizer, golden = golden_synthesizer(name)
    inputs = (
        torch.from_numpy(golden["content"])[None],
        torch.from_numpy(golden["f0_hz"])[None],
        torch.tensor([0]),
    )
    expected = synthesizer.infer(*inputs, noise_scale=0)
    fold_weight_norm(synthesizer)
    assert torch.equal(synthesizer.infer(*inputs, noise_scale=0), expected)
    assert not any("weight_v" in key for key in synthesizer.state_dict())
