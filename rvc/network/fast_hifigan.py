"""HiFi-GAN for inference on a processor: the same numbers as `nsf_hifigan`, about twice as fast.

The residual blocks, nine tenths of the work, use `toom_cook`. Each stage runs in chunks that stay
in the processor's cache, one thread to a chunk: threads that share a layer wait for each other
after each of them, and longest on a busy machine. Time comes before channels, so that upsampling
and the last layer are matrix products. Leaky ReLU keeps positive factors, so the mean over blocks
is a sum whose divisor is in the next layer's weights.
"""

from math import prod
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from rvc.network.layers import LEAKY_SLOPE, joined_weight
from rvc.network.nsf_hifigan import HiFiGAN, NSFHiFiGAN
from rvc.network.toom_cook import MAX_TAPS, Scratch, ShortConvolution, thread_scratch
from rvc.threads import workers

CHUNK_NUMBERS = 2**18  # of one array of a chunk: 1 MiB
TILE = 6  # outputs of one Toom-Cook product sum, or a multiple of the dilation close to it
LAST_SLOPE = 0.01  # of the activation before the last layer, torch's default


def fast_decoder(decoder: Any) -> nn.Module:
    """Return a decoder of the same output, faster on a processor; `decoder` itself if none fits.

    Its weights must be folded (`fold_weight_norm`).
    """
    if type(decoder) not in (HiFiGAN, NSFHiFiGAN) or not _fits(decoder):
        return decoder
    return FastHiFiGAN(decoder)


def _fits(decoder: Any) -> bool:
    even = all((up.kernel_size[0] - up.stride[0]) % 2 == 0 for up in decoder.ups)
    return even and all(
        conv.kernel_size[0] <= MAX_TAPS and conv.dilation[0] <= TILE
        for block in decoder.resblocks
        for conv in (*block.convs1, *block.convs2)
    )


