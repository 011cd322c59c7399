"""Weights drawn from their names, the same for every program that has weights of these names."""

import zlib

import numpy as np
import torch


def seeded_weights(shapes: dict[str, tuple[int, ...]], seed: int = 0) -> dict[str, torch.Tensor]:
    """Return a float32 weight for every name and shape, of a size that keeps signals in range."""
    return {name: torch.from_numpy(_drawn(name, shape, seed)) for name, shape in shapes.items()}


def _drawn(name: str, shape: tuple[int, ...], seed: int) -> np.ndarray:
    random = np.random.default_rng([zlib.crc32(name.encode()), seed])
    if name.endswith("num_batches_tracked"):
        return np.zeros(shape, np.float32)
    if name.endswith(("weight_g", "running_var")):
        return random.uniform(0.5, 1.5, shape).astype(np.float32)
    fan_in = np.prod(shape[1:]) if len(shape) > 1 else 100
    return random.normal(0, fan_in**-0.5, shape).astype(np.float32)


def shapes_of(network: torch.nn.Module) -> dict[str, tuple[int, ...]]:
    return {name: tuple(value.shape) for name, value in network.state_dict().items()}
