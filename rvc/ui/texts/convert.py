"""Texts of the fifth tab."""

from rvc.messages import Message

TEXTS = {
    "convert_lead": Message("Record or upload speech; it is converted to the chosen voice."),
    "voice": Message("Voice"),
    "voice_none": Message("There is no voice yet. Train one, or import one below."),
    "voice_demo": Message("{name} (demo)"),
    "source": Message("What to convert"),
    "pitch": Message("Pitch shift"),
    "pitch_auto": Message("Automatic"),
    "pitch_manual": Message("Manual"),
    "pitch_info": Message("Automatic moves your pitch to the voice's own range."),
    "semitones": Message("Semitones (12 = one octave up)"),
    "advanced": Message("Advanced"),
    "index_rate": Message("Index rate"),
    "index_rate_info": Message(
        "How much pronunciation follows the trained recordings: more likeness, less clarity."
    ),
    "index_default": Message("Choose the index rate by the recording"),
    "protect": Message("Protect consonants"),
    "protect_info": Message("Keeps breaths and voiceless consonants natural; 0.5 is off."),
    "loudness_mix": Message("Loudness mix"),
    "loudness_mix_info": Message("1 keeps the voice's own loudness, 0 follows your recording's."),
    "convert_go": Message("Convert"),
    "convert_working": Message("Converting"),
    "convert_no_source": Message("Record or upload what should be converted first."),
    "result": Message("Result"),
    "result_none": Message("The result appears here, with its pitch drawn below."),
    "result_took": Message("{time} of sound in {seconds} s."),
    "result_ai": Message("AI-generated voice"),
    "f0_title": Message("Pitch of source and result"),
    "f0_source": Message("source"),
    "f0_result": Message("result"),
    "manage": Message("Import, export or delete a voice"),
    "import_label": Message(
        "A voice of RVC-WebUI or Applio: .pth (with its .index), or a .zip of both"
    ),
    "import_consent": Message("The owner of this voice agreed to its use."),
    "import_go": Message("Import"),
    "import_none": Message("Choose a .pth or .zip file first."),
    "import_many": Message(
        "Import one voice at a time: one .pth with at most one .index, or one .zip."
    ),
    "import_done": Message("“{name}” was imported."),
    "export_prepare": Message("Export voice (.zip)"),
    "export_file": Message("Voice file (.zip)"),
    "delete_voice": Message("Delete the voice above"),
    "delete_sure": Message("Delete this voice? This cannot be undone."),
    "delete_done": Message("“{name}” was deleted."),
    "delete_demo": Message("A demo voice belongs to the program and cannot be deleted here."),
    "voice_version": Message("made with"),
    "voice_f0": Message("usual pitch"),
    "voice_minutes": Message("trained on"),
    "voice_model_name": Message("named by its maker"),
    "voice_author": Message("author"),
    "voice_epochs": Message("epochs"),
    "voice_created": Message("made on"),
    "voice_hash": Message("hash"),
}
