"""The shipped sample: a recording to clean and train on, and sentences to convert."""

from pathlib import Path

from rvc.audio import load_audio
from rvc.errors import MissingAssetError
from rvc.files import remove_quietly
from rvc.messages import SOURCE_LANGUAGE
from rvc.places import shipped_weights
from rvc.ui.studio import Studio
from rvc.ui.visitor import Visitor
from rvc.ui.workspace import Take

FOLDER = "samples"
SHORT_MINUTES = 1  # of a training on the sample


def sample_file(name: str) -> Path:
    """Return a file of the shipped samples; raise MissingAssetError when it is not there."""
    path = shipped_weights() / FOLDER / name
    if not path.is_file():
        raise MissingAssetError("The sample {name} is missing: install Moksori again.", name=name)
    return path


def sample_sentence(language: str) -> Path:
    """Return a sentence to convert, in a language or else in English."""
    try:
        return sample_file(f"sentence_{language}.ogg")
    except MissingAssetError:
        return sample_file(f"sentence_{SOURCE_LANGUAGE}.ogg")


def add_sample(studio: Studio, visitor: Visitor) -> None:
    """Add the sample to the recordings, unless it is among them."""
    if any(take.sample for take in studio.takes(visitor.owner)):
        return
    source = sample_file("sample_recording.ogg")
    path = studio.workspace.keep_shipped(visitor.owner, source)
    try:
        recording = load_audio(path)
        seconds = recording.duration_seconds
        take = Take(path.stem, visitor.say("sample_name"), path, seconds, sample=True)
        studio.workspace.save_take(take)
        studio.decoded.put(path, recording)
    except BaseException:
        remove_quietly(path)
        raise


def only_sample(studio: Studio, owner: str) -> bool:
    """Return whether the sample is the owner's only recording."""
    return [take.sample for take in studio.takes(owner)] == [True]
