"""Options of cleaning."""

from dataclasses import dataclass

from rvc.errors import RVCError

STRENGTHS = {
    "off": frozenset(),
    "light": frozenset({"high_pass", "clicks", "noise", "gate", "level"}),
    "standard": frozenset({"high_pass", "hum", "clicks", "echo", "noise", "gate", "level"}),
    "strong": frozenset({"high_pass", "hum", "clicks", "echo", "noise", "level"}),
}


@dataclass(frozen=True)
class CleaningOptions:
    """`strength` selects the repairs that may run; a switch of True or False overrides it for one.

    A repair that may run still runs only where its measure asks for it.
    """

    strength: str = "standard"
    trim: bool = True  # shorten pauses in `Cleaned.recording`
    high_pass: bool | None = None  # DC offset, rumble below 40 Hz
    hum: bool | None = None  # mains lines more than 12 dB out of the quiet
    clicks: bool | None = None  # mouth clicks
    echo: bool | None = None  # WPE where the room is audible (SRMR)
    noise: bool | None = None  # the denoiser
    gate: bool | None = None  # reverts denoising where it harms
    level: bool | None = None  # one gain to -23 LUFS
    engine: str | None = None  # denoiser: deepfilternet, rnnoise, noisereduce; None: by strength

    def __post_init__(self) -> None:
        if self.strength not in STRENGTHS:
            names = ", ".join(STRENGTHS)
            raise RVCError(
                "There is no cleaning strength {strength!r}: choose one of {names}.",
                strength=self.strength,
                names=names,
            )

    def allows(self, repair: str) -> bool:
        """Return whether the repair of this name may run."""
        switch = getattr(self, repair)
        return repair in STRENGTHS[self.strength] if switch is None else switch
