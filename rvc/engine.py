"""Engine: the loaded networks of one process and the lock around them; shared by every tab.

It owns no signal processing: every method resolves what a verb needs and calls the verb.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from rvc import assets
from rvc.audio import Recording
from rvc.cleaning import Cleaned, CleaningOptions, clean
from rvc.content import ContentEncoder, load_content_encoder
from rvc.convert import ConversionOptions, Converted, convert
from rvc.errors import Text
from rvc.network.base import Synthesizer
from rvc.presets import PRESETS, missing_files, pick_preset
from rvc.quality import QualityReport, assess
from rvc.slicing import cut
from rvc.train import TrainingOptions, TrainingProgress, train
from rvc.voice import CHECKED_FILE, Voice, VoiceLibrary, build_synthesizer, load_voice

SYNTHESIZERS_KEPT = 3

Progress = Callable[[float, Text], None]


@dataclass(frozen=True)
class PresetStatus:
    """Whether a preset can train here now, and in words why or why not."""

    name: str
    available: bool
    text: Text
    missing: tuple[str, ...] = ()


class Engine:
    """Device, lazily loaded networks, the voice library and one lock. Making it loads nothing."""

    def __init__(self, weights: str | Path | None = None, device: str = "auto") -> None:
        """`weights`: folder of weights, None for MOKSORI_WEIGHTS or the project's own.
        `device`: "auto", "cpu" or "cuda"."""
        self.weights = assets.weights_dir(weights)
        self.library = VoiceLibrary(self.weights)
        self.lock = threading.RLock()
        self._device = device
        self._encoders: dict[str, ContentEncoder] = {}
        self._synthesizers: OrderedDict[tuple[str, float], tuple[Voice, Synthesizer]] = (
            OrderedDict()
        )

    @property
    def device(self) -> str:
        """Where networks run: "cuda" when there is a usable one, else "cpu"."""
        if self._device == "auto":
            self._device = "cuda" if torch.cuda.is_available() else "cpu"
        return self._device

    def pick_preset(self) -> tuple[str, Text]:
        """Return the preset that suits this machine, and one sentence why."""
        return pick_preset(self.weights, self.device)

    def presets(self) -> list[PresetStatus]:
        """Return every preset with whether its weights are here."""
        return [_status(name, missing_files(p, self.weights)) for name, p in PRESETS.items()]

    def fetch_preset(self, name: str, progress: Progress | None = None) -> None:
        """Fetch the published weights a preset lacks; raises MissingAssetError when it cannot."""
        for file in missing_files(PRESETS[name], self.weights):
            assets.resolve(file, weights=self.weights, fetch=True, progress=progress)

    def clean(
        self,
        recording: Recording,
        options: CleaningOptions | None = None,
        progress: Progress | None = None,
    ) -> Cleaned:
        """Clean one recording; see `rvc.cleaning.clean`."""
        return clean(recording, options, progress=progress)

    def report(self, cleaned: Sequence[Cleaned], progress: Progress | None = None) -> QualityReport:
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
        """Train on exactly what the report keeps; None goes on with a stopped training as it was.

        The voice and the state of its training go under `home`, by default the weights folder.
        Conversions by other threads get in between two steps.
        """
        if options.preset == "auto":
            options = replace(options, preset=self.pick_preset()[0])
        yield from train(
            None if report is None else cut(report.kept_segments()),
            options,
            weights=self.weights,
            home=home,
            device=self.device,
            report=None if report is None else report.to_json(),
            stop=stop,
            lock=lambda: self.lock,
        )

    def convert(
        self,
        recording: Recording,
        voice: str | Path | Voice,
        options: ConversionOptions | None = None,
        progress: Progress | None = None,
    ) -> Converted:
        """Convert with a voice of the library (by name), a voice file, or a loaded voice."""
        with self.lock:
            loaded, synthesizer = self._loaded(voice)
            return convert(
                recording,
                loaded,
                options or ConversionOptions(),
                synthesizer=synthesizer,
                encoder=self.encoder(loaded.content_encoder),
                progress=progress,
            )

    def encoder(self, name: str) -> ContentEncoder:
        """Return a content encoder, loaded once; raises MissingAssetError when it is not here."""
        with self.lock:
            if name not in self._encoders:
                self._encoders[name] = load_content_encoder(name, self.weights, device=self.device)
            return self._encoders[name]

    def _loaded(self, voice: str | Path | Voice) -> tuple[Voice, Synthesizer]:
        """The voice and its network, from the last few used if its file has not changed."""
        if isinstance(voice, Voice):
            return voice, build_synthesizer(voice, self.device)
        path = self.library.path(voice) if isinstance(voice, str) else voice
        newest = max((f.stat().st_mtime for f in _files(path)), default=0.0)
        key = (str(path), newest)
        if key not in self._synthesizers:
            loaded = self.library.load(voice) if isinstance(voice, str) else load_voice(voice)
            self._synthesizers[key] = loaded, build_synthesizer(loaded, self.device)
            while len(self._synthesizers) > SYNTHESIZERS_KEPT:
                self._synthesizers.popitem(last=False)
        self._synthesizers.move_to_end(key)
        return self._synthesizers[key]


def _files(path: Path) -> list[Path]:
    """What a voice is made of; not the checked copy that loading it may leave beside."""
    if not path.is_dir():
        return [path] if path.exists() else []
    return [file for file in path.iterdir() if file.name != CHECKED_FILE]


def _status(name: str, missing: list[str]) -> PresetStatus:
    if not missing:
        text = Text("Ready: its weights are here.", "준비됨: 필요한 가중치가 있습니다.")
    elif not any(assets.find_asset(file).shipped for file in missing):
        size = sum(assets.find_asset(file).size_bytes for file in missing) / 1e6
        text = Text(
            f"Needs {size:.0f} MB fetched once from Hugging Face, or put by hand into "
            "weights/pretrained.",
            f"허깅페이스에서 {size:.0f}MB를 한 번 내려받거나 weights/pretrained에 직접 넣어야 "
            "합니다.",
        )
    else:
        text = Text(
            "Its shipped weights are missing: get the project again.",
            "함께 제공되는 가중치가 없습니다. 프로젝트를 다시 받으세요.",
        )
    return PresetStatus(name, not missing, text, tuple(missing))
