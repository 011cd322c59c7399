"""Engine: the loaded networks of one process and the lock around them; shared by every tab.

It does no signal processing: each method resolves the arguments of a function and calls it.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from rvc import assets
from rvc.audio import Recording
from rvc.cleaning import Cleaned, CleaningOptions, clean
from rvc.content import ContentEncoder, WhisperContent, load_content_encoder
from rvc.convert import ConversionOptions, Converted, convert
from rvc.errors import RVCError
from rvc.live import LiveConversion, not_lite, warmed_up
from rvc.messages import Message
from rvc.network.base import Synthesizer
from rvc.network_cache import NetworkCache
from rvc.presets import PRESETS, missing_files, pick_preset
from rvc.progress import Progress, no_progress, within
from rvc.quality import InputChecks, QualityReport, assess, report_json
from rvc.slicing import cut
from rvc.train import TrainingOptions, TrainingProgress, TrainingRun, train
from rvc.training.preflight import Expectation, Speed, measure_speed, preflight
from rvc.unvoiced import UNVOICED_KEY, known_mode
from rvc.voice import CHECKED_FILE, PREVIEW_FILE, Voice, VoiceLibrary, build_synthesizer, load_voice

SPEED_KEPT_SECONDS = 600.0  # the load of the machine changes


@dataclass(frozen=True)
class PresetStatus:
    """Whether a preset can train on this machine now, with a message that says why."""

    name: str
    available: bool
    text: Message
    missing: tuple[str, ...] = ()

    @property
    def fetchable(self) -> bool:
        """Return True if all missing files can be downloaded."""
        published = [not assets.find_asset(file).shipped for file in self.missing]
        return bool(published) and all(published)


class PriorityLock:
    """One lock for all computation; a training step yields to waiting conversions."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._changed = threading.Condition()
        self._asking = 0  # threads of high priority that hold the lock or wait for it

    @contextmanager
    def first(self) -> Iterator[None]:
        """Hold the lock with high priority; may be nested in one thread."""
        with self._changed:
            self._asking += 1
        try:
            with self._lock:
                yield
        finally:
            with self._changed:
                self._asking -= 1
                self._changed.notify_all()

    @contextmanager
    def last(self) -> Iterator[None]:
        """Hold the lock with low priority, for a training step: wait until no other thread asks."""
        with self._changed:
            self._changed.wait_for(lambda: self._asking == 0)
        with self._lock:
            yield


