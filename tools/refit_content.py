"""Bring a base of the `lite` preset to another content encoder, as a start for further training.

    python -m tools.refit_content OLD_BASE OLD_FEATURES NEW_FEATURES NEW_BASE

Both folders come from tools/pretrain_features.py, of the same clips, the new one with today's
encoder. The content layer of OLD_BASE is replaced by the ridge regression that gives the old
layer's output from the new encoder's content; all other weights are kept.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from rvc.network.lite import LiteConfig
from rvc.training.build import load_lite_base
from tools.lite_base import save_lite_base

EVERY = 3  # frames; neighbours are alike
RIDGE = 1e-3  # times the mean variance of a channel


def main() -> None:
    """Read the arguments; fit and write the base."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("old_base", "old_features", "new_features", "new_base"):
        parser.add_argument(name, type=Path)
    arguments = parser.parse_args()
    synthesizer, discriminators = load_lite_base(arguments.old_base)
    old, new = matching_content(arguments.old_features, arguments.new_features)
    with torch.no_grad():
        wanted = synthesizer.content(torch.from_numpy(old)).numpy()
        weight, bias = ridge(new, wanted)
        synthesizer.content.weight.copy_(torch.from_numpy(weight))
        synthesizer.content.bias.copy_(torch.from_numpy(bias))
    left = float(
        np.var(new @ weight.T + bias - wanted, axis=0).sum() / np.var(wanted, axis=0).sum()
    )
    print(f"{len(new)} frames; {100 * left:.1f} % of the variance is not explained")
    synthesizer.config = replace(synthesizer.config, encoder=LiteConfig.encoder)
    facts = {"steps": "0", "licence": "CC-BY-SA-3.0; see lite_base.md"}
    save_lite_base(arguments.new_base, synthesizer, discriminators, facts)


def matching_content(old: Path, new: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return content (frames, channels) float32 of the clips that are in both folders."""
    pairs: list[tuple[np.ndarray, np.ndarray]] = []
    for path in sorted(new.glob("*/[0-9]*.npz")):
        other = old / path.relative_to(new)
        if other.exists():
            both = (np.load(each)["content"][0][::EVERY] for each in (other, path))
            pairs.append((next(both), next(both)))
    first, second = (np.concatenate(side).astype(np.float32) for side in zip(*pairs, strict=True))
    return first, second


def ridge(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (weight (out, channels), bias (out,)) float32 of the regression of y on x."""
    x_mean, y_mean = x.mean(0, dtype=np.float64), y.mean(0, dtype=np.float64)
    centred = x - x_mean
    gram = centred.T @ centred
    gram += RIDGE * np.trace(gram) / len(gram) * np.eye(len(gram))
    weight = np.linalg.solve(gram, centred.T @ (y - y_mean)).T
    return weight.astype(np.float32), (y_mean - weight @ x_mean).astype(np.float32)


if __name__ == "__main__":
    main()
