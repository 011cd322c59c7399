"""Voices: `.pth`, `.index` and card; reading, saving, the library, import and export."""

from rvc.voice.blending import blend_voices
from rvc.voice.files import CHECKED_FILE, PREVIEW_FILE, load_voice
from rvc.voice.importing import export_voice, import_link, import_voice
from rvc.voice.library import VoiceLibrary
from rvc.voice.names import check_name, safe_name
from rvc.voice.onnx_export import export_onnx
from rvc.voice.voice import ENCODERS, Voice, build_synthesizer

__all__ = [
    "CHECKED_FILE",
    "ENCODERS",
    "PREVIEW_FILE",
    "Voice",
    "VoiceLibrary",
    "blend_voices",
    "build_synthesizer",
    "check_name",
    "export_onnx",
    "export_voice",
    "import_link",
    "import_voice",
    "load_voice",
    "safe_name",
]
