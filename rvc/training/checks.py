"""Checks before a training starts."""

from pathlib import Path

from rvc.errors import TrainingError
from rvc.slicing import Slices
from rvc.training.checkpoint import has_checkpoint
from rvc.training.options import TrainingOptions
from rvc.training.standing import read_standing
from rvc.voice import VoiceLibrary
from rvc.voice.files import check_own

LEAST_SECONDS = 10.0  # of speech; training refuses less


def check_data(slices: Slices | None, options: TrainingOptions) -> Slices:
    """Return `slices`; raises TrainingError when there is nothing to train on."""
    if slices is None:
        raise TrainingError(
            "There is no saved training called {name!r} to resume. Start a new one.",
            name=options.name,
        )
    seconds = sum(r.duration_seconds for r in slices.recordings if r.samples.any())
    if seconds < LEAST_SECONDS:
        raise TrainingError(
            "Only {seconds:.1f} s of clean speech: at least {least_seconds:.0f} s are "
            "needed to train at all, and five minutes for a good voice. Record more.",
            seconds=seconds,
            least_seconds=LEAST_SECONDS,
        )
    return slices


def check_free(options: TrainingOptions, library: VoiceLibrary, folder: Path) -> None:
    """Raise TrainingError when a new training would overwrite earlier work of the same name."""
    library.check_clash(options.name)
    if options.replace:
        check_own(library.path(options.name))
        return
    if has_checkpoint(folder) and not read_standing(folder).done:
        raise TrainingError(
            "A training called {name!r} was begun and not finished. Resume it, or choose "
            "another name.",
            name=options.name,
        )
    if options.name in library or has_checkpoint(folder):
        raise TrainingError(
            "There is a voice called {name!r} already. Choose another name, continue its training, "
            "or delete that voice first.",
            name=options.name,
        )


def check_continued(options: TrainingOptions, folder: Path) -> None:
    """Raise TrainingError when a finished training is resumed without a new length."""
    standing = read_standing(folder)
    if standing.done and options.automatic:
        raise TrainingError(
            "The training {name!r} is finished, at step {step}. To continue it, give a length "
            "beyond that.",
            name=options.name,
            step=standing.step,
        )
