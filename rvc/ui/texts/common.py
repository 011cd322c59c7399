"""Texts of the frame around the tabs."""

from rvc.messages import Message

TEXTS = {
    "tagline": Message("Train a voice from a few clean minutes, then speak with it."),
    "tab_record": Message("Record"),
    "tab_clean": Message("Clean"),
    "tab_report": Message("Report"),
    "tab_train": Message("Train"),
    "tab_convert": Message("Convert"),
    "strip_next": Message("next"),
    "strip_done": Message("done"),
    "strip_of": Message("{done} of {count}"),
    "strip_usable": Message("{time} usable"),
    "strip_voices": Message("{count} of your own"),
    "starting": Message("Starting …"),
    "queue_place": Message("Waiting for your turn: {ahead} ahead of you."),
    "cancel": Message("Cancel"),
    "stopped": Message("Stopped. Everything made before is still there."),
    "unexpected": Message(
        "Something went wrong inside the program. See the log for details, and try again."
    ),
    "reload_page": Message("This page is too old; please reload it."),
    "data_title": Message("Your data"),
    "data_local": Message(
        "Recordings and voices stay on this computer, in the program's own folder. "
        "Nothing is sent anywhere."
    ),
    "data_public": Message(
        "Your recordings and voices can be reached from this browser only, and are deleted "
        "after {days} days without a visit. Download a voice you want to keep."
    ),
    "data_delete": Message("Delete my recordings and results"),
    "data_deleted": Message("Everything was deleted."),
    "data_sure": Message("Delete all recordings, reports and results? This cannot be undone."),
    "undo": Message("Undo"),
    "undo_hide": Message("Hide this"),
    "undo_done": Message("“{name}” is back."),
    "undo_gone": Message("This was deleted for good and cannot be brought back any more."),
    "deleted_take": Message("Deleted: the recording “{name}”"),
    "deleted_voice": Message("Deleted: the voice “{name}” and its training"),
    "deleted_training": Message("Deleted: the training “{name}”; its voice is kept"),
    "deleted_title": Message("Deleted"),
    "deleted_kept": Message("It is deleted for good after a day; on a public page, after an hour."),
    "deleted_empty": Message("Delete it for good now"),
    "ai_note": Message(
        "Converted speech is AI-generated and says so in its file. "
        "Use only voices whose owner agreed."
    ),
    "notice_leave": Message("The work goes on when you leave this page."),
    "notice_ask": Message("Notify me when it is done"),
    "notice_done": Message("{work}: done"),
    "notice_failed": Message("{work}: failed"),
    "notice_work_clean": Message("Cleaning"),
    "notice_work_report": Message("Report"),
    "notice_work_train": Message("Training"),
    "notice_work_convert": Message("Conversion"),
    "notice_work_fetch": Message("Download of weights"),
    "time_seconds": Message("time (s)"),
}