class Engine:
    """Device, lazily loaded networks, voice library and one lock; the constructor loads nothing."""

    def __init__(self, weights: str | Path | None = None, device: str = "auto") -> None:
        """`weights`: folder of weights, None for MOKSORI_WEIGHTS or the default.
        `device`: "auto", "cpu" or "cuda"."""
        self.weights = assets.weights_dir(weights)
        self.library = VoiceLibrary(self.weights)
        self.turns = PriorityLock()
        self._speeds: dict[tuple[object, ...], tuple[float, Speed]] = {}
        self._device = device
        self._check = InputChecks(self.weights)
        self._encoders: NetworkCache[ContentEncoder] = NetworkCache()
        self._voices: NetworkCache[tuple[Voice, Synthesizer]] = NetworkCache()

    @property
    def device(self) -> str:
        """Return where networks run: "cuda" if it is usable, else "cpu"."""
        if self._device == "auto":
            self._device = "cuda" if torch.cuda.is_available() else "cpu"
        return self._device

    def pick_preset(self) -> tuple[str, Message]:
        """Return the recommended preset for this machine, and a message that says why."""
        return pick_preset(self.weights, self.device)

    def presets(self) -> list[PresetStatus]:
        """Return the status of every preset."""
        return [_status(name, missing_files(p, self.weights)) for name, p in PRESETS.items()]

    def fetch_preset(self, name: str, progress: Progress = no_progress) -> None:
        """Download the missing published weights of a preset; raises MissingAssetError."""
        missing = [assets.find_asset(f) for f in missing_files(PRESETS[name], self.weights)]
        total_bytes, done_bytes = sum(asset.size_bytes for asset in missing), 0
        for asset in missing:
            start = done_bytes / total_bytes
            done_bytes += asset.size_bytes
            share = within(progress, start, done_bytes / total_bytes)
            assets.resolve(asset.name, weights=self.weights, fetch=True, progress=share)

    def clean(
        self,
        recording: Recording,
        options: CleaningOptions | None = None,
        progress: Progress = no_progress,
    ) -> Cleaned:
        """Clean one recording; see `rvc.cleaning.clean`."""
        return clean(recording, options, progress=progress)

    def report(self, cleaned: Sequence[Cleaned], progress: Progress = no_progress) -> QualityReport:
        """Assess cleaned recordings; see `rvc.quality.assess`."""
        return assess(cleaned, weights=self.weights, progress=progress)

    def train(
        self,
        report: QualityReport | None,
        options: TrainingOptions,
        *,
        stop: Callable[[], bool] = lambda: False,
        home: Path | None = None,
    ) -> Iterator[TrainingProgress]:
        """Train on the segments the report keeps; None resumes a stopped training on its own data.

        The voice and the training's state are stored under `home`, by default the weights folder.
        Conversions of other threads run between two steps.
        """
        options = self._chosen(options)
        run = TrainingRun.create(options, weights=self.weights, home=home, device=self.device)
        yield from train(
            None if report is None else cut(report.kept_segments()),
            run,
            report=None if report is None else report_json(report),
            stop=stop,
            lock=self.turns.last,
            speed=self.speed,
        )

    def expect(self, report: QualityReport, options: TrainingOptions) -> Expectation:
        """Return the estimated time and memory of `train` with these arguments; times a few steps.

        Raises MissingAssetError or TrainingError if training could not start.
        """
        options = self._chosen(options)
        return preflight(
            cut(report.kept_segments()),
            options,
            weights=self.weights,
            device=self.device,
            speed=self.speed(options),
        )

    def speed(self, options: TrainingOptions) -> Speed:
        """Return the training speed of this machine, measured at most every ten minutes."""
        key = (options.preset, options.batch_size, options.base, options.from_scratch)
        with self.turns.last():
            known = self._speeds.get(key)
            if known is None or time.monotonic() - known[0] > SPEED_KEPT_SECONDS:
                speed = measure_speed(options, weights=self.weights, device=self.device)
                known = self._speeds[key] = (time.monotonic(), speed)
            return known[1]

    def _chosen(self, options: TrainingOptions) -> TrainingOptions:
        """Return the options with "auto" resolved to a preset."""
        if options.preset != "auto":
            return options
        return replace(options, preset=self.pick_preset()[0])

    def convert(
        self,
        recording: Recording,
        voice: str | Path | Voice,
        options: ConversionOptions | None = None,
        progress: Progress = no_progress,
    ) -> Converted:
        """Convert with a voice of the library (by name), a voice file, or a loaded voice.

        The input is checked meanwhile; problems that degrade the result are in its `warnings`.
        """
        with self.turns.first(), ThreadPoolExecutor(1, "check") as beside:
            checked = beside.submit(self._check, recording)
            loaded, synthesizer = self._loaded(voice)
            options = options or ConversionOptions()
            converted = convert(
                recording,
                loaded,
                replace(options, weights=options.weights or self.weights),
                synthesizer=synthesizer,
                encoder=self.encoder(loaded.content_encoder),
                progress=progress,
            )
            if options.unvoiced == "auto":
                self._note_unvoiced(voice, loaded, converted.unvoiced)
            return replace(converted, warnings=checked.result())

    def live(
        self, voice: str | Path | Voice, options: ConversionOptions, sample_rate: int
    ) -> LiveConversion:
        """Return a conversion that goes on while a person speaks; see `rvc.live`.

        Call its `feed` inside `with engine.turns.first()`. Raises VoiceError for a voice that is
        not of the preset lite.
        """
        loaded, synthesizer = self.voice(voice)
        if loaded.version != "lite":
            raise not_lite()
        encoder = self.encoder(loaded.content_encoder)
        if not isinstance(encoder, WhisperContent):  # a lite voice on a custom encoder
            raise not_lite()
        return warmed_up(loaded, options, sample_rate, synthesizer=synthesizer, encoder=encoder)

    def voice(self, voice: str | Path | Voice) -> tuple[Voice, Synthesizer]:
        """Return a voice and its network, kept for the next call while memory allows."""
        with self.turns.first():
            return self._loaded(voice)

    def _note_unvoiced(self, voice: str | Path | Voice, loaded: Voice, mode: str) -> None:
        """Keep what a conversion measured of a voice of a library in its card."""
        if known_mode(loaded) is not None or isinstance(voice, Voice):
            return
        path = self.library.path(voice) if isinstance(voice, str) else voice
        with contextlib.suppress(RVCError, OSError):
            if path.is_dir():
                VoiceLibrary(path.parent.parent).update_card(path.name, **{UNVOICED_KEY: mode})

    def encoder(self, name: str) -> ContentEncoder:
        """Return a content encoder, kept for the next call while memory allows.

        Raises MissingAssetError without its files.
        """

        def load() -> ContentEncoder:
            return load_content_encoder(name, self.weights, device=self.device)

        with self.turns.first():
            return self._encoders.get(name, load)

    def _loaded(self, voice: str | Path | Voice) -> tuple[Voice, Synthesizer]:
        """Return the voice and its network, kept while its files do not change."""
        if isinstance(voice, Voice):
            return voice, build_synthesizer(voice, self.device)
        path = self.library.path(voice) if isinstance(voice, str) else voice

        def load() -> tuple[Voice, Synthesizer]:
            loaded = self.library.load(voice) if isinstance(voice, str) else load_voice(voice)
            return loaded, build_synthesizer(loaded, self.device)

        newest = max((file.stat().st_mtime for file in _files(path)), default=0.0)
        return self._voices.get(str(path), load, state=newest)


def _files(path: Path) -> list[Path]:
    """Return a voice's files, without those that loading or previewing it may write."""
    if not path.is_dir():
        return [path] if path.exists() else []
    return [file for file in path.iterdir() if file.name not in (CHECKED_FILE, PREVIEW_FILE)]


def _status(name: str, missing: list[str]) -> PresetStatus:
    if not missing:
        text = Message("Ready: its weights are here.")
    elif not any(assets.find_asset(file).shipped for file in missing):
        size = sum(assets.find_asset(file).size_bytes for file in missing) / 1e6
        text = Message(
            "Needs {size:.0f} MB downloaded once from Hugging Face, or placed by hand in "
            "weights/pretrained.",
            size=size,
        )
    else:
        text = Message(
            "Its shipped weights are missing: download Moksori again.",
        )
    return PresetStatus(name, not missing, text, tuple(missing))
