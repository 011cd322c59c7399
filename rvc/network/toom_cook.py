"""Convolutions over time with fewer multiplications, by the Toom-Cook algorithm.

`outputs` neighbouring values of a correlation with a kernel of k taps are a linear map of the
products of transformed inputs and transformed taps (Toom 1963, Cook 1966; Winograd, Arithmetic
Complexity of Computations, 1980; for networks Lavin & Gray 2016). Six outputs of 11 taps need 18
products instead of 66. Every product is a matrix product over channels, which processors do at
full speed. Evaluation at real points alone loses precision with length, so beyond twelve of them
irreducible quadratic factors are used, three products each. In float32 the error is about 5e-6 of
the result's magnitude.
"""

from functools import lru_cache
from math import inf
from threading import local

import numpy as np
import torch
from torch import Tensor

POINTS = (0.0, 1.0, -1.0, inf, 2.0, -2.0, 0.5, -0.5, 1.5, -1.5, 2 / 3, -2 / 3)
QUADRATICS = ((1.0, 1.0), (-1.0, 1.0), (0.0, 1.0), (0.0, 3.0))  # x^2 + p x + q
MAX_TAPS = 11

_own = local()


@lru_cache(maxsize=32)
def toom_cook(outputs: int, taps: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (after, kernel, before) with y = after @ ((kernel @ w) * (before @ x)).

    x: outputs + taps - 1 inputs, w: the taps, y[i] = sum over j of w[j] x[i + j]. The first point
    whose column of `after` is all ones is 1.
    """
    inputs = outputs + taps - 1
    pairs = max(0, inputs - len(POINTS) + 1) // 2
    points, quadratics = POINTS[: inputs - 2 * pairs], QUADRATICS[:pairs]
    residues = [_powers(point, inputs) for point in points]
    rows = {n: [_powers(point, n) for point in points] for n in (outputs, taps)}
    products = len(points) + 3 * pairs
    recombine = np.zeros((inputs, products))  # residues of a product from the products
    recombine[: len(points), : len(points)] = np.eye(len(points))
    for number, (p, q) in enumerate(quadratics):
        residues.extend(_remainders(p, q, inputs))
        for length, found in rows.items():
            low, high = _remainders(p, q, length)
            found.extend([low, high, low + high])
        row, column = len(points) + 2 * number, len(points) + 3 * number
        recombine[row, column : column + 2] = 1, -q
        recombine[row + 1, column : column + 3] = -1, -1 - p, 1
    before = np.linalg.solve(np.array(residues), recombine).T  # (products, inputs)
    scale = np.abs(before).sum(1, keepdims=True)
    return np.array(rows[outputs]).T, np.array(rows[taps]) * scale, before / scale


def _powers(point: float, count: int) -> np.ndarray:
    """Return the values of 1, x, x^2, ... at a point; at infinity, the leading coefficient."""
    return np.eye(count)[-1] if point == inf else point ** np.arange(count)


def _remainders(p: float, q: float, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the coefficients of 1 and x in x^j modulo x^2 + p x + q, for j below `count`."""
    low, high = np.zeros(count), np.zeros(count)
    at = (1.0, 0.0)
    for power in range(count):
        low[power], high[power] = at
        at = (-q * at[1], at[0] - p * at[1])
    return low, high


class Scratch:
    """Memory that is reused from call to call, by name: large new arrays cost page faults."""

    def __init__(self) -> None:
        self._kept: dict[str, Tensor] = {}

    def take(self, name: str, *shape: int) -> Tensor:
        """Return an array of the shape, with any content, valid until `name` is taken again."""
        size = int(np.prod(shape))
        kept = self._kept.get(name)
        if kept is None or len(kept) < size:
            kept = self._kept[name] = torch.empty(size)
        return kept[:size].view(shape)


def thread_scratch() -> Scratch:
    """Return the scratch memory of the calling thread."""
    if not hasattr(_own, "scratch"):
        _own.scratch = Scratch()
    return _own.scratch


class ShortConvolution:
    """A dilated correlation of (time, channels) on time in phases, without padding.

    The phases of a signal x are an array (outputs, columns, channels): phase i of column
    t * dilation + r is x[(t * outputs + i) * dilation + r]. A tile is `dilation` columns.
    """

    def __init__(self, weight: Tensor, bias: Tensor, *, outputs: int, dilation: int) -> None:
        """`weight`: (channels out, channels in, taps), as in torch's Conv1d."""
        taps = weight.shape[2]
        after, kernel, before = toom_cook(outputs, taps)
        self.outputs, self.taps, self.dilation = outputs, taps, dilation
        self.products = len(kernel)
        transformed = np.tensordot(kernel, weight.double().numpy(), axes=(1, 2))
        transformed = transformed.transpose(0, 2, 1)  # (products, channels in, channels out)
        self.weight = torch.from_numpy(np.ascontiguousarray(transformed, np.float32))
        self.after = torch.from_numpy(np.ascontiguousarray(after, np.float32))
        # Inputs beyond a tile are the first phases of the next ones.
        parts = np.split(before, range(outputs, before.shape[1], outputs), axis=1)
        self.before = [torch.from_numpy(np.ascontiguousarray(p, np.float32)) for p in parts]
        self.at_one = int(np.flatnonzero((after == 1).all(0))[0])
        self.bias = bias.float().clone()

    @property
    def tiles_ahead(self) -> int:
        """Return the tiles of input that are needed after those of the output."""
        return len(self.before) - 1

    def __call__(self, phases: Tensor, tiles: int, scratch: Scratch) -> Tensor:
        """Return `tiles` tiles of the output in phases, from `tiles + tiles_ahead` of the input."""
        columns, channels = tiles * self.dilation, phases.shape[2]
        size = columns * channels
        flat = phases.view(self.outputs, -1)
        inputs = scratch.take("inputs", self.products, size)
        for number, part in enumerate(self.before):
            start = number * self.dilation * channels
            rows = flat[: part.shape[1], start : start + size]
            if number == 0:
                torch.mm(part, rows, out=inputs)
            else:
                inputs.addmm_(part, rows)
        products = scratch.take("products", self.products, columns, self.weight.shape[2])
        torch.bmm(inputs.view(self.products, columns, channels), self.weight, out=products)
        products[self.at_one] += self.bias  # reaches every output once
        made = scratch.take("outputs", self.outputs, columns * self.weight.shape[2])
        torch.mm(self.after, products.view(self.products, -1), out=made)
        return made.view(self.outputs, columns, -1)
