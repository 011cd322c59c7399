"""Texts of the part for speaking live."""

from rvc.messages import Message

TEXTS = {
    "live_title": Message("Speak live"),
    "live_lead": Message(
        "Speak and hear the voice chosen above about a quarter of a second later. Wear headphones, "
        "or the microphone records the voice again. Voices of the preset lite only."
    ),
    "live_start": Message("Start speaking"),
    "live_stop": Message("Stop speaking"),
    "live_auto_pitch": Message("Move the pitch to the voice's own range"),
    "live_on": Message("Live: speak now."),
    "live_off": Message("Stopped."),
    "live_stopped": Message("The live conversion has ended. Start it again."),
    "live_denied": Message("The browser did not allow the microphone. Allow it and start again."),
    "live_insecure": Message(
        "A browser gives the microphone only to pages of this computer or of https."
    ),
}
