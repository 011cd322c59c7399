"""Moksori: record, clean, assess, train and convert a voice.

    engine = Engine()
    cleaned = engine.clean(load_audio("me.wav"))     # noise, hum, clicks, echo, pauses
    report = engine.report([cleaned])                # quality as training data
    for progress in engine.train(report, TrainingOptions("me")):
        print(progress.message)                      # slices, features, steps, index, voice
    save_audio("out.wav", engine.convert(load_audio("other.wav"), "me").recording)

A module imports only from earlier stages of this pipeline; `Engine` runs the whole of it and keeps
the networks loaded. Names are resolved on first use, so importing `rvc` loads nothing heavy.
"""

import importlib

_HOME = {
    "RVCError": "rvc.errors",
    "Message": "rvc.errors",
    "Recording": "rvc.audio",
    "load_audio": "rvc.audio",
    "save_audio": "rvc.audio",
    "CleaningOptions": "rvc.cleaning",
    "clean": "rvc.cleaning",
    "assess": "rvc.quality",
    "cut": "rvc.slicing",
    "estimate_f0": "rvc.f0",
    "TrainingOptions": "rvc.train",
    "Voice": "rvc.voice",
    "VoiceLibrary": "rvc.voice",
    "load_voice": "rvc.voice",
    "ConversionOptions": "rvc.convert",
    "Engine": "rvc.engine",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> object:
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"module 'rvc' has no attribute {name!r}")
