"""Texts of Gradio's own parts that Gradio leaves in English, for screen readers above all."""

from rvc.messages import Message

# Keys of Gradio's own table, which has no text for them.
GRADIO = {
    "common.complete": Message("Done"),
    "common.progress": Message("Progress"),
    "status.queue_position": Message("Waiting in line: {position} of {size}"),
}
# The header's script puts these in place of the same English text; it gets this table whole.
LABELS = {
    "label_volume": Message("Adjust volume"),
    "label_speed": Message("Adjust playback speed to {number}x"),
    "label_back": Message("Skip backwards by {number} seconds"),
    "label_forward": Message("Skip forward by {number} seconds"),
    "label_reset": Message("Reset audio"),
    "label_trim": Message("Trim audio to selection"),
    "label_trim_start": Message("Drag to adjust start time"),
    "label_trim_end": Message("Drag to adjust end time"),
    "label_default": Message("Reset to default value"),
    "label_device": Message("Select input device"),
    "label_file": Message("File upload"),
    "label_upload": Message("Upload file"),
    "label_record": Message("Record audio"),
    "label_footer": Message("Gradio footer navigation"),
}
TEXTS = {**GRADIO, **LABELS}
