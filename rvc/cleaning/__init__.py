"""Cleaning: `clean(recording, options) -> Cleaned`; one file per repair.

    recording -> DC and high-pass -> hum notch -> working level -> mouth clicks -> room echo (WPE)
              -> denoiser -> the voice kept -> where speech is -> harm gate -> one gain to -23 LUFS
              -> Cleaned

The original is never changed, and what comes out lies sample for sample under what came in.
"""

from rvc.cleaning.clean import NO_SPEECH, Cleaned, clean, listening_set
from rvc.cleaning.options import STRENGTHS, CleaningOptions
from rvc.cleaning.repair import Repair
from rvc.cleaning.trim import Segment

__all__ = [
    "NO_SPEECH",
    "STRENGTHS",
    "Cleaned",
    "CleaningOptions",
    "Repair",
    "Segment",
    "clean",
    "listening_set",
]
