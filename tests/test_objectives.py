"""One step of each kind of training: named losses, learning, and exact resuming."""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from benchmarks.training_plain import PlainLoop
from rvc.dataset import Batch
from rvc.errors import MissingAssetError, TrainingError
from rvc.network.config import RVCConfig
from rvc.network.discriminators import Discriminators
from rvc.network.lite import LiteConfig, LiteSynthesizer
from rvc.network.stft_discriminators import STFTDiscriminators
from rvc.network.synthesizer import RVCSynthesizer
from rvc.presets import PRESETS
from rvc.training.build import Pace, build_objective, load_base, load_lite_base
from rvc.training.objective_rvc import RVCObjective
from rvc.training.objectives import LiteObjective, Schedule
from rvc.training.options import TrainingOptions
from tools.lite_base import save_lite_base

FRAMES = 36


def batch(channels: int, hop_length: int) -> Batch:
    """Return two items of a tone with a little noise."""
    generator = torch.Generator().manual_seed(0)
    time = torch.arange(FRAMES * hop_length) / (100 * hop_length)
    tone = 0.2 * torch.sin(2 * torch.pi * 200 * time)
    noise = 0.01 * torch.randn(2, len(time), generator=generator)
    return Batch(
        content=torch.randn(2, FRAMES, channels, generator=generator),
        f0_hz=torch.full((2, FRAMES), 200.0),
        samples=tone + noise,
        speaker=torch.zeros(2, dtype=torch.long),
    )


def rvc() -> RVCObjective:
    torch.manual_seed(0)
    config = replace(
        RVCConfig.preset("v2", 40_000),
        inter_channels=8,
        hidden_channels=8,
        filter_channels=8,
        layers=1,
        upsample_initial_channels=16,
        speaker_channels=4,
        speakers=1,
    )
    return RVCObjective(RVCSynthesizer(config), _small(Discriminators("v2")), learning_rate=1e-3)


def _small(discriminators: Discriminators) -> Discriminators:
    """Return only the scale and the first period discriminator; the others are alike."""
    discriminators.discriminators = discriminators.discriminators[:2]
    return discriminators


def lite() -> LiteObjective:
    torch.manual_seed(0)
    config = LiteConfig(
        content_channels=8, channels=16, dilations=(1,), refinement_channels=16, refinement_blocks=1
    )
    schedule = Schedule(warm_up_steps=1, total_steps=50)
    return LiteObjective(
        LiteSynthesizer(config),
        schedule,
        discriminators=STFTDiscriminators(channels=2),
        alone_steps=2,
    )


