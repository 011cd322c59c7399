"""Texts of the first tab."""

from rvc.messages import Message

TEXTS = {
    "first_lead": Message(
        "**New here?** No microphone is needed to see how it works: clean a sample recording and "
        "train a voice on it in a few minutes, or convert a sentence with a finished voice."
    ),
    "first_sample": Message("Try the sample"),
    "first_voice": Message("Try a voice"),
    "sample_name": Message("Sample recording"),
    "sample_voice": Message("Sample voice"),
    "record_lead": Message(
        "Add recordings of one voice. Five clean minutes beat twenty that echo: "
        "a quiet room, a hand's width from the microphone."
    ),
    "record_here": Message("## Record here"),
    "record_upload": Message("## Or add files"),
    "upload_label": Message("Sound or video (WAV, MP3, M4A, FLAC …)"),
    "takes_title": Message("## Your recordings"),
    "takes_none": Message("Nothing here yet. Record a minute or drop a file above."),
    "takes_total": Message("{count} recordings, {time} in all."),
    "takes_total_one": Message("1 recording, {time}."),
    "takes_enough": Message("That is plenty. Go on to cleaning."),
    "takes_more": Message("{time} more makes a good voice; you can go on with less."),
    "take_play": Message("Listen"),
    "take_delete": Message("Delete"),
    "take_gone": Message("This recording was deleted meanwhile."),
    "take_refused": Message("Not added."),
    "take_dismiss": Message("Dismiss"),
    "take_no_speech": Message("Not used: no speech was found in it."),
    "take_unused": Message("Not used ({time} of speech)."),
    "take_partly": Message("{time} of its speech is not used."),
    "take_cut": Message("Ends cut: {start} to {end} is used, the file is unchanged."),
    "take_name": Message("Recording {number}"),
    "take_processed": Message(
        "The browser kept its own processing on ({what}); the sound may pump or lose its highs. "
        "Another browser, or a file, is better."
    ),
    "take_raw": Message("Recorded without any processing by the browser."),
    "processing_agc": Message("automatic gain"),
    "processing_ns": Message("noise suppression"),
    "processing_ec": Message("echo cancelling"),
    "next_clean": Message("Next: clean them"),
    # Words the recorder's script shows; it gets this part of the table whole.
    "rec_start": Message("Start recording"),
    "rec_stop": Message("Stop"),
    "rec_device": Message("Microphone"),
    "rec_default": Message("Default microphone"),
    "rec_idle": Message("Press “Start recording” and read the sentence."),
    "rec_wait": Message("Asking for the microphone …"),
    "rec_quiet": Message("Too quiet: come closer."),
    "rec_good": Message("Good level."),
    "rec_loud": Message("Too loud: peaks are cut."),
    "rec_saving": Message("Saving …"),
    "rec_saved": Message("Saved; it is in the list below."),
    "rec_again": Message("Save again"),
    "rec_denied": Message(
        "No access to the microphone. Allow it in the browser's address bar, or add a file."
    ),
    "rec_insecure": Message(
        "This browser gives the microphone only to https or localhost pages. Add a file instead."
    ),
    "rec_failed": Message(
        "The recording could not be saved. It is kept in this page: press “Save again”."
    ),
    "rec_back": Message("Previous sentence"),
    "rec_next": Message("Next sentence"),
    "rec_auto": Message("Go on by itself when a sentence was read"),
    "rec_mood_calm": Message("calm"),
    "rec_mood_lively": Message("lively"),
    "rec_mood_question": Message("asking"),
    "rec_mood_tender": Message("tender"),
    "rec_mood_firm": Message("firm"),
    "rec_read": Message("Read aloud, as you would say it"),
    "rec_level": Message("Input level"),
    # Words of the players' script.
    "play_go": Message("Play"),
    "play_pause": Message("Pause"),
    "play_position": Message("Position"),
    "play_switch": Message("What is played"),
    "play_save": Message("Save"),
    "play_original": Message("Recording"),
    "play_before": Message("Before"),
    "play_after": Message("After"),
    "play_removed": Message("Removed"),
    "play_raise": Message("Louder (+{decibels} dB)"),
    "play_lower": Message("True level"),
    "play_start": Message("Start"),
    "play_end": Message("End"),
    "play_find": Message("Find the speech"),
    "play_cut": Message("Cut the ends"),
    "play_whole": Message("Use all of it"),
    "play_kept": Message("The file itself is never changed."),
}
