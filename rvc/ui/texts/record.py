"""Texts of the first tab."""

from rvc.messages import Message

TEXTS = {
    "record_lead": Message(
        "Add recordings of one voice. Five clean minutes beat an hour of noisy audio: "
        "a quiet room, a hand's width from the microphone."
    ),
    "record_here": Message("Record here"),
    "record_upload": Message("Or add files"),
    "upload_label": Message("Sound or video files (WAV, MP3, M4A, FLAC, OGG, WebM, MP4)"),
    "takes_title": Message("Your recordings"),
    "takes_none": Message("Nothing here yet. Record a minute or drop a file above."),
    "takes_total": Message("{count} recordings, {time} in all."),
    "takes_total_one": Message("1 recording, {time}."),
    "takes_enough": Message("That is plenty. Go on to cleaning."),
    "takes_more": Message("{time} more makes a good voice; you can go on with less."),
    "take_play": Message("Listen"),
    "take_delete": Message("Delete"),
    "take_player": Message("Listening to a recording"),
    "take_problem": Message("{name}: {problem}"),
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
    "rec_start": Message("Record"),
    "rec_stop": Message("Stop"),
    "rec_device": Message("Microphone"),
    "rec_default": Message("Default microphone"),
    "rec_idle": Message("Press Record and read the sentence."),
    "rec_wait": Message("Asking for the microphone …"),
    "rec_quiet": Message("Too quiet: come closer."),
    "rec_good": Message("Good level."),
    "rec_loud": Message("Too loud: peaks are cut."),
    "rec_saving": Message("Saving …"),
    "rec_saved": Message("Saved below."),
    "rec_denied": Message(
        "No access to the microphone. Allow it in the browser's address bar, or add a file."
    ),
    "rec_insecure": Message(
        "This browser gives the microphone only to https or localhost pages. Add a file instead."
    ),
    "rec_failed": Message("The take could not be saved; please try again."),
    "rec_next": Message("Another sentence"),
    "rec_read": Message("Read aloud, as you would speak"),
    "rec_level": Message("Input level"),
}