KINDS = {
    "rvc": (rvc, batch(768, 400), {"mel", "kl", "feature_matching", "adversarial"}),
    "lite": (
        lite,
        batch(8, 240),
        {"mel", "stft_log", "adversarial", "feature_matching", "discriminator"},
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_losses_are_named_and_the_mel_distance_falls(kind):
    make, data, names = KINDS[kind]
    objective = make()
    rows = [objective.step(data) for _ in range(12)]
    assert names | {"total"} <= set(rows[0])
    assert rows[-1]["mel"] < rows[0]["mel"]


@pytest.mark.parametrize("kind", KINDS)
def test_state_goes_on_exactly_where_it_was(kind):
    make, data, _ = KINDS[kind]
    whole, first = make(), make()
    for _ in range(4):
        expected = whole.step(data)
    for _ in range(2):
        first.step(data)
    second = make()
    second.load_state_dict(first.state_dict())
    second.step(data)
    assert second.step(data) == expected


@pytest.fixture
def two_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def test_two_cores_halve_the_batch_and_go_on_exactly_too(two_threads):
    make, data, _ = KINDS["lite"]
    assert make().cores == 2 and len(data.parts(2)) == 2
    test_losses_are_named_and_the_mel_distance_falls("lite")
    test_state_goes_on_exactly_where_it_was("lite")
    assert torch.get_num_threads() == 2


def test_the_parts_of_a_batch_have_the_gradient_of_the_whole(two_threads):
    whole, parted = lite(), lite()
    whole.cores = 1
    for objective in (whole, parted):
        objective.discriminators = objective.critic = None
        with torch.no_grad():  # each part has noise of its own, so make it inaudible
            objective.synthesizer.noise.weight.zero_()
            objective.synthesizer.noise.bias.fill_(-12)
    data = KINDS["lite"][1]
    three = Batch(*(torch.cat([x, x[:1]]) for x in vars(data).values()))  # parts of two and one
    assert whole.step(three) == pytest.approx(parted.step(three), rel=1e-3)
    first, second = (
        torch.cat([p.grad.flatten() for p in objective.synthesizer.parameters()])
        for objective in (whole, parted)
    )
    assert torch.linalg.norm(first - second) < 1e-2 * torch.linalg.norm(first)


def flat(network: torch.nn.Module) -> torch.Tensor:
    """Return all weights in one vector."""
    return torch.cat([weight.detach().flatten() for weight in network.parameters()])


def test_the_fast_step_learns_what_a_plain_loop_learns():
    """Optimisations (omitted unused gradients; bf16 apart) change no number."""
    _, data, _ = KINDS["rvc"]
    fast, other = rvc(), rvc()
    generator = torch.Generator().manual_seed(0)
    networks = (other.synthesizer, other.discriminators)
    plain = PlainLoop(*networks, learning_rate=1e-3, generator=generator)
    begun = [flat(network) for network in networks]
    for _ in range(2):
        losses, expected = fast.step(data), plain.step(data)
    assert {name: losses[name] for name in expected} == pytest.approx(expected, rel=1e-3)
    mine = (fast.synthesizer, fast.discriminators)
    for before, ours, theirs in zip(begun, map(flat, mine), map(flat, networks), strict=True):
        assert (ours - theirs).norm() < 0.02 * (theirs - before).norm()
    assert all(weight.requires_grad for weight in fast.discriminators.parameters())


@pytest.mark.parametrize("kind", KINDS)
def test_learning_rate_can_be_halved(kind):
    make, data, _ = KINDS[kind]
    objective, halved = make(), make()
    halved.halve_learning_rate()
    rates = []
    for each in (objective, halved):
        each.step(data)
        optimizer = each.optimizer if kind == "lite" else each.optimizers["g"]
        rates.append(optimizer.param_groups[0]["lr"])
    assert rates[1] == pytest.approx(rates[0] / 2)


def test_schedule_warms_up_and_falls_to_its_last():
    schedule = Schedule(peak=1.0, last=0.1, warm_up_steps=10, total_steps=110)
    rates = [schedule.at(step) for step in range(200)]
    assert rates[0] == pytest.approx(0.1) and rates[9] == rates[10] == 1.0
    assert rates[60] == pytest.approx(0.55) and rates[110:] == [pytest.approx(0.1)] * 90


def test_a_missing_base_is_never_replaced_by_nothing(tmp_path):
    options, pace = TrainingOptions("x", preset="40k"), Pace(10, 1)
    with pytest.raises(MissingAssetError, match="f0G40k"):
        build_objective(PRESETS["40k"], options, pace=pace, weights=tmp_path, device="cpu")


def test_a_base_of_another_rate_is_refused(tmp_path):
    network = torch.nn.Linear(2, 2)
    for content in ({"model": torch.nn.Linear(3, 2).state_dict()}, {"weight": 1}):
        path = tmp_path / "f0G40k.pth"
        torch.save(content, path)
        with pytest.raises(TrainingError, match="does not fit"):
            load_base(network, path)


def test_a_damaged_base_is_refused_in_a_sentence(tmp_path):
    network, path, random = torch.nn.Linear(2, 2), tmp_path / "f0G40k.pth", np.random.default_rng(0)
    for new_format in (True, False):
        torch.save({"model": network.state_dict()}, path, _use_new_zipfile_serialization=new_format)
        whole = path.read_bytes()
        for _ in range(100):
            content = bytearray(whole)
            for place in random.integers(0, len(whole), 4):
                content[place] = random.integers(256)
            path.write_bytes(content[: random.integers(len(whole) // 2, 2 * len(whole))])
            with contextlib.suppress(TrainingError):
                load_base(network, path)


@pytest.mark.parametrize(
    "false",
    [
        {"channels": 4096, "dilations": [1] * 32},
        {"refinement_channels": 4096, "refinement_blocks": 32},
        {"channels": 2**40},
        {"refinement_blocks": 10**6},
        {"dilations": [1] * 10**6},
        {"kernel": 8},
        {"sample_rate": 44_100},
        {"content_channels": 513},
        {"channels": "16"},
        {"unknown": 1},
    ],
    ids=str,
)
def test_a_lite_base_of_false_sizes_is_refused_before_it_takes_memory(tmp_path, false):
    path, config = tmp_path / "lite_base.safetensors", LiteConfig(channels=16, dilations=(1,))
    save_lite_base(path, LiteSynthesizer(config), STFTDiscriminators(channels=2), {})
    load_lite_base(path)
    with safe_open(path, "pt") as file:
        notes = file.metadata()
    notes["config"] = json.dumps(config.to_dict() | false)
    save_file(load_file(path), path, metadata=notes)
    with pytest.raises(TrainingError, match="does not fit"):
        load_lite_base(path)


def test_a_lite_base_of_another_encoder_starts_no_training(tmp_path):
    path = tmp_path / "lite_base.safetensors"
    older = LiteConfig(channels=16, dilations=(1,), encoder="whisper-base")
    save_lite_base(path, LiteSynthesizer(older), STFTDiscriminators(channels=2), {})
    options = TrainingOptions("name", preset="lite", base=(str(path),))
    with pytest.raises(TrainingError, match="does not fit"):
        build_objective(PRESETS["lite"], options, pace=Pace(1, 1), weights=tmp_path, device="cpu")


def test_lite_discriminators_of_a_false_width_are_refused_before_they_take_memory(tmp_path):
    path, config = tmp_path / "lite_base.safetensors", LiteConfig(channels=16, dilations=(1,))
    save_lite_base(path, LiteSynthesizer(config), STFTDiscriminators(channels=2), {})
    with safe_open(path, "pt") as file:
        notes = file.metadata()
    false = {"discriminators.sizes.0.layers.0.bias": torch.zeros(10**6)}
    save_file(load_file(path) | false, path, metadata=notes)
    with pytest.raises(TrainingError, match="does not fit"):
        load_lite_base(path)


def test_an_own_pair_is_a_base_if_it_fits_and_in_order(tmp_path, monkeypatch):
    made = rvc()
    config = made.synthesizer.config
    monkeypatch.setattr(RVCConfig, "preset", classmethod(lambda cls, version, rate: config))
    build = "rvc.training.build.Discriminators"
    monkeypatch.setattr(build, lambda version: _small(Discriminators(version)))
    files = [tmp_path / "my_G.pth", tmp_path / "my_D.pth"]
    for network, path in zip((made.synthesizer, made.discriminators), files, strict=True):
        torch.save({"model": network.state_dict(), "iteration": 1}, path)

    def build_from(*base):
        options = TrainingOptions("x", preset="40k", base=tuple(map(str, base)))
        return build_objective(
            PRESETS["40k"], options, pace=Pace(10, 1), weights=tmp_path, device="cpu"
        )

    built = build_from(*files)
    assert torch.equal(flat(built.synthesizer), flat(made.synthesizer))
    assert torch.equal(flat(built.discriminators), flat(made.discriminators))
    for wrong in (files[::-1], files[:1], [*files[:1], tmp_path / "gone.pth"]):
        with pytest.raises(TrainingError):
            build_from(*wrong)
    config = replace(config, upsample_initial_channels=32)  # as of another rate
    with pytest.raises(TrainingError, match=r"my_G\.pth does not fit"):
        build_from(*files)
