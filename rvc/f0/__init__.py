"""f0, the fundamental frequency, on the 10 ms grid: estimation, repair and transposition."""

from rvc.f0.autotune import autotune
from rvc.f0.curve import (
    F0,
    MAX_HZ,
    MIN_HZ,
    median_hz,
    transpose,
)
from rvc.f0.estimate import METHODS, estimate_f0, pick_method
from rvc.f0.mains import follows_lines, without_mains
from rvc.f0.repair import RepairedF0, find_dropouts, find_jumps, repair_f0

__all__ = [
    "F0",
    "MAX_HZ",
    "METHODS",
    "MIN_HZ",
    "RepairedF0",
    "autotune",
    "estimate_f0",
    "find_dropouts",
    "find_jumps",
    "follows_lines",
    "median_hz",
    "pick_method",
    "repair_f0",
    "transpose",
    "without_mains",
]
