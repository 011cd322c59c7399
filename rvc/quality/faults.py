"""The faults a recording can have: how bad each measure is, what it does to a voice, what helps."""

from collections.abc import Callable
from dataclasses import dataclass

from rvc.errors import Text
from rvc.quality.measures import Measures


def severity(value: float | None, good: float, bad: float) -> float:
    """Return 0 at `good` or better, 1 at `bad` or worse, linear between; 0 for None."""
    if value is None:
        return 0.0
    return min(1.0, max(0.0, (value - good) / (bad - good)))


@dataclass(frozen=True)
class Fault:
    """`of`: how bad, 0 to 1; named in the report where that reaches `named_at`; `costs`: the share
    of the score it takes at its worst; `heard`: what the person hears; `effect`: what it does to
    the voice; `advice`: what to do about it."""

    name: str
    label: Text
    of: Callable[[Measures], float]
    named_at: float
    costs: float
    heard: Text
    effect: Text
    advice: Text


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


OWN_VOICE_MARGIN = 0.02  # above the least cosine: no doubt

FAULTS = (
    Fault(
        "noise",
        Text("background noise", "배경 소음"),
        lambda m: severity(m.snr_db, 35, 10),
        0.6,  # 20 dB
        0.55,
        Text("Background noise is audible.", "배경 소음이 들립니다."),
        Text("The model learns it as part of the voice.", "모델이 소음까지 목소리로 배웁니다."),
        Text(
            "Switch off fans and other machines, close the window, and speak nearer to the mic.",
            "선풍기 등 기기를 끄고 창문을 닫은 뒤 마이크에 더 가까이 말하세요.",
        ),
    ),
    Fault(
        "echo",
        Text("room echo", "방 울림"),
        lambda m: severity(m.decay_seconds, 0.25, 0.50),
        0.24,  # 0.31 s
        0.60,
        Text("The room echoes.", "방 울림이 큽니다."),
        Text(
            "The voice will sound distant and smeared, in every sentence it says.",
            "만들어진 목소리가 늘 멀고 번진 듯 들립니다.",
        ),
        Text(
            "Record close to the mic, with curtains or blankets around.",
            "마이크에 가까이, 이불이나 커튼 옆에서 다시 녹음하세요.",
        ),
    ),
    Fault(
        "bandwidth",
        Text("missing high frequencies", "고음역 부족"),
        _dull,
        0.3,  # 6.3 kHz
        0.45,
        Text(
            "It sounds like a phone call or an old MP3.",
            "전화나 저음질 MP3 같은 소리입니다.",
        ),
        Text("The voice will be dull for good.", "목소리가 계속 먹먹하게 납니다."),
        Text("Use the original recording.", "원본 파일을 쓰세요."),
    ),
    Fault(
        "clipping",
        Text("clipping", "소리 깨짐"),
        lambda m: severity(m.clipping_percent, 0.01, 0.5),
        0.1,  # 0.06 %
        0.50,
        Text("The level was too high and peaks are cut.", "입력이 너무 커서 소리가 깨졌습니다."),
        Text("The voice will crackle when it is loud.", "큰 소리에서 목소리가 갈라집니다."),
        Text("Lower the recording gain and record again.", "녹음 볼륨을 낮추고 다시 녹음하세요."),
    ),
    Fault(
        "clicks",
        Text("mouth clicks", "입소리"),
        lambda m: severity(m.clicks_per_minute, 12, 60),
        0.375,  # 30 a minute
        0.35,
        Text("There are lip and saliva clicks.", "입소리(쩝, 침 소리)가 많습니다."),
        Text("The voice will tick between words.", "말 사이에 딱딱 소리가 섞입니다."),
        Text(
            "Drink water, and turn slightly off the mic.",
            "물을 마시고 마이크를 살짝 비껴 말하세요.",
        ),
    ),
    Fault(
        "hum",
        Text("mains hum", "전원 험"),
        lambda m: severity(m.hum_db, 7, 20),
        0.42,  # 12.5 dB
        0.25,
        Text("There is mains hum (50/60 Hz).", "전원 험(50/60Hz)이 있습니다."),
        Text("Low tones will buzz.", "낮은 소리에 웅 소리가 섞입니다."),
        Text("Check the cable and the power supply.", "케이블과 전원을 확인하세요."),
    ),
    Fault(
        "f0",
        Text("unsteady pitch tracking", "불안정한 음높이"),
        _jumpy,
        0.56,  # 80 jumps or 145 drop-outs a minute
        0.20,
        Text("Pitch tracking breaks here.", "음높이 추적이 끊깁니다."),
        Text("The voice will croak and flip octaves.", "목소리가 갑자기 뒤집히거나 갈라집니다."),
        Text(
            "It is usually noise, echo or a creaky voice: speak a little louder and more evenly.",
            "대개 소음, 울림, 갈라지는 목소리 때문입니다. 조금 더 또렷하고 고르게 말하세요.",
        ),
    ),
    Fault(
        "other_voice",
        Text("another voice", "다른 사람 목소리"),
        _strange,
        1.0,  # the least
        1.0,
        Text("This part sounds like another person.", "다른 사람의 목소리로 들립니다."),
        Text("The model would mix the two voices.", "모델이 두 목소리를 섞어 배웁니다."),
        Text("Leave parts with other people out.", "다른 사람이 나오는 부분은 빼세요."),
    ),
    Fault(
        "pauses",
        Text("long silences", "긴 무음"),
        lambda m: severity(m.pauses_percent, 25, 75),
        0.5,  # 50 %
        0.0,
        Text("Long silences were cut.", "긴 무음 구간을 잘라냈습니다."),
        Text("They teach nothing.", "학습에 도움이 되지 않습니다."),
        Text("Read on without long breaks.", "오래 멈추지 말고 이어서 읽으세요."),
    ),
    Fault(
        "level",
        Text("a faint recording", "너무 작은 소리"),
        lambda m: severity(m.lufs, -30, -50),
        0.75,  # -45 LUFS
        0.0,
        Text("It was recorded very quietly.", "너무 작게 녹음되었습니다."),
        Text("Noise rises when it is amplified.", "키우면 잡음도 커집니다."),
        Text("Come nearer to the mic or raise its gain.", "마이크에 다가가거나 볼륨을 올리세요."),
    ),
)
BY_NAME = {fault.name: fault for fault in FAULTS}
TOO_SHORT = Text(
    "There is not enough clean speech yet: 5 minutes are enough, 10 are comfortable.",
    "깨끗한 음성이 아직 부족합니다. 5분이면 충분하고 10분이면 넉넉합니다.",
)
CONSEQUENCES = {"f0": 0.25, "pauses": 0.15, "level": 0.15}  # rank after what causes them


def named_faults(measures: Measures) -> tuple[str, ...]:
    """Return the names of the faults bad enough to be told, in the table's order."""
    return tuple(fault.name for fault in FAULTS if fault.of(measures) >= fault.named_at)


def weight(name: str, measures: Measures) -> float:
    """Return how much a named fault counts against others: 0.4 where just named, up to 1."""
    fault = BY_NAME[name]
    found = fault.of(measures)
    if found < fault.named_at:
        return 0.0
    beyond = (found - fault.named_at) / max(1e-6, 1 - fault.named_at)
    return (0.4 + 0.6 * min(1.0, beyond)) * CONSEQUENCES.get(name, 1.0)
