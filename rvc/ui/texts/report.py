"""Texts of the third tab."""

from rvc.messages import Message

TEXTS = {
    "report_lead": Message("What the model would learn from your recordings, second by second."),
    "report_go": Message("Make the report"),
    "report_none": Message(
        "No report yet. Press the button; recordings that are not cleaned yet are cleaned first."
    ),
    "report_stale": Message("The recordings have changed since this report; make it again."),
    "verdict_ready": Message("Ready to train"),
    "verdict_usable": Message("Usable"),
    "verdict_again": Message("Better record again"),
    "verdict_more": Message("Record more"),
    "report_usable": Message("usable"),
    "report_of": Message("of {time}"),
    "report_score": Message("score"),
    "report_score_of": Message("{score:.0f} of 100"),
    "report_segments": Message("## Decision for each segment"),
    "report_segments_info": Message(
        "Training uses the segments marked “kept” and “review”. Listen, and overrule where you "
        "disagree."
    ),
    "segment_fine": Message("No problems"),
    "segment_play": Message("Listen to segment {number}"),
    "segment_keep": Message("Keep"),
    "segment_drop": Message("Drop"),
    "segment_overruled": Message("your choice"),
    "decision_keep": Message("kept"),
    "decision_review": Message("review"),
    "decision_drop": Message("dropped"),
    "segments_none": Message("No speech was found."),
    "export_json": Message("Save as JSON"),
    "export_html": Message("Save as a page (HTML)"),
    "next_train": Message("Next: train"),
}
