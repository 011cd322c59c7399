"""The form of the fourth tab, and the TrainingOptions it stands for."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from rvc.errors import RVCError
from rvc.ui.served import is_upload
from rvc.ui.studio import Studio
from rvc.ui.texts import message

if TYPE_CHECKING:
    from rvc.training.options import TrainingOptions

PRESETS = ("auto", "lite", "32k", "40k", "48k")
LENGTHS = ("auto", "minutes", "epochs", "steps")
LIMITS = {"minutes": (0.1, 1440.0), "epochs": (1.0, 1e4), "steps": (1.0, 1e6)}
CONSENT = "The person who trained it confirmed: own voice, or the owner agreed."


class Length(TypedDict, total=False):
    """The fields of TrainingOptions for a length that was chosen; none for an automatic one."""

    minutes: float
    epochs: int
    steps: int


@dataclass(frozen=True)
class TrainingForm:
    """The values of the form; a browser or a program may send anything.

    `amount`: how many of what `length` names. `base_g`, `base_d`: uploaded starting weights.
    """

    name: str | None = ""
    preset: str = "auto"
    length: str = "auto"
    amount: float | None = None
    consent: bool = False
    base_g: str | None = None
    base_d: str | None = None


def training_options(studio: Studio, form: TrainingForm) -> "TrainingOptions":
    """Return the options of a training; raise RVCError for what a person must still do."""
    from rvc.training.options import TrainingOptions
    from rvc.voice import check_name

    if not form.consent:
        raise RVCError(message("train_consent_needed"))
    name = (form.name or "").strip()
    if not name:
        raise RVCError(message("train_name_needed"))
    return TrainingOptions(
        check_name(name),
        chosen_preset(form),
        consent=CONSENT,
        base=own_base(studio, form),
        **length_options(form.length, form.amount),
    )


def chosen_preset(form: TrainingForm) -> str:
    """Return the form's preset; "auto" for anything unknown."""
    return form.preset if form.preset in PRESETS else "auto"


def own_base(studio: Studio, form: TrainingForm) -> tuple[str, ...]:
    """Return the uploaded starting weights; none on a public page."""
    paths = [Path(file).resolve() for file in (form.base_g, form.base_d) if file]
    allowed = not studio.public and all(map(is_upload, paths))
    return tuple(map(str, paths)) if allowed else ()


def length_options(length: str, amount: float | None) -> Length:
    """Return the field of TrainingOptions that is set; raise RVCError for a number out of range."""
    if length not in LIMITS:
        return {}
    least, most = LIMITS[length]
    if amount is None or not least <= amount <= most:
        raise RVCError(
            "The number must be between {least:g} and {most:g}.",
            least=least,
            most=most,
        )
    if length == "minutes":
        return {"minutes": float(amount)}
    return {"epochs": int(amount)} if length == "epochs" else {"steps": int(amount)}
