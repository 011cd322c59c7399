"""Texts of the second tab."""

from rvc.messages import Message

TEXTS = {
    "clean_lead": Message(
        "Noise, hum, echo, mouth clicks and long pauses are removed before "
        "training. Your original is never changed."
    ),
    "strength": Message("Cleaning strength"),
    "strength_off": Message("Off"),
    "strength_light": Message("Light"),
    "strength_standard": Message("Standard"),
    "strength_strong": Message("Strong"),
    "strength_info": Message("Standard repairs only what it measures; good audio is left alone."),
    "trim": Message("Shorten long pauses"),
    "repairs_allowed": Message("Repairs that may run"),
    "repairs_info": Message("Each runs only where the recording needs it."),
    "repairs_more": Message("Choose the repairs"),
    "repair_high_pass": Message("Rumble"),
    "repair_hum": Message("Mains hum"),
    "repair_clicks": Message("Mouth clicks"),
    "repair_echo": Message("Room echo"),
    "repair_noise": Message("Noise"),
    "repair_gate": Message("Speech-damage check"),
    "repair_level": Message("Level"),
    "repair_trim": Message("Pauses"),
    "clean_go": Message("Clean all recordings"),
    "clean_nothing": Message("There is no recording yet. Add one in the first tab."),
    "clean_waiting": Message("Press the button to clean your recordings ({count}, {time})."),
    "clean_of": Message("{name} ({number} of {count})"),
    "clean_problem": Message("{name} was left out: {problem}"),
    "clean_done": Message("Recordings cleaned: {count}; {before} became {after}."),
    "clean_no_speech": Message(
        "{name}: no speech was found. It was left as it is and is not counted."
    ),
    "clean_stale": Message("Some recordings are not cleaned yet."),
    "clean_which": Message("Recording"),
    "clean_loudness": Message(
        "Switch while it plays: the position stays. Before and after are equally loud, so that the "
        "louder one does not seem better; what was removed has its true level."
    ),
    "clean_repairs": Message("What was done"),
    "clean_original": Message("Use the original of this recording"),
    "next_report": Message("Next: the report"),
}
