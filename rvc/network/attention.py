"""Transformer encoder with relative positions (Shaw et al. 2018), as VITS uses it."""

from math import sqrt

import torch
from torch import Tensor, nn

from rvc.network.layers import ChannelNorm

WINDOW_FRAMES = 10  # positions further apart have no position-dependent terms
MASKED_SCORE = -1e4  # fits fp16; the value in the training of community weights


class RelativeAttention(nn.Module):
    """Multi-head self-attention; all heads share one key and one value embedding per offset."""

    def __init__(self, channels: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.conv_q = nn.Conv1d(channels, channels, 1)
        self.conv_k = nn.Conv1d(channels, channels, 1)
        self.conv_v = nn.Conv1d(channels, channels, 1)
        self.conv_o = nn.Conv1d(channels, channels, 1)
        self.dropout = nn.Dropout(dropout)
        head_channels = channels // heads
        offsets = 2 * WINDOW_FRAMES + 1
        std = head_channels**-0.5
        self.emb_rel_k = nn.Parameter(torch.randn(1, offsets, head_channels) * std)
        self.emb_rel_v = nn.Parameter(torch.randn(1, offsets, head_channels) * std)
        for conv in (self.conv_q, self.conv_k, self.conv_v):
            nn.init.xavier_uniform_(conv.weight)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Return the shape of x (batch, channels, frames); mask: (batch, 1, frames)."""
        query = self._split_heads(self.conv_q(x))
        key = self._split_heads(self.conv_k(x))
        value = self._split_heads(self.conv_v(x))
        query = query / sqrt(query.shape[-1])
        neighbours, outside = _neighbours(x.shape[-1], x.device)
        # (batch, heads, frames, offsets)
        neighbours = neighbours.expand(*query.shape[:2], -1, -1)

        scores = query @ key.transpose(-2, -1)  # (batch, heads, frames, frames)
        by_offset = (query @ self.emb_rel_k.transpose(-2, -1)).masked_fill(outside, 0)
        scores = scores.scatter_add(-1, neighbours, by_offset.to(scores.dtype))
        both = (mask[:, :, :, None] * mask[:, :, None, :]) == 0
        weights = self.dropout(scores.masked_fill(both, MASKED_SCORE).softmax(-1))

        nearby = weights.gather(-1, neighbours).masked_fill(outside, 0)
        mixed = weights @ value.to(weights.dtype) + nearby @ self.emb_rel_v.to(weights.dtype)
        return self.conv_o(mixed.transpose(-2, -1).flatten(1, 2))

    def _split_heads(self, x: Tensor) -> Tensor:
        batch, channels, frames = x.shape
        x = x.view(batch, self.heads, channels // self.heads, frames)
        return x.transpose(-2, -1)  # (batch, heads, frames, channels per head)


def _neighbours(frames: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return each frame's neighbours at offsets -10..+10, and True where there is none."""
    offsets = torch.arange(-WINDOW_FRAMES, WINDOW_FRAMES + 1, device=device)
    indexes = torch.arange(frames, device=device)[:, None] + offsets
    outside = (indexes < 0) | (indexes >= frames)
    return indexes.clamp(0, frames - 1), outside


class FeedForward(nn.Module):
    """Two convolutions over time with a ReLU between."""

    def __init__(self, channels: int, filter_channels: int, kernel_size: int, dropout: float):
        super().__init__()
        padding = kernel_size // 2
        self.conv_1 = nn.Conv1d(channels, filter_channels, kernel_size, padding=padding)
        self.conv_2 = nn.Conv1d(filter_channels, channels, kernel_size, padding=padding)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        x = self.dropout(torch.relu(self.conv_1(x * mask)))
        return self.conv_2(x * mask) * mask


class AttentionEncoder(nn.Module):
    """Post-norm layers of attention and feed-forward over (batch, channels, frames)."""

    def __init__(
        self,
        channels: int,
        filter_channels: int,
        *,
        heads: int,
        layers: int,
        kernel_size: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        repeat = range(layers)
        self.attn_layers = nn.ModuleList(
            RelativeAttention(channels, heads, dropout) for _ in repeat
        )
        self.norm_layers_1 = nn.ModuleList(ChannelNorm(channels) for _ in repeat)
        self.ffn_layers = nn.ModuleList(
            FeedForward(channels, filter_channels, kernel_size, dropout) for _ in repeat
        )
        self.norm_layers_2 = nn.ModuleList(ChannelNorm(channels) for _ in repeat)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        x = x * mask
        layers = zip(
            self.attn_layers, self.norm_layers_1, self.ffn_layers, self.norm_layers_2, strict=True
        )
        for attention, norm_1, feed_forward, norm_2 in layers:
            x = norm_1(x + self.dropout(attention(x, mask)))
            x = norm_2(x + self.dropout(feed_forward(x, mask)))
        return x * mask
