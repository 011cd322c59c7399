"""One training as it was asked for: options, weights, device, and where its files are."""

from dataclasses import dataclass, replace
from pathlib import Path

from rvc.presets import Preset, find_preset
from rvc.training.folder import staging_folder, training_folder
from rvc.training.options import TrainingOptions
from rvc.voice import VoiceLibrary, check_name


@dataclass(frozen=True)
class TrainingRun:
    """What stays the same while a training runs.

    `weights`: folder of the base networks and encoders; `home`: folder of voices/ and training/;
    `device`: "cpu" or "cuda". Raises VoiceError for a name that cannot be used.
    """

    options: TrainingOptions
    weights: Path
    home: Path
    device: str = "cpu"

    @classmethod
    def create(
        cls,
        options: TrainingOptions,
        *,
        weights: Path,
        home: Path | None = None,
        device: str = "cpu",
    ) -> "TrainingRun":
        """Return the run of `options`; its voice goes to `home`, by default the weights folder."""
        options = replace(options, name=check_name(options.name))
        return cls(options, Path(weights), Path(home or weights), device)

    def with_options(self, options: TrainingOptions) -> "TrainingRun":
        return replace(self, options=options)

    @property
    def preset(self) -> Preset:
        """Raises TrainingError for an unknown preset."""
        return find_preset(self.options.preset)

    @property
    def batch_size(self) -> int:
        return self.options.batch_size or self.preset.batch_size

    @property
    def save_steps(self) -> int:
        return self.options.save_steps or self.preset.save_steps

    @property
    def folder(self) -> Path:
        """The folder of this training's state; an existing one may spell the name otherwise."""
        return training_folder(self.home, self.options.name)

    @property
    def staging(self) -> Path:
        """The folder a new training is prepared in until its first checkpoint."""
        return staging_folder(self.folder)

    @property
    def library(self) -> VoiceLibrary:
        return VoiceLibrary(self.home)
