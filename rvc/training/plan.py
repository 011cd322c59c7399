"""The plan of a training: its steps and the seconds of each stage.

The expected time, the number of steps and the time left all come from it.
"""

from collections.abc import Collection
from dataclasses import dataclass

from rvc.audio import FRAMES_PER_SECOND, frame_count
from rvc.dataset import batches_in
from rvc.index import list_count
from rvc.presets import Preset, find_preset
from rvc.slicing import Slices
from rvc.training.build import LITE_INDEX_ROWS
from rvc.training.held_out import AT_LEAST_SECONDS, AT_MOST_SHARE, SHARE, held_out_places
from rvc.training.options import TrainingOptions
from rvc.training.preparation import SILENCE_SECONDS

MOST_PREPARED = 0.5  # of the progress
LEAST_SHARE = 0.5  # of the minutes asked for, spent on learning however long the rest takes
INDEX_ROWS = 200_000  # larger ones are reduced first


@dataclass(frozen=True)
class Speed:
    """Seconds this machine takes for: the features of a slice and of each second in it, a step,
    scoring a second of held-out speech, a save, comparing a row of the index with a list of it.
    memory_mb: what training adds, data apart."""

    slice_seconds: float
    sound_seconds: float
    step_seconds: float
    score_seconds: float
    save_seconds: float
    memory_mb: float
    row_list_seconds: float = 0.0


@dataclass(frozen=True)
class Plan:
    """Seconds by stage. `step_seconds`: of a step alone; `score_step_seconds`: what scoring and
    saving add to each; `ending_seconds`: the index and the voice."""

    features_seconds: float
    steps: int
    step_seconds: float
    score_step_seconds: float
    ending_seconds: float

    @property
    def steps_seconds(self) -> float:
        """Return the seconds of all steps with their scores and saves."""
        return self.steps * (self.step_seconds + self.score_step_seconds)

    @property
    def seconds(self) -> float:
        """Return the seconds of the whole training."""
        return self.features_seconds + self.steps_seconds + self.ending_seconds

    @property
    def prepared(self) -> float:
        """Return the share of the progress that the features take."""
        return min(MOST_PREPARED, self.features_seconds / max(self.seconds, 1e-9))


def steps_in_minutes(minutes: float, step_seconds: float, other_seconds: float) -> int:
    """Return the steps of `step_seconds` in so many minutes, of which the other stages take
    `other_seconds`."""
    seconds = max(60 * minutes - other_seconds, LEAST_SHARE * 60 * minutes)
    return max(1, round(seconds / step_seconds))


def make_plan(
    slices: Slices, options: TrainingOptions, speed: Speed, *, done: Collection[int] = ()
) -> Plan:
    """Return the plan of training on `slices`; `done`: the slices whose features are there."""
    preset = find_preset(options.preset)
    seconds = slices.seconds
    left = [r for number, r in enumerate(slices.recordings) if number not in done]
    features = len(left) * speed.slice_seconds
    features += sum(r.duration_seconds for r in left) * speed.sound_seconds
    held = min(max(SHARE * seconds, AT_LEAST_SECONDS), AT_MOST_SHARE * seconds)
    save = held * speed.score_seconds + speed.save_seconds
    scoring = save / (options.save_steps or preset.save_steps)
    ending = _ending_seconds(seconds, preset, speed)
    if options.minutes is not None:
        step = speed.step_seconds + scoring
        steps = steps_in_minutes(options.minutes, step, features + ending)
    elif options.epochs is not None:
        steps = options.epochs * _steps_per_epoch(slices, options, preset)
    else:
        steps = options.steps or preset.steps
    return Plan(features, max(1, steps), speed.step_seconds, scoring, ending)


def _steps_per_epoch(slices: Slices, options: TrainingOptions, preset: Preset) -> int:
    """Return what `VoiceDataset.batches_per_epoch` will be once the features are there."""
    frames = [frame_count(len(r.samples), r.sample_rate) for r in slices.recordings]
    sounding = [bool(r.samples.any()) for r in slices.recordings]
    frames, sounding = [*frames, round(SILENCE_SECONDS * FRAMES_PER_SECOND)], [*sounding, False]
    held = set(held_out_places(frames, sounding, seed=options.seed))
    kept = [count for place, count in enumerate(frames) if place not in held]
    segment = min(preset.segment_frames, sum(kept))
    return batches_in(kept, segment, options.batch_size or preset.batch_size)


def _ending_seconds(seconds: float, preset: Preset, speed: Speed) -> float:
    """Return the seconds that the index and saving the voice take."""
    rows, builds = min(round(seconds * FRAMES_PER_SECOND), INDEX_ROWS), 1
    if preset.version == "lite":
        rows, builds = min(rows, LITE_INDEX_ROWS), 2  # the second measures the voice's own distance
    return builds * rows * list_count(max(1, rows)) * speed.row_list_seconds + speed.save_seconds
