"""Texts of the fifth tab."""

from rvc.messages import Message

TEXTS = {
    "convert_lead": Message("Record or upload speech; it is converted to the chosen voice."),
    "voice": Message("Voice"),
    "voice_none": Message("There is no voice yet. Train one, or import one below."),
    "voice_demo": Message("{name} (demo)"),
    "voice_is_demo": Message("demo"),
    "voice_no_facts": Message("no facts known"),
    "voice_trained": Message("trained on {minutes:.1f} min"),
    "voice_speakers": Message("{count} speakers"),
    "voice_blended": Message("blend of {names}"),
    "voice_report": Message("Report of its recordings: {score} of 100, {verdict}"),
    "voice_ready": Message("clean recordings"),
    "voice_usable": Message("usable recordings"),
    "voice_again": Message("poor recordings"),
    "voice_few": Message("few minutes, clean"),
    "voice_clean": Message("{time} used"),
    "voice_preview": Message("Preview"),
    "voice_preview_busy": Message("Being made …"),
    "voice_player": Message("Preview of a voice"),
    "gallery": Message("Voices"),
    "source": Message("What to convert"),
    "sources": Message("Several files at once"),
    "sources_label": Message("Sound or video files, converted one after the other"),
    "format": Message("Format of the result"),
    "speaker": Message("Speaker"),
    "speaker_info": Message(
        "This voice has a table of several speakers. Most were trained on number 0 only."
    ),
    "f0_method": Message("f0 method"),
    "f0_method_info": Message("How the pitch of the recording is found."),
    "unvoiced": Message("Pitch in voiceless sounds"),
    "unvoiced_info": Message(
        "RVC-WebUI trains with it filled since July 2026; older voices and Applio's need none. "
        "Automatic tests the voice."
    ),
    "unvoiced_auto": Message("Automatic"),
    "unvoiced_zero": Message("none (0 Hz)"),
    "unvoiced_fill": Message("filled"),
    "songs": Message("It is a song: convert only the vocals"),
    "songs_info": Message("They are separated, converted and mixed back at their level."),
    "formant": Message("Formant shift (semitones)"),
    "formant_info": Message(
        "Below 0 the speaker seems bigger, above 0 smaller; the pitch stays. 0 is off."
    ),
    "autotune": Message("Autotune"),
    "autotune_info": Message(
        "Draws sung pitch to the nearest semitone: 0 is off, 1 is wholly in tune."
    ),
    "f0_auto": Message("Automatic"),
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
    "convert_format": Message("Choose one of these formats: {formats}."),
    "convert_too_many": Message("Too many files: at most {most} at once."),
    "convert_no_room": Message(
        "Two minutes in all is the most here. Run Moksori on your own computer for more."
    ),
    "convert_none": Message("None of the files could be converted. {name}: {reason}"),
    "result": Message("Result"),
    "result_archive": Message("Download all (zip)"),
    "result_left_out": Message("Left out."),
    "results_count": Message("Converted: {done} of {count}."),
    "history": Message("## Last results"),
    "history_none": Message("Results are kept here, the newest first."),
    "history_several": Message("{name} and {more} more"),
    "history_download": Message("Download"),
    "history_deleted": Message("“{name}” was deleted."),
    "undo": Message("Undo"),
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
    "encoder": Message("Content encoder, if the maker names one"),
    "encoder_info": Message("Such as spin or korean-hubert-base; usually empty."),
    "link": Message("Or a link to Hugging Face"),
    "link_info": Message(
        "To one .pth or .zip; for a .pth, a second link to its .index may follow."
    ),
    "link_many": Message("Give one link to a .pth or .zip, and at most one to its .index."),
    "link_owner": Message(
        "A public page opens no links. Download the voice and import its file instead."
    ),
    "blend": Message("Blend two voices"),
    "blend_lead": Message(
        "This makes a new voice between the chosen one and another of the same kind."
    ),
    "blend_second": Message("Second voice"),
    "blend_share": Message("Share of the second voice (%)"),
    "blend_name": Message("Name of the new voice"),
    "blend_go": Message("Blend"),
    "blend_two": Message("Choose two voices to blend."),
    "blend_done": Message("“{name}” was made."),
    "export_prepare": Message("Export voice (.zip)"),
    "export_onnx": Message("Export as ONNX"),
    "export_onnx_working": Message("Exporting as ONNX"),
    "export_file": Message("Voice file (.zip)"),
    "delete_voice": Message("Delete the voice above"),
    "delete_sure": Message("Delete “{0}” and its training? It can be undone for a day."),
    "delete_done": Message("“{name}” was deleted."),
    "delete_demo": Message("A demo voice belongs to the program and cannot be deleted here."),
    "voice_model_name": Message("named by its maker"),
    "voice_author": Message("author"),
    "voice_epochs": Message("epochs"),
    "voice_created": Message("made on"),
    "voice_hash": Message("hash"),
}
