"""The faults of recordings: severity from a measure, effect on a voice, advice."""

from collections.abc import Callable
from dataclasses import dataclass

from rvc.messages import Message
from rvc.quality.measures import Measures


def severity(value: float | None, good: float, bad: float) -> float:
    """Return 0 at `good` or better, 1 at `bad` or worse, linear between; 0 for None."""
    if value is None:
        return 0.0
    return min(1.0, max(0.0, (value - good) / (bad - good)))


@dataclass(frozen=True)
class Fault:
    """`of`: how bad, 0 to 1; named in the report where that reaches `named_at`; `costs`: the share
    of the score it takes at its worst; `symptom`: what is audible; `effect`: on
    the trained voice; `advice`: what to do about it."""

    name: str
    label: Message
    of: Callable[[Measures], float]
    named_at: float
    costs: float
    symptom: Message
    effect: Message
    advice: Message


def _jumpy(m: Measures) -> float:
    return max(
        severity(m.f0_jumps_per_minute, 30, 120), severity(m.f0_dropouts_per_minute, 75, 200)
    )


def _dull(m: Measures) -> float:
    return severity(m.bandwidth_hz, 7500, 3400)


def _strange(m: Measures) -> float:
    if m.own_voice is None or m.own_voice_least is None:
        return 0.0
    return severity(m.own_voice - m.own_voice_least, OWN_VOICE_MARGIN, 0.0)


OWN_VOICE_MARGIN = 0.02  # above the least cosine

FAULTS = (
    Fault(
        "noise",
        Message("background noise"),
        lambda m: severity(m.snr_db, 35, 10),
        0.6,  # 20 dB
        0.55,
        Message("Background noise is audible."),
        Message("The model learns it as part of the voice."),
        Message(
            "Switch off fans and other machines, close the window, and speak nearer to the mic.",
        ),
    ),
    Fault(
        "echo",
        Message("room echo"),
        lambda m: severity(m.decay_seconds, 0.25, 0.50),
        0.24,  # 0.31 s
        0.60,
        Message("The room echoes."),
        Message(
            "The voice will sound distant and smeared, in every sentence it says.",
        ),
        Message(
            "Record close to the mic, with curtains or blankets around.",
        ),
    ),
    Fault(
        "bandwidth",
        Message("missing high frequencies"),
        _dull,
        0.3,  # 6.3 kHz
        0.45,
        Message(
            "It sounds like a phone call or an old MP3.",
        ),
        Message("The voice will be dull for good."),
        Message("Use the original recording."),
    ),
    Fault(
        "clipping",
        Message("clipping"),
        lambda m: severity(m.clipping_percent, 0.01, 0.5),
        0.1,  # 0.06 %
        0.50,
        Message("The level was too high and peaks are cut."),
        Message("The voice will crackle when it is loud."),
        Message("Lower the recording gain and record again."),
    ),
    Fault(
        "clicks",
        Message("mouth clicks"),
        lambda m: severity(m.clicks_per_minute, 12, 60),
        0.375,  # 30 a minute
        0.35,
        Message("There are lip and saliva clicks."),
        Message("The voice will tick between words."),
        Message(
            "Drink water, and turn slightly off the mic.",
        ),
    ),
    Fault(
        "hum",
        Message("mains hum"),
        lambda m: severity(m.hum_db, 7, 20),
        0.42,  # 12.5 dB
        0.25,
        Message("There is mains hum (50/60 Hz)."),
        Message("Low tones will buzz."),
        Message("Check the cable and the power supply."),
    ),
    Fault(
        "f0",
        Message("unsteady pitch tracking"),
        _jumpy,
        0.56,  # 80 jumps or 145 drop-outs a minute
        0.20,
        Message("Pitch tracking breaks here."),
        Message("The voice will croak and flip octaves."),
        Message(
            "It is usually noise, echo or a creaky voice: speak a little louder and more evenly.",
        ),
    ),
    Fault(
        "other_voice",
        Message("another voice"),
        _strange,
        1.0,  # the least
        1.0,
        Message("This part sounds like another person."),
        Message("The model would mix the two voices."),
        Message("Leave parts with other people out."),
    ),
    Fault(
        "pauses",
        Message("long silences"),
        lambda m: severity(m.pauses_percent, 25, 75),
        0.5,  # 50 %
        0.0,
        Message("Long silences were cut."),
        Message("They teach nothing."),
        Message("Read on without long breaks."),
    ),
    Fault(
        "level",
        Message("a faint recording"),
        lambda m: severity(m.lufs, -30, -50),
        0.75,  # -45 LUFS
        0.0,
        Message("It was recorded very quietly."),
        Message("Noise rises when it is amplified."),
        Message("Come nearer to the mic or raise its gain."),
    ),
)
BY_NAME = {fault.name: fault for fault in FAULTS}
TOO_SHORT = Message(
    "There is not enough clean speech yet: 5 minutes are enough, 10 are comfortable.",
)
CONSEQUENCES = {"f0": 0.25, "pauses": 0.15, "level": 0.15}  # rank after what causes them


def named_faults(measures: Measures) -> tuple[str, ...]:
    """Return the names of the faults bad enough to be reported, in the table's order."""
    return tuple(fault.name for fault in FAULTS if fault.of(measures) >= fault.named_at)


def weight(name: str, measures: Measures) -> float:
    """Return how much a named fault counts against others: 0.4 where just named, up to 1."""
    fault = BY_NAME[name]
    found = fault.of(measures)
    if found < fault.named_at:
        return 0.0
    beyond = (found - fault.named_at) / max(1e-6, 1 - fault.named_at)
    return (0.4 + 0.6 * min(1.0, beyond)) * CONSEQUENCES.get(name, 1.0)