class FastHiFiGAN(nn.Module):
    """The decoder `decoder` for inference; holds its own copy of the weights."""

    def __init__(self, decoder: Any) -> None:
        super().__init__()
        self.conv_pre, self.cond = decoder.conv_pre, decoder.cond
        self.excite = decoder.source
        rates = [up.stride[0] for up in decoder.ups]
        convs = decoder.noise_convs if isinstance(decoder, NSFHiFiGAN) else [None] * len(rates)
        self._stages = []
        for number, (up, noise) in enumerate(zip(decoder.ups, convs, strict=True)):
            blocks = decoder.resblocks[number * decoder.kernels : (number + 1) * decoder.kernels]
            scale = 1.0 if number == 0 else 1 / decoder.kernels
            stride = prod(rates[number + 1 :])
            self._stages.append(_Stage(_Upsampling(up, scale), noise, stride, blocks))
        self._last = decoder.conv_post.weight[0].t().contiguous().t() / decoder.kernels

    def forward(
        self,
        latent: Tensor,
        f0_hz: Tensor,
        speaker: Tensor,
        *,
        noise: bool = True,
        generator: torch.Generator | None = None,
        phase: float = 0.0,
    ) -> Tensor:
        """Return the waveform (batch, 1, samples); see `HiFiGAN.forward`."""
        x = self.conv_pre(latent) + self.cond(speaker)
        source = self.excite(f0_hz, noise=noise, generator=generator, phase=phase)
        sources = [None] * len(x) if source is None else list(source[:, 0])
        return torch.stack([self._one(*item) for item in zip(x, sources, strict=True)])[:, None]

    def _one(self, x: Tensor, source: Tensor | None) -> Tensor:
        """Return the waveform (samples,) of one item: x (channels, frames), source (samples,)."""
        x = x.t().contiguous()  # (time, channels) from here on
        for stage in self._stages:
            x = stage(x, source)
        return self._waveform(x)

    def _waveform(self, x: Tensor) -> Tensor:
        taps = self._last.shape[1]
        padded = x.new_zeros(len(x) + taps - 1, taps)
        padded[taps // 2 : taps // 2 + len(x)] = functional.leaky_relu(x, LAST_SLOPE) @ self._last
        diagonals = padded.as_strided((len(x), taps), (taps, taps + 1))
        return torch.tanh(diagonals.sum(1))


class _Upsampling:
    """A transposed convolution of (time, channels) as one matrix product and shifted sums."""

    def __init__(self, conv: Any, scale: float) -> None:
        weight = joined_weight(conv) * scale  # (channels in, channels out, taps)
        self.rate, self.taps = conv.stride[0], conv.kernel_size[0]
        self.padding = (self.taps - self.rate) // 2
        self.channels = weight.shape[1]
        self.weight = weight.transpose(1, 2).flatten(1).contiguous()
        self.bias = conv.bias

    def __call__(self, x: Tensor, start: int, stop: int, out: Tensor) -> None:
        """Write outputs `start` to `stop` to `out`; all of them are inside the sequence."""
        rate, pieces = self.rate, -(-self.taps // self.rate)
        first = max(0, (start + self.padding) // rate - pieces + 1)
        last = min(len(x), (stop - 1 + self.padding) // rate + 1)
        active = functional.leaky_relu(x[first:last], LEAKY_SLOPE)
        spread = (active @ self.weight).view(last - first, self.taps, self.channels)
        total = x.new_zeros(last - first + pieces - 1, rate, self.channels)
        for number in range(pieces):
            part = spread[:, number * rate : (number + 1) * rate]
            total[number : number + last - first, : part.shape[1]] += part
        skip = start + self.padding - first * rate
        torch.add(total.view(-1, self.channels)[skip : skip + stop - start], self.bias, out=out)


class _Stage:
    """Upsampling, the source, and the sum of the residual blocks."""

    def __init__(
        self,
        up: _Upsampling,
        noise: Any,
        stride: int,
        blocks: Any,
    ) -> None:
        """`stride`: samples of the waveform for each step of this stage."""
        self.up, self.stride = up, stride
        self.noise = None if noise is None else (noise.weight[:, 0].t().contiguous(), noise.bias)
        self.blocks = [_Block(block) for block in blocks]
        self.halo = max(block.halo for block in self.blocks)

    def __call__(self, x: Tensor, source: Tensor | None) -> Tensor:
        """Return (time * rate, channels) of x (time, channels); source (samples,)."""
        steps, channels = len(x) * self.up.rate, self.up.channels
        made = x.new_empty(steps, channels)
        threads = torch.get_num_threads()
        count = -(-steps // max(1, CHUNK_NUMBERS // channels))
        size = -(-steps // (-(-count // threads) * threads))

        def make(start: int) -> None:
            with torch.inference_mode():
                self._chunk(x, source, made[start : start + size], start, size)

        starts = range(0, steps, size)
        mapped = workers("hifigan", threads).map if len(starts) > 1 else map
        list(mapped(make, starts))
        return made

    def _chunk(self, x: Tensor, source: Tensor | None, out: Tensor, start: int, size: int) -> None:
        """Write the steps from `start` on to out (at most size, channels)."""
        scratch = thread_scratch()
        steps = len(x) * self.up.rate
        needed = [block.needed(size) for block in self.blocks]
        length = max(self.halo - b.halo + n for b, n in zip(self.blocks, needed, strict=True))
        chunk = scratch.take("chunk", length, self.up.channels)
        first = start - self.halo
        inside = slice(max(0, -first), min(length, steps - first))
        chunk[: inside.start] = 0
        chunk[inside.stop :] = 0
        begin, end = first + inside.start, first + inside.stop
        self.up(x, begin, end, chunk[inside])
        if source is not None:
            self._add_source(chunk[inside], source, begin, end)
        for number, (block, need) in enumerate(zip(self.blocks, needed, strict=True)):
            skip = self.halo - block.halo
            part = chunk[skip : skip + need]
            result = block(part, -first - skip, steps - first - skip, scratch)[: len(out)]
            if number == 0:
                out.copy_(result)
            else:
                out += result

    def _add_source(self, out: Tensor, source: Tensor, begin: int, end: int) -> None:
        """Add the convolution of the source (samples,) at steps `begin` to `end`."""
        assert self.noise is not None
        weight, bias = self.noise
        taps, stride = len(weight), self.stride
        before = stride // 2 if taps > 1 else 0
        first, last = begin * stride - before, (end - 1) * stride - before + taps
        inside = source[max(0, first) : min(len(source), last)]
        padded = functional.pad(inside, (max(0, -first), max(0, last - len(source))))
        windows = padded.unfold(0, taps, stride)  # (steps, taps)
        out.addmm_(windows, weight).add_(bias)


class _Block:
    """A residual block of HiFi-GAN over (time, channels), without padding."""

    def __init__(self, block: Any) -> None:
        self.pairs = []
        for dilated, plain in zip(block.convs1, block.convs2, strict=True):
            dilation = dilated.dilation[0]
            outputs = max(1, round(TILE / dilation)) * dilation if dilation > 1 else TILE
            first, second = (
                ShortConvolution(
                    joined_weight(conv), conv.bias, outputs=outputs, dilation=conv.dilation[0]
                )
                for conv in (dilated, plain)
            )
            self.pairs.append((first, second))
        self.halo = sum(_half(conv) for pair in self.pairs for conv in pair)

    def needed(self, length: int) -> int:
        """Return the length of input, with the halo before it, for `length` outputs."""
        return self._plan(length)[0][0]

    def _plan(self, length: int) -> list[tuple[int, int, int]]:
        """Return for every pair: length of its input, tiles of its first and second layer."""
        plan = []
        for first, second in reversed(self.pairs):
            tiles = -(-length // second.outputs)
            between = (tiles + second.tiles_ahead) * second.outputs
            tiles_first = -(-between // (first.outputs * first.dilation))
            wanted = (tiles_first + first.tiles_ahead) * first.outputs * first.dilation
            length = max(wanted, _half(first) + _half(second) + tiles * second.outputs)
            plan.append((length, tiles_first, tiles))
        return plan[::-1]

    def __call__(self, x: Tensor, first: int, last: int, scratch: Scratch) -> Tensor:
        """Return the outputs that x (`needed(length)`, channels) is enough for.

        Steps of x before `first` and from `last` on are outside the sequence, and zero.
        """
        length = len(x) - 2 * self.halo
        while self.needed(length) > len(x):  # the plan rounds up
            length -= 1
        channels = x.shape[1]
        for number, (pair, planned) in enumerate(zip(self.pairs, self._plan(length), strict=True)):
            layer, second = pair
            _, tiles_first, tiles = planned
            spread = (tiles_first + layer.tiles_ahead, layer.outputs, layer.dilation, channels)
            phases = scratch.take("phases", spread[1], spread[0], spread[2], channels)
            given = x[: spread[0] * spread[1] * spread[2]].view(spread)
            _leaky(given, phases.permute(1, 0, 2, 3))
            made = layer(phases.flatten(1, 2), tiles_first, scratch)
            between = scratch.take("between", *made.shape)
            _leaky(*_one_step_apart(made, between, layer.dilation))
            skip = _half(layer)
            _silence(between, first - skip, last - skip)
            made = second(between, tiles, scratch)
            skip += _half(second)
            steps = tiles * second.outputs
            out = scratch.take(f"residual{number % 2}", tiles, second.outputs, channels)
            given = x[skip : skip + steps].view(out.shape)
            torch.add(given, made.permute(1, 0, 2), out=out)
            x, first, last = out.view(steps, channels), first - skip, last - skip
            x[: max(0, first)] = 0
            x[max(0, last) :] = 0
        return x


def _half(conv: ShortConvolution) -> int:
    return (conv.taps - 1) // 2 * conv.dilation


def _leaky(x: Tensor, out: Tensor) -> None:
    torch.ops.aten.leaky_relu.out(x, LEAKY_SLOPE, out=out)


def _one_step_apart(made: Tensor, out: Tensor, dilation: int) -> tuple[Tensor, Tensor]:
    """Return views of equal shape of the phases of a dilation and of those of dilation 1."""
    outputs, columns, channels = made.shape
    parts, tiles = outputs // dilation, columns // dilation
    given = made.view(dilation, parts, tiles, dilation, channels).permute(1, 3, 2, 0, 4)
    return given, out.view(parts, dilation, tiles, dilation, channels)


def _silence(phases: Tensor, first: int, last: int) -> None:
    """Set steps before `first` and from `last` on to zero, in phases of dilation 1."""
    outputs, columns, _ = phases.shape
    if first > 0:
        whole, rest = divmod(first, outputs)
        phases[:, :whole] = 0
        phases[:rest, whole] = 0
    if last < outputs * columns:
        whole, rest = divmod(max(0, last), outputs)
        phases[rest:, whole] = 0
        phases[:, whole + 1 :] = 0
